//! The terminal's way out: made inside, its master sent to who asked for it.

use std::{
    io::IoSlice,
    mem::MaybeUninit,
    os::fd::{AsFd, OwnedFd},
    path::Path,
};

use meseta_isolation::{
    failure::{Failure, Result, Step},
    terminal::Pair,
};
use meseta_spec::{Process, Terminal};
use rustix::{
    io::Errno,
    net::{
        AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
        SendFlags, SocketAddrUnix, SocketFlags, SocketType, connect as connect_socket, recvmsg, sendmsg, socket_with, socketpair,
    },
};

const STEP: &str = "use the console socket";

/// To who waits at the path of `--console-socket`.
pub fn connect(path: &Path) -> Result<OwnedFd> {
    let connected = || {
        let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        connect_socket(&socket, &SocketAddrUnix::new(path)?).map(|()| socket)
    };
    connected().step_at(STEP, path)
}

/// Ours, and the one that a container's process sends to, for when we are who asks.
pub fn pair() -> Result<(OwnedFd, OwnedFd)> {
    socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None).step(STEP)
}

/// In the container: makes the terminal, sends its master away, and takes it.
pub fn take(wanted: &Terminal, process: &Process, socket: Option<&OwnedFd>, as_console: bool) -> Result<()> {
    let socket = socket.ok_or_else(|| Failure::because(STEP, "there is none to send the terminal to"))?;
    let pair = Pair::open(wanted, process.identity.as_ref())?;
    if as_console {
        pair.attach_as_console()?;
    }
    send(socket, &pair.master)?;
    pair.take()
}

fn send(socket: &OwnedFd, master: &OwnedFd) -> Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    let descriptors = [master.as_fd()];
    ancillary.push(SendAncillaryMessage::ScmRights(&descriptors));
    // A descriptor travels only with data; others write the terminal's name here, and nobody reads it.
    sendmsg(socket, &[IoSlice::new(b"/dev/ptmx")], &mut ancillary, SendFlags::NOSIGNAL).step(STEP).map(drop)
}

/// The master that was sent.
pub fn receive(socket: &OwnedFd) -> Result<OwnedFd> {
    let mut bytes = [0; 64];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let received = loop {
        let mut parts = [std::io::IoSliceMut::new(&mut bytes)];
        match recvmsg(socket, &mut parts, &mut ancillary, RecvFlags::CMSG_CLOEXEC) {
            Err(Errno::INTR) => {}
            received => break received,
        }
    };
    received.step(STEP)?;
    let sent = ancillary.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        _ => None,
    });
    sent.ok_or_else(|| Failure::because(STEP, "no terminal came"))
}
