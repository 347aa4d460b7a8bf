//! How supervisor, init and task talk: three one-way channels, made before the first fork. Each process drops the ends that are not its own, so an
//! end of file always means that the other side is gone.

use std::{
    io::{IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

use meseta_isolation::{
    durable::write_all,
    failure::{Failure, Result, Step},
};
use meseta_spec::{Message, StepFailure};
use rustix::{
    io::{Errno, read},
    net::{
        AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
        SendFlags, SocketFlags, SocketType, recvmsg, send, sendmsg, socketpair,
    },
    pipe::{PipeFlags, pipe_with},
};

use crate::stdio::Stdio;

/// The supervisor's ends.
pub struct Outside {
    /// How the start goes. Init's and the task's ends are closed by exec, so its end of file, after *born* and *go*, means that the task runs.
    pub progress: OwnedFd,
    /// To init: the cgroups are there, if there are any. Then to the task: what it is handed, and *go*. End of file instead means that it will never come.
    pub go: OwnedFd,
    /// The task's wait status.
    pub report: OwnedFd,
}

/// Init's, and but for the report the task's.
pub struct Inside {
    pub progress: OwnedFd,
    pub go: OwnedFd,
    pub report: OwnedFd,
}

pub fn make() -> Result<(Outside, Inside)> {
    let (progress, progress_inside) = pair()?;
    let (go, go_inside) = pair()?;
    let (report, report_inside) = pipe_with(PipeFlags::CLOEXEC).step("make a pipe")?;
    let inside = Inside { progress: progress_inside, go: go_inside, report: report_inside };
    Ok((Outside { progress, go, report }, inside))
}

pub enum News {
    /// There is a task. Said by init, before the task has done anything.
    Born {
        task: OwnedFd,
    },
    Failed(StepFailure),
    /// The outer side of the container's terminal.
    Terminal(OwnedFd),
    End,
}

fn pair() -> Result<(OwnedFd, OwnedFd)> {
    socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None).step("make a socket pair")
}

pub fn tell_birth(inside: impl AsFd, task: impl AsFd) -> Result<()> {
    send_descriptors(inside.as_fd(), DESCRIPTORS, &[task.as_fd()]).step("report to the supervisor")
}

/// No message without a byte, which says what the descriptors are: the task, or ways into cgroups; the terminal.
const DESCRIPTORS: u8 = b'D';
const TERMINAL: u8 = b'T';

fn send_descriptors(socket: BorrowedFd<'_>, what: u8, descriptors: &[BorrowedFd<'_>]) -> std::result::Result<(), Errno> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !descriptors.is_empty() {
        ancillary.push(SendAncillaryMessage::ScmRights(descriptors));
    }
    sendmsg(socket, &[IoSlice::new(&[what])], &mut ancillary, SendFlags::NOSIGNAL).map(drop)
}

/// More than stdio and the hierarchies of cgroups together.
const MOST_DESCRIPTORS: usize = 32;

fn descriptors_in(ancillary: &mut RecvAncillaryBuffer<'_>) -> Vec<OwnedFd> {
    let rights = ancillary.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
        _ => None,
    });
    rights.flatten().collect()
}

/// By descriptor: nobody looks a terminal up by a name that a container controls (S16).
pub fn hand_over_terminal(inside: impl AsFd, master: impl AsFd) -> Result<()> {
    send_descriptors(inside.as_fd(), TERMINAL, &[master.as_fd()]).step("hand over the terminal")
}

/// Best effort: without a supervisor there is nobody left to care.
pub fn tell_failure(inside: impl AsFd, failure: &Failure) {
    let _ = send(inside, &failure.record().encode_to_vec(), SendFlags::NOSIGNAL);
}

pub fn next_news(supervisor: impl AsFd) -> News {
    let mut bytes = [0; 4096];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let received = recvmsg(supervisor, &mut [IoSliceMut::new(&mut bytes)], &mut ancillary, RecvFlags::CMSG_CLOEXEC);
    let Ok(received) = received else { return News::End };
    match &bytes[..received.bytes] {
        [] => News::End,
        [DESCRIPTORS] => match descriptors_in(&mut ancillary).pop() {
            Some(task) => News::Born { task },
            None => News::End,
        },
        [TERMINAL] => descriptors_in(&mut ancillary).pop().map_or(News::End, News::Terminal),
        failure => match StepFailure::decode(failure) {
            Ok(failure) => News::Failed(failure),
            Err(_) => News::End,
        },
    }
}

/// What a task gets when it is there: files and cgroups are made while init is busy with mounts.
pub fn hand_in(supervisor: impl AsFd, stdio: &Stdio, entrances: &[OwnedFd]) -> Result<()> {
    let handed: Vec<BorrowedFd<'_>> = stdio.all().into_iter().chain(entrances).map(AsFd::as_fd).collect();
    unless_gone(send_descriptors(supervisor.as_fd(), DESCRIPTORS, &handed)).step("hand the task what it needs")
}

/// That they are there, and where in them the task can be born.
pub fn tell_cgroups(supervisor: impl AsFd, birthplace: Option<&OwnedFd>) -> Result<()> {
    let birthplace: Vec<BorrowedFd<'_>> = birthplace.into_iter().map(AsFd::as_fd).collect();
    unless_gone(send_descriptors(supervisor.as_fd(), CGROUPS, &birthplace)).step("report to init")
}

const CGROUPS: u8 = b'C';

/// In init, before there is a task that could take the message.
pub fn wait_for_cgroups(init: impl AsFd) -> Result<Option<OwnedFd>> {
    match receive_descriptors(init) {
        Some(mut birthplace) => Ok(birthplace.pop()),
        None => Err(Failure::because("make the cgroups", "the supervisor gave up")),
    }
}

/// Who is gone already has said why.
fn unless_gone(sent: std::result::Result<(), Errno>) -> std::result::Result<(), Errno> {
    match sent {
        Err(Errno::PIPE | Errno::CONNRESET) => Ok(()),
        other => other,
    }
}

/// `None`: the supervisor is gone, or has given up.
pub fn wait_for_hand_in(task: impl AsFd) -> Option<(Stdio, Vec<OwnedFd>)> {
    let mut handed = receive_descriptors(task)?;
    let entrances = handed.split_off(handed.len().min(Stdio::COUNT));
    Some((Stdio::of(handed)?, entrances))
}

fn receive_descriptors(socket: impl AsFd) -> Option<Vec<OwnedFd>> {
    let mut byte = [0];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let received = recvmsg(socket, &mut [IoSliceMut::new(&mut byte)], &mut ancillary, RecvFlags::CMSG_CLOEXEC).ok()?;
    (received.bytes == 1).then(|| descriptors_in(&mut ancillary))
}

/// A task that has just been killed needs no *go*.
pub fn let_go(supervisor: impl AsFd) {
    let _ = send(supervisor, &[GO], SendFlags::NOSIGNAL);
}

const GO: u8 = b'G';

/// True when *go* came.
pub fn wait_for_go(task: impl AsFd) -> bool {
    a_byte_came(task)
}

/// False: whoever could send one is gone.
fn a_byte_came(socket: impl AsFd) -> bool {
    let mut byte = [0];
    loop {
        match read(socket.as_fd(), &mut byte) {
            Ok(count) => return count == 1,
            Err(Errno::INTR) => {}
            Err(_) => return false,
        }
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
