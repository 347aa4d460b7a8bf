//! How init comes into the world: forked by the supervisor, or, where it shall be in the pid namespace of another container, by a go-between that has
//! entered it. Either way the supervisor is its parent.

use std::os::fd::{AsFd, OwnedFd};

use meseta_isolation::{
    credentials, descriptors,
    failure::{Result, Step},
    namespace::{self, Entry, Forked},
    nursery,
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
    // SAFETY: this program never starts a thread.
    match unsafe { namespace::fork(0) }.step(STEP)? {
        Forked::Child => {
            drop(ours);
            go_between(plan, ends, flags, &theirs)
        }
        Forked::Parent { pidfd, .. } => {
            drop(theirs);
            let told = nursery::told(&ours);
            while waitid(WaitId::PidFd(pidfd.as_fd()), WaitIdOptions::EXITED).err() == Some(Errno::INTR) {}
            told.step(STEP)
        }
    }
}

/// It is never a member of the pid namespace itself: only what it forks is. Nothing runs in it but these lines.
fn go_between(plan: &LaunchPlan, ends: Ends, flags: u64, supervisor: &OwnedFd) -> ! {
    let born = (|| {
        credentials::forbid_tracing().map_err(|failure| Errno::from_raw_os_error(failure.errno))?;
        let pid = ends.entries.iter().find(|entry| entry.kind == "pid").map_or(Ok(()), Entry::enter);
        pid.map_err(|failure| Errno::from_raw_os_error(failure.errno))?;
        // SAFETY: this program never starts a thread.
        match unsafe { namespace::fork(flags | libc::CLONE_PARENT as u64) }? {
            Forked::Child => Ok(None),
            Forked::Parent { pid, pidfd } => Ok(Some((pid, pidfd))),
        }
    })();
    match born {
        Ok(None) => init::run(plan, ends),
        Ok(Some(born)) => drop(nursery::answer(supervisor, Ok(born))),
        Err(errno) => drop(nursery::answer(supervisor, Err(errno))),
    }
    let _ = descriptors::close_from(3);
    // SAFETY: ends this process at once; nothing of the supervisor, of which it is a copy, may be run or flushed a second time.
    unsafe { libc::_exit(0) }
}
