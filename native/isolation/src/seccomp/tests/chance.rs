//! Profiles made by chance.

use meseta_spec::{SeccompCondition, SeccompProfile, SeccompRule};

pub use crate::chance::Chance;

pub const OPERATORS: &[&str] =
    &["SCMP_CMP_EQ", "SCMP_CMP_NE", "SCMP_CMP_GT", "SCMP_CMP_GE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_MASKED_EQ"];

/// Calls that every architecture has under the same name.
pub const NAMES: &[&str] = &[
    "read",
    "write",
    "open",
    "close",
    "clone",
    "execve",
    "kill",
    "mount",
    "ptrace",
    "prctl",
    "personality",
    "unshare",
    "setns",
    "ioctl",
    "openat",
    "bpf",
    "execveat",
    "clone3",
    "close_range",
    "faccessat2",
    "keyctl",
    "add_key",
    "reboot",
    "chroot",
    "getpid",
];

/// One action for all rules: what several different ones for one call mean differs between compilers.
pub fn profile(chance: &mut Chance) -> SeccompProfile {
    let actions = ["SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_TRAP", "SCMP_ACT_LOG"];
    let default_action = chance.of(&actions);
    let action = chance.of(&actions.into_iter().filter(|&action| action != default_action).collect::<Vec<_>>());
    let errno = (action == "SCMP_ACT_ERRNO").then(|| 1 + chance.below(100) as u32);
    let architectures = if chance.below(2) == 0 { vec![] } else { vec!["SCMP_ARCH_X86".to_owned(), "SCMP_ARCH_X32".to_owned()] };
    let count = 1 + chance.below(12);
    // What has 32 bits is compared with no more by some and with 64 by others.
    let width = if architectures.is_empty() { u64::MAX } else { u64::from(u32::MAX) };
    SeccompProfile {
        default_action: default_action.to_owned(),
        // So that newer calls are decided by the default alone.
        default_errno: (default_action == "SCMP_ACT_ERRNO").then_some(13),
        rules: (0..count).map(|_| rule(chance, action, errno, width)).collect(),
        flags: Vec::new(),
        architectures,
    }
}

fn rule(chance: &mut Chance, action: &str, errno: Option<u32>, width: u64) -> SeccompRule {
    let names = (0..1 + chance.below(4)).map(|_| chance.of(NAMES).to_owned()).collect();
    let mut indexes: Vec<u32> = (0..6).collect();
    let conditions = (0..chance.below(4)).map(|_| condition(chance, &mut indexes, width)).collect();
    SeccompRule { names, action: action.to_owned(), errno, conditions }
}

fn condition(chance: &mut Chance, indexes: &mut Vec<u32>, width: u64) -> SeccompCondition {
    let index = indexes.swap_remove(chance.below(indexes.len() as u64) as usize);
    SeccompCondition {
        index,
        operator: chance.of(OPERATORS).to_owned(),
        value: chance.value() & width,
        value_two: Some(chance.value() & width),
    }
}

/// Each argument is what some condition looks for, or close to it.
pub fn sampled_arguments(chance: &mut Chance, profile: &SeccompProfile) -> [u64; 6] {
    let conditions: Vec<&SeccompCondition> = profile.rules.iter().flat_map(|rule| &rule.conditions).collect();
    std::array::from_fn(|_| match conditions.len() {
        0 => chance.value(),
        count => {
            let condition = conditions[chance.below(count as u64) as usize];
            let near = if chance.below(2) == 0 { condition.value } else { condition.value_two() };
            near.wrapping_add(chance.below(3)).wrapping_sub(1)
        }
    })
}
