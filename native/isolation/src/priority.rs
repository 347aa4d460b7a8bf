//! How a thread stands against the others.

use rustix::process::{Pid, setpriority_process};

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
