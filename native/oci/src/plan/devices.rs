//! `linux.devices`, and the rules about devices that every container gets.

use meseta_isolation::failure::{Failure, Result};
use meseta_spec::{DeviceAccess, DeviceNode, DeviceRule};

use crate::config::{self, Linux};

const STEP: &str = "use the devices of config.json";

pub fn nodes(linux: &Linux) -> Result<Vec<DeviceNode>> {
    linux.devices.iter().map(node).collect()
}

fn node(wanted: &config::linux::Device) -> Result<DeviceNode> {
    let refuse = |why: &str| Err(Failure::because(STEP, format!("{why} of {:?}", wanted.path)));
    let kind = match wanted.kind.as_str() {
        // The specification's older name for a character device.
        "u" => "c",
        kind @ ("c" | "b" | "p") => kind,
        _ => return refuse("the type must be c, b, u or p"),
    };
    let number = |value: Option<i64>| value.map(u32::try_from).transpose();
    let (Ok(major), Ok(minor)) = (number(wanted.major), number(wanted.minor)) else {
        return refuse("the numbers are out of range");
    };
    if kind != "p" && (major.is_none() || minor.is_none()) {
        return refuse("major and minor are missing");
    }
    Ok(DeviceNode {
        path: wanted.path.clone(),
        kind: kind.to_owned(),
        major,
        minor,
        mode: wanted.file_mode,
        uid: wanted.uid,
        gid: wanted.gid,
    })
}

/// Kind, major and minor number: what is in every /dev, and terminals.
const ALWAYS: &[(&str, u32, Option<u32>)] = &[
    ("c", 1, Some(3)),
    ("c", 1, Some(5)),
    ("c", 1, Some(7)),
    ("c", 1, Some(8)),
    ("c", 1, Some(9)),
    ("c", 5, Some(0)),
    ("c", 5, Some(1)),
    ("c", 5, Some(2)),
    ("c", 136, None),
];

/// Without any rule in config.json everything is allowed. With one, what every container has is allowed behind them, since its files could not
/// be made otherwise.
pub fn access(rules: &[config::resources::DeviceRule]) -> Result<Option<DeviceAccess>> {
    if rules.is_empty() {
        return Ok(None);
    }
    let mut all = rules.iter().map(rule).collect::<Result<Vec<_>>>()?;
    // To make a file gives nobody access to the device behind it.
    let make = |kind: &str| allow(kind, None, None, "m");
    all.extend([make("c"), make("b")]);
    all.extend(ALWAYS.iter().map(|&(kind, major, minor)| allow(kind, Some(major), minor, "rwm")));
    Ok(Some(DeviceAccess { rules: all }))
}

fn allow(kind: &str, major: Option<u32>, minor: Option<u32>, access: &str) -> DeviceRule {
    DeviceRule { allow: true, kind: kind.to_owned(), major, minor, access: access.to_owned() }
}

fn rule(wanted: &config::resources::DeviceRule) -> Result<DeviceRule> {
    let kind = wanted.kind.as_deref().filter(|kind| !kind.is_empty()).unwrap_or("a");
    if !matches!(kind, "a" | "b" | "c") {
        return Err(Failure::because(STEP, format!("{kind:?} is no type of a device rule")));
    }
    // A negative number is an old way to say: every one.
    let number = |value: Option<i64>| value.and_then(|number| u32::try_from(number).ok());
    Ok(DeviceRule {
        allow: wanted.allow,
        kind: kind.to_owned(),
        major: number(wanted.major),
        minor: number(wanted.minor),
        access: wanted.access.clone().filter(|access| !access.is_empty()).unwrap_or_else(|| "rwm".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_rule_restricts_nothing_and_one_leaves_what_everybody_has() {
        assert_eq!(access(&[]).expect("fine"), None);
        let nothing = config::resources::DeviceRule { access: Some("rwm".to_owned()), ..Default::default() };
        let all = access(&[nothing]).expect("fine").expect("restricted").rules;
        assert!(!all[0].allow && all[0].kind == "a" && all[0].major.is_none());
        assert!(all.iter().any(|rule| rule.allow && rule.major == Some(1) && rule.minor == Some(3)));
    }

    #[test]
    fn a_device_needs_its_numbers() {
        let half =
            config::linux::Device { path: "/dev/x".to_owned(), kind: "c".to_owned(), major: Some(1), ..Default::default() };
        assert!(node(&half).is_err());
        let pipe = config::linux::Device { path: "/dev/x".to_owned(), kind: "p".to_owned(), ..Default::default() };
        assert_eq!(node(&pipe).expect("fine").kind, "p");
    }
}
