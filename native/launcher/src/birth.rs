//! How init comes into the world: forked by the supervisor, or, where it shall be in the pid namespace of another container, by a go-between that has
//! entered it. Either way the supervisor is its parent.

use std::os::fd::{AsFd, OwnedFd};

use meseta_isolation::{
    credentials,
    failure::{Failure, Result, Step},
    namespace::{self, Entry, Forked},
    nursery::{self, INIT, MEMBER, Siblings},
    procfs,
};
use meseta_spec::LaunchPlan;
use rustix::{
    io::Errno,
    net::{AddressFamily, SocketFlags, SocketType, socketpair},
    process::{WaitId, WaitIdOptions, waitid},
};

use crate::init::{self, Ends};

const STEP: &str = "make namespaces";

pub fn of_init(plan: &LaunchPlan, ends: Ends) -> Result<(i32, OwnedFd)> {
    let flags = plan.namespaces.as_ref().map_or(0, namespace::birth_flags);
    if ends.entries.iter().any(|entry| entry.kind == "pid") {
        return through_a_go_between(plan, ends, flags);
    }
    // SAFETY: this program never starts a thread.
    match unsafe { namespace::fork(flags) }.step(STEP)? {
        Forked::Child => init::run(plan, ends),
        Forked::Parent { pid, pidfd } => Ok((pid, pidfd)),
    }
}

fn through_a_go_between(plan: &LaunchPlan, ends: Ends, flags: u64) -> Result<(i32, OwnedFd)> {
    let (ours, theirs) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None).step(STEP)?;
    let below = makes_pid_namespace(flags);
    // SAFETY: this program never starts a thread.
    match unsafe { namespace::fork(0) }.step(STEP)? {
        Forked::Child => {
            drop(ours);
            go_between(plan, ends, flags, &theirs)
        }
        Forked::Parent { pidfd, .. } => {
            drop((theirs, ends));
            let Siblings { init, member } = nursery::told_of_siblings(&ours, below);
            // Each ends as soon as it has told.
            reap(&pidfd);
            member.iter().for_each(reap);
            let init = init.step(STEP)?;
            // A go-between that is in another pid namespace has another number for it.
            let pid = procfs::pid_of(&init).ok_or(Errno::SRCH).step(STEP)?;
            Ok((pid, init))
        }
    }
}

fn makes_pid_namespace(flags: u64) -> bool {
    flags & libc::CLONE_NEWPID as u64 != 0
}

/// Waits for it.
pub fn reap(child: &OwnedFd) {
    while waitid(WaitId::PidFd(child.as_fd()), WaitIdOptions::EXITED).err() == Some(Errno::INTR) {}
}

/// It is never a member of the pid namespace itself: only what it forks is. To make one below it takes a member, so then it forks one first. Nothing runs in
/// either but these lines.
fn go_between(plan: &LaunchPlan, ends: Ends, flags: u64, supervisor: &OwnedFd) -> ! {
    match bear(&ends, flags, supervisor) {
        Ok(Born::Init) => init::run(plan, ends),
        Ok(Born::Told) => {}
        // Nobody else would say so.
        Err(errno) => drop(nursery::answer(supervisor, Err(errno))),
    }
    // SAFETY: ends this process at once; nothing of the supervisor, of which it is a copy, may be run or flushed a second time.
    unsafe { libc::_exit(0) }
}

enum Born {
    /// This process is init.
    Init,
    /// The supervisor knows.
    Told,
}

fn bear(ends: &Ends, flags: u64, supervisor: &OwnedFd) -> std::result::Result<Born, Errno> {
    let errno = |failure: Failure| Errno::from_raw_os_error(failure.errno);
    credentials::forbid_tracing().map_err(errno)?;
    ends.entries.iter().find(|entry| entry.kind == "pid").map_or(Ok(()), Entry::enter).map_err(errno)?;
    if makes_pid_namespace(flags) && !beget(0, MEMBER, supervisor)? {
        return Ok(Born::Told);
    }
    Ok(if beget(flags, INIT, supervisor)? { Born::Init } else { Born::Told })
}

/// Forks a sibling, and tells the supervisor. True in the sibling.
fn beget(flags: u64, who: i32, supervisor: &OwnedFd) -> std::result::Result<bool, Errno> {
    // SAFETY: this program never starts a thread.
    match unsafe { namespace::fork(flags | libc::CLONE_PARENT as u64) }? {
        Forked::Child => Ok(true),
        Forked::Parent { pidfd, .. } => nursery::answer(supervisor, Ok((who, pidfd))).map(|()| false),
    }
}
