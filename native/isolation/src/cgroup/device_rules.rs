//! Which devices a container may use, in the terms of both worlds (rows 6-026, 6-059): a list of rules, of which the last that speaks of a device and
//! a kind of access decides; what none allows is denied.

use meseta_spec::{DeviceAccess, DeviceRule};

use crate::failure::{Failure, Result};

/// Bits as the kernel numbers them for programs (BPF_DEVCG_ACC_*).
pub const MKNOD: u32 = 1;
pub const READ: u32 = 2;
pub const WRITE: u32 = 4;
pub const EVERYTHING: u32 = MKNOD | READ | WRITE;

/// Twelve and twenty bits of a device number: what is above would never match, so it is a mistake of whoever asks.
const LARGEST_MAJOR: u32 = 0xfff;
const LARGEST_MINOR: u32 = 0xf_ffff;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Block,
    Character,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    pub allow: bool,
    /// `None`: both.
    pub kind: Option<Kind>,
    pub major: Option<u32>,
    pub minor: Option<u32>,
    pub access: u32,
}

pub fn read(access: &DeviceAccess) -> Result<Vec<Rule>> {
    access.rules.iter().map(rule).collect()
}

fn rule(wire: &DeviceRule) -> Result<Rule> {
    let kind = match wire.kind.as_str() {
        "a" => None,
        "b" => Some(Kind::Block),
        "c" => Some(Kind::Character),
        other => return Err(refused(format!("{other:?} is neither a, b nor c"))),
    };
    if wire.major.is_some_and(|major| major > LARGEST_MAJOR) || wire.minor.is_some_and(|minor| minor > LARGEST_MINOR) {
        return Err(refused("its number is larger than any device's".to_owned()));
    }
    Ok(Rule { allow: wire.allow, kind, major: wire.major, minor: wire.minor, access: access_bits(&wire.access)? })
}

pub fn access_bits(letters: &str) -> Result<u32> {
    let bits = letters.chars().try_fold(0, |bits, letter| match letter {
        'r' => Ok(bits | READ),
        'w' => Ok(bits | WRITE),
        'm' => Ok(bits | MKNOD),
        other => Err(refused(format!("{other:?} is none of r, w and m"))),
    })?;
    if bits == 0 { Err(refused("it says nothing of the access".to_owned())) } else { Ok(bits) }
}

pub fn refused(sentence: String) -> Failure {
    Failure::because("use the device rule", sentence)
}
