//! With a stub of the library, compiled here.

use std::{path::PathBuf, process::Command};

use super::list;

/// A directory that goes with the test.
struct Stub(PathBuf);

impl Stub {
    fn compiled(name: &str, options: &[&str]) -> Self {
        let stub = Stub(std::env::temp_dir().join(format!("meseta-gpu-{}-{name}", std::process::id())));
        std::fs::create_dir_all(&stub.0).expect("temporary directory");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../../test/kernel/gpu/nvml-stub.c");
        let done = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(stub.library()).arg(source).args(options).status();
        assert!(done.expect("a C compiler is there").success());
        stub
    }

    fn library(&self) -> String {
        self.0.join("libnvidia-ml.so.1").display().to_string()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn gpus_are_listed_with_what_names_them() {
    let stub = Stub::compiled("good", &[]);
    let found = list(&stub.library()).expect("listed");
    assert_eq!(found.driver_version.as_deref(), Some("999.1"));
    assert_eq!(found.gpus.len(), 2);
    let second = &found.gpus[1];
    assert_eq!((second.index, second.minor), (1, 0));
    assert_eq!(second.uuid, "GPU-00000000-0000-4000-8000-000000000001");
    assert_eq!(second.pci_bus_id, "00000000:3C:00.0");
    assert_eq!(second.name.as_deref(), Some("Stub 9000"));
}

#[test]
fn a_library_that_is_not_there_or_none_is_a_sentence() {
    let failure = list("libmeseta-does-not-exist.so.7").expect_err("not there");
    assert!(failure.to_string().starts_with("could not load libmeseta-does-not-exist.so.7: "), "{failure}");
    let failure = list("libc.so.6").expect_err("another library");
    assert_eq!(failure.to_string(), "could not use libc.so.6: it has no function nvmlInit_v2");
}

#[test]
fn what_the_library_says_reaches_the_user() {
    let stub = Stub::compiled("broken", &["-DBROKEN=1"]);
    let failure = list(&stub.library()).expect_err("broken");
    assert_eq!(failure.to_string(), format!("could not begin to use {}: Driver Not Loaded", stub.library()));
}
