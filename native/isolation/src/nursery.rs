//! How an agent gets supervisors: from a small process that was executed once and forks one at each request. A fork of a tiny static program costs a
//! tenth of what fork and exec from a large one cost. The nursery reads no plan, so what it forks is always clean; it leaves with its agent.

use std::{
    io::IoSliceMut,
    mem::MaybeUninit,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
};

use rustix::{
    io::Errno,
    net::{RecvAncillaryBuffer, RecvFlags, recvmsg},
};

use crate::socket;

/// The agent's side: for a supervisor that is born with `birth` as its socket. Its pid and a handle on it are `told` then, in the order of asking.
pub fn ask(nursery: impl AsFd, birth: BorrowedFd<'_>, manner: Manner) -> Result<(), Errno> {
    send_with(nursery.as_fd(), &manner.letters(), Some(birth))
}

/// Whom another process has forked for us.
pub fn told(by: impl AsFd) -> Result<(i32, OwnedFd), Errno> {
    match receive_with(by.as_fd())? {
        Some((bytes, Some(pidfd))) => Ok((i32::from_le_bytes(bytes), pidfd)),
        Some((bytes, None)) => Err(Errno::from_raw_os_error(i32::from_le_bytes(bytes))),
        None => Err(Errno::PIPE),
    }
}

/// Numbers of letters about two siblings: who forks the one and who forks the other do it at the same time, so either may be heard of first.
pub const MEMBER: i32 = 0;
pub const INIT: i32 = 1;

/// Whom a go-between has forked, and what that one has forked in its turn.
pub struct Siblings {
    pub init: Result<OwnedFd, Errno>,
    pub member: Option<OwnedFd>,
}

/// Until both have been told of, or who would tell is gone.
pub fn told_of_siblings(by: impl AsFd, with_member: bool) -> Siblings {
    let (mut init, mut member, mut failure) = (None, None, None);
    for _ in 0..1 + usize::from(with_member) {
        match told(by.as_fd()) {
            Ok((MEMBER, pidfd)) => member = Some(pidfd),
            Ok((_, pidfd)) => init = Some(pidfd),
            // The first is the reason; that nothing comes after it is none.
            Err(errno) => failure = failure.or(Some(errno)),
        }
    }
    Siblings { init: failure.map_or(Ok(()), Err).and_then(|()| init.ok_or(Errno::PIPE)), member }
}

/// Who is to be born.
pub struct Birth {
    pub socket: OwnedFd,
    pub manner: Manner,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// It goes before all others.
    pub urgent: bool,
    /// While it waits for its plan it forks an init into these (CLONE_NEW…), since that is likely to want them. Zero: none.
    pub namespaces: u64,
    /// That init makes what a root of a container's own is furnished with.
    pub with_root: bool,
}

impl Manner {
    /// All flags of namespaces that are made by a fork are in the fourth byte.
    const SHIFT: u32 = 24;

    fn letters(self) -> [u8; 4] {
        [u8::from(self.urgent), (self.namespaces >> Self::SHIFT) as u8, u8::from(self.with_root), 0]
    }

    fn of([urgent, namespaces, with_root, _]: [u8; 4]) -> Self {
        Manner { urgent: urgent != 0, namespaces: u64::from(namespaces) << Self::SHIFT, with_root: with_root != 0 }
    }
}

/// The nursery's side. `None`: the agent is gone.
pub fn next_birth(agent: impl AsFd) -> Option<Birth> {
    let (letters, socket) = receive_with(agent.as_fd()).ok()??;
    Some(Birth { socket: socket?, manner: Manner::of(letters) })
}

/// The nursery's answer.
pub fn answer(agent: impl AsFd, born: Result<(i32, OwnedFd), Errno>) -> Result<(), Errno> {
    match born {
        Ok((pid, pidfd)) => send_with(agent.as_fd(), &pid.to_le_bytes(), Some(pidfd.as_fd())),
        Err(errno) => send_with(agent.as_fd(), &errno.raw_os_error().to_le_bytes(), None),
    }
}

/// What crosses in either direction: a number, and a descriptor unless something went wrong.
type Letter = ([u8; 4], Option<OwnedFd>);

