//! User namespaces: root inside is nobody outside (docs/design/user-namespaces.md).

use std::{
    fs,
    os::fd::{AsFd, OwnedFd},
};

use meseta_spec::{IdMapping, Namespaces};
use rustix::{
    fs::{Mode, OFlags},
    io::{Errno, read},
    pipe::{PipeFlags, pipe_with},
    process::{WaitId, WaitIdOptions, waitid},
};

use super::{Entry, Forked, KINDS, fork, owned_flags};
use crate::{
    credentials,
    failure::{Failure, Result, Step},
};

const STEP: &str = "make the user namespace";

/// A user namespace with these mappings, and those that shall belong to it. A process that lives only for this moment is born into them; its parent
/// writes the mappings, since whoever is inside may map nobody but itself.
///
/// # Safety
/// The calling process has one thread (see `fork`).
pub unsafe fn make(wanted: &Namespaces) -> Result<Vec<Entry>> {
    check(&wanted.uid_mappings)?;
    check(&wanted.gid_mappings)?;
    let (wait, release) = pipe_with(PipeFlags::CLOEXEC).step(STEP)?;
    let flags = owned_flags(wanted) | libc::CLONE_NEWUSER as u64;
    // SAFETY: as the caller promises.
    match unsafe { fork(flags) }.step(STEP)? {
        Forked::Child => {
            drop(release);
            while read(&wait, &mut [0]) == Err(Errno::INTR) {}
            // SAFETY: ends this process at once; nothing of its parent may be run or flushed a second time.
            unsafe { libc::_exit(0) }
        }
        Forked::Parent { pid, pidfd } => {
            let entries = map_and_open(pid, flags, wanted);
            drop(release);
            reap(&pidfd);
            entries
        }
    }
}

fn map_and_open(pid: i32, flags: u64, wanted: &Namespaces) -> Result<Vec<Entry>> {
    write_map(pid, "uid_map", &wanted.uid_mappings)?;
    write_map(pid, "gid_map", &wanted.gid_mappings)?;
    let made = KINDS.iter().filter(|(_, flag)| flags & *flag as u64 != 0);
    made.map(|&(kind, flag)| {
        let path = format!("/proc/{pid}/ns/{kind}");
        let handle = rustix::fs::open(&path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).step_at(STEP, &path)?;
        Ok(Entry { kind, flag, handle })
    })
    .collect()
}

fn write_map(pid: i32, file: &str, mappings: &[IdMapping]) -> Result<()> {
    let path = format!("/proc/{pid}/{file}");
    let line = |mapping: &IdMapping| format!("{} {} {}\n", mapping.inside, mapping.outside, mapping.count);
    fs::write(&path, mappings.iter().map(line).collect::<String>()).step_at("map the ids", &path)
}

/// The kernel refuses what overlaps, but says only that something is wrong.
fn check(mappings: &[IdMapping]) -> Result<()> {
    if outside(mappings, 0).is_none() {
        return Err(Failure::because("map the ids", "root inside stands for nobody"));
    }
    let overlap = |range: fn(&IdMapping) -> u32| {
        let mut ranges: Vec<_> = mappings.iter().map(|mapping| (u64::from(range(mapping)), u64::from(mapping.count))).collect();
        ranges.sort_unstable();
        ranges.windows(2).any(|pair| pair[0].0 + pair[0].1 > pair[1].0)
            || ranges.iter().any(|(first, count)| *count == 0 || first + count > u64::from(u32::MAX))
    };
    if overlap(|mapping| mapping.inside) || overlap(|mapping| mapping.outside) {
        return Err(Failure::because("map the ids", "ranges are empty, overlap, or go beyond 4294967294"));
    }
    Ok(())
}

/// Who an id of the container is on the host. `None`: nobody.
pub fn outside(mappings: &[IdMapping], inside: u32) -> Option<u32> {
    let holds = |mapping: &&IdMapping| inside.checked_sub(mapping.inside).is_some_and(|offset| offset < mapping.count);
    mappings.iter().find(holds).and_then(|mapping| mapping.outside.checked_add(inside - mapping.inside))
}

/// The last of all to be entered. Whoever enters is nobody in it until it becomes its root; both take away the promise to die with the parent.
pub fn become_root(entry: &Entry) -> Result<()> {
    entry.enter()?;
    credentials::assume(&meseta_spec::Identity { uid: 0, gid: 0, groups: Vec::new() })?;
    credentials::forbid_tracing()
}

fn reap(child: &OwnedFd) {
    while waitid(WaitId::PidFd(child.as_fd()), WaitIdOptions::EXITED).err() == Some(Errno::INTR) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(inside: u32, outside: u32, count: u32) -> IdMapping {
        IdMapping { inside, outside, count }
    }

    #[test]
    fn an_id_inside_is_somebody_outside_or_nobody() {
        let mappings = [map(0, 100_000, 10), map(1000, 5, 1)];
        assert_eq!(outside(&mappings, 0), Some(100_000));
        assert_eq!(outside(&mappings, 9), Some(100_009));
        assert_eq!(outside(&mappings, 10), None);
        assert_eq!(outside(&mappings, 1000), Some(5));
    }

    #[test]
    fn mappings_that_overlap_or_forget_root_are_refused() {
        assert!(check(&[map(0, 100_000, 65_536)]).is_ok());
        for wrong in [
            &[][..],
            &[map(1, 100_000, 10)],
            &[map(0, 10, 0)],
            &[map(0, 100, 10), map(5, 200, 10)],
            &[map(0, 100, 10), map(20, 105, 10)],
            &[map(0, u32::MAX, 2)],
        ] {
            assert!(check(wrong).is_err(), "{wrong:?}");
        }
    }
}
