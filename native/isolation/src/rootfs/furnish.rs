//! What a root needs besides the image. A /proc, /sys or /dev that is a symbolic link is refused (S17, S18, S19).

use std::{
    os::fd::{BorrowedFd, OwnedFd},
    path::Path,
};

use meseta_spec::LaunchPlan;

use super::{
    cgroup_view, devices,
    furniture::{self, Furniture},
    kernel_trees::KernelTrees,
};
use crate::{
    failure::{Result, Step},
    idmap::Ids,
    mount::detached::{attach, attach_named},
    resolve::{Kind, Links, make_below, open_below},
};

/// `made`: in advance.
pub fn furnish(root: BorrowedFd<'_>, plan: &LaunchPlan, ids: Option<&Ids<'_>>, made: Option<Furniture>) -> Result<KernelTrees> {
    let mut trees = KernelTrees::default();
    let furniture = furniture::of(plan, ids, made)?;
    trees.keep("proc", put(root, "proc", furniture.processes)?);
    trees.keep("sys", put(root, "sys", furniture.system)?);
    let devices = furniture.devices;
    devices::add(&devices, &plan.devices)?;
    ids.map_or(Ok(()), |ids| ids.give_to_root(&devices)).step_at("make", "/dev")?;
    let devices = put(root, "dev", devices)?;
    // The directory itself; the terminals are mounted on it in the next step.
    trees.empty = Some(open_below(&devices, "pts", Links::Refused).step_at("mount", "/dev/pts")?);
    put_in_devices(&devices, "pts", &furniture.terminals)?;
    put_in_devices(&devices, "shm", &furniture.shared_memory)?;
    if let Some(queues) = &furniture.queues {
        put_in_devices(&devices, "mqueue", queues)?;
    }
    trees.keep("dev", devices);
    Ok(trees)
}

/// Gives the mount back, for what goes below it.
fn put(at: BorrowedFd<'_>, name: &str, tree: OwnedFd) -> Result<OwnedFd> {
    const STEP: &str = "mount";
    let shown = || format!("/{name}");
    let target = make_below(at, name, Links::Refused, Kind::Directory).step_at(STEP, shown())?;
    attach(&tree, target).step_at(STEP, shown())?;
    Ok(tree)
}

/// Of ours, and seen by nobody yet; its directories were made with it.
fn put_in_devices(devices: &OwnedFd, name: &str, tree: &OwnedFd) -> Result<()> {
    attach_named(tree, devices, Path::new(name)).step_at("mount", format!("/dev/{name}"))
}

/// Where a kernel has no such directory in /sys there is nothing to be seen of cgroups.
pub fn view_cgroups(root: BorrowedFd<'_>, trees: &KernelTrees, plan: &LaunchPlan) -> Result<()> {
    let (at, path) = trees.place(root, "sys/fs/cgroup");
    match open_below(at, path, Links::Refused) {
        Err(rustix::io::Errno::NOENT) => Ok(()),
        target => cgroup_view::attach_at(target.step_at("mount", "/sys/fs/cgroup")?, plan.cgroups.as_ref(), true),
    }
}
