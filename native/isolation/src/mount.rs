//! Mounts by descriptor: a mount is made detached, given its attributes, and only then put on a target that was resolved inside the root. No path is
//! looked up twice, so nothing can be exchanged in between (S20).

use std::{
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
    path::Path,
};

use meseta_spec::{Mount, Tmpfs};
use rustix::{
    fs::{self, CWD, FileType, Mode, OFlags},
    io::Errno,
    mount::{
        FsMountFlags, FsOpenFlags, MountAttrFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, fsconfig_create,
        fsconfig_set_string, fsmount, fsopen, mount_change, move_mount, open_tree,
    },
};

use crate::{
    descriptors::last_errno,
    failure::{Result, Step},
    idmap::Ids,
    resolve::{Kind, Links, make_below, open_below},
};

/// What happens in this mount namespace stays in it; what the host mounts later may still come in (row 6-041, HOST_TO_CONTAINER).
pub fn privatise() -> Result<()> {
    mount_change("/", MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC).step("make mounts private")
}

/// A new file system, not yet to be seen anywhere.
pub fn new_filesystem(kind: &str, options: &[(&str, &str)], attributes: MountAttrFlags) -> Result<OwnedFd> {
    let make = || -> std::result::Result<OwnedFd, Errno> {
        let context = fsopen(kind, FsOpenFlags::FSOPEN_CLOEXEC)?;
        for (key, value) in options {
            fsconfig_set_string(context.as_fd(), *key, *value)?;
        }
        fsconfig_create(context.as_fd())?;
        fsmount(context.as_fd(), FsMountFlags::FSMOUNT_CLOEXEC, attributes)
    };
    make().step_at("make a file system of kind", kind)
}

pub fn tmpfs(wanted: &Tmpfs) -> Result<OwnedFd> {
    let mode = format!("{:o}", wanted.mode.unwrap_or(0o1777));
    let size = wanted.size_bytes.unwrap_or(0).to_string();
    let options = [("mode", mode.as_str()), ("size", size.as_str())];
    let options = if size == "0" { &options[..1] } else { &options[..] };
    new_filesystem("tmpfs", options, MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NODEV)
}

/// A detached copy of the mount at a handle.
pub fn clone_of(source: impl AsFd, recursive: bool) -> std::result::Result<OwnedFd, Errno> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_EMPTY_PATH;
    open_tree(source, "", if recursive { flags | OpenTreeFlags::AT_RECURSIVE } else { flags })
}

/// Puts a detached mount on what a handle stands for.
pub fn attach(mount: impl AsFd, target: impl AsFd) -> std::result::Result<(), Errno> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    move_mount(mount, "", target, "", flags)
}

/// Makes one mount of the plan inside `root`.
pub fn perform(root: BorrowedFd<'_>, mount: &Mount, ids: Option<&Ids<'_>>) -> Result<()> {
    let (tree, kind) = match (&mount.tmpfs, &mount.source) {
        (Some(wanted), _) => (tmpfs(wanted)?, Kind::Directory),
        (None, Some(source)) => bind_source(mount, source)?,
        (None, None) => return Err(Errno::INVAL).step_at("mount without a source", &mount.target),
    };
    if mount.read_only() {
        set_read_only(&tree, !mount.shallow()).step_at("make read-only", &mount.target)?;
    }
    if let Some(ids) = ids {
        match (mount.id_mapped(), &mount.tmpfs) {
            (true, _) => ids.map(&tree, !mount.shallow()).step_at("map the ids of", &mount.target)?,
            (false, Some(_)) => ids.give_to_root(&tree).step_at("mount volume", &mount.target)?,
            (false, None) => {}
        }
    }
    let target = target_of(root, mount, kind).step_at("mount volume", &mount.target)?;
    attach(&tree, &target).step_at("mount volume", &mount.target)
}

