//! The root as a copy of its layers, where no overlay can be had. It lies in the container's directory of changes, and goes with it.

use std::{
    collections::HashMap,
    ffi::{CStr, CString},
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

use meseta_spec::Root;
use rustix::{
    fs::{self, AtFlags, CWD, FileType, Gid, Mode, OFlags, Stat, Timespec, Timestamps, Uid, XattrFlags},
    io::Errno,
};

use super::{STEP, Tree, make_directory, map};
use crate::{
    failure::{Result, Step},
    idmap::Ids,
    mount::detached::clone_of,
    remove_tree::{names, remove_below},
};

type Outcome = std::result::Result<(), Errno>;

/// Two descriptors a level; no image that can be unpacked by its paths is deeper by much.
const DEEPEST: usize = 256;

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

pub(super) fn mount(plan: &Root, ids: Option<&Ids<'_>>) -> Result<Tree> {
    make_directory("copy")?;
    let copy = fs::openat(CWD, "copy", DIRECTORY, Mode::empty()).step(STEP)?;
    for layer in plan.lower.iter().rev().chain([&plan.directory]) {
        // A clone without what is mounted below it, as an overlay sees it too.
        let tree =
            fs::open(layer, DIRECTORY.difference(OFlags::NOFOLLOW), Mode::empty()).and_then(|handle| clone_of(handle, false));
        tree.and_then(|tree| copy_directory(&tree, &copy)).step_at("copy", layer)?;
    }
    let tree = clone_of(&copy, false).step(STEP)?;
    map(&tree, ids, &plan.directory)?;
    Ok(Tree::Detached(tree))
}

/// All that is in a directory into another one, which may be the root of a mount that is nowhere yet. Both handles may be mere names.
pub fn copy_directory(from: &OwnedFd, to: &OwnedFd) -> Outcome {
    let from = fs::openat(from, ".", DIRECTORY, Mode::empty())?;
    let to = fs::openat(to, ".", DIRECTORY, Mode::empty())?;
    Copying { places: HashMap::new(), to_root: to.as_fd() }.directory(&from, &to, "", 0)?;
    metadata(&from, &to, &fs::fstat(&from)?)
}

struct Copying<'a> {
    /// Where the first of several names of a file was copied to, by device and inode.
    places: HashMap<(u64, u64), String>,
    to_root: BorrowedFd<'a>,
}

impl Copying<'_> {
    fn directory(&mut self, from: &OwnedFd, to: &OwnedFd, path: &str, depth: usize) -> Outcome {
        if depth > DEEPEST {
            return Err(Errno::NAMETOOLONG);
        }
        if is_opaque(from) {
            clear(to)?;
        }
        for name in names(from)? {
            let stat = fs::statat(from, &name, AtFlags::SYMLINK_NOFOLLOW)?;
            let below = format!("{path}/{}", name.to_string_lossy());
            self.entry(from, to, &name, &stat, &below, depth)?;
        }
        Ok(())
    }

    fn entry(&mut self, from: &OwnedFd, to: &OwnedFd, name: &CStr, stat: &Stat, path: &str, depth: usize) -> Outcome {
        let kind = FileType::from_raw_mode(stat.st_mode);
        if kind == FileType::Directory {
            return self.subdirectory(from, to, name, path, depth);
        }
        // Another layer may have had something else there.
        remove_below(to.as_fd(), name)?;
        match kind {
            // What an overlay takes as a mark that lower layers end here (row 6-080).
            FileType::CharacterDevice if stat.st_rdev == 0 => Ok(()),
            FileType::RegularFile => self.file(from, to, name, stat, path),
            FileType::Symlink => {
                fs::symlinkat(fs::readlinkat(from, name, Vec::new())?.as_c_str(), to, name)?;
                fs::chownat(to, name, Some(owner(stat)), Some(group(stat)), AtFlags::SYMLINK_NOFOLLOW)
            }
            _ => {
                fs::mknodat(to, name, kind, Mode::from_raw_mode(stat.st_mode), stat.st_rdev)?;
                fs::chownat(to, name, Some(owner(stat)), Some(group(stat)), AtFlags::SYMLINK_NOFOLLOW)
            }
        }
    }

    fn subdirectory(&mut self, from: &OwnedFd, to: &OwnedFd, name: &CStr, path: &str, depth: usize) -> Outcome {
        let inner = fs::openat(from, name, DIRECTORY, Mode::empty())?;
        if fs::mkdirat(to, name, Mode::from_raw_mode(0o700)).is_err() && fs::openat(to, name, DIRECTORY, Mode::empty()).is_err() {
            remove_below(to.as_fd(), name)?;
            fs::mkdirat(to, name, Mode::from_raw_mode(0o700))?;
        }
        let made = fs::openat(to, name, DIRECTORY, Mode::empty())?;
        self.directory(&inner, &made, path, depth + 1)?;
        metadata(&inner, &made, &fs::fstat(&inner)?)
    }

    fn file(&mut self, from: &OwnedFd, to: &OwnedFd, name: &CStr, stat: &Stat, path: &str) -> Outcome {
        if stat.st_nlink > 1 {
            if let Some(first) = self.places.get(&(stat.st_dev, stat.st_ino)) {
                return fs::linkat(self.to_root, first.trim_start_matches('/'), to, name, AtFlags::empty());
            }
            self.places.insert((stat.st_dev, stat.st_ino), path.to_owned());
        }
        let source = fs::openat(from, name, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let copy = fs::openat(to, name, flags, Mode::from_raw_mode(0o600))?;
        content(&source, &copy)?;
        metadata(&source, &copy, stat)
    }
}

