//! For `cargo test` of the crates that have targets: what is in the corpus, and what once was a finding, is taken as it should be.

use std::{fs, path::Path};

pub fn replay(targets: &[(&str, impl Fn(&[u8]))]) {
    for (name, target) in targets {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(name);
        let files: Vec<_> =
            fs::read_dir(&corpus).expect("each target has a corpus").map(|entry| entry.expect("read").path()).collect();
        assert!(!files.is_empty(), "{name} has nothing to begin with");
        for file in files {
            println!("{}", file.display());
            target(&fs::read(&file).expect("read"));
        }
    }
}
