//! Files that are never on a disk (row 6-043): each lies in a ramfs of its own, which is not swapped, and of which nothing but the file is mounted.

use std::os::fd::OwnedFd;

use meseta_spec::{Identity, SecretFile};
use rustix::{
    fs::{self, CWD, Gid, Mode, OFlags, Uid},
    io::Errno,
    mount::{UnmountFlags, unmount},
};

use super::detached::{Change, NODEV, NOEXEC, NOSUID, attach, clone_of, new_filesystem};
use crate::{
    durable::write_all,
    failure::{Result, Step},
    idmap::Ids,
};

const STEP: &str = "make the secret";
/// Beside the record, where nobody but the agent looks. A place is needed, because only what is attached can be cloned; it shows in this mount namespace
/// only, and not for long.
const PLACE: &str = "secret";
const NAME: &str = "content";

/// A detached mount of one file, which belongs to the task's user.
pub fn file(secret: &SecretFile, read_only: bool, owner: Option<&Identity>, ids: Option<&Ids<'_>>) -> Result<OwnedFd> {
    let memory = new_filesystem("ramfs", &[("mode", Some("0700"))], NOSUID | NODEV | NOEXEC)?;
    write(&memory, secret, owner, ids).step(STEP)?;
    let file = clone_from(&memory).step(STEP)?;
    if read_only {
        Change::read_only(false).apply(&file).step(STEP)?;
    }
    Ok(file)
}

fn write(
    memory: &OwnedFd,
    secret: &SecretFile,
    owner: Option<&Identity>,
    ids: Option<&Ids<'_>>,
) -> std::result::Result<(), Errno> {
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
    let file = fs::openat(memory, NAME, flags, Mode::from_raw_mode(secret.mode.unwrap_or(0o400)))?;
    write_all(&file, &secret.content)?;
    match (owner, ids) {
        (Some(owner), Some(ids)) => ids.give(&file, owner.uid, owner.gid),
        (None, Some(ids)) => ids.give_to_root(&file),
        (Some(owner), None) => fs::fchown(&file, Some(Uid::from_raw(owner.uid)), Some(Gid::from_raw(owner.gid))),
        (None, None) => Ok(()),
    }
}

fn clone_from(memory: &OwnedFd) -> std::result::Result<OwnedFd, Errno> {
    match fs::mkdirat(CWD, PLACE, Mode::from_raw_mode(0o700)) {
        Err(Errno::EXIST) => {}
        made => made?,
    }
    let directory = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    attach(memory, fs::openat(CWD, PLACE, directory, Mode::empty())?)?;
    let cloned = fs::openat(memory, NAME, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
        .and_then(|file| clone_of(file, false));
    unmount(PLACE, UnmountFlags::DETACH | UnmountFlags::NOFOLLOW)?;
    cloned
}
