//! New namespaces, the fork that enters them, and the way into those of others.

pub mod join;
pub mod time;
pub mod user;

use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use meseta_spec::Namespaces;
use rustix::{
    fs::{Mode, OFlags},
    io::Errno,
};

use crate::{
    descriptors::last_errno,
    failure::{Result, Step},
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
    set_tid: u64,
    set_tid_size: u64,
    cgroup: u64,
}

/// Of clone3 alone (Linux 5.7), and not in every version of libc.
const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;

/// Forks, with the child in the new namespaces that `flags` ask for. The parent gets a pidfd, so the child can never be taken for another process.
///
/// # Safety
/// The calling process has one thread: in the child nobody else would be there to release a lock that another thread held.
pub unsafe fn fork(flags: u64) -> std::result::Result<Forked, Errno> {
    // A sibling ends as its brother would.
    let exit_signal = if flags & libc::CLONE_PARENT as u64 == 0 { libc::SIGCHLD as u64 } else { 0 };
    // SAFETY: as the caller says.
    unsafe { clone(CloneArguments { flags, exit_signal, ..Default::default() }) }
}

/// As `fork`, with the child born in the cgroup of a directory of a v2 tree, if there is one and it can be: the second value says whether it is, and need not
/// join. To be moved there would cost it an RCU grace period, milliseconds, whenever nobody was moved lately. Who has entered a user namespace may not choose.
///
/// # Safety
/// As of `fork`.
pub unsafe fn fork_in(cgroup: Option<&OwnedFd>, flags: u64) -> std::result::Result<(Forked, bool), Errno> {
    if let Some(cgroup) = cgroup {
        let (flags, exit_signal) = (flags | CLONE_INTO_CGROUP, libc::SIGCHLD as u64);
        // SAFETY: as the caller says.
        let born =
            unsafe { clone(CloneArguments { flags, exit_signal, cgroup: cgroup.as_raw_fd() as u64, ..Default::default() }) };
        if let Ok(born) = born {
            return Ok((born, true));
        }
    }
    // SAFETY: as the caller says.
    unsafe { fork(flags) }.map(|born| (born, false))
}

/// # Safety
/// The calling process has one thread, and the child shares no memory with it.
unsafe fn clone(wanted: CloneArguments) -> std::result::Result<Forked, Errno> {
    let mut pidfd: libc::c_int = -1;
    let arguments = CloneArguments { flags: wanted.flags | libc::CLONE_PIDFD as u64, pidfd: &raw mut pidfd as u64, ..wanted };
    // SAFETY: the arguments live across the call; without a stack of its own and CLONE_VM the child goes on here with a copy of all memory, like fork.
    match unsafe { libc::syscall(libc::SYS_clone3, &raw const arguments, size_of::<CloneArguments>()) } {
        -1 => Err(last_errno()),
        0 => Ok(Forked::Child),
        // SAFETY: the kernel has just put a new descriptor there, which nobody else owns.
        pid => Ok(Forked::Parent { pid: pid as i32, pidfd: unsafe { OwnedFd::from_raw_fd(pidfd) } }),
    }
}

/// Flags for the namespaces that init is born into. Not among them are those that must be made from inside (cgroup, time), and with a user namespace
/// those that shall belong to it: it comes first, and with it the others (`user::make`).
pub fn birth_flags(wanted: &Namespaces) -> u64 {
    let flags = [(wanted.mount(), libc::CLONE_NEWNS), (wanted.pid(), libc::CLONE_NEWPID)];
    let own = if wanted.user() { 0 } else { owned_flags(wanted) };
    flags.iter().filter(|(on, _)| *on).fold(own, |sum, (_, flag)| sum | *flag as u64)
}

/// Those over which the root of a user namespace shall have power.
fn owned_flags(wanted: &Namespaces) -> u64 {
    let flags = [(wanted.ipc(), libc::CLONE_NEWIPC), (wanted.uts(), libc::CLONE_NEWUTS), (wanted.network(), libc::CLONE_NEWNET)];
    flags.iter().filter(|(on, _)| *on).fold(0, |sum, (_, flag)| sum | *flag as u64)
}

/// Those of `birth_flags` that are the same whatever the plan says, and may be made before there is one. None without a pid namespace, which only a fork gives.
pub fn flags_in_advance(wanted: &Namespaces) -> u64 {
    const ALIKE: libc::c_int = libc::CLONE_NEWPID | libc::CLONE_NEWIPC | libc::CLONE_NEWNET;
    let alone = wanted.pid() && !wanted.user() && wanted.joined.is_empty();
    if alone { birth_flags(wanted) & ALIKE as u64 } else { 0 }
}

