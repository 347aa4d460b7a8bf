//! Namespaces of others: of the container around this one, or kept by a file.

use std::os::fd::{AsRawFd, OwnedFd};

use meseta_spec::{JoinedNamespace, Namespaces};
use rustix::{
    fs::{Mode, OFlags},
    io::Errno,
};

use super::{Entry, KINDS};
use crate::{
    descriptors::last_errno,
    failure::{Failure, Result, Step},
    procfs,
};

const STEP: &str = "open the namespace";

/// Handles on all that the plan joins, in the order in which they are entered. Opened while the host's files are in sight.
pub fn open_all(wanted: &Namespaces) -> Result<Vec<Entry>> {
    let known = |joined: &&JoinedNamespace| KINDS.iter().all(|(kind, _)| *kind != joined.kind);
    if let Some(strange) = wanted.joined.iter().find(known) {
        return Err(Failure::because(STEP, "there is no such kind").at(&strange.kind));
    }
    let kinds =
        KINDS.iter().filter_map(|kind| wanted.joined.iter().find(|joined| joined.kind == kind.0).map(|joined| (kind, joined)));
    kinds.map(|(&(kind, flag), joined)| Ok(Entry { kind, flag, handle: open(kind, flag, joined)? })).collect()
}

pub fn open_one(joined: &JoinedNamespace) -> Result<Entry> {
    let one = Namespaces { joined: vec![joined.clone()], ..Default::default() };
    open_all(&one)?.pop().ok_or_else(|| Failure::because(STEP, "there is none").at(&joined.kind))
}

fn open(kind: &str, flag: libc::c_int, joined: &JoinedNamespace) -> Result<OwnedFd> {
    match (&joined.path, joined.pid) {
        (Some(path), _) => of_file(path, flag),
        (None, Some(pid)) => of_process(kind, pid, joined.start_time),
        (None, None) => Err(Failure::because(STEP, "neither a file nor a process is named").at(kind)),
    }
}

/// What another kind of file would do when it is entered, nobody wants to know.
fn of_file(path: &str, flag: libc::c_int) -> Result<OwnedFd> {
    let handle =
        rustix::fs::open(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty()).step_at(STEP, path)?;
    // SAFETY: a living descriptor and a request that takes no argument.
    match unsafe { libc::ioctl(handle.as_raw_fd(), NS_GET_NSTYPE) } {
        -1 => Err(last_errno()).step_at(STEP, path),
        kind if kind == flag => Ok(handle),
        _ => Err(Failure::because(STEP, "it is one of another kind").at(path)),
    }
}

/// `_IO(0xb7, 3)`.
const NS_GET_NSTYPE: libc::Ioctl = 0xb703 as libc::Ioctl;

/// Judged after opening: the process that had this pid and start time is still there, so the file was its own. By /proc alone, whose pids are the host's
/// also where this process has another pid namespace already.
fn of_process(kind: &str, pid: i32, start_time: Option<u64>) -> Result<OwnedFd> {
    let path = format!("/proc/{pid}/ns/{kind}");
    let handle = rustix::fs::open(&path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).step_at(STEP, &path)?;
    if start_time.is_some_and(|start_time| procfs::is_alive(pid, start_time)) {
        Ok(handle)
    } else {
        Err(Errno::SRCH).step_at(STEP, &path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(kind: &str, over: JoinedNamespace) -> Namespaces {
        Namespaces { joined: vec![JoinedNamespace { kind: kind.to_owned(), ..over }], ..Default::default() }
    }

    fn nothing() -> JoinedNamespace {
        JoinedNamespace { kind: String::new(), path: None, pid: None, start_time: None }
    }

    #[test]
    fn a_process_is_known_by_its_start_time() {
        let pid = std::process::id() as i32;
        let start_time = procfs::start_time(pid).expect("own stat");
        let own = JoinedNamespace { pid: Some(pid), start_time: Some(start_time), ..nothing() };
        assert_eq!(open_all(&joined("uts", own.clone())).expect("own namespace").len(), 1);
        let other = JoinedNamespace { start_time: Some(start_time + 1), ..own };
        assert!(open_all(&joined("uts", other)).err().expect("refused").is(Errno::SRCH));
    }

    #[test]
    fn a_file_must_be_a_namespace_of_the_kind_that_is_named() {
        let at = |path: &str| JoinedNamespace { path: Some(path.to_owned()), ..nothing() };
        assert!(open_all(&joined("net", at("/proc/self/ns/net"))).is_ok());
        assert!(open_all(&joined("net", at("/proc/self/ns/uts"))).is_err());
        assert!(open_all(&joined("net", at("/etc/passwd"))).is_err());
        assert!(open_all(&joined("flux", at("/proc/self/ns/net"))).is_err());
    }

    #[test]
    fn they_come_in_the_order_in_which_they_are_entered() {
        let each = ["user", "mnt", "pid", "net"].map(|kind| JoinedNamespace {
            kind: kind.to_owned(),
            path: Some(format!("/proc/self/ns/{kind}")),
            pid: None,
            start_time: None,
        });
        let entries = open_all(&Namespaces { joined: each.to_vec(), ..Default::default() }).expect("own namespaces");
        assert_eq!(entries.iter().map(|entry| entry.kind).collect::<Vec<_>>(), ["net", "pid", "mnt", "user"]);
    }
}
