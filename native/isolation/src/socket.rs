//! Unix sockets of the control protocol: by path, never abstract (S41), and only for the same user or root.

use std::{
    io::{IoSlice, IoSliceMut},
    mem::MaybeUninit,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

use meseta_spec::{Frames, Message, frame};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{CWD, Mode},
    io::Errno,
    net::{
        AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
        SendFlags, SocketAddrUnix, SocketFlags, SocketType, accept_with, bind, connect, listen, recv, recvmsg, send, sendmsg,
        socket_with, socketpair, sockopt,
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

/// To a peer that reads first thing: waits where there is more than what a socket holds. What is handed over goes with the first byte.
pub fn send_all(socket: impl AsFd, bytes: &[u8], handed: Option<BorrowedFd<'_>>) -> Result<(), Errno> {
    let (mut rest, mut handed) = (bytes, handed);
    while !rest.is_empty() {
        match send_some(socket.as_fd(), rest, handed) {
            Ok(count) => (rest, handed) = (&rest[count..], None),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// At once as much as the socket takes; of a packet, all.
pub fn send_some(socket: BorrowedFd<'_>, bytes: &[u8], handed: Option<BorrowedFd<'_>>) -> Result<usize, Errno> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if let Some(handed) = &handed {
        ancillary.push(SendAncillaryMessage::ScmRights(std::slice::from_ref(handed)));
    }
    sendmsg(socket, &[IoSlice::new(bytes)], &mut ancillary, SendFlags::NOSIGNAL)
}

/// How long a peer that has yet to read what it got before may keep us waiting.
const PATIENCE: Timespec = Timespec { tv_sec: 5, tv_nsec: 0 };

/// Sends one message to a peer that certainly reads: a supervisor whose plan still fills the socket gets its *go* behind it.
pub fn send_frame_after_others(socket: impl AsFd, message: &impl Message) -> Result<(), Errno> {
    let bytes = frame(message);
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        match send(&socket, rest, SendFlags::NOSIGNAL | SendFlags::DONTWAIT) {
            Ok(count) => rest = &rest[count..],
            Err(Errno::AGAIN) => wait_for_room(&socket)?,
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

fn wait_for_room(socket: impl AsFd) -> Result<(), Errno> {
    match poll(&mut [PollFd::new(&socket, PollFlags::OUT)], Some(&PATIENCE)) {
        Ok(0) => Err(Errno::AGAIN),
        Ok(_) | Err(Errno::INTR) => Ok(()),
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

const CHUNK: usize = 8192;

/// Moves what has arrived into `frames`, without waiting.
pub fn hear(socket: impl AsFd, frames: &mut Frames) -> Heard {
    let mut chunk = [MaybeUninit::uninit(); CHUNK];
    match recv(socket, &mut chunk, RecvFlags::DONTWAIT) {
        Ok((([], _), _)) => Heard::End,
        Ok(((bytes, _), _)) => {
            frames.push(bytes);
            Heard::Something
        }
        Err(Errno::AGAIN | Errno::INTR) => Heard::Nothing,
        Err(_) => Heard::End,
    }
}

/// Waits for bytes, and what is handed over with them. `None`: end of file, or a peer that is gone.
pub fn hear_handed(socket: impl AsFd, take: impl FnOnce(&[u8], Option<OwnedFd>)) -> Option<()> {
    let mut chunk = [0; CHUNK];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let received = loop {
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        match recvmsg(&socket, &mut [IoSliceMut::new(&mut chunk)], &mut ancillary, RecvFlags::CMSG_CLOEXEC) {
            Err(Errno::INTR) => {}
            received => break received.map(|received| (received.bytes, handed(&mut ancillary))),
        }
    };
    let (count, handed) = received.ok().filter(|(count, _)| *count > 0)?;
    take(&chunk[..count], handed);
    Some(())
}

/// The first, where only one is expected.
pub fn handed(ancillary: &mut RecvAncillaryBuffer<'_>) -> Option<OwnedFd> {
    ancillary.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use std::{io::Read, thread};

    use meseta_spec::ControlRequest;

    use super::*;

    #[test]
    fn a_message_waits_behind_what_still_fills_the_socket() -> std::io::Result<()> {
        let (ours, theirs) = pair()?;
        let mut before = 0;
        while let Ok(count) = send(&ours, &[0; 4096], SendFlags::DONTWAIT) {
            before += count;
        }
        let message = ControlRequest { go: Some(true), ..Default::default() };
        let expected = frame(&message);
        let length = before + expected.len();
        let reader = thread::spawn(move || {
            let mut all = vec![0; length];
            std::fs::File::from(theirs).read_exact(&mut all).map(|()| all.split_off(before))
        });
        send_frame_after_others(&ours, &message)?;
        assert!(matches!(reader.join(), Ok(Ok(heard)) if heard == expected));
        Ok(())
    }

    #[test]
    fn what_is_handed_over_comes_once_and_with_the_first_bytes() -> Result<(), Errno> {
        let ((ours, theirs), (given, other)) = (pair()?, pair()?);
        send_all(&ours, &[1; 2 * CHUNK], Some(given.as_fd()))?;
        drop((ours, given));
        let (mut heard, mut handed) = (Vec::new(), Vec::new());
        while hear_handed(&theirs, |bytes, one| {
            heard.extend_from_slice(bytes);
            handed.push(one);
        })
        .is_some()
        {}
        assert_eq!(heard, [1; 2 * CHUNK]);
        let given = handed.remove(0).expect("with the first");
        assert!(handed.iter().all(Option::is_none));
        send_all(&given, b"x", None)?;
        assert!(matches!(hear(&other, &mut Frames::default()), Heard::Something), "it is the one that was given");
        Ok(())
    }
}
