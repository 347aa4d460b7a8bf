//! Moves what was unpacked among what is there already: directories are joined, files replaced. Names only; nothing is opened but directories, and no link
//! is followed.

use std::{
    ffi::{CStr, OsStr},
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::ffi::OsStrExt,
    },
    path::Path,
};

use meseta_isolation::{
    failure::{Failure, Result, Step},
    remove_tree::names,
};
use rustix::{
    fs::{self, AtFlags, FileType, Mode, OFlags, RenameFlags, ResolveFlags},
    io::Errno,
};

use super::{STEP, budget::Budget, damaged};

/// Nothing is moved if not everything can be: whether there is room for all the names is asked first. The task itself does not run yet.
pub fn merge(from: &OwnedFd, to: &OwnedFd, budget: &Budget) -> Result<()> {
    check(from, to, budget)?;
    move_all(from, to)
}

fn check(from: &OwnedFd, to: &OwnedFd, budget: &Budget) -> Result<()> {
    for name in names(from).step(STEP)? {
        budget.check(0, 0)?;
        match (kind(from, &name), kind(to, &name)) {
            (_, None) => {}
            (Some(FileType::Directory), Some(FileType::Directory)) => check(&below(from, &name)?, &below(to, &name)?, budget)?,
            (Some(FileType::Directory), _) | (_, Some(FileType::Directory)) => return Err(taken(&name)),
            _ => {}
        }
    }
    Ok(())
}

fn taken(name: &CStr) -> Failure {
    damaged("something else of that name is in the sandbox already").at(name.to_string_lossy().into_owned())
}

fn move_all(from: &OwnedFd, to: &OwnedFd) -> Result<()> {
    names(from).step(STEP)?.iter().try_for_each(|name| move_one(from, to, name))
}

fn move_one(from: &OwnedFd, to: &OwnedFd, name: &CStr) -> Result<()> {
    let shown = || name.to_string_lossy().into_owned();
    match fs::renameat_with(from, name, to, name, RenameFlags::NOREPLACE) {
        Err(Errno::EXIST) => {}
        // A file system without that question is asked the other way round.
        Err(Errno::INVAL | Errno::NOSYS) if kind(to, name).is_none() => {
            return fs::renameat(from, name, to, name).step_at(STEP, shown());
        }
        Err(Errno::INVAL | Errno::NOSYS) => {}
        moved => return moved.step_at(STEP, shown()),
    }
    match (kind(from, name), kind(to, name)) {
        (Some(FileType::Directory), Some(FileType::Directory)) => move_all(&below(from, name)?, &below(to, name)?),
        (Some(FileType::Directory), _) | (_, Some(FileType::Directory)) => Err(taken(name)),
        _ => fs::renameat(from, name, to, name).step_at(STEP, shown()),
    }
}

fn below(directory: &OwnedFd, name: &CStr) -> Result<OwnedFd> {
    open_directory(directory.as_fd(), OsStr::from_bytes(name.to_bytes()))
}

fn kind(directory: &OwnedFd, name: &CStr) -> Option<FileType> {
    let stat = fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
    Some(FileType::from_raw_mode(stat.st_mode))
}

/// To be listed.
pub fn open_directory(parent: BorrowedFd<'_>, name: &OsStr) -> Result<OwnedFd> {
    open_path(parent, Path::new(name)).step_at(STEP, Path::new(name))
}

pub fn open_path(root: BorrowedFd<'_>, path: &Path) -> std::result::Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    fs::openat2(root, path, flags, Mode::empty(), ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS)
}
