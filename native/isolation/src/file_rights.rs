//! A thread whose every step among files the kernel judges as one of somebody else, while the process stays the agent's.
//!
//! Only the ids for files change: with the real and effective ones that user could signal, or trace, the thread and with it the agent. The C library's
//! own calls change all threads of a process, so these are the kernel's, which change one.

use meseta_spec::Identity;
use rustix::{io::Errno, process::geteuid};

use crate::{
    descriptors::last_errno,
    failure::{Failure, Result, Step},
};

const STEP: &str = "act as the task's user";

/// The kernel reads it as "leave it as it is".
const UNCHANGED: u32 = u32::MAX;

/// For the rest of this thread, which therefore should be short. There is no way back: it loses all of root's power as well.
pub fn give_up_for(user: &Identity) -> Result<()> {
    if user.uid == UNCHANGED || user.gid == UNCHANGED || user.groups.contains(&UNCHANGED) {
        return Err(Failure::because(STEP, "4294967295 is not an id"));
    }
    if !geteuid().is_root() {
        let own = geteuid().as_raw() == user.uid;
        return if own { Ok(()) } else { Err(Errno::PERM).step(STEP) };
    }
    set_groups(&user.groups).step(STEP)?;
    // SAFETY: numbers only. Neither call can say that it failed; so they are asked again below.
    let (gid, uid) = unsafe {
        libc::setfsgid(user.gid);
        libc::setfsuid(user.uid);
        (libc::setfsgid(UNCHANGED), libc::setfsuid(UNCHANGED))
    };
    if (uid as u32, gid as u32) != (user.uid, user.gid) {
        return Err(Errno::PERM).step(STEP);
    }
    drop_capabilities().step(STEP)
}

fn set_groups(groups: &[u32]) -> std::result::Result<(), Errno> {
    // SAFETY: length and pointer are those of one living slice of gids, which the call reads only.
    checked(unsafe { libc::syscall(libc::SYS_setgroups, groups.len(), groups.as_ptr()) })
}

/// Those over files are put aside with the file id, but not the one that opens other processes' parts of /proc, nor any other.
fn drop_capabilities() -> std::result::Result<(), Errno> {
    const VERSION_3: u32 = 0x2008_0522;
    let header: [u32; 2] = [VERSION_3, 0];
    let none = [0_u32; 6];
    // SAFETY: both point to living arrays of the layout that this version has: a version and a thread (0: this one), and two times three sets.
    checked(unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), none.as_ptr()) })
}

fn checked(result: libc::c_long) -> std::result::Result<(), Errno> {
    if result == 0 { Ok(()) } else { Err(last_errno()) }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::MetadataExt, thread};

    use super::*;

    fn nobody() -> Identity {
        Identity { uid: 65534, gid: 65534, groups: vec![] }
    }

    fn field(status: &str, name: &str) -> String {
        let line = status.lines().find(|line| line.starts_with(name)).expect("every thread has it");
        line.split_once(':').expect("a field").1.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn one_thread_changes_and_no_other() {
        if !geteuid().is_root() {
            return;
        }
        let before = fs::read_to_string("/proc/thread-self/status").expect("read");
        let inside = thread::spawn(|| {
            give_up_for(&nobody()).expect("given up");
            assert!(fs::read("/etc/shadow").is_err());
            fs::read_to_string("/proc/thread-self/status").expect("read")
        });
        let inside = inside.join().expect("ended");
        assert_eq!(field(&inside, "Uid"), "0 0 0 65534");
        assert_eq!(field(&inside, "Gid"), "0 0 0 65534");
        assert_eq!(field(&inside, "Groups"), "");
        assert_eq!(field(&inside, "CapEff"), "0000000000000000");
        assert_eq!(field(&inside, "CapPrm"), "0000000000000000");
        let after = fs::read_to_string("/proc/thread-self/status").expect("read");
        for name in ["Uid", "Gid", "Groups", "CapEff", "CapPrm"] {
            assert_eq!(field(&before, name), field(&after, name));
        }
        assert_eq!(fs::metadata("/proc/self").expect("ours").uid(), 0);
    }

    #[test]
    fn the_id_that_means_unchanged_is_refused() {
        assert!(give_up_for(&Identity { uid: u32::MAX, gid: 1000, groups: vec![] }).is_err());
        assert!(give_up_for(&Identity { uid: 1000, gid: 1000, groups: vec![u32::MAX] }).is_err());
    }
}
