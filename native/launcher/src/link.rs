//! How supervisor, init and task talk: three one-way channels, made before the first fork. Each process drops the ends that are not its own, so an
//! end of file always means that the other side is gone.

use std::{
    io::IoSliceMut,
    mem::MaybeUninit,
    os::fd::{AsFd, OwnedFd},
};

use meseta_isolation::{
    durable::write_all,
    failure::{Failure, Result, Step},
};
use meseta_spec::{Message, StepFailure};
use rustix::{
    io::{Errno, read},
    net::{
        AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendFlags, SocketFlags, SocketType, recvmsg, send,
        socketpair, sockopt,
    },
    pipe::{PipeFlags, pipe_with},
};

/// Init and task → supervisor: how the start goes. Closed by exec, so its end of file, after `Ready` and *go*, means that the task runs.
pub struct Progress {
    pub supervisor: OwnedFd,
    pub inside: OwnedFd,
}

pub enum News {
    /// The task has done everything but exec. The pid is the host's view of it: the kernel says it, not the task.
    Ready {
        task_pid: i32,
    },
    Failed(StepFailure),
    End,
}

const READY: u8 = b'R';

impl Progress {
    pub fn new() -> Result<Self> {
        let pair = || -> std::result::Result<Self, Errno> {
            let (supervisor, inside) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
            sockopt::set_socket_passcred(&supervisor, true)?;
            Ok(Progress { supervisor, inside })
        };
        pair().step("make a socket pair")
    }
}

pub fn tell_ready(inside: impl AsFd) -> Result<()> {
    send(inside, &[READY], SendFlags::NOSIGNAL).step("report to the supervisor").map(drop)
}

/// Best effort: without a supervisor there is nobody left to care.
pub fn tell_failure(inside: impl AsFd, failure: &Failure) {
    let _ = send(inside, &failure.record().encode_to_vec(), SendFlags::NOSIGNAL);
}

pub fn next_news(supervisor: impl AsFd) -> News {
    let mut bytes = [0; 4096];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmCredentials(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let received = recvmsg(supervisor, &mut [IoSliceMut::new(&mut bytes)], &mut ancillary, RecvFlags::empty());
    let Ok(received) = received else { return News::End };
    match &bytes[..received.bytes] {
        [] => News::End,
        [READY] => {
            let sender = ancillary.drain().find_map(|message| match message {
                RecvAncillaryMessage::ScmCredentials(credentials) => Some(credentials.pid.as_raw_nonzero().get()),
                _ => None,
            });
            News::Ready { task_pid: sender.unwrap_or(0) }
        }
        failure => match StepFailure::decode(failure) {
            Ok(failure) => News::Failed(failure),
            Err(_) => News::End,
        },
    }
}

/// Supervisor → task: *go*. End of file instead means that it will never come.
pub struct Go {
    pub supervisor: OwnedFd,
    pub task: OwnedFd,
}

impl Go {
    pub fn new() -> Result<Self> {
        let (task, supervisor) = pipe_with(PipeFlags::CLOEXEC).step("make a pipe")?;
        Ok(Go { supervisor, task })
    }
}

/// True when *go* came.
pub fn wait_for_go(task: impl AsFd) -> bool {
    let mut byte = [0];
    loop {
        match read(task.as_fd(), &mut byte) {
            Ok(count) => return count == 1,
            Err(Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

/// Init → supervisor: the task's wait status.
pub struct Report {
    pub supervisor: OwnedFd,
    pub init: OwnedFd,
}

impl Report {
    pub fn new() -> Result<Self> {
        let (supervisor, init) = pipe_with(PipeFlags::CLOEXEC).step("make a pipe")?;
        Ok(Report { supervisor, init })
    }
}

/// Best effort: without a supervisor there is nobody left to care.
pub fn tell_status(init: impl AsFd, wait_status: i32) {
    let _ = write_all(init, &wait_status.to_le_bytes());
}

/// `None`: init went without saying, so it was killed, and the task with it.
pub fn told_status(supervisor: impl AsFd) -> Option<i32> {
    let mut bytes = [0; 4];
    match read(supervisor, &mut bytes) {
        Ok(4) => Some(i32::from_le_bytes(bytes)),
        _ => None,
    }
}
