//! Mounts that are nowhere yet: made, or cloned, and given their attributes before anybody can see them.

use std::{
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
    path::Path,
};

use meseta_spec::Propagation;
use rustix::{
    io::Errno,
    mount::{
        FsMountFlags, FsOpenFlags, MountAttrFlags, MoveMountFlags, OpenTreeFlags, fsconfig_create, fsconfig_set_flag,
        fsconfig_set_string, fsmount, fsopen, move_mount, open_tree,
    },
};

use crate::{
    descriptors::last_errno,
    failure::{Result, Step},
};

pub const NOSUID: MountAttrFlags = MountAttrFlags::MOUNT_ATTR_NOSUID;
pub const NODEV: MountAttrFlags = MountAttrFlags::MOUNT_ATTR_NODEV;
pub const NOEXEC: MountAttrFlags = MountAttrFlags::MOUNT_ATTR_NOEXEC;
pub const READ_ONLY: MountAttrFlags = MountAttrFlags::MOUNT_ATTR_RDONLY;

/// A new file system. An option without a value is a flag.
pub fn new_filesystem(kind: &str, options: &[(&str, Option<&str>)], attributes: MountAttrFlags) -> Result<OwnedFd> {
    let make = || -> std::result::Result<OwnedFd, Errno> {
        let context = fsopen(kind, FsOpenFlags::FSOPEN_CLOEXEC)?;
        for (key, value) in options {
            match value {
                Some(value) => fsconfig_set_string(context.as_fd(), *key, *value)?,
                None => fsconfig_set_flag(context.as_fd(), *key)?,
            }
        }
        fsconfig_create(context.as_fd())?;
        fsmount(context.as_fd(), FsMountFlags::FSMOUNT_CLOEXEC, attributes)
    };
    make().step_at("make a file system of kind", kind)
}

/// A copy of the mount at a handle, which must be in this mount namespace.
pub fn clone_of(source: impl AsFd, recursive: bool) -> std::result::Result<OwnedFd, Errno> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_EMPTY_PATH;
    open_tree(source, "", if recursive { flags | OpenTreeFlags::AT_RECURSIVE } else { flags })
}

/// A copy of what is mounted, or a part of it, by name; a link is none. In a directory in which nobody gives names but the kernel and us.
pub fn clone_named(directory: impl AsFd, name: &Path, recursive: bool) -> std::result::Result<OwnedFd, Errno> {
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_SYMLINK_NOFOLLOW;
    open_tree(directory, name, if recursive { flags | OpenTreeFlags::AT_RECURSIVE } else { flags })
}

/// Puts a detached mount on what has a name, as above.
pub fn attach_named(mount: impl AsFd, directory: impl AsFd, name: &Path) -> std::result::Result<(), Errno> {
    move_mount(mount, "", directory, name, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)
}

/// Puts a detached mount on what a handle stands for. The handle of the mount stays good.
pub fn attach(mount: impl AsFd, target: impl AsFd) -> std::result::Result<(), Errno> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    move_mount(mount, "", target, "", flags)
}

/// What is to be different about a mount; by default nothing.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Change {
    /// MOUNT_ATTR_*.
    pub set: u64,
    pub clear: u64,
    pub propagation: Option<Propagation>,
    /// Everything mounted below it too.
    pub recursive: bool,
}

impl Change {
    pub fn read_only(recursive: bool) -> Self {
        Change { set: libc::MOUNT_ATTR_RDONLY, recursive, ..Default::default() }
    }

    /// The same, but for the attributes of what is mounted below.
    pub fn of_itself_alone(self) -> Vec<Self> {
        vec![Change { set: 0, clear: 0, ..self }, Change { propagation: None, recursive: false, ..self }]
    }

    /// In one call, or none if there is nothing to change.
    pub fn apply(&self, tree: impl AsFd) -> std::result::Result<(), Errno> {
        if *self == (Change { recursive: self.recursive, ..Default::default() }) {
            return Ok(());
        }
        let propagation = self.propagation.map_or(0, |kind| match kind {
            Propagation::Private => libc::MS_PRIVATE,
            Propagation::HostToContainer => libc::MS_SLAVE,
            Propagation::Bidirectional => libc::MS_SHARED,
            Propagation::Unbindable => libc::MS_UNBINDABLE,
        });
        let attributes = libc::mount_attr { attr_set: self.set, attr_clr: self.clear, propagation, userns_fd: 0 };
        set_attributes(tree.as_fd(), self.recursive, &attributes)
    }
}

/// The ids of its files are seen as a user namespace says. Only while it is detached.
pub fn map_ids(tree: impl AsFd, recursive: bool, namespace: BorrowedFd<'_>) -> std::result::Result<(), Errno> {
    let userns_fd = namespace.as_raw_fd() as u64;
    let attributes = libc::mount_attr { attr_set: libc::MOUNT_ATTR_IDMAP, attr_clr: 0, propagation: 0, userns_fd };
    set_attributes(tree.as_fd(), recursive, &attributes)
}

fn set_attributes(tree: BorrowedFd<'_>, recursive: bool, attributes: &libc::mount_attr) -> std::result::Result<(), Errno> {
    let flags = libc::AT_EMPTY_PATH | if recursive { libc::AT_RECURSIVE } else { 0 };
    // SAFETY: the path is an empty terminated string, the attributes live across the call and their size is their own.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            tree.as_raw_fd(),
            c"".as_ptr(),
            flags,
            std::ptr::from_ref(attributes),
            size_of::<libc::mount_attr>(),
        )
    };
    if result == 0 { Ok(()) } else { Err(last_errno()) }
}
