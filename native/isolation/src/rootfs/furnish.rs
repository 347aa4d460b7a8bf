//! What a root needs besides the image. A /proc, /sys or /dev that is a symbolic link is refused (S17, S18, S19).

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use meseta_spec::{LaunchPlan, Namespaces};

use super::{cgroup_view, devices, kernel_trees::KernelTrees};
use crate::{
    failure::{Result, Step},
    idmap::Ids,
    mount::detached::{NODEV, NOEXEC, NOSUID, READ_ONLY, attach, new_filesystem},
    namespace::user::outside,
    resolve::{Kind, Links, make_below, open_below},
};

const DEFAULT_SHM_SIZE: u64 = 64 << 20;

pub fn furnish(root: BorrowedFd<'_>, plan: &LaunchPlan, ids: Option<&Ids<'_>>) -> Result<KernelTrees> {
    let mut trees = KernelTrees::default();
    trees.keep("proc", put(root, "proc", new_filesystem("proc", &[], NOSUID | NODEV | NOEXEC)?)?);
    trees.keep("sys", put(root, "sys", new_filesystem("sysfs", &[], NOSUID | NODEV | NOEXEC | READ_ONLY)?)?);
    let devices = devices::directory(&plan.devices)?;
    ids.map_or(Ok(()), |ids| ids.give_to_root(&devices)).step_at("make", "/dev")?;
    let devices = put(root, "dev", devices)?;
    // The directory itself; the terminals are mounted on it in the next step.
    trees.empty = Some(open_below(&devices, "pts", Links::Refused).step_at("mount", "/dev/pts")?);
    put(devices.as_fd(), "pts", terminals(ids)?)?;
    put(devices.as_fd(), "shm", shared_memory(plan.shm_size)?)?;
    if plan.namespaces.as_ref().is_some_and(has_ipc) {
        put(devices.as_fd(), "mqueue", new_filesystem("mqueue", &[], NOSUID | NODEV | NOEXEC)?)?;
    }
    trees.keep("dev", devices);
    Ok(trees)
}

fn has_ipc(namespaces: &Namespaces) -> bool {
    namespaces.ipc() || namespaces.joined.iter().any(|joined| joined.kind == "ipc")
}

/// Gives the mount back, for what goes below it.
fn put(at: BorrowedFd<'_>, name: &str, tree: OwnedFd) -> Result<OwnedFd> {
    const STEP: &str = "mount";
    let shown = || format!("/{name}");
    let target = make_below(at, name, Links::Refused, Kind::Directory).step_at(STEP, shown())?;
    attach(&tree, target).step_at(STEP, shown())?;
    Ok(tree)
}

/// Where a kernel has no such directory in /sys there is nothing to be seen of cgroups.
pub fn view_cgroups(root: BorrowedFd<'_>, trees: &KernelTrees, plan: &LaunchPlan) -> Result<()> {
    let (at, path) = trees.place(root, "sys/fs/cgroup");
    match open_below(at, path, Links::Refused) {
        Err(rustix::io::Errno::NOENT) => Ok(()),
        target => cgroup_view::attach_at(target.step_at("mount", "/sys/fs/cgroup")?, plan.cgroups.as_ref(), true),
    }
}

/// Group 5 is `tty` in every image that has one. Made with the host's power, it takes the host's name for that group.
fn terminals(ids: Option<&Ids<'_>>) -> Result<OwnedFd> {
    const TTY: u32 = 5;
    let group = ids.map_or(Some(TTY), |ids| outside(&ids.mappings.gid_mappings, TTY)).map(|id| id.to_string());
    let mut options = vec![("ptmxmode", Some("0666")), ("mode", Some("0620"))];
    options.extend(group.as_deref().map(|group| ("gid", Some(group))));
    new_filesystem("devpts", &options, NOSUID | NOEXEC)
}

fn shared_memory(size: Option<u64>) -> Result<OwnedFd> {
    let size = size.filter(|&size| size > 0).unwrap_or(DEFAULT_SHM_SIZE).to_string();
    new_filesystem("tmpfs", &[("mode", Some("1777")), ("size", Some(&size))], NOSUID | NODEV | NOEXEC)
}
