//! The files that a task writes to. They lie in a directory that the task owns, so nothing about them is trusted (S10, S32).

use std::os::fd::OwnedFd;

use meseta_isolation::failure::{Failure, Result, Step};
use meseta_spec::Process;
use rustix::{
    fs::{FileType, Gid, Mode, OFlags, Uid, fchown, fstat, open},
    process::geteuid,
};

pub struct Stdio {
    pub input: OwnedFd,
    pub output: OwnedFd,
    pub errors: OwnedFd,
}

impl Stdio {
    pub fn open(process: &Process) -> Result<Self> {
        Ok(Stdio {
            input: null()?,
            output: file_or_null(process, process.stdio.stdout.as_deref())?,
            errors: file_or_null(process, process.stdio.stderr.as_deref())?,
        })
    }
}

fn null() -> Result<OwnedFd> {
    open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()).step_at("open", "/dev/null")
}

fn file_or_null(process: &Process, path: Option<&str>) -> Result<OwnedFd> {
    const STEP: &str = "open the output file";
    let Some(path) = path else { return null() };
    // NONBLOCK: a FIFO in its place must not hold us up.
    let flags = OFlags::WRONLY | OFlags::APPEND | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = open(path, flags, Mode::from_raw_mode(0o644)).step_at(STEP, path)?;
    let stat = fstat(&file).step_at(STEP, path)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile || stat.st_nlink != 1 {
        return Err(Failure::because(STEP, "it is not a regular file with one name").at(path));
    }
    if let Some(identity) = &process.identity {
        let foreign = stat.st_uid != identity.uid || stat.st_gid != identity.gid;
        if foreign && geteuid().is_root() {
            fchown(&file, Some(Uid::from_raw(identity.uid)), Some(Gid::from_raw(identity.gid))).step_at(STEP, path)?;
        }
    }
    Ok(file)
}