/// Shared with the original where the file system can do that, else copied inside the kernel.
fn content(from: &OwnedFd, to: &OwnedFd) -> Outcome {
    if fs::ioctl_ficlone(to, from).is_ok() {
        return Ok(());
    }
    loop {
        match fs::copy_file_range(from, None, to, None, 1 << 30) {
            Ok(0) => return Ok(()),
            Ok(_) | Err(Errno::INTR) => {}
            // Between file systems of two kinds, such as an overlay and what is below it.
            Err(Errno::XDEV | Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => return sent(from, to),
            Err(errno) => return Err(errno),
        }
    }
}

/// The rest of it.
fn sent(from: &OwnedFd, to: &OwnedFd) -> Outcome {
    loop {
        match fs::sendfile(to, from, None, 1 << 30) {
            Ok(0) => return Ok(()),
            Ok(_) | Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}

/// The owner first, whose change takes setuid bits and capabilities away.
fn metadata(from: &OwnedFd, to: &OwnedFd, stat: &Stat) -> Outcome {
    fs::fchown(to, Some(owner(stat)), Some(group(stat)))?;
    fs::fchmod(to, Mode::from_raw_mode(stat.st_mode & 0o7777))?;
    attributes(from, to)?;
    let times = Timestamps {
        last_access: Timespec { tv_sec: stat.st_atime, tv_nsec: stat.st_atime_nsec as _ },
        last_modification: Timespec { tv_sec: stat.st_mtime, tv_nsec: stat.st_mtime_nsec as _ },
    };
    fs::futimens(to, &times)
}

fn attributes(from: &OwnedFd, to: &OwnedFd) -> Outcome {
    let mut list = vec![0; 1 << 16];
    let length = match fs::flistxattr(from, &mut list[..]) {
        Err(Errno::NOTSUP) => return Ok(()),
        length => length?,
    };
    for name in list[..length].split(|&byte| byte == 0).filter(|name| !name.is_empty()) {
        let name = CString::new(name).map_err(|_| Errno::INVAL)?;
        if name.to_bytes().starts_with(b"trusted.overlay.") {
            continue;
        }
        let mut value = vec![0; 1 << 16];
        let length = fs::fgetxattr(from, &name, &mut value[..])?;
        match fs::fsetxattr(to, &name, &value[..length], XattrFlags::empty()) {
            Err(Errno::NOTSUP) => {}
            set => set?,
        }
    }
    Ok(())
}

fn is_opaque(directory: &OwnedFd) -> bool {
    let mut value = [0; 1];
    fs::fgetxattr(directory, c"trusted.overlay.opaque", &mut value[..]).is_ok_and(|length| value[..length] == *b"y")
}

fn clear(directory: &OwnedFd) -> Outcome {
    names(directory)?.iter().try_for_each(|name| remove_below(directory.as_fd(), name))
}

fn owner(stat: &Stat) -> Uid {
    Uid::from_raw(stat.st_uid)
}

fn group(stat: &Stat) -> Gid {
    Gid::from_raw(stat.st_gid)
}
