//! When a process gets processors and disks, and which processors: `process.scheduler`, `process.ioPriority` and `process.execCPUAffinity` of the OCI
//! specification. Of the calling process and all that it becomes; raising it needs CAP_SYS_NICE, so it comes before capabilities go.

use crate::{
    descriptors::last_errno,
    failure::{Failure, Result, Step},
};

const POLICIES: &[(&str, u32)] = &[
    ("SCHED_OTHER", 0),
    ("SCHED_FIFO", 1),
    ("SCHED_RR", 2),
    ("SCHED_BATCH", 3),
    ("SCHED_ISO", 4),
    ("SCHED_IDLE", 5),
    ("SCHED_DEADLINE", 6),
];

const FLAGS: &[(&str, u64)] = &[
    ("SCHED_FLAG_RESET_ON_FORK", 1),
    ("SCHED_FLAG_RECLAIM", 2),
    ("SCHED_FLAG_DL_OVERRUN", 4),
    ("SCHED_FLAG_KEEP_POLICY", 8),
    ("SCHED_FLAG_KEEP_PARAMS", 16),
    ("SCHED_FLAG_UTIL_CLAMP_MIN", 32),
    ("SCHED_FLAG_UTIL_CLAMP_MAX", 64),
];

const CLASSES: &[(&str, i32)] = &[("IOPRIO_CLASS_RT", 1), ("IOPRIO_CLASS_BE", 2), ("IOPRIO_CLASS_IDLE", 3)];

/// The kernel's `sched_attr` of its first version.
#[repr(C)]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scheduler {
    size: u32,
    policy: u32,
    flags: u64,
    pub nice: i32,
    pub priority: u32,
    pub runtime: u64,
    pub deadline: u64,
    pub period: u64,
}

impl Scheduler {
    pub fn of(policy: &str, flags: &[String]) -> Result<Self> {
        const STEP: &str = "use the scheduler";
        let policy = number_of(POLICIES, policy, STEP)?;
        let flags = flags.iter().try_fold(0, |sum, name| number_of(FLAGS, name, STEP).map(|flag| sum | flag))?;
        Ok(Scheduler { size: size_of::<Self>() as u32, policy, flags, ..Default::default() })
    }

    pub fn set(&self) -> Result<()> {
        // SAFETY: a living structure of the layout and size that it names itself; zero is this process.
        let result = unsafe { libc::syscall(libc::SYS_sched_setattr, 0, std::ptr::from_ref(self), 0) };
        if result == 0 { Ok(()) } else { Err(last_errno()).step("set the scheduler") }
    }
}

/// What `ioprio_set` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IoPriority(i32);

impl IoPriority {
    /// Zero is served first, seven last.
    pub fn of(class: &str, priority: i32) -> Result<Self> {
        const STEP: &str = "use the ioPriority";
        if !(0..8).contains(&priority) {
            return Err(Failure::because(STEP, format!("{priority} is not between 0 and 7")));
        }
        number_of(CLASSES, class, STEP).map(|class| IoPriority(class << 13 | priority))
    }

    pub fn set(self) -> Result<()> {
        const PROCESS: i32 = 1;
        // SAFETY: numbers only; zero is this process.
        let result = unsafe { libc::syscall(libc::SYS_ioprio_set, PROCESS, 0, self.0) };
        if result == 0 { Ok(()) } else { Err(last_errno()).step("set the ioPriority") }
    }
}

/// Processors by number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Processors(Vec<usize>);

impl Processors {
    /// As in `0-3,7`.
    pub fn of(list: &str) -> Result<Self> {
        let refused = || Failure::because("use the execCPUAffinity", "this is no list of processors").at(format!("{list:?}"));
        listed(list, libc::CPU_SETSIZE as usize).map(Processors).ok_or_else(refused)
    }

    pub fn set(&self) -> Result<()> {
        // SAFETY: all zeroes is the empty set; every number is below its size.
        let set = unsafe {
            let mut set: libc::cpu_set_t = std::mem::zeroed();
            self.0.iter().for_each(|&number| libc::CPU_SET(number, &mut set));
            set
        };
        // SAFETY: a living set of the size that is said; zero is this thread.
        let result = unsafe { libc::sched_setaffinity(0, size_of_val(&set), &raw const set) };
        if result == 0 { Ok(()) } else { Err(last_errno()).step("set the execCPUAffinity") }
    }
}

/// Of a list as in `0-3,7`, all of them below `end`.
pub(crate) fn listed(list: &str, end: usize) -> Option<Vec<usize>> {
    let part = |part: &str| -> Option<std::ops::RangeInclusive<usize>> {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        (first <= last && last < end).then_some(first..=last)
    };
    let ranges: Option<Vec<_>> = list.split(',').map(part).collect();
    ranges.map(|ranges| ranges.into_iter().flatten().collect())
}

pub(crate) fn number_of<T: Copy>(known: &[(&str, T)], name: &str, step: &'static str) -> Result<T> {
    let found = known.iter().find(|(known, _)| *known == name);
    found.map(|(_, number)| *number).ok_or_else(|| Failure::because(step, "there is no such thing").at(format!("{name:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_processors_are_read_as_the_kernel_writes_them() {
        assert_eq!(Processors::of("0-2,5").expect("fine"), Processors(vec![0, 1, 2, 5]));
        for bad in ["", "a", "3-1", "1,,2", "0-99999999", "-1"] {
            assert!(Processors::of(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn priorities_are_the_kernels_numbers() {
        assert_eq!(IoPriority::of("IOPRIO_CLASS_BE", 7).expect("fine"), IoPriority(2 << 13 | 7));
        assert!(IoPriority::of("IOPRIO_CLASS_BE", 8).is_err());
        assert!(IoPriority::of("IOPRIO_CLASS_NONE", 0).is_err());
        assert!(Scheduler::of("SCHED_SLOW", &[]).is_err());
        assert_eq!(size_of::<Scheduler>(), 48);
    }
}