/// A namespace by handle, to be entered.
pub struct Entry {
    /// As in /proc/<pid>/ns.
    pub kind: &'static str,
    flag: libc::c_int,
    handle: OwnedFd,
}

impl Entry {
    pub fn handle(&self) -> BorrowedFd<'_> {
        std::os::fd::AsFd::as_fd(&self.handle)
    }

    /// The way back, for who goes elsewhere for a moment.
    pub fn of_own_mounts() -> Result<Self> {
        Entry::of_thread("mnt", libc::CLONE_NEWNS)
    }

    pub fn of_own_network() -> Result<Self> {
        Entry::of_thread("net", libc::CLONE_NEWNET)
    }

    /// The one that was made for those who come.
    fn of_children_time() -> Result<Self> {
        Entry::of_thread("time_for_children", libc::CLONE_NEWTIME)
    }

    fn of_thread(kind: &'static str, flag: libc::c_int) -> Result<Self> {
        let file = format!("/proc/thread-self/ns/{kind}");
        let handle =
            rustix::fs::open(&file, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).step_at("open the namespace", &file)?;
        Ok(Entry { kind, flag, handle })
    }

    /// The caller has one thread. Of a pid namespace only children will be members.
    pub fn enter(&self) -> Result<()> {
        // SAFETY: a living descriptor and a number; a process with one thread shares nothing that could change under another.
        let result = unsafe { libc::setns(self.handle.as_raw_fd(), self.flag) };
        if result == 0 { Ok(()) } else { Err(last_errno()).step_at("enter the namespace", self.kind) }
    }
}

/// Every kind, in the order in which they are entered: the mount namespace takes away the files that are seen, the user namespace the power to enter others.
const KINDS: &[(&str, libc::c_int)] = &[
    ("net", libc::CLONE_NEWNET),
    ("ipc", libc::CLONE_NEWIPC),
    ("uts", libc::CLONE_NEWUTS),
    ("cgroup", libc::CLONE_NEWCGROUP),
    ("time", libc::CLONE_NEWTIME),
    ("pid", libc::CLONE_NEWPID),
    ("mnt", libc::CLONE_NEWNS),
    ("user", libc::CLONE_NEWUSER),
];

/// New namespaces for this process itself. Of a pid namespace only children will be members.
pub fn unshare(flags: u64) -> std::result::Result<(), Errno> {
    // SAFETY: takes a number only. The callers have one thread, and what they share with nobody stays as it is.
    if unsafe { libc::unshare(flags as libc::c_int) } == 0 { Ok(()) } else { Err(last_errno()) }
}

/// Enters a cgroup namespace whose root is the cgroup that this process is in.
pub fn enter_cgroup_namespace() -> std::result::Result<(), Errno> {
    unshare(libc::CLONE_NEWCGROUP as u64)
}

/// A mount namespace of this process's own. In a user namespace other than the former's owner, what is mounted so far is locked: it can be neither
/// unmounted nor made writable from inside.
pub fn enter_mount_namespace() -> std::result::Result<(), Errno> {
    unshare(libc::CLONE_NEWNS as u64)
}

#[cfg(test)]
mod tests {
    use meseta_spec::JoinedNamespace;

    use super::*;

    #[test]
    fn flags_follow_what_is_wanted() {
        let wanted = Namespaces { mount: Some(true), pid: Some(true), network: Some(true), ..Default::default() };
        assert_eq!(birth_flags(&wanted), (libc::CLONE_NEWNS | libc::CLONE_NEWPID | libc::CLONE_NEWNET) as u64);
    }

    #[test]
    fn what_belongs_to_others_cannot_be_made_in_advance() {
        let own = Namespaces { mount: Some(true), pid: Some(true), uts: Some(true), network: Some(true), ..Default::default() };
        assert_eq!(flags_in_advance(&own), (libc::CLONE_NEWPID | libc::CLONE_NEWNET) as u64);
        assert_eq!(flags_in_advance(&Namespaces { user: Some(true), ..own.clone() }), 0);
        assert_eq!(flags_in_advance(&Namespaces { pid: Some(false), ..own.clone() }), 0);
        let joined = vec![JoinedNamespace { kind: "ipc".to_owned(), path: None, pid: Some(1), start_time: None }];
        assert_eq!(flags_in_advance(&Namespaces { joined, ..own }), 0);
    }

    #[test]
    fn a_user_namespace_owns_what_is_made_with_it() {
        let wanted = Namespaces { user: Some(true), pid: Some(true), network: Some(true), ..Default::default() };
        assert_eq!(birth_flags(&wanted), libc::CLONE_NEWPID as u64);
        assert_eq!(owned_flags(&wanted), libc::CLONE_NEWNET as u64);
    }
}
