//! What a process may do, and who it is, taken away in the one order that works.

use meseta_spec::{Capabilities, LaunchPlan};
use rustix::{fs::Mode, process::umask};

use crate::{
    capabilities::{self, SYS_ADMIN},
    credentials,
    failure::Result,
    rlimit,
};

/// In the process that will execute the user's program, when all that needs privilege is done.
pub fn limit(plan: &LaunchPlan) -> Result<()> {
    let process = &plan.process;
    rlimit::apply(&plan.resource_limits)?;
    if rustix::process::geteuid().is_root() && !process.keep_keyring() {
        credentials::join_new_keyring()?;
    }
    if let Some(mask) = process.umask {
        umask(Mode::from_raw_mode(mask));
    }
    if let Some(wanted) = &process.capabilities {
        capabilities::check(wanted)?;
        capabilities::bound(wanted)?;
    }
    // The filter comes last of all, right before exec. Without no_new_privs the kernel takes it from CAP_SYS_ADMIN only.
    let meanwhile = if process.seccomp.is_some() && !process.no_new_privileges() { SYS_ADMIN } else { 0 };
    if process.capabilities.is_some() || meanwhile != 0 {
        capabilities::keep_across_change_of_user()?;
    }
    if let Some(identity) = &process.identity {
        credentials::assume(identity)?;
    }
    assume_capabilities(process.capabilities.as_ref(), meanwhile)?;
    if process.no_new_privileges() {
        credentials::forbid_new_privileges()?;
    }
    Ok(())
}

fn assume_capabilities(wanted: Option<&Capabilities>, meanwhile: u64) -> Result<()> {
    match wanted {
        Some(wanted) => capabilities::assume(wanted, meanwhile),
        // Root keeps all that it has.
        None if meanwhile == 0 || rustix::process::geteuid().is_root() => capabilities::inherit_nothing(),
        None => capabilities::assume(&Capabilities::default(), meanwhile),
    }
}
