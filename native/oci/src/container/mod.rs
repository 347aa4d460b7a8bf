//! From a configuration to a process that waits to be started, and to the end of it.

pub mod birth;
pub mod console;
pub mod destroy;
pub mod enter;
pub mod foreground;
pub mod init;
pub mod link;
pub mod passing;
pub mod seccomp_agent;
pub mod start;

use meseta_isolation::{cgroup::Cgroup, failure::Result};

use crate::{plan, state::Container};

/// Of a container that was created before: what its configuration said then.
pub fn control_group(container: &Container) -> Result<Cgroup> {
    let config = container.config()?;
    Cgroup::resolve(&plan::cgroups::of(&config.linux, &container.state.id)?)
}
