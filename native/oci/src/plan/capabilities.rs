//! `process.capabilities`: names to the kernel's bits.

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
    let known = |name: &String| {
        let bit = bit(name);
        if bit.is_none_or(|bit| bit & granted == 0) {
            log.warning(&format!("capability {name} cannot be given and is left out"));
        }
        bit
    };
    let set = |names: &[String]| names.iter().filter_map(known).fold(0, |sum, bit| sum | bit) & granted;
    Capabilities {
        bounding: set(&wanted.bounding),
        effective: set(&wanted.effective) & set(&wanted.permitted),
        inheritable: Some(set(&wanted.inheritable)),
        ambient: Some(set(&wanted.ambient) & set(&wanted.inheritable) & set(&wanted.permitted)),
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