fn send_with(socket: BorrowedFd<'_>, bytes: &[u8; 4], descriptor: Option<BorrowedFd<'_>>) -> Result<(), Errno> {
    retried(|| socket::send_some(socket, bytes, descriptor)).map(drop)
}

fn receive_with(socket: BorrowedFd<'_>) -> Result<Option<Letter>, Errno> {
    let mut bytes = [0; 4];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let received = retried(|| recvmsg(socket, &mut [IoSliceMut::new(&mut bytes)], &mut ancillary, RecvFlags::CMSG_CLOEXEC))?;
    if received.bytes != bytes.len() {
        return Ok(None);
    }
    Ok(Some((bytes, socket::handed(&mut ancillary))))
}

fn retried<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

    use super::*;

    fn packet_pair() -> Result<(OwnedFd, OwnedFd), Errno> {
        socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)
    }

    const URGENT: Manner = Manner { urgent: true, namespaces: 0, with_root: false };
    const PREPARED: Manner =
        Manner { urgent: false, namespaces: (libc::CLONE_NEWPID | libc::CLONE_NEWNET) as u64, with_root: true };

    #[test]
    fn a_birth_and_its_answer_cross_with_their_descriptors() {
        let (agent, nursery) = packet_pair().expect("a pair");
        let (birth, theirs) = crate::socket::pair().expect("a pair");
        let serving = std::thread::spawn(move || {
            let Birth { socket: got, manner } = next_birth(&nursery).expect("asked");
            assert_eq!(manner, URGENT);
            rustix::io::write(&got, b"born").expect("connected");
            answer(&nursery, Ok((42, got))).expect("agent is there");
            assert_eq!(next_birth(&nursery).expect("asked again").manner, PREPARED);
            answer(&nursery, Err(Errno::AGAIN)).expect("agent is there");
            assert!(next_birth(&nursery).is_none());
        });
        ask(&agent, theirs.as_fd(), URGENT).expect("nursery is there");
        ask(&agent, theirs.as_fd(), PREPARED).expect("nursery is there");
        assert_eq!(told(&agent).expect("born").0, 42);
        let mut bytes = [0; 4];
        rustix::io::read(&birth, &mut bytes).expect("said");
        assert_eq!(&bytes, b"born");
        assert_eq!(told(&agent).expect_err("refused"), Errno::AGAIN);
        drop(agent);
        serving.join().expect("served");
    }

    /// The other end of a pair says which descriptor this is.
    fn handle(name: &[u8]) -> OwnedFd {
        let (ours, theirs) = crate::socket::pair().expect("a pair");
        rustix::io::write(&theirs, name).expect("connected");
        ours
    }

    fn name_of(handle: &OwnedFd) -> Vec<u8> {
        let mut bytes = [0; 8];
        let count = rustix::io::read(handle, &mut bytes).expect("said");
        bytes[..count].to_vec()
    }

    #[test]
    fn siblings_are_told_apart_in_whatever_order_they_come() {
        for first in [INIT, MEMBER] {
            let (ours, theirs) = packet_pair().expect("a pair");
            let mut letters = [(INIT, handle(b"init")), (MEMBER, handle(b"member"))];
            if first == MEMBER {
                letters.reverse();
            }
            for letter in letters {
                answer(&theirs, Ok(letter)).expect("told");
            }
            let Siblings { init, member } = told_of_siblings(&ours, true);
            assert_eq!(name_of(&init.expect("told of")), b"init");
            assert_eq!(name_of(&member.expect("told of")), b"member");
        }
    }

    #[test]
    fn the_first_failure_is_the_reason_and_a_member_is_known_all_the_same() {
        let (ours, theirs) = packet_pair().expect("a pair");
        answer(&theirs, Err(Errno::NOSPC)).expect("told");
        drop(theirs);
        assert_eq!(told_of_siblings(&ours, true).init.expect_err("nobody was born"), Errno::NOSPC);
        let (ours, theirs) = packet_pair().expect("a pair");
        answer(&theirs, Ok((MEMBER, handle(b"member")))).expect("told");
        drop(theirs);
        let Siblings { init, member } = told_of_siblings(&ours, true);
        assert_eq!((init.expect_err("its parent was killed"), member.is_some()), (Errno::PIPE, true));
    }
}
