//! From a profile to a program.

use meseta_spec::{Seccomp, SeccompProfile};

use super::{
    action,
    architecture::{self, Architecture},
    bpf::{self, EQUAL, Instruction, LOAD, RETURN, either, encode, plain},
    decisions,
};
use crate::failure::{Failure, Result};

/// The kernel takes no longer program.
const MAX_INSTRUCTIONS: usize = 4096;

const TSYNC: u32 = 1;
pub const NEW_LISTENER: u32 = 8;
const WAIT_KILLABLE: u32 = 32;

const FLAGS: &[(&str, u32)] = &[
    ("SECCOMP_FILTER_FLAG_TSYNC", TSYNC),
    ("SECCOMP_FILTER_FLAG_LOG", 2),
    ("SECCOMP_FILTER_FLAG_SPEC_ALLOW", 4),
    ("SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", WAIT_KILLABLE),
];

pub fn invalid(why: impl Into<String>) -> Failure {
    Failure::because("compile the seccomp profile", why)
}

/// Of a task, whose filter nobody listens to.
pub fn compile(profile: &SeccompProfile) -> Result<Seccomp> {
    if listens(profile) {
        return Err(invalid(format!("{} needs somebody who listens", action::NOTIFIES)));
    }
    translate(profile, flags_of(&profile.flags)? & !WAIT_KILLABLE)
}

/// Whoever installs it gets a listener, which has to be handed to somebody before the filtered process goes on.
pub fn compile_with_listener(profile: &SeccompProfile) -> Result<Seccomp> {
    // There is one thread to install it for, and the kernel takes only one of the two flags.
    translate(profile, flags_of(&profile.flags)? & !TSYNC | NEW_LISTENER)
}

/// Whether the profile leaves decisions to somebody outside.
pub fn listens(profile: &SeccompProfile) -> bool {
    profile.default_action == action::NOTIFIES || profile.rules.iter().any(|rule| rule.action == action::NOTIFIES)
}

fn translate(profile: &SeccompProfile, flags: u32) -> Result<Seccomp> {
    let default = action::value_of(&profile.default_action, profile.default_errno)?;
    let architectures = architecture::chosen(&profile.architectures)?;
    let mut program = vec![plain(LOAD, bpf::ARCHITECTURE)];
    program.extend(entries(&architectures, profile, default)?);
    if program.len() > MAX_INSTRUCTIONS {
        return Err(invalid(format!("it has {} instructions, the kernel takes {MAX_INSTRUCTIONS}", program.len())));
    }
    Ok(Seccomp { program: encode(&program), flags: Some(flags) })
}

/// One part for each token; who comes by another way is killed, since nobody has said what its numbers mean (S44).
fn entries(architectures: &[Architecture], profile: &SeccompProfile, default: u32) -> Result<Vec<Instruction>> {
    let Some(first) = architectures.first() else { return Ok(vec![plain(RETURN, action::KILL_PROCESS)]) };
    let (entry, others): (Vec<_>, Vec<_>) = architectures.iter().partition(|other| other.token == first.token);
    let mut part = vec![plain(LOAD, bpf::NUMBER)];
    part.extend(decisions::tree_of(&entry, &profile.rules, default)?);
    let rest = entries(&others, profile, default)?;
    Ok(either(EQUAL, first.token, part, rest))
}

fn flags_of(names: &[String]) -> Result<u32> {
    let mut flags = 0;
    for name in names {
        let known = FLAGS.iter().find(|(known, _)| known == name);
        flags |= known.ok_or_else(|| invalid(format!("flag {name:?} is not supported")))?.1;
    }
    Ok(flags)
}
