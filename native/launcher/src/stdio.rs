//! The files that a task writes to. They lie in a directory that the task owns, so nothing about them is trusted (S10, S32).

use std::os::fd::OwnedFd;

use meseta_isolation::{
    failure::{Failure, Result, Step},
    namespace::user::outside,
};
use meseta_spec::LaunchPlan;
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
    pub fn open(plan: &LaunchPlan) -> Result<Self> {
        let (files, owner) = (&plan.process.stdio, owner(plan)?);
        Ok(Stdio {
            input: null()?,
            output: file_or_null(owner, files.stdout.as_deref())?,
            errors: file_or_null(owner, files.stderr.as_deref())?,
        })
    }
}

fn null() -> Result<OwnedFd> {
    open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()).step_at("open", "/dev/null")
}

/// The task's user as the host sees it. `None`: the agent's.
fn owner(plan: &LaunchPlan) -> Result<Option<(u32, u32)>> {
    let wanted = plan.process.identity.as_ref().map(|identity| (identity.uid, identity.gid));
    let Some(namespaces) = plan.namespaces.as_ref().filter(|namespaces| !namespaces.uid_mappings.is_empty()) else {
        return Ok(wanted);
    };
    let (uid, gid) = wanted.unwrap_or_default();
    match (outside(&namespaces.uid_mappings, uid), outside(&namespaces.gid_mappings, gid)) {
        (Some(uid), Some(gid)) => Ok(Some((uid, gid))),
        _ => {
            Err(Failure::because("become the task's user", format!("user {uid} or group {gid} is not in the container's range")))
        }
    }
}

fn file_or_null(owner: Option<(u32, u32)>, path: Option<&str>) -> Result<OwnedFd> {
    const STEP: &str = "open the output file";
    let Some(path) = path else { return null() };
    // NONBLOCK: a FIFO in its place must not hold us up.
    let flags = OFlags::WRONLY | OFlags::APPEND | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = open(path, flags, Mode::from_raw_mode(0o644)).step_at(STEP, path)?;
    let stat = fstat(&file).step_at(STEP, path)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile || stat.st_nlink != 1 {
        return Err(Failure::because(STEP, "it is not a regular file with one name").at(path));
    }
    if let Some((uid, gid)) = owner {
        let foreign = stat.st_uid != uid || stat.st_gid != gid;
        if foreign && geteuid().is_root() {
            fchown(&file, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid))).step_at(STEP, path)?;
        }
    }
    Ok(file)
}
