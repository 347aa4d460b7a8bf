//! From which nodes of memory a process gets its pages: `linux.memoryPolicy` of the OCI specification. Of the calling process and all that it becomes;
//! the kernel checks nodes against those that the cgroup allows, so it comes after the cgroup is joined.

use crate::{
    descriptors::last_errno,
    failure::{Failure, Result, Step},
    scheduling::{listed, number_of},
};

const STEP: &str = "use the memoryPolicy";

const MODES: &[(&str, i32)] = &[
    ("MPOL_DEFAULT", 0),
    ("MPOL_PREFERRED", 1),
    ("MPOL_BIND", 2),
    ("MPOL_INTERLEAVE", 3),
    ("MPOL_LOCAL", 4),
    ("MPOL_PREFERRED_MANY", 5),
    ("MPOL_WEIGHTED_INTERLEAVE", 6),
];

const FLAGS: &[(&str, i32)] =
    &[("MPOL_F_STATIC_NODES", 1 << 15), ("MPOL_F_RELATIVE_NODES", 1 << 14), ("MPOL_F_NUMA_BALANCING", 1 << 13)];

/// As many nodes as the largest kernel knows.
const NODES: usize = 1024;
const WORD: usize = u64::BITS as usize;

/// What `set_mempolicy` takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryPolicy {
    mode: i32,
    nodes: Option<[u64; NODES / WORD]>,
}

pub fn known_modes() -> impl Iterator<Item = &'static str> {
    MODES.iter().map(|(name, _)| *name)
}

pub fn known_flags() -> impl Iterator<Item = &'static str> {
    FLAGS.iter().map(|(name, _)| *name)
}

impl MemoryPolicy {
    /// Nodes as in `0-3,7`, or none. Which modes go with which nodes and flags the kernel says.
    pub fn of(mode: &str, nodes: &str, flags: &[String]) -> Result<Self> {
        let mode = number_of(MODES, mode, STEP)?;
        let mode = flags.iter().try_fold(mode, |mode, name| number_of(FLAGS, name, STEP).map(|flag| mode | flag))?;
        let nodes = Some(nodes).filter(|nodes| !nodes.is_empty()).map(mask).transpose()?;
        Ok(MemoryPolicy { mode, nodes })
    }

    pub fn set(&self) -> Result<()> {
        // The kernel looks at one bit less than it is told.
        let (nodes, bits) = self.nodes.as_ref().map_or((std::ptr::null(), 0), |mask| (mask.as_ptr(), NODES + 1));
        // SAFETY: none, or a living mask that has all the bits which the kernel looks at.
        let result = unsafe { libc::syscall(libc::SYS_set_mempolicy, self.mode, nodes, bits) };
        if result == 0 { Ok(()) } else { Err(last_errno()).step("set the memoryPolicy") }
    }
}

fn mask(nodes: &str) -> Result<[u64; NODES / WORD]> {
    let refused = || Failure::because(STEP, "this is no list of memory nodes").at(format!("{nodes:?}"));
    let mut mask = [0; NODES / WORD];
    listed(nodes, NODES).ok_or_else(refused)?.into_iter().for_each(|node| mask[node / WORD] |= 1 << (node % WORD));
    Ok(mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_and_flags_are_the_kernels_numbers_and_nodes_a_mask() {
        let flags = ["MPOL_F_STATIC_NODES".to_owned()];
        let policy = MemoryPolicy::of("MPOL_BIND", "0-1,65", &flags).expect("fine");
        assert_eq!((policy.mode, policy.nodes.map(|mask| (mask[0], mask[1], mask[2]))), (2 | 1 << 15, Some((3, 2, 0))));
        assert_eq!(MemoryPolicy::of("MPOL_LOCAL", "", &[]).expect("fine"), MemoryPolicy { mode: 4, nodes: None });
    }

    #[test]
    fn what_the_kernel_does_not_know_is_refused_by_name() {
        assert!(MemoryPolicy::of("BIND", "0", &[]).is_err());
        assert!(MemoryPolicy::of("MPOL_BIND", "0-1024", &[]).is_err());
        assert!(MemoryPolicy::of("MPOL_BIND", "0", &["MPOL_F_SOMETIMES".to_owned()]).is_err());
    }
}