fn bind_source(mount: &Mount, source: &str) -> Result<(OwnedFd, Kind)> {
    const STEP: &str = "mount volume";
    let handle = match &mount.source_within {
        None => fs::open(source, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).step_at(STEP, source)?,
        Some(base) => below(base, source).step_at(STEP, source)?,
    };
    let kind = match fs::fstat(&handle).map(|stat| FileType::from_raw_mode(stat.st_mode)).step_at(STEP, source)? {
        FileType::Directory => Kind::Directory,
        _ => Kind::File,
    };
    let tree = clone_of(&handle, !mount.shallow()).step_at(STEP, source)?;
    if !mount.follow_host() {
        set_private(&tree).step_at(STEP, source)?;
    }
    Ok((tree, kind))
}

/// `path` by a handle that cannot have left `base`.
fn below(base: &str, path: &str) -> std::result::Result<OwnedFd, Errno> {
    let root = fs::open(base, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let relative = Path::new(path).strip_prefix(base).map_err(|_| Errno::XDEV)?;
    open_below(root, relative, Links::Beneath)
}

fn target_of(root: BorrowedFd<'_>, mount: &Mount, kind: Kind) -> std::result::Result<OwnedFd, Errno> {
    let Some(base) = &mount.target_within else {
        return make_below(root, &mount.target, Links::InRoot, kind);
    };
    let base_handle = open_below(root, base, Links::InRoot)?;
    let relative = Path::new(&mount.target).strip_prefix(base).map_err(|_| Errno::XDEV)?;
    make_below(base_handle, relative, Links::Beneath, kind)
}

pub fn set_read_only(tree: impl AsFd, recursive: bool) -> std::result::Result<(), Errno> {
    set_attributes(tree.as_fd(), recursive, libc::MOUNT_ATTR_RDONLY, 0, 0, None)
}

fn set_private(tree: impl AsFd) -> std::result::Result<(), Errno> {
    set_attributes(tree.as_fd(), true, 0, 0, libc::MS_PRIVATE, None)
}

pub fn set_attributes(
    tree: BorrowedFd<'_>,
    recursive: bool,
    set: u64,
    clear: u64,
    propagation: u64,
    user_namespace: Option<BorrowedFd<'_>>,
) -> std::result::Result<(), Errno> {
    let userns_fd = user_namespace.map_or(0, |fd| fd.as_raw_fd() as u64);
    let attributes = libc::mount_attr { attr_set: set, attr_clr: clear, propagation, userns_fd };
    let flags = libc::AT_EMPTY_PATH | if recursive { libc::AT_RECURSIVE } else { 0 };
    // SAFETY: the path is an empty terminated string, the attributes live across the call and their size is their own.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            tree.as_raw_fd(),
            c"".as_ptr(),
            flags,
            &raw const attributes,
            size_of::<libc::mount_attr>(),
        )
    };
    if result == 0 { Ok(()) } else { Err(last_errno()) }
}

/// Puts a fresh /proc over the one of the host, for tasks that see the host's files.
pub fn fresh_proc(root: BorrowedFd<'_>) -> Result<()> {
    const STEP: &str = "mount proc on";
    let attributes = MountAttrFlags::MOUNT_ATTR_NOSUID | MountAttrFlags::MOUNT_ATTR_NODEV | MountAttrFlags::MOUNT_ATTR_NOEXEC;
    let proc = new_filesystem("proc", &[], attributes)?;
    let target = make_below(root, "proc", Links::Refused, Kind::Directory).step_at(STEP, "/proc")?;
    attach(proc, target).step_at(STEP, "/proc")
}

/// /dev/shm of the container's own.
pub fn shared_memory(root: BorrowedFd<'_>, size: u64) -> Result<()> {
    let tree = tmpfs(&Tmpfs { size_bytes: Some(size), mode: Some(0o1777) })?;
    let target = make_below(root, "dev/shm", Links::InRoot, Kind::Directory).step_at("mount", "/dev/shm")?;
    attach(tree, target).step_at("mount", "/dev/shm")
}

/// The root of this mount namespace.
pub fn namespace_root() -> Result<OwnedFd> {
    fs::openat(CWD, "/", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).step("open the root")
}
