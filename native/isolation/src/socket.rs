//! Unix sockets of the control protocol: by path, never abstract (S41), and only for the same user or root.

use std::os::fd::{AsFd, OwnedFd};

use meseta_spec::{Frames, Message, frame};
use rustix::{
    fs::{CWD, Mode},
    io::Errno,
    net::{
        AddressFamily, RecvFlags, SendFlags, SocketAddrUnix, SocketFlags, SocketType, accept_with, bind, connect, listen, recv,
        send, socket_with, socketpair, sockopt,
    },
};

/// Both ends of a connected pair; neither survives exec by accident.
pub fn pair() -> Result<(OwnedFd, OwnedFd), Errno> {
    socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)
}

/// Listens at `name` in the working directory, so that the length of the path does not matter. Nobody but the owner gets in.
pub fn listen_here(name: &str) -> Result<OwnedFd, Errno> {
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, None)?;
    bind(&socket, &SocketAddrUnix::new(name)?)?;
    rustix::fs::chmodat(CWD, name, Mode::from_raw_mode(0o600), rustix::fs::AtFlags::empty())?;
    listen(&socket, 16)?;
    Ok(socket)
}

/// The next connection of somebody who may command; others are hung up on.
pub fn accept_trusted(listener: impl AsFd) -> Result<Option<OwnedFd>, Errno> {
    let peer = accept_with(listener, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK)?;
    let uid = sockopt::socket_peercred(&peer)?.uid;
    Ok(if uid.is_root() || uid == rustix::process::geteuid() { Some(peer) } else { None })
}

pub fn connect_to(path: &str) -> Result<OwnedFd, Errno> {
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, None)?;
    connect(&socket, &SocketAddrUnix::new(path)?)?;
    Ok(socket)
}

/// Sends one message. A peer that does not read must not hold us up: what does not fit is an error, and the connection is given up.
pub fn send_frame(socket: impl AsFd, message: &impl Message) -> Result<(), Errno> {
    let bytes = frame(message);
    match send(socket, &bytes, SendFlags::NOSIGNAL | SendFlags::DONTWAIT) {
        Ok(sent) if sent == bytes.len() => Ok(()),
        Ok(_) => Err(Errno::AGAIN),
        Err(errno) => Err(errno),
    }
}

/// What a socket had to say.
pub enum Heard {
    Something,
    Nothing,
    /// End of file, or a peer that is gone.
    End,
}

/// Moves what has arrived into `frames`, without waiting.
pub fn hear(socket: impl AsFd, frames: &mut Frames) -> Heard {
    let mut chunk = [0; 8192];
    match recv(socket, &mut chunk[..], RecvFlags::DONTWAIT) {
        Ok((0, _)) => Heard::End,
        Ok((count, _)) => {
            frames.push(&chunk[..count]);
            Heard::Something
        }
        Err(Errno::AGAIN | Errno::INTR) => Heard::Nothing,
        Err(_) => Heard::End,
    }
}
