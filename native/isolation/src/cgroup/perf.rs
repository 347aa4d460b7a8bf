//! Counting what the processor and the kernel do for a container (rows 6-029, 6-060): one counter for each event and cpu, open as long as is counted.

mod names;

use std::{
    fs,
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
    path::Path,
};

use meseta_spec::PerfCounter;
use rustix::fs::{Mode, OFlags};

use super::Cgroup;
use crate::{
    descriptors::last_errno,
    failure::{Failure, Result, Step},
};
use names::{Event, event_of};

/// The first published form of the kernel's `perf_event_attr`, which is all that counting needs.
#[repr(C)]
#[derive(Default)]
struct Attributes {
    kind: u32,
    size: u32,
    config: u64,
    sample_period: u64,
    sample_type: u64,
    read_format: u64,
    flags: u64,
    wakeup_events: u32,
    breakpoint_type: u32,
    config1: u64,
}

/// PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING
const WITH_TIMES: u64 = 1 | 2;
const OF_CGROUP: libc::c_ulong = 1 << 2;
const CLOSE_ON_EXEC: libc::c_ulong = 1 << 3;

/// Counts from when it is made until it is dropped.
pub struct Sample {
    counters: Vec<(String, Vec<OwnedFd>)>,
}

impl Sample {
    /// Of all processes in the container's cgroup, those included that come later.
    pub fn begin(cgroup: &Cgroup, names: &[String]) -> Result<Self> {
        const STEP: &str = "count the perf events of the container";
        let at = &cgroup.joined("perf_event", STEP)?.path;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = rustix::fs::open(at, flags, Mode::empty()).step_at("open", at)?;
        let cpus = online_cpus();
        let counters = names.iter().map(|name| {
            let event = event_of(name).ok_or_else(|| Failure::because(STEP, "there is no such event").at(name))?;
            let each = cpus.iter().map(|&cpu| open(&event, directory.as_raw_fd(), cpu, OF_CGROUP));
            Ok((name.clone(), each.collect::<std::result::Result<_, _>>().step_at(STEP, name)?))
        });
        Ok(Sample { counters: counters.collect::<Result<_>>()? })
    }

    pub fn read(&self) -> Vec<PerfCounter> {
        let sum = |each: &[OwnedFd]| each.iter().filter_map(value).sum();
        self.counters.iter().map(|(name, each)| PerfCounter { name: name.clone(), value: sum(each) }).collect()
    }
}

/// Which of these the kernel or the processor of this machine cannot count.
pub fn unsupported(names: &[String]) -> Vec<String> {
    // Tried on this process: that needs no cgroup.
    let counts = |name: &&String| event_of(name).is_some_and(|event| open(&event, 0, -1, 0).is_ok());
    names.iter().filter(|name| !counts(name)).cloned().collect()
}

fn open(event: &Event, whom: i32, cpu: i32, flags: libc::c_ulong) -> std::result::Result<OwnedFd, rustix::io::Errno> {
    let attributes = Attributes {
        kind: event.kind,
        size: size_of::<Attributes>() as u32,
        config: event.config,
        read_format: WITH_TIMES,
        ..Default::default()
    };
    // SAFETY: the kernel reads `size` bytes of a structure that lives across the call; the others are numbers.
    let fd = unsafe { libc::syscall(libc::SYS_perf_event_open, &raw const attributes, whom, cpu, -1, flags | CLOSE_ON_EXEC) };
    // SAFETY: the kernel has just made this descriptor, which nobody else owns.
    if fd < 0 { Err(last_errno()) } else { Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) }) }
}

/// Scaled to the whole time, where the counter had to be shared with others.
fn value(counter: &OwnedFd) -> Option<u64> {
    let mut bytes = [0; 24];
    if rustix::io::read(counter, &mut bytes).ok()? != bytes.len() {
        return None;
    }
    let [value, enabled, running] = [0, 8, 16].map(|at| {
        let mut word = [0; 8];
        word.copy_from_slice(&bytes[at..at + 8]);
        u64::from_ne_bytes(word)
    });
    Some(if running == 0 { 0 } else { (u128::from(value) * u128::from(enabled) / u128::from(running)) as u64 })
}

fn online_cpus() -> Vec<i32> {
    let text = fs::read_to_string(Path::new("/sys/devices/system/cpu/online")).unwrap_or_default();
    let cpus = numbers_of(text.trim());
    if cpus.is_empty() { vec![0] } else { cpus }
}

/// `0-3,7`
fn numbers_of(list: &str) -> Vec<i32> {
    let range = |part: &str| -> Option<std::ops::RangeInclusive<i32>> {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.parse().ok()?..=last.parse().ok()?)
    };
    list.split(',').filter_map(range).flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_cpus_is_counted_out() {
        assert_eq!(numbers_of("0-2,5"), [0, 1, 2, 5]);
        assert_eq!(numbers_of(""), Vec::<i32>::new());
    }

    #[test]
    fn what_there_is_not_is_unsupported() {
        assert_eq!(unsupported(&["no-such-event".to_owned()]), ["no-such-event"]);
    }
}
