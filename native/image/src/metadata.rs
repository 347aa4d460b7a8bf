//! Owner, mode, extended attributes and times of what was placed, in this order: changing the owner takes setuid bits and capabilities away.

use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use meseta_isolation::failure::Result;
use rustix::{
    fs::{self, AtFlags, Gid, Mode, Timespec, Timestamps, Uid, XattrFlags},
    io::Errno,
    process,
};

use crate::{
    failure::Named,
    tar::{Entry, Time},
};

/// Who unpacks: what it makes belongs to it, and whether that can be changed.
#[derive(Clone, Copy)]
pub struct Maker {
    uid: u32,
    gid: u32,
}

#[derive(Debug, Clone)]
pub struct Metadata {
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    pub modified: Time,
    pub xattrs: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Metadata {
    pub fn of(entry: &mut Entry) -> Self {
        let xattrs = std::mem::take(&mut entry.xattrs);
        Metadata { mode: entry.mode, uid: entry.uid, gid: entry.gid, modified: entry.modified, xattrs }
    }
}

impl Maker {
    pub fn this_process() -> Self {
        Maker { uid: process::geteuid().as_raw(), gid: process::getegid().as_raw() }
    }

    pub fn is_root(self) -> bool {
        self.uid == 0
    }

    /// Nobody but root can give away what it made.
    fn gives_away(self, metadata: &Metadata) -> bool {
        self.is_root() && (self.uid, self.gid) != (metadata.uid, metadata.gid)
    }

    /// Of a file or directory, which has `made_with` as its mode. Extended attributes that the file system has no place for are returned.
    pub fn apply(self, file: &OwnedFd, metadata: &Metadata, made_with: u32, path: &[u8]) -> Result<Vec<Vec<u8>>> {
        if self.gives_away(metadata) {
            fs::fchown(file, Some(Uid::from_raw(metadata.uid)), Some(Gid::from_raw(metadata.gid))).named(path)?;
        }
        if made_with != metadata.mode {
            fs::fchmod(file, Mode::from_raw_mode(metadata.mode)).named(path)?;
        }
        let mut dropped = Vec::new();
        for (name, value) in &metadata.xattrs {
            match fs::fsetxattr(file, &name[..], value, XattrFlags::empty()) {
                Err(errno) if is_unsupported(errno) => dropped.push(name.clone()),
                set => set.named(path)?,
            }
        }
        fs::futimens(file, &times(metadata.modified)).named(path)?;
        Ok(dropped)
    }

    /// Of a link, device or fifo, which are never opened (S71).
    pub fn apply_at(
        self,
        parent: &OwnedFd,
        name: &[u8],
        metadata: &Metadata,
        mode: Option<u32>,
        path: &[u8],
    ) -> Result<Vec<Vec<u8>>> {
        if self.gives_away(metadata) {
            let (uid, gid) = (Uid::from_raw(metadata.uid), Gid::from_raw(metadata.gid));
            fs::chownat(parent, name, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW).named(path)?;
        }
        // Nobody else writes here, and what was just made under this name is no link.
        if let Some(mode) = mode {
            fs::chmodat(parent, name, Mode::from_raw_mode(mode), AtFlags::empty()).named(path)?;
        }
        let mut dropped = Vec::new();
        for (attribute, value) in &metadata.xattrs {
            let by_descriptor = [format!("/proc/self/fd/{}/", parent.as_fd().as_raw_fd()).as_bytes(), name].concat();
            match fs::lsetxattr(&by_descriptor[..], &attribute[..], value, XattrFlags::empty()) {
                Err(errno) if is_unsupported(errno) || errno == Errno::PERM => dropped.push(attribute.clone()),
                set => set.named(path)?,
            }
        }
        fs::utimensat(parent, name, &times(metadata.modified), AtFlags::SYMLINK_NOFOLLOW).named(path)?;
        Ok(dropped)
    }
}

fn is_unsupported(errno: Errno) -> bool {
    matches!(errno, Errno::NOTSUP | Errno::NOSYS)
}

pub fn times(time: Time) -> Timestamps {
    let time = Timespec { tv_sec: time.seconds, tv_nsec: i64::from(time.nanoseconds) };
    Timestamps { last_access: time, last_modification: time }
}

/// Which extended attributes of archives are kept: those of users, capabilities and access lists. An overlay's own would change what is seen (S72), and labels
/// of security modules are the host's to give.
pub fn is_kept(name: &[u8]) -> bool {
    let of_user = name.starts_with(b"user.") && !name.starts_with(b"user.overlay.");
    of_user || matches!(name, b"security.capability" | b"system.posix_acl_access" | b"system.posix_acl_default")
}
