//! `process.capabilities`: names to the kernel's bits.

use std::collections::BTreeSet;

use meseta_isolation::capabilities::NAMES;
use meseta_spec::Capabilities;

use crate::{config, log::Log};

pub fn names() -> Vec<String> {
    NAMES.iter().map(|name| format!("CAP_{name}")).collect()
}

/// `None`: a capability that nobody knows. The specification wants a warning for those, and no error.
pub fn bit(name: &str) -> Option<u64> {
    let short = name.strip_prefix("CAP_").unwrap_or(name);
    NAMES.iter().position(|known| *known == short).map(|number| 1 << number)
}

pub fn of(wanted: &config::process::Capabilities, log: &Log) -> Capabilities {
    let granted = granted();
    complain(wanted, granted, log);
    let set = |names: &[String]| names.iter().filter_map(|name| bit(name)).fold(0, |sum, bit| sum | bit) & granted;
    let (bounding, permitted, inheritable) = (set(&wanted.bounding), set(&wanted.permitted), set(&wanted.inheritable));
    Capabilities {
        bounding,
        effective: set(&wanted.effective) & permitted,
        inheritable: Some(inheritable),
        ambient: Some(set(&wanted.ambient) & inheritable & permitted),
        // With exec the kernel takes away what is outside the bounding set, so nobody loses anything.
        permitted: Some(permitted & (bounding | set(&wanted.effective))),
    }
}

/// Once for each name, however many sets it is in.
fn complain(wanted: &config::process::Capabilities, granted: u64, log: &Log) {
    let all = [&wanted.bounding, &wanted.effective, &wanted.permitted, &wanted.inheritable, &wanted.ambient];
    let all: BTreeSet<&str> = all.into_iter().flatten().map(String::as_str).collect();
    let unknown: Vec<&str> = all.iter().copied().filter(|name| bit(name).is_none()).collect();
    if !unknown.is_empty() {
        // The words by which callers know it.
        log.warning(&format!("ignoring unknown or unavailable capabilities: [{}]", unknown.join(" ")));
    }
    for name in all.iter().filter(|name| bit(name).is_some_and(|bit| bit & granted == 0)) {
        log.remark(&format!("capability {name} is not the caller's to give, and is left out"));
    }
}

/// What this process may hand on at all; more cannot be given, and the specification forbids to fail for it.
fn granted() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("CapBnd:"));
    line.and_then(|text| u64::from_str_radix(text.trim(), 16).ok()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_kernels() {
        assert_eq!(bit("CAP_CHOWN"), Some(1));
        assert_eq!(bit("CAP_SYS_ADMIN"), Some(1 << 21));
        assert_eq!(bit("CAP_CHECKPOINT_RESTORE"), Some(1 << 40));
        assert_eq!(bit("CAP_TEST"), None);
    }
}
