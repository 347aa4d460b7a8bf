//! Target of the fuzzer (native/fuzz): config.json of a bundle, up to the launch plan that is made of it.

use std::path::Path;

use meseta_spec::{LaunchPlan, Message};

use crate::{
    config::{self, Config, resources::Resources},
    log::{Format, Log},
    plan::{self, Place},
};

type Target = (&'static str, fn(&[u8]));

pub const TARGETS: &[Target] = &[("config-json", config_json)];

fn config_json(bytes: &[u8]) {
    let _ = config::parse::<Resources>(bytes);
    let Ok(config) = config::parse::<Config>(bytes) else { return };
    if config.check().is_err() {
        return;
    }
    let place = Place { id: "c1", bundle: Path::new("/"), directory: Path::new("/run/meseta-fuzz") };
    let log = Log { file: Some("/dev/null".into()), format: Format::Text };
    let Ok(plan) = plan::of(&config, &place, &log) else { return };
    assert!(LaunchPlan::decode(plan.encode_to_vec().as_slice()).is_ok_and(|again| again == plan));
}

#[cfg(test)]
#[path = "../../fuzz/src/replay.rs"]
mod replay;

#[test]
fn the_corpus_is_taken() {
    replay::replay(TARGETS);
}
