//! Names in a sandbox. It belongs to a task, so nothing in it is trusted: no link is followed, and what is there is replaced, never opened.

use std::{
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use meseta_isolation::{
    durable::write_all,
    failure::{Failure, Result, Step},
    resolve::{Kind, Links, make_below},
};
use meseta_spec::UserPlace;
use rustix::{
    fs::{self, AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags},
    io::Errno,
};

use super::take_rights;

/// Where a file shall lie, found with the rights of its user, which this thread has from then on.
pub struct Place {
    pub directory: OwnedFd,
    pub name: String,
    path: String,
}

/// So that two agents' temporary files never meet either, the process is part of the name.
static NEXT: AtomicU64 = AtomicU64::new(0);

impl Place {
    pub fn find(place: &UserPlace) -> Result<Self> {
        const STEP: &str = "make the directory of";
        let sandbox = open_sandbox(place)?;
        let (parent, name) = place.path.rsplit_once('/').unwrap_or((".", &place.path));
        let directory = directory_below(&sandbox, Path::new(parent), STEP)?;
        Ok(Place { directory, name: name.to_owned(), path: place.path.clone() })
    }

    /// Nobody else has it under the name that it shall have until it is finished.
    pub fn create(&self) -> Result<(OwnedFd, String)> {
        const STEP: &str = "make the file";
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        loop {
            let temporary = temporary_name();
            match fs::openat(&self.directory, &temporary, flags, Mode::from_raw_mode(0o600)) {
                Err(Errno::EXIST) => {}
                made => return Ok((made.step_at(STEP, &self.path)?, temporary)),
            }
        }
    }

    pub fn finish(&self, temporary: &str, file: BorrowedFd<'_>, executable: bool) -> Result<()> {
        const STEP: &str = "name the file";
        let mode = if executable { 0o755 } else { 0o644 };
        let named = fs::fchmod(file, Mode::from_raw_mode(mode))
            .and_then(|()| fs::renameat(&self.directory, temporary, &self.directory, self.name.as_str()));
        if named.is_err() {
            // The error that counts is the first.
            let _ = self.remove(temporary);
        }
        named.step_at(STEP, &self.path)
    }

    pub fn remove(&self, temporary: &str) -> Result<()> {
        match fs::unlinkat(&self.directory, temporary, AtFlags::empty()) {
            Err(Errno::NOENT) => Ok(()),
            removed => removed.step_at("remove", &self.path),
        }
    }

    /// To a log file that the task may have put something else in the place of (S10).
    pub fn append(&self, text: &[u8]) -> Result<()> {
        const STEP: &str = "write to";
        let flags = OFlags::CREATE | OFlags::WRONLY | OFlags::APPEND | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file =
            fs::openat(&self.directory, self.name.as_str(), flags, Mode::from_raw_mode(0o644)).step_at(STEP, &self.path)?;
        let stat = fs::fstat(&file).step_at(STEP, &self.path)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile || stat.st_nlink != 1 {
            return Err(Failure::because(STEP, "it is not a regular file with one name").at(&self.path));
        }
        write_all(&file, text).step_at(STEP, &self.path)
    }
}

/// The sandbox itself, which the agent finds; the rights change after that.
pub fn open_sandbox(place: &UserPlace) -> Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let sandbox = fs::openat(CWD, place.sandbox.as_str(), flags, Mode::empty()).step_at("open the sandbox", &place.sandbox)?;
    take_rights(place.user.as_ref())?;
    Ok(sandbox)
}

pub fn temporary_name() -> String {
    format!(".meseta-fetch-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// As the user could read it with `cp`: through links of the file system, but not through those of /proc, which would lead to what the agent has open.
pub fn open_regular(path: &str) -> Result<(OwnedFd, u64)> {
    const STEP: &str = "open";
    // NONBLOCK: a FIFO must not hold us up.
    let flags = OFlags::RDONLY | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = fs::openat2(CWD, path, flags, Mode::empty(), ResolveFlags::NO_MAGICLINKS).step_at(STEP, path)?;
    let stat = fs::fstat(&file).step_at(STEP, path)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Err(Failure::because(STEP, "it is not a regular file").at(path));
    }
    if fs::fstatfs(&file).step_at(STEP, path)?.f_type as u64 == PROC {
        return Err(Failure::because(STEP, "what /proc says is about the agent, and not for its tasks").at(path));
    }
    Ok((file, stat.st_size as u64))
}

const PROC: u64 = 0x9fa0;

/// Errors of a walk that allows no symbolic link.
pub fn refusal(step: &'static str, errno: Errno) -> Failure {
    match errno {
        Errno::LOOP => Failure::because(step, "a symbolic link is on the way"),
        Errno::XDEV => Failure::because(step, "it leads out of the sandbox"),
        other => Err::<(), _>(other).step(step).err().unwrap_or_else(|| Failure::because(step, "")),
    }
}

/// Makes directories on the way, none of them through a link.
pub fn directory_below(root: impl AsFd, path: &Path, step: &'static str) -> Result<OwnedFd> {
    make_below(root, path, Links::Refused, Kind::Directory).map_err(|errno| refusal(step, errno).at(path))
}
