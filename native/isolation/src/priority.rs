//! Who runs first, and who last. A start is a chain of short steps in several processes; on a busy host each wake-up would wait for a tick of the kernel's clock,
//! milliseconds, unless the one who is woken goes first (performance.md §0, trap 1). On a quiet host it would only push aside who woke it.

use std::fs;

use rustix::{
    process::{Pid, setpriority_process},
    thread::sched_getaffinity,
};

use crate::{
    descriptors::last_errno,
    failure::{Result, Step},
};

/// At least as many want to run as there are processors for us, besides who asks. What is not known is not so.
pub fn host_is_busy() -> bool {
    let processors = sched_getaffinity(None).map_or(usize::MAX, |set| set.count() as usize);
    running().is_some_and(|running| running > processors)
}

/// As in `0.20 0.80 2.68 1/234 29231`: of 234 threads one runs.
fn running() -> Option<usize> {
    let line = fs::read_to_string("/proc/loadavg").ok()?;
    line.split(' ').nth(3)?.split('/').next()?.parse().ok()
}

/// From here on this process, and what it forks, runs before all that is not real-time. Best effort: it needs CAP_SYS_NICE, and a cgroup that is
/// allowed real-time. The kernel leaves the others at least a twentieth of each second.
pub fn go_first() {
    // Refused is as good as never asked.
    let _ = set(libc::SCHED_FIFO, 1);
}

/// Like everybody else. Before a process joins a cgroup, which is not allowed real-time, and before it is the user's.
pub fn wait_in_line() -> Result<()> {
    // SAFETY: numbers only; zero is this process.
    if unsafe { libc::sched_getscheduler(0) } == libc::SCHED_FIFO {
        set(libc::SCHED_OTHER, 0).step("leave real-time")?;
    }
    Ok(())
}

/// The thread that calls it steps back behind all others, for the processor and for disks: whoever waits for a container comes first. It is not
/// starved, as the idle class of disks would do to it.
pub fn step_back() {
    const BEST_EFFORT_LAST: i32 = (2 << 13) | 7;
    const THIS_THREAD: (i32, i32) = (1, 0);
    // What is not granted changes only who is served first. On Linux this is the thread's own, in spite of its name.
    let _ = setpriority_process(Pid::from_raw(0), 10);
    // SAFETY: numbers only.
    unsafe { libc::syscall(libc::SYS_ioprio_set, THIS_THREAD.0, THIS_THREAD.1, BEST_EFFORT_LAST) };
}

fn set(policy: libc::c_int, priority: libc::c_int) -> std::result::Result<(), rustix::io::Errno> {
    let parameters = libc::sched_param { sched_priority: priority };
    // SAFETY: the parameters live across the call; zero is this process.
    if unsafe { libc::sched_setscheduler(0, policy, &raw const parameters) } == 0 { Ok(()) } else { Err(last_errno()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_asks_is_running() {
        assert!(running().expect("told") >= 1);
    }
}
