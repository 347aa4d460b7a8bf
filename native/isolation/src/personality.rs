//! The execution domain of a task: how old or how narrow a machine it believes to run on.

use rustix::io::Errno;

use crate::{
    descriptors::last_errno,
    failure::{Failure, Result, Step},
};

const STEP: &str = "set the personality";

/// The kernel's numbers.
const LINUX: libc::c_ulong = 0;
const LINUX32: libc::c_ulong = 8;

/// Of the calling process and all that it becomes. Domains are those of the OCI specification: `LINUX` and `LINUX32`.
pub fn set(domain: &str, flags: &[String]) -> Result<()> {
    let number = match domain {
        "LINUX" => LINUX,
        "LINUX32" => LINUX32,
        _ => return Err(Failure::because(STEP, "there is no such domain").at(domain)),
    };
    if let Some(flag) = flags.first() {
        return Err(Failure::because(STEP, "flags are not supported").at(flag));
    }
    // SAFETY: a number only.
    let result = unsafe { libc::personality(number) };
    if result < 0 { Err::<(), Errno>(last_errno()).step_at(STEP, domain) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_knows_is_refused() {
        assert!(set("SOLARIS", &[]).is_err());
        assert!(set("LINUX", &["READ_IMPLIES_EXEC".to_owned()]).is_err());
        set("LINUX", &[]).expect("what everybody has");
    }
}
