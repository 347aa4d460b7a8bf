//! Which mounts are seen where. What happens in a container's mount namespace stays in it, unless somebody asked for more.

use std::os::fd::OwnedFd;

use meseta_spec::{Mount, Propagation};
use rustix::{
    fs::{self, AtFlags, CWD, Mode, OFlags, StatxFlags},
    io::Errno,
    mount::{MountPropagationFlags, mount_change},
};

use super::{
    detached::{Change, clone_of},
    foreign, source,
};
use crate::{
    failure::{Result, Step},
    mount_table,
};

/// Sources that cannot wait. Those whose later mounts shall be seen by the host too: a mount can only be a peer of the host's if it is cloned before the
/// namespace is cut off. Those of another namespace: their process is found in the host's /proc, which is soon out of sight.
pub fn hold_peers(mounts: &[Mount]) -> Result<Vec<Option<OwnedFd>>> {
    let can_wait = |mount: &Mount| propagation_of(mount) != Propagation::Bidirectional && mount.source_namespace.is_none();
    if mounts.iter().all(can_wait) {
        return Ok(Vec::new());
    }
    mounts.iter().map(hold_peer).collect()
}

fn hold_peer(mount: &Mount) -> Result<Option<OwnedFd>> {
    match (&mount.source, &mount.source_namespace) {
        (Some(source), Some(namespace)) => foreign::clone_from(namespace, source, !mount.shallow()).map(Some),
        (Some(source), None) if propagation_of(mount) == Propagation::Bidirectional => {
            let handle = source::open(mount, source)?;
            if !is_shared(&handle).step_at("mount volume", source)? {
                // The host itself does not hand mounts on there: there is nothing to be a peer of.
                return Ok(None);
            }
            clone_of(handle, !mount.shallow()).step_at("mount volume", source).map(Some)
        }
        _ => Ok(None),
    }
}

/// Whether the mount that a handle lies in has peers.
fn is_shared(handle: &OwnedFd) -> std::result::Result<bool, Errno> {
    let stat = fs::statx(handle, "", AtFlags::EMPTY_PATH, StatxFlags::MNT_ID)?;
    let table = std::fs::read("/proc/self/mountinfo").map_err(|_| Errno::IO)?;
    let id = stat.stx_mnt_id.to_string();
    let line = mount_table::lines(&table).find(|line| line.id == id);
    Ok(line.is_some_and(|line| line.tags.iter().any(|tag| tag.starts_with("shared:"))))
}

pub fn propagation_of(mount: &Mount) -> Propagation {
    match mount.propagation {
        Some(_) => mount.propagation(),
        None if mount.follow_host() => Propagation::HostToContainer,
        None => Propagation::Private,
    }
}

/// Before the first mount. What the host mounts later may still come in (row 6-041), and with a root that is shared both ways goes out too, but for the
/// container's root itself.
pub fn cut_off(root: Propagation) -> Result<()> {
    const STEP: &str = "make mounts private";
    let change = match root {
        Propagation::Bidirectional => return privatise_mount_of_runtime_directory().step(STEP),
        Propagation::HostToContainer => MountPropagationFlags::DOWNSTREAM,
        Propagation::Private | Propagation::Unbindable => MountPropagationFlags::PRIVATE,
    };
    mount_change("/", change | MountPropagationFlags::REC).step(STEP)
}

/// After the container's root has become `/`.
pub fn set_of_root(root: Propagation) -> Result<()> {
    let change = match root {
        Propagation::Bidirectional => MountPropagationFlags::SHARED,
        Propagation::Unbindable => MountPropagationFlags::UNBINDABLE,
        // It was made in a namespace that was cut off already.
        Propagation::HostToContainer | Propagation::Private => return Ok(()),
    };
    mount_change("/", change).step("share the root")
}

/// Where the container's root is put before it becomes one. Only at its own root can a mount be changed, and that is here or above.
fn privatise_mount_of_runtime_directory() -> std::result::Result<(), Errno> {
    let open = |at, path| fs::openat(at, path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
    let mut here = open(CWD, ".")?;
    let private = Change { propagation: Some(Propagation::Private), ..Default::default() };
    while let Err(errno) = private.apply(&here) {
        let above = fs::openat(&here, "..", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        let (stat, parent) = (fs::fstat(&here)?, fs::fstat(&above)?);
        if errno != Errno::INVAL || (stat.st_ino, stat.st_dev) == (parent.st_ino, parent.st_dev) {
            return Err(errno);
        }
        here = above;
    }
    Ok(())
}
