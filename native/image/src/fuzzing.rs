//! Targets of the fuzzer (native/fuzz): archives that others made. Each ends for whatever bytes, without a panic; nothing outside of its directory
//! changes, and nothing is left of what fails.

use std::{
    fs::{self, File},
    sync::{Arc, atomic::AtomicBool},
};

use meseta_spec::{ArchiveFormat, ExtractRequest, UserPlace};

use crate::{extract::extract, index::index, progress::Progress, testing::Arena};

type Target = (&'static str, fn(&[u8]));

pub const TARGETS: &[Target] = &[("layer", layer), ("tar", tar), ("zip", zip), ("compressed", compressed), ("index", index_of)];

thread_local! {
    /// Gone with its thread.
    static ARENA: Arena = Arena::new();
}

/// What an image's layer may be: a tar archive with whiteouts, however compressed.
fn layer(bytes: &[u8]) {
    ARENA.with(|arena| {
        let _ = arena.unpack(bytes);
        arena.clear();
    });
}

fn tar(bytes: &[u8]) {
    ARENA.with(|arena| extracted(arena, bytes, ArchiveFormat::Tar));
}

fn zip(bytes: &[u8]) {
    ARENA.with(|arena| extracted(arena, bytes, ArchiveFormat::Zip));
}

fn compressed(bytes: &[u8]) {
    ARENA.with(|arena| extracted(arena, bytes, ArchiveFormat::CompressedFile));
}

/// As the fetcher does it: into a sandbox that has a link out of it already.
fn extracted(arena: &Arena, bytes: &[u8], format: ArchiveFormat) {
    let sandbox = arena.layer();
    fs::create_dir_all(&sandbox).expect("made");
    std::os::unix::fs::symlink(arena.path.join("outside"), sandbox.join("way")).expect("linked");
    let archive = arena.path.join("archive");
    fs::write(&archive, bytes).expect("written");
    let path = if format == ArchiveFormat::CompressedFile { "file" } else { "" };
    let request = ExtractRequest {
        place: UserPlace { sandbox: sandbox.display().to_string(), path: path.to_owned(), ..Default::default() },
        format: format as i32,
        most_bytes: 1 << 20,
        most_entries: 1000,
        ..Default::default()
    };
    let outcome = extract(&request, File::open(&archive).expect("opened"), &Arc::new(AtomicBool::new(false)));
    let names = || fs::read_dir(&sandbox).expect("there").count();
    assert!(outcome.is_ok() || names() == 1, "something is left of what failed");
    arena.check();
    arena.clear();
}

fn index_of(bytes: &[u8]) {
    ARENA.with(|arena| {
        let archive = arena.path.join("archive");
        fs::write(&archive, bytes).expect("written");
        let _ = index(&archive.display().to_string(), &Progress::new(1, Arc::new(drop)));
    });
}

#[cfg(test)]
#[path = "../../fuzz/src/replay.rs"]
mod replay;

#[test]
fn the_corpus_is_taken() {
    replay::replay(TARGETS);
}
