//! A root file system of the container's own: the image's files, a minimal /dev, /proc, /sys, and what in them is nobody's business.

pub mod cgroup_view;
pub mod copy;
mod devices;
mod furnish;
mod furniture;
pub mod kernel_trees;
mod mask;
mod overlay;
pub mod ready_overlay;

use std::os::fd::{AsFd, OwnedFd};

use meseta_spec::{Propagation, Root};
use rustix::{
    fs::{self, CWD, Mode, OFlags},
    io::Errno,
    mount::{UnmountFlags, unmount},
    process::{chdir, chroot, fchdir, pivot_root},
};

pub use self::{
    devices::make as make_devices,
    furnish::{furnish, view_cgroups},
    furniture::Furniture,
    mask::mask,
    overlay::works as overlay_works,
};
use crate::{
    failure::{Failure, Result, Step},
    idmap::Ids,
    mount::detached::{Change, attach, clone_of},
};

const STEP: &str = "mount root";

/// Mounts the image over the directory in which changes are kept, which becomes the working directory, and gives a handle on it. A bare root is mounted
/// over itself: who makes one knows its files by that name, and looks for mounts there. `ready` is the overlay that the plan wants, should it be there.
pub fn mount(plan: &Root, ids: Option<&Ids<'_>>, ready: Option<OwnedFd>) -> Result<OwnedFd> {
    enter_scratch(plan)?;
    let ids = ids.filter(|_| plan.id_mapped());
    let tree = match (plan.overlay(), plan.copy()) {
        (true, true) => return Err(Failure::because(STEP, "it cannot be both an overlay and a copy")),
        (true, false) => ready.map_or_else(|| overlay::mount(plan, ids), |ready| Ok(Tree::Detached(ready)))?,
        (false, true) => copy::mount(plan, ids)?,
        (false, false) => image_itself(plan, ids)?,
    };
    match tree {
        Tree::Attached(tree) => Ok(tree),
        Tree::Detached(tree) => {
            let target = if plan.bare() { plan.directory.as_str() } else { "." };
            let here = fs::openat(CWD, target, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
            here.and_then(|here| attach(&tree, here)).step_at(STEP, &plan.directory)?;
            Ok(tree)
        }
    }
}

enum Tree {
    Detached(OwnedFd),
    Attached(OwnedFd),
}

/// Nothing is ever made in an image that others use too: if it is read-only, then from the beginning. A bare root is its owner's.
fn image_itself(plan: &Root, ids: Option<&Ids<'_>>) -> Result<Tree> {
    if !plan.lower.is_empty() {
        return Err(Failure::because(STEP, "an image of several layers needs an overlay or a copy"));
    }
    let handle = fs::open(&plan.directory, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
    let tree = handle.and_then(|handle| clone_of(handle, true)).step_at(STEP, &plan.directory)?;
    map(&tree, ids, &plan.directory)?;
    if plan.read_only() && !plan.bare() {
        Change::read_only(true).apply(&tree).step_at(STEP, &plan.directory)?;
    }
    Ok(Tree::Detached(tree))
}

fn map(tree: &OwnedFd, ids: Option<&Ids<'_>>, directory: &str) -> Result<()> {
    ids.map_or(Ok(()), |ids| ids.map(tree, true)).step_at("map the ids of", directory)
}

/// By name only from here on, so that a container does not learn where it is. Without one it is the runtime directory, where we are.
fn enter_scratch(plan: &Root) -> Result<()> {
    const STEP: &str = "enter the directory of changes";
    let Some(scratch) = &plan.scratch else { return Ok(()) };
    match fs::mkdir(scratch.as_str(), Mode::from_raw_mode(0o700)) {
        Err(Errno::EXIST) => Ok(()),
        made => made.step_at("make the directory", scratch),
    }?;
    chdir(scratch.as_str()).step_at(STEP, scratch)
}

/// In the directory of changes.
fn make_directory(name: &str) -> Result<()> {
    match fs::mkdirat(CWD, name, Mode::from_raw_mode(0o755)) {
        Err(Errno::EXIST) => Ok(()),
        made => made.step_at("make the directory", name),
    }
}

/// Makes the handle's directory the root of this mount namespace.
pub fn change_root(root: impl AsFd, plan: &Root) -> Result<Option<OldRoot>> {
    enter(&root, plan)?;
    if plan.without_pivot() {
        return cover_root(&root).map(|()| None).step(STEP_INTO);
    }
    let shared = plan.propagation.map(|_| open_root()).transpose().step(STEP_INTO)?;
    pivot_root(".", ".").and_then(|()| chdir("/")).step(STEP_INTO)?;
    if let Some(old) = shared {
        // What the root's owner wants to share with the host are mounts that come, not that we leave: an unmount of the host's would reach the host.
        let cut_off = Change { propagation: Some(Propagation::HostToContainer), recursive: true, ..Default::default() };
        cut_off.apply(&old).step("cut off the host's root")?;
    }
    Ok(Some(OldRoot))
}

/// What was the root before, mounted over the new one: no path leads there, but only when it is left is it out of everybody's reach.
#[must_use = "the host's files are there until it is left"]
pub struct OldRoot;

impl OldRoot {
    /// By a process whose root is the new one.
    pub fn leave(self) -> Result<()> {
        unmount("/", UnmountFlags::DETACH).step("leave the host's root")
    }
}

/// In a mount namespace that is not the container's own: the root of this process alone.
pub fn confine(root: impl AsFd, plan: &Root) -> Result<()> {
    enter(&root, plan)?;
    chroot(".").and_then(|()| chdir("/")).step(STEP_INTO)
}

const STEP_INTO: &str = "change root";

fn enter(root: impl AsFd, plan: &Root) -> Result<()> {
    if plan.read_only() {
        Change::read_only(false).apply(&root).step("make the root read-only")?;
    }
    fchdir(&root).step(STEP_INTO)
}

fn open_root() -> std::result::Result<OwnedFd, Errno> {
    fs::openat(CWD, "/", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
}

/// The old root stays mounted, below the new one.
fn cover_root(root: impl AsFd) -> std::result::Result<(), Errno> {
    attach(root, open_root()?)?;
    chroot(".")?;
    chdir("/")
}
