//! Mounts by descriptor: a mount is made detached, given its attributes, and only then put on a target that was resolved inside the root. No path is
//! looked up twice, so nothing can be exchanged in between (S20).

pub mod detached;
mod foreign;
pub mod propagation;
mod secret;
pub mod source;

use std::{
    os::fd::{BorrowedFd, OwnedFd},
    path::Path,
};

use meseta_spec::{LaunchPlan, Mount, Root, Tmpfs};
use rustix::{
    fs::{self, CWD, Mode, OFlags, PROC_SUPER_MAGIC},
    io::Errno,
    process::fchdir,
};

use self::detached::{Change, NODEV, NOEXEC, NOSUID, attach, clone_of, new_filesystem};
use crate::{
    failure::{Failure, Result, Step},
    idmap::Ids,
    resolve::{Kind, Links, make_below, open_below},
    rootfs::{self, cgroup_view, copy::copy_directory},
};

const STEP: &str = "mount volume";

/// Of /proc only these files may be covered, as lxcfs does: what else a container puts there could stand in for what the kernel says (S17).
const COVERABLE: &[&str] =
    &["cpuinfo", "diskstats", "loadavg", "meminfo", "slabinfo", "stat", "swaps", "sys/kernel/ns_last_pid", "uptime"];

/// Where and for whom mounts are made.
pub struct Place<'a> {
    pub root: BorrowedFd<'a>,
    pub plan: &'a LaunchPlan,
    pub ids: Option<Ids<'a>>,
}

impl Place<'_> {
    /// Makes one mount of the plan, and gives its handle, if it is one. `peer` is its source as it was held before the namespace was cut off.
    pub fn perform(&self, mount: &Mount, peer: Option<OwnedFd>) -> Result<Option<OwnedFd>> {
        if let Some(wanted) = &mount.filesystem
            && matches!(wanted.kind.as_str(), "cgroup" | "cgroup2")
        {
            let target = target_of(self.root, mount, Kind::Directory)?;
            return cgroup_view::attach_at(target, self.plan.cgroups.as_ref(), mount.read_only()).map(|()| None);
        }
        let (tree, kind) = self.tree_of(mount, peer)?;
        let target = target_of(self.root, mount, kind)?;
        if mount.copy_up() {
            copy_directory(&target, &tree).step_at("copy what is in", &mount.target)?;
        }
        attach(&tree, &target).step_at(STEP, &mount.target)?;
        Ok(Some(tree))
    }

    fn tree_of(&self, mount: &Mount, peer: Option<OwnedFd>) -> Result<(OwnedFd, Kind)> {
        if let Some(wanted) = &mount.secret {
            let owner = self.plan.process.identity.as_ref();
            return Ok((secret::file(wanted, mount.read_only(), owner, self.ids.as_ref())?, Kind::File));
        }
        if let Some(wanted) = &mount.image {
            return Ok((image_volume(mount, wanted, self.ids.as_ref())?, Kind::Directory));
        }
        let (tree, kind) = match (&mount.tmpfs, &mount.filesystem, &mount.source) {
            (Some(wanted), ..) => (source::tmpfs_volume(mount, wanted)?, Kind::Directory),
            (None, Some(wanted), _) => (source::filesystem(mount, wanted, self.ids.as_ref())?, Kind::Directory),
            (None, None, Some(path)) => source::bind(mount, path, peer)?,
            (None, None, None) => return Err(Errno::INVAL).step_at("mount without a source", &mount.target),
        };
        if let Some(ids) = &self.ids {
            if mount.id_mapped() {
                ids.map(&tree, !mount.shallow()).step_at("map the ids of", &mount.target)?;
            } else if mount.tmpfs.is_some()
                || mount.filesystem.as_ref().is_some_and(|made| made.kind == "tmpfs" || made.kind == "mqueue")
            {
                ids.give_to_root(&tree).step_at(STEP, &mount.target)?;
            }
        }
        Ok((tree, kind))
    }
}

/// Made as a root is made, in a directory of changes of its own, and then taken to its place.
fn image_volume(mount: &Mount, wanted: &Root, ids: Option<&Ids<'_>>) -> Result<OwnedFd> {
    let here = fs::openat(CWD, ".", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
    let here = here.step_at(STEP, &mount.target)?;
    let made = rootfs::mount(wanted, ids, None)?;
    let tree = clone_of(&made, true).step_at(STEP, &mount.target)?;
    fchdir(here).step_at(STEP, &mount.target)?;
    if mount.read_only() {
        Change::read_only(true).apply(&tree).step_at(STEP, &mount.target)?;
    }
    Ok(tree)
}

fn target_of(root: BorrowedFd<'_>, mount: &Mount, kind: Kind) -> Result<OwnedFd> {
    if mount.filesystem.as_ref().is_some_and(|wanted| matches!(wanted.kind.as_str(), "proc" | "sysfs")) {
        return target_of_kernel_tree(root, &mount.target);
    }
    let target = match &mount.target_within {
        None => make_below(root, &mount.target, Links::InRoot, kind),
        Some(base) => target_within(root, base, &mount.target, kind),
    }
    .step_at(STEP, &mount.target)?;
    refuse_proc(&target, &mount.target)?;
    Ok(target)
}

/// What is looked up below /proc and /sys is trusted, so no link of the image decides where they are.
fn target_of_kernel_tree(root: BorrowedFd<'_>, path: &str) -> Result<OwnedFd> {
    match make_below(root, path, Links::Refused, Kind::Directory) {
        Err(Errno::LOOP) => Err(Failure::because(STEP, "it must be mounted on ordinary directory, and this is a link").at(path)),
        made => made.step_at(STEP, path),
    }
}

fn target_within(root: BorrowedFd<'_>, base: &str, path: &str, kind: Kind) -> std::result::Result<OwnedFd, Errno> {
    let base_handle = open_below(root, base, Links::InRoot)?;
    let relative = Path::new(path).strip_prefix(base).map_err(|_| Errno::XDEV)?;
    make_below(base_handle, relative, Links::Beneath, kind)
}

fn refuse_proc(target: &OwnedFd, path: &str) -> Result<()> {
    let coverable =
        || Path::new(path).strip_prefix("/proc").is_ok_and(|name| COVERABLE.iter().any(|known| name == Path::new(known)));
    if fs::fstatfs(target).step_at(STEP, path)?.f_type != PROC_SUPER_MAGIC || coverable() {
        return Ok(());
    }
    Err(Failure::because(STEP, "nothing may be mounted over the kernel's own files in /proc").at(path))
}

/// Puts a fresh /proc over the one of the host, for tasks that see the host's files.
pub fn fresh_proc(root: BorrowedFd<'_>) -> Result<()> {
    const STEP: &str = "mount proc on";
    let proc = new_filesystem("proc", &[], NOSUID | NODEV | NOEXEC)?;
    let target = make_below(root, "proc", Links::Refused, Kind::Directory).step_at(STEP, "/proc")?;
    attach(proc, target).step_at(STEP, "/proc")
}

/// /dev/shm of the container's own.
pub fn shared_memory(root: BorrowedFd<'_>, size: u64) -> Result<()> {
    let tree = source::tmpfs(&Tmpfs { size_bytes: Some(size), mode: Some(0o1777) }, NOSUID | NODEV)?;
    let target = make_below(root, "dev/shm", Links::InRoot, Kind::Directory).step_at("mount", "/dev/shm")?;
    attach(tree, target).step_at("mount", "/dev/shm")
}

/// The root of this mount namespace.
pub fn namespace_root() -> Result<OwnedFd> {
    fs::openat(CWD, "/", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).step("open the root")
}
