//! How a process comes into a container's cgroups, from wherever it is.

use std::os::fd::{AsFd, OwnedFd};

use crate::{
    durable::write_all,
    failure::{Result, Step},
};

/// By the ways that `Cgroup::entrances` has opened. `born_in_v2`: in the v2 tree the caller is there already (`namespace::fork_in`).
pub fn join(entrances: &[OwnedFd], born_in_v2: bool) -> Result<()> {
    let mut others = entrances.iter().filter(|entrance| !(born_in_v2 && is_of_v2(entrance)));
    others.try_for_each(|entrance| write_all(entrance, b"0")).step("join the cgroup")
}

fn is_of_v2(entrance: impl AsFd) -> bool {
    const CGROUP2_SUPER_MAGIC: u64 = 0x6367_7270;
    rustix::fs::fstatfs(entrance).is_ok_and(|found| found.f_type as u64 == CGROUP2_SUPER_MAGIC)
}
