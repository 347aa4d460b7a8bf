//! What a task reads from and writes to. Its files lie in a directory that the task owns, so nothing about them is trusted (S10, S32).

use std::os::fd::OwnedFd;

use meseta_isolation::{
    failure::{Failure, Result, Step},
    namespace::user::outside,
    relay::Relay,
};
use meseta_spec::{LaunchPlan, OutputStream};
use rustix::{
    fs::{self, FileType, Gid, Mode, OFlags, Uid, fchown, fstat},
    pipe::{PipeFlags, pipe_with},
    process::geteuid,
};

pub struct Stdio {
    pub input: OwnedFd,
    pub output: OwnedFd,
    pub errors: OwnedFd,
}

impl Stdio {
    pub const COUNT: usize = 3;

    pub fn all(&self) -> [&OwnedFd; Self::COUNT] {
        [&self.input, &self.output, &self.errors]
    }

    /// The same, in that order, where they have been sent.
    pub fn of(all: Vec<OwnedFd>) -> Option<Self> {
        let [input, output, errors] = all.try_into().ok()?;
        Some(Stdio { input, output, errors })
    }
}

/// What the task gets, and who stands between if others may attach.
pub fn open(plan: &LaunchPlan) -> Result<(Stdio, Option<Relay>)> {
    let (files, owner) = (&plan.process.stdio, owner(plan)?);
    let output = file_or_null(owner, files.stdout.as_deref())?;
    if plan.process.terminal.is_some() {
        let stdio = Stdio { input: null()?, output: null()?, errors: null()? };
        return Ok((stdio, Some(Relay::of_terminal(output))));
    }
    let errors = file_or_null(owner, files.stderr.as_deref())?;
    if files.attachable() { piped(owner, output, errors) } else { Ok((Stdio { input: null()?, output, errors }, None)) }
}

fn piped(owner: Option<(u32, u32)>, output_log: OwnedFd, errors_log: OwnedFd) -> Result<(Stdio, Option<Relay>)> {
    let (input, to_task) = pipe_of(owner)?;
    let (from_output, output) = pipe_of(owner)?;
    let (from_errors, errors) = pipe_of(owner)?;
    let outputs = [(OutputStream::Stdout, from_output, output_log), (OutputStream::Stderr, from_errors, errors_log)];
    let relay = Relay::of_pipes(to_task, outputs).step("make a pipe")?;
    Ok((Stdio { input, output, errors }, Some(relay)))
}

/// The task's user may open it again by way of /dev/stdout.
fn pipe_of(owner: Option<(u32, u32)>) -> Result<(OwnedFd, OwnedFd)> {
    let (reading, writing) = pipe_with(PipeFlags::CLOEXEC).step("make a pipe")?;
    if let Some((uid, gid)) = owner.filter(|_| geteuid().is_root()) {
        fchown(&writing, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid))).step("make a pipe")?;
    }
    Ok((reading, writing))
}

fn null() -> Result<OwnedFd> {
    fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()).step_at("open", "/dev/null")
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
    let file = fs::open(path, flags, Mode::from_raw_mode(0o644)).step_at(STEP, path)?;
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
