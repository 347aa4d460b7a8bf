//! `linux.seccomp`: to the profile that is compiled into a program of the kernel's.

use meseta_isolation::{
    failure::{Failure, Result},
    seccomp,
};
use meseta_spec::{Seccomp, SeccompCondition, SeccompProfile, SeccompRule};

use crate::config;

const STEP: &str = "use the seccomp profile of config.json";

/// `None`: a profile that lets everything pass.
pub fn compiled(wanted: &config::seccomp::Seccomp) -> Result<Option<Seccomp>> {
    let profile = profile(wanted);
    if seccomp::listens(&profile) {
        check_listening(wanted)?;
        return seccomp::compile_with_listener(&profile).map(Some);
    }
    if wanted.default_action == "SCMP_ACT_ALLOW" && wanted.syscalls.is_empty() {
        return Ok(None);
    }
    seccomp::compile(&profile).map(Some)
}

/// The container's process hands its listener over by itself, before anybody can listen.
fn check_listening(wanted: &config::seccomp::Seccomp) -> Result<()> {
    const NOTIFY: &str = "SCMP_ACT_NOTIFY";
    if wanted.listener_path.as_ref().is_none_or(String::is_empty) {
        return Err(Failure::because(STEP, format!("{NOTIFY} needs a listenerPath")));
    }
    if wanted.default_action == NOTIFY {
        return Err(Failure::because(STEP, format!("{NOTIFY} cannot be the defaultAction")));
    }
    let asked =
        |call: &&&str| wanted.syscalls.iter().any(|rule| rule.action == NOTIFY && rule.names.iter().any(|name| name == **call));
    match NEEDED_TO_HAND_OVER.iter().find(asked) {
        Some(call) => {
            Err(Failure::because(STEP, format!("{NOTIFY} is not possible for {call}, by which the listener is handed over")))
        }
        None => Ok(()),
    }
}

const NEEDED_TO_HAND_OVER: &[&str] = &["sendmsg"];

fn profile(wanted: &config::seccomp::Seccomp) -> SeccompProfile {
    SeccompProfile {
        default_action: wanted.default_action.clone(),
        default_errno: wanted.default_errno_ret,
        rules: wanted.syscalls.iter().map(rule).collect(),
        flags: wanted.flags.clone(),
        architectures: wanted.architectures.clone(),
    }
}

fn rule(wanted: &config::seccomp::Syscall) -> SeccompRule {
    SeccompRule {
        names: wanted.names.clone(),
        action: wanted.action.clone(),
        errno: wanted.errno_ret,
        conditions: wanted.args.iter().map(condition).collect(),
    }
}

fn condition(wanted: &config::seccomp::Argument) -> SeccompCondition {
    SeccompCondition {
        index: wanted.index,
        operator: wanted.op.clone(),
        value: wanted.value,
        value_two: (wanted.op == "SCMP_CMP_MASKED_EQ").then_some(wanted.value_two),
    }
}
