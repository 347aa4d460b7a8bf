//! How `create` and the container's first process talk. Closed by exec, or with the process, so an end of file says that it is gone.

use std::os::fd::{AsFd, OwnedFd};

use super::passing;
use meseta_isolation::failure::{Failure, Result, Step};
use meseta_spec::{Message, StepFailure};
use rustix::{
    io::{Errno, read},
    net::{AddressFamily, SendFlags, SocketFlags, SocketType, send, socketpair},
};

pub struct Link {
    pub ours: OwnedFd,
    pub inside: OwnedFd,
}

pub enum News {
    /// Namespaces and mounts are there; the root has not been changed. Goes on when it is told to.
    Mounted,
    /// The pid of the process that goes on, as the caller sees it.
    Born(i32),
    /// All is done but for what `start` asks for. With the listener of its filter, if somebody is to have it.
    Ready(Option<OwnedFd>),
    Failed(StepFailure),
    End,
}

const MOUNTED: u8 = b'M';
const READY: u8 = b'R';
const BORN: u8 = b'B';
const GO_ON: u8 = b'G';
/// A failure is a message of several fields, so its first byte is never one of those above: it is the tag of the first.
const FIRST_TAG: u8 = 0x0a;

impl Link {
    pub fn new() -> Result<Self> {
        let made = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None);
        made.map(|(ours, inside)| Link { ours, inside }).step("make a socket pair")
    }
}

pub fn tell_mounted(link: impl AsFd) -> Result<()> {
    tell(link, &[MOUNTED])
}

/// In a filtered process whoever holds the listener may be asked what this call may do, so it is the first.
pub fn tell_ready(link: impl AsFd, listener: Option<OwnedFd>) -> Result<()> {
    match listener {
        None => tell(link, &[READY]),
        Some(listener) => passing::send(link, &[READY], listener.as_fd()).step("hand the listener over").map(drop),
    }
}

pub fn tell_born(link: impl AsFd, pid: i32) -> Result<()> {
    tell(link, &[&[BORN][..], &pid.to_le_bytes()].concat())
}

pub fn tell_to_go_on(link: impl AsFd) -> Result<()> {
    tell(link, &[GO_ON])
}

/// Best effort: without a listener there is nobody left to care.
pub fn tell_failure(link: impl AsFd, failure: &Failure) {
    let _ = tell(link, &failure.record().encode_to_vec());
}

fn tell(link: impl AsFd, bytes: &[u8]) -> Result<()> {
    send(link, bytes, SendFlags::NOSIGNAL).step("talk to the other side").map(drop)
}

pub fn next_news(link: impl AsFd) -> News {
    let mut bytes = [0; 8192];
    let Ok((count, descriptor)) = passing::receive(link, &mut bytes) else { return News::End };
    match &bytes[..count] {
        [] => News::End,
        [MOUNTED] => News::Mounted,
        [READY] => News::Ready(descriptor),
        [BORN, pid @ ..] => News::Born(pid.try_into().map_or(0, i32::from_le_bytes)),
        failure @ [FIRST_TAG, ..] => StepFailure::decode(failure).map_or(News::End, News::Failed),
        _ => News::End,
    }
}

/// False: the caller is gone, so nothing may go on.
pub fn wait_to_go_on(link: impl AsFd) -> bool {
    let mut byte = [0];
    loop {
        match read(link.as_fd(), &mut byte) {
            Err(Errno::INTR) => {}
            answer => return answer == Ok(1) && byte == [GO_ON],
        }
    }
}
