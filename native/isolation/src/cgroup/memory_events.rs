//! A container that runs out of memory, or is about to.

use std::os::fd::OwnedFd;

use meseta_spec::MemoryPressure;

use super::{Cgroup, Version, v1, v2};
use crate::failure::Result;

/// Why the out-of-memory watch woke.
#[derive(Debug, PartialEq)]
pub enum Woken {
    /// The cgroup does not exist any more.
    Gone,
    /// Something else happened to its memory.
    InVain,
    OutOfMemory(MemoryPressure),
}

impl Cgroup {
    /// A descriptor that becomes readable when memory runs out. `None` without the memory controller.
    pub fn watch_oom(&self) -> Result<Option<OwnedFd>> {
        let Some(at) = self.find("memory") else { return Ok(None) };
        Ok(Some(match at.version {
            Version::V1 => v1::memory::watch_oom(&at.path)?,
            Version::V2 => v2::memory::watch_oom(&at.path)?,
        }))
    }

    /// What it means that the descriptor of `watch_oom` became readable. `told`: how many of these the caller knows already; grows with each.
    pub fn woken(&self, told: &mut u64) -> Woken {
        let Some(at) = self.find("memory") else { return Woken::Gone };
        if at.version == Version::V2 {
            match v2::memory::out_of_memory_events(&at.path) {
                None => return Woken::Gone,
                Some(count) if count <= *told => return Woken::InVain,
                Some(count) => *told = count,
            }
        }
        self.pressure().map_or(Woken::Gone, Woken::OutOfMemory)
    }

    /// What an out-of-memory message is made of. `None` when the cgroup does not exist any more.
    pub fn pressure(&self) -> Option<MemoryPressure> {
        let at = self.find("memory")?;
        match at.version {
            Version::V1 => v1::memory::pressure(&at.path),
            Version::V2 => v2::memory::pressure(&at.path),
        }
    }

    /// How often the kernel has killed in it for memory. Cheap, unlike `pressure`: `memory.stat` makes the kernel sum up its counters.
    pub fn oom_kills(&self) -> Option<u64> {
        let at = self.find("memory")?;
        match at.version {
            Version::V1 => v1::memory::oom_kills(&at.path),
            Version::V2 => v2::memory::oom_kills(&at.path),
        }
    }

    /// Counters of how often reclaim was light, costly, and close to out of memory. They count as long as they are held. `None`: this kernel has
    /// nothing of the kind for this container (v2 tells stall times instead).
    pub fn count_pressure(&self) -> Result<Option<[OwnedFd; 3]>> {
        match self.find("memory") {
            Some(at) if at.version == Version::V1 => v1::pressure::count(&at.path).map(Some),
            _ => Ok(None),
        }
    }
}
