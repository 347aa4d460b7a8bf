//! New namespaces, and the fork that enters them.

use std::os::fd::{FromRawFd, OwnedFd};

use meseta_spec::Namespaces;
use rustix::io::Errno;

use crate::{
    descriptors::last_errno,
    failure::{Failure, Result},
};

pub enum Forked {
    Child,
    Parent { pid: i32, pidfd: OwnedFd },
}

#[repr(C)]
#[derive(Default)]
struct CloneArguments {
    flags: u64,
    pidfd: u64,
    child_tid: u64,
    parent_tid: u64,
    exit_signal: u64,
    stack: u64,
    stack_size: u64,
    tls: u64,
}

/// Forks, with the child in the new namespaces that `flags` ask for. The parent gets a pidfd, so the child can never be taken for another process.
///
/// # Safety
/// The calling process has one thread: in the child nobody else would be there to release a lock that another thread held.
pub unsafe fn fork(flags: u64) -> std::result::Result<Forked, Errno> {
    let mut pidfd: libc::c_int = -1;
    let arguments = CloneArguments {
        flags: flags | libc::CLONE_PIDFD as u64,
        pidfd: &raw mut pidfd as u64,
        exit_signal: libc::SIGCHLD as u64,
        ..Default::default()
    };
    // SAFETY: the arguments live across the call; without a stack of its own and CLONE_VM the child goes on here with a copy of all memory, like fork.
    match unsafe { libc::syscall(libc::SYS_clone3, &raw const arguments, size_of::<CloneArguments>()) } {
        -1 => Err(last_errno()),
        0 => Ok(Forked::Child),
        // SAFETY: the kernel has just put a new descriptor there, which nobody else owns.
        pid => Ok(Forked::Parent { pid: pid as i32, pidfd: unsafe { OwnedFd::from_raw_fd(pidfd) } }),
    }
}

/// Flags for the namespaces that init is born into. The cgroup namespace is not among them: it must be entered from inside the cgroup.
pub fn birth_flags(wanted: &Namespaces) -> Result<u64> {
    if wanted.network() || wanted.user() {
        return Err(Failure::because("make namespaces", "network and user namespaces are not supported by this launcher"));
    }
    let flags = [
        (wanted.mount(), libc::CLONE_NEWNS),
        (wanted.pid(), libc::CLONE_NEWPID),
        (wanted.ipc(), libc::CLONE_NEWIPC),
        (wanted.uts(), libc::CLONE_NEWUTS),
    ];
    Ok(flags.iter().filter(|(on, _)| *on).fold(0, |sum, (_, flag)| sum | *flag as u64))
}

/// Enters a cgroup namespace whose root is the cgroup that this process is in.
pub fn enter_cgroup_namespace() -> std::result::Result<(), Errno> {
    // SAFETY: takes a number only; no memory or descriptor is shared differently by a cgroup namespace.
    if unsafe { libc::unshare(libc::CLONE_NEWCGROUP) } == 0 { Ok(()) } else { Err(last_errno()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_follow_what_is_wanted() {
        let wanted = Namespaces { mount: Some(true), pid: Some(true), ..Default::default() };
        assert_eq!(birth_flags(&wanted).expect("supported"), (libc::CLONE_NEWNS | libc::CLONE_NEWPID) as u64);
    }

    #[test]
    fn a_user_namespace_is_refused_with_a_reason() {
        let wanted = Namespaces { user: Some(true), ..Default::default() };
        assert!(birth_flags(&wanted).expect_err("refused").sentence.contains("user namespaces"));
    }
}
