//! One program for all targets; `MESETA_FUZZ_TARGET` says which. The targets themselves lie beside what they feed (`fuzzing.rs` of each crate), where
//! `cargo test` replays what was found before.

#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

type Target = fn(&[u8]);

fn target() -> Target {
    static CHOSEN: OnceLock<Target> = OnceLock::new();
    *CHOSEN.get_or_init(|| {
        let name = std::env::var("MESETA_FUZZ_TARGET").unwrap_or_default();
        let mut all = [meseta_isolation::fuzzing::TARGETS, meseta_image::fuzzing::TARGETS, meseta_oci::fuzzing::TARGETS].into_iter().flatten();
        match all.find(|(known, _)| *known == name) {
            Some((_, target)) => *target,
            None => panic!("MESETA_FUZZ_TARGET names no target: {name:?}"),
        }
    })
}

fuzz_target!(|bytes: &[u8]| target()(bytes));
