//! Starting supervisors.

use std::{
    fs,
    io::Read,
    os::fd::{AsFd, AsRawFd, OwnedFd},
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, Stdio},
};

use rustix::{
    fs::{MemfdFlags, Mode, OFlags, SealFlags, fcntl_add_seals, memfd_create},
    io::Errno,
    net::{SendFlags, send},
    process::{Pid, PidfdFlags, pidfd_open},
};

use crate::{
    durable::write_all,
    failure::{Failure, Result, Step},
    socket,
};

/// The launcher's program in sealed memory: no container can reach or change the file that the next one is started from (S1).
pub struct Launcher {
    sealed: OwnedFd,
}

impl Launcher {
    pub fn load(path: &Path) -> Result<Self> {
        let mut program = Vec::new();
        fs::File::open(path).and_then(|mut file| file.read_to_end(&mut program)).step_at("read the launcher", path)?;
        Ok(Launcher { sealed: seal(&program).step_at("seal the launcher", path)? })
    }

    /// A supervisor that waits for its plan: pid, pidfd, and our end of the socket it was born with. It inherits nothing else.
    pub fn spawn(&self) -> Result<(i32, OwnedFd, OwnedFd)> {
        const STEP: &str = "start the supervisor";
        let (ours, theirs) = socket::pair().step(STEP)?;
        let child = Command::new(format!("/proc/self/fd/{}", self.sealed.as_raw_fd()))
            .arg0("meseta-launcher")
            .env_clear()
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .step(STEP)?;
        let pid = child.id() as i32;
        // Our own child, and not reaped before its pidfd says so: the pid cannot have been reused.
        let pidfd = Pid::from_raw(pid).ok_or(Errno::SRCH).and_then(|pid| pidfd_open(pid, PidfdFlags::empty())).step(STEP)?;
        Ok((pid, pidfd, ours))
    }
}

fn seal(program: &[u8]) -> std::result::Result<OwnedFd, Errno> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    // Kernels before 6.3 do not know EXEC, and need none.
    let memory = memfd_create("meseta-launcher", flags | MemfdFlags::EXEC).or_else(|_| memfd_create("meseta-launcher", flags))?;
    write_all(&memory, program)?;
    fcntl_add_seals(&memory, SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE)?;
    Ok(memory)
}

/// Waits where the plan is larger than what a socket holds: the supervisor reads it first thing.
pub fn send_plan(control: impl AsFd, plan: &[u8]) -> Result<()> {
    if plan.len() > meseta_spec::MAX_FRAME {
        return Err(Failure::because("send the launch plan", "it is larger than 16 MiB"));
    }
    let mut bytes = Vec::with_capacity(4 + plan.len());
    bytes.extend_from_slice(&(plan.len() as u32).to_le_bytes());
    bytes.extend_from_slice(plan);
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        match send(control.as_fd(), rest, SendFlags::NOSIGNAL) {
            Ok(count) => rest = &rest[count..],
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno).step("send the launch plan"),
        }
    }
    Ok(())
}

/// By way of the directory's handle, so that only the name counts towards the length of a socket's path.
pub fn connect(directory: &Path, name: &str) -> std::result::Result<OwnedFd, Errno> {
    let handle = rustix::fs::open(directory, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    socket::connect_to(&format!("/proc/self/fd/{}/{name}", handle.as_raw_fd()))
}
