//! What a process may do, and who it is, taken away in the one order that works.

use meseta_spec::LaunchPlan;

use crate::{credentials, failure::Result, rlimit};

/// In the process that will execute the user's program, when all that needs privilege is done.
pub fn limit(plan: &LaunchPlan) -> Result<()> {
    rlimit::apply(&plan.resource_limits)?;
    if rustix::process::geteuid().is_root() {
        credentials::join_new_keyring();
    }
    if let Some(identity) = &plan.process.identity {
        credentials::assume(identity)?;
    }
    if plan.process.no_new_privileges() {
        credentials::forbid_new_privileges()?;
    }
    Ok(())
}
