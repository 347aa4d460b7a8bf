//! `linux.seccomp`: to the profile that is compiled into a program of the kernel's.

use meseta_isolation::failure::{Failure, Result};
use meseta_spec::{Seccomp, SeccompCondition, SeccompProfile, SeccompRule};

use crate::config;

const STEP: &str = "use the seccomp profile of config.json";

/// `None`: a profile that lets everything pass.
pub fn compiled(wanted: &config::seccomp::Seccomp) -> Result<Option<Seccomp>> {
    if wanted.listener_path.as_ref().is_some_and(|path| !path.is_empty()) {
        return Err(Failure::because(STEP, "listenerPath is not supported"));
    }
    if wanted.default_action == "SCMP_ACT_ALLOW" && wanted.syscalls.is_empty() {
        return Ok(None);
    }
    meseta_isolation::seccomp::compile(&profile(wanted)).map(Some)
}

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
