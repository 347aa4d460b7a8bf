//! What a filter answers: the values of `SECCOMP_RET_*`, by the names that profiles use.

use super::compile::invalid;
use crate::failure::Result;

pub const KILL_PROCESS: u32 = 0x8000_0000;
const KILL_THREAD: u32 = 0;
const TRAP: u32 = 0x0003_0000;
const ERRNO: u32 = 0x0005_0000;
const TRACE: u32 = 0x7ff0_0000;
const NOTIFY: u32 = 0x7fc0_0000;
const LOG: u32 = 0x7ffc_0000;
const ALLOW: u32 = 0x7fff_0000;

/// Whoever holds the listener of the filter decides.
pub const NOTIFIES: &str = "SCMP_ACT_NOTIFY";

/// The kernel cuts off what is above.
const MAX_ERRNO: u32 = 4095;

pub const fn errno(number: i32) -> u32 {
    ERRNO | number as u32
}

/// The low half carries a number for ERRNO (EPERM unless said) and TRACE.
pub fn value_of(name: &str, number: Option<u32>) -> Result<u32> {
    if number.is_some_and(|number| number > MAX_ERRNO) {
        return Err(invalid(format!("errno {} is above {MAX_ERRNO}", number.unwrap_or(0))));
    }
    Ok(match name {
        "SCMP_ACT_KILL" | "SCMP_ACT_KILL_THREAD" => KILL_THREAD,
        "SCMP_ACT_KILL_PROCESS" => KILL_PROCESS,
        "SCMP_ACT_TRAP" => TRAP,
        "SCMP_ACT_ERRNO" => ERRNO | number.unwrap_or(libc::EPERM as u32),
        "SCMP_ACT_TRACE" => TRACE | number.unwrap_or(libc::EPERM as u32),
        NOTIFIES => NOTIFY,
        "SCMP_ACT_LOG" => LOG,
        "SCMP_ACT_ALLOW" => ALLOW,
        other => return Err(invalid(format!("there is no action {other:?}"))),
    })
}
