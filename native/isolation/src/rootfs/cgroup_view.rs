//! The container's own cgroups at /sys/fs/cgroup, to be looked at only (row 6-063, S33 to S35): programs read their limits there. Nothing above them is
//! mounted, so nothing above can be reached.

use std::{
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

use meseta_spec::{CgroupHierarchy, CgroupWorld, Cgroups};
use rustix::fs::{self, CWD, Mode};

use crate::{
    failure::{Failure, Result, Step},
    mount::detached::{Change, NODEV, NOEXEC, NOSUID, attach, attach_named, clone_named, new_filesystem},
};

const STEP: &str = "mount the cgroup";

/// On v2 the one directory; on v1 one for each hierarchy, as the host has them.
pub fn attach_at(target: OwnedFd, cgroups: Option<&Cgroups>, read_only: bool) -> Result<()> {
    let cgroups = cgroups.ok_or_else(|| Failure::because(STEP, "the container has none"))?;
    let joined = joined(cgroups);
    if cgroups.world() == CgroupWorld::CgroupV2 {
        let Some(hierarchy) = joined.first() else { return Ok(()) };
        let tree = own(cgroups, hierarchy)?;
        confine(&tree, read_only)?;
        return attach(tree, target).step(STEP);
    }
    let names = directory_of_names()?;
    attach(&names, target).step(STEP)?;
    for hierarchy in joined {
        let name = name_of(hierarchy);
        // In a file system that nobody else has seen yet, so nothing has to be resolved with care.
        fs::mkdirat(&names, &name, Mode::from_raw_mode(0o755)).step_at(STEP, &name)?;
        attach_named(own(cgroups, hierarchy)?, &names, &name).step_at(STEP, &name)?;
        link_controllers(&names, hierarchy, &name)?;
    }
    // All of them in one call. The directory of names is read-only in any case.
    confine(&names, read_only)?;
    Change { set: libc::MOUNT_ATTR_RDONLY, ..Default::default() }.apply(&names).step(STEP)
}

fn confine(tree: &OwnedFd, read_only: bool) -> Result<()> {
    let read_only = if read_only { libc::MOUNT_ATTR_RDONLY } else { 0 };
    let set = libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV | libc::MOUNT_ATTR_NOEXEC | read_only;
    let change = Change { set, propagation: Some(meseta_spec::Propagation::Private), recursive: true, ..Default::default() };
    change.apply(tree).step(STEP)
}

fn joined(cgroups: &Cgroups) -> Vec<&CgroupHierarchy> {
    let wanted = |hierarchy: &&CgroupHierarchy| hierarchy.controllers.iter().any(|name| cgroups.controllers.contains(name));
    cgroups.hierarchies.iter().filter(wanted).collect()
}

fn own(cgroups: &Cgroups, hierarchy: &CgroupHierarchy) -> Result<OwnedFd> {
    let path = Path::new(&hierarchy.mount_point).join(&cgroups.path);
    clone_named(CWD, &path, false).step_at(STEP, &path)
}

fn directory_of_names() -> Result<OwnedFd> {
    new_filesystem("tmpfs", &[("mode", Some("0755")), ("size", Some("4096"))], NOSUID | NODEV | NOEXEC)
}

/// As on the host: `cpu,cpuacct`, `memory`.
fn name_of(hierarchy: &CgroupHierarchy) -> PathBuf {
    Path::new(&hierarchy.mount_point).file_name().map_or_else(|| "cgroup".into(), PathBuf::from)
}

/// `cpu` and `cpuacct` for `cpu,cpuacct`.
fn link_controllers(names: &OwnedFd, hierarchy: &CgroupHierarchy, name: &Path) -> Result<()> {
    for controller in hierarchy.controllers.iter().filter(|controller| Path::new(controller) != name && !controller.contains('='))
    {
        fs::symlinkat(name, names, controller).step_at(STEP, controller)?;
    }
    Ok(())
}
