//! How a process comes into a container's namespaces, so that its parent is the caller of this program's caller: whoever runs us reaps it.

use std::os::fd::{AsFd, OwnedFd};

use meseta_isolation::{
    credentials,
    failure::{Failure, Result, Step},
    namespace::{self, Entry, Forked},
};
use meseta_spec::StepFailure;
use rustix::{
    io::{Errno, read},
    pipe::{PipeFlags, pipe_with},
    process::{WaitId, WaitIdOptions, waitid},
};

use super::link::{self, Link, News};

const STEP: &str = "make namespaces";

/// A process of the container, seen from outside.
pub struct Newborn {
    pub pid: i32,
    pub link: OwnedFd,
}

impl Newborn {
    /// Until the process says something that matters.
    pub fn news(&self) -> Result<News> {
        match link::next_news(&self.link) {
            News::Failed(failure) => Err(repeated(failure)),
            News::End => Err(Failure::because("set up the container", "its first process has ended early")),
            news => Ok(news),
        }
    }
}

/// What another process told us went wrong, as if it had been ours.
pub fn repeated(failure: StepFailure) -> Failure {
    let sentence = failure.detail.unwrap_or_default();
    // Steps are words of this very program, so leaking them is leaking a handful of bytes right before the end.
    Failure { step: failure.step.leak(), path: failure.path, errno: failure.errno, sentence }
}

/// Forks `inside` into new namespaces (`flags`). Where it shall be in the pid namespace of somebody else, a go-between enters that first: only what it
/// forks is a member. Its parent is this process either way. `inside` is told whether it was born in the cgroup of `birthplace`.
pub fn fork(
    entries: &[Entry],
    flags: u64,
    birthplace: Option<&OwnedFd>,
    inside: impl FnOnce(&OwnedFd, bool) -> Failure,
) -> Result<Newborn> {
    let Link { ours, inside: theirs } = Link::new()?;
    let through = entries.iter().find(|entry| entry.kind == "pid");
    // SAFETY: this program never starts a thread.
    let (forked, born_in_v2) = unsafe { namespace::fork_in(birthplace, if through.is_some() { 0 } else { flags }) }.step(STEP)?;
    match forked {
        Forked::Child => {
            drop(ours);
            if let Some(pid_namespace) = through {
                go_between(pid_namespace, flags, &theirs);
            }
            link::tell_failure(&theirs, &inside(&theirs, born_in_v2));
            leave(1)
        }
        Forked::Parent { pid, pidfd } => {
            drop(theirs);
            let newborn = Newborn { pid, link: ours };
            if through.is_none() {
                return Ok(newborn);
            }
            let news = newborn.news();
            while waitid(WaitId::PidFd(pidfd.as_fd()), WaitIdOptions::EXITED).err() == Some(Errno::INTR) {}
            match news? {
                News::Born(pid) => Ok(Newborn { pid, ..newborn }),
                _ => Err(Failure::because(STEP, "the go-between said something else")),
            }
        }
    }
}

/// Returns in its child only.
fn go_between(pid_namespace: &Entry, flags: u64, link: &OwnedFd) {
    let born = || -> Result<Option<(i32, OwnedFd)>> {
        credentials::forbid_tracing()?;
        pid_namespace.enter()?;
        let (ended, held) = pipe_with(PipeFlags::CLOEXEC).step(STEP)?;
        // SAFETY: this program never starts a thread.
        match unsafe { namespace::fork(flags | libc::CLONE_PARENT as u64) }.step(STEP)? {
            Forked::Child => {
                drop(held);
                // Who it is must be told before whatever it has to tell itself.
                while read(&ended, &mut [0]) == Err(Errno::INTR) {}
                Ok(None)
            }
            Forked::Parent { pid, .. } => Ok(Some((pid, held))),
        }
    };
    match born() {
        Ok(None) => {}
        Ok(Some((pid, held))) => {
            // Who does not hear it knows by our end.
            let _ = link::tell_born(link, pid);
            drop(held);
            leave(0)
        }
        Err(failure) => {
            link::tell_failure(link, &failure);
            leave(1)
        }
    }
}

pub fn leave(code: i32) -> ! {
    // SAFETY: ends this process at once; nothing of the one of which it is a copy may be run or flushed a second time.
    unsafe { libc::_exit(code) }
}
