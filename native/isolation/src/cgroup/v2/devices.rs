//! Row 6-059, T139: a program attached to the container's cgroup says which devices may be used. It stays attached without us, so nothing has to be
//! remembered: whoever updates it finds it there (row 9-055), and it goes with its cgroup.

use std::{
    os::fd::{AsFd, OwnedFd},
    path::Path,
};

use meseta_spec::DeviceAccess;
use rustix::fs::{Mode, OFlags};

use super::{bpf, device_program};
use crate::{
    cgroup::device_rules,
    failure::{Failure, Result, Step},
};

const STEP: &str = "set the device rules of";

/// Exactly one program of ours is attached afterwards. While it is replaced, what old and new allow alike is allowed at every moment, and nothing else.
pub fn apply(at: &Path, access: &DeviceAccess) -> Result<()> {
    let program = load(at, &device_program::program(&device_rules::read(access)?)?)?;
    let cgroup = rustix::fs::open(at, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).step_at(STEP, at)?;
    let mut old = bpf::attached(cgroup.as_fd()).step_at(STEP, at)?.into_iter();
    let first = old.next();
    let replaced = first.as_ref().is_some_and(|first| bpf::attach(cgroup.as_fd(), program.as_fd(), Some(first.as_fd())).is_ok());
    let superfluous: Vec<OwnedFd> = if replaced {
        old.collect()
    } else {
        // Kernels before 5.6 replace nothing: the new one comes beside the old, and both must allow, until the old one goes.
        bpf::attach(cgroup.as_fd(), program.as_fd(), None).step_at(STEP, at)?;
        first.into_iter().chain(old).collect()
    };
    superfluous.iter().try_for_each(|program| bpf::detach(cgroup.as_fd(), program.as_fd())).step_at(STEP, at)
}

fn load(at: &Path, program: &[device_program::Instruction]) -> Result<OwnedFd> {
    bpf::load(program).map_err(|(errno, log)| {
        let failure = match Err::<(), _>(errno).step_at(STEP, at) {
            Err(failure) => failure,
            Ok(()) => Failure::because(STEP, "").at(at),
        };
        let said = if log.is_empty() { String::new() } else { format!(" ({log})") };
        Failure { sentence: format!("{}{said}", failure.sentence), ..failure }
    })
}
