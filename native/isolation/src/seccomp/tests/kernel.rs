//! The kernel takes what we compile, and does as it says.

use std::{os::unix::process::CommandExt, process::Command};

use meseta_spec::{SeccompProfile, SeccompRule};

use super::{
    super::{compile, install},
    chance::{Chance, profile},
};
use crate::credentials;

fn run_under(profile: &SeccompProfile, script: &str) -> String {
    let filter = compile(profile).expect("compiles");
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script]);
    let prepare = move || {
        let load = || credentials::forbid_new_privileges().and_then(|()| install(&filter)).map(drop);
        load().map_err(|failure| std::io::Error::from_raw_os_error(failure.errno))
    };
    // SAFETY: between fork and exec it makes two system calls and one small allocation; glibc's allocator is usable after fork.
    unsafe { command.pre_exec(prepare) };
    String::from_utf8_lossy(&command.output().expect("runs").stdout).into_owned()
}

fn except(name: &str, action: &str) -> SeccompProfile {
    let rule = SeccompRule { names: vec![name.to_owned()], action: action.to_owned(), errno: Some(95), conditions: vec![] };
    SeccompProfile { default_action: "SCMP_ACT_ALLOW".to_owned(), rules: vec![rule], ..Default::default() }
}

#[test]
fn a_call_that_is_denied_fails_and_the_others_work() {
    let script = "mkdir /nowhere/x 2>&1; echo $(grep ^Seccomp: /proc/self/status)";
    let said = run_under(&except("mkdir", "SCMP_ACT_ERRNO"), script);
    assert!(said.contains("not supported") && said.contains("Seccomp: 2"), "{said}");
}

#[test]
fn random_programs_pass_the_kernels_check() {
    for seed in 0..200 {
        let mut random = profile(&mut Chance::from(seed));
        // Judged for their form only: a program that denied what the shell needs could not say so.
        random.default_action = "SCMP_ACT_ALLOW".to_owned();
        random.rules.iter_mut().for_each(|rule| rule.action = "SCMP_ACT_LOG".to_owned());
        let said = run_under(&random, "echo passed");
        assert_eq!(said, "passed\n", "seed {seed}: {random:?}");
    }
}
