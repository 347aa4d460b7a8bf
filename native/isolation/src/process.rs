//! Processes by handle, so that a reused pid is never hit.

use std::{os::fd::AsFd, os::fd::OwnedFd, thread, time::Duration, time::Instant};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open, pidfd_send_signal},
};

use crate::procfs;

/// What `ps` and /proc call this process; at most 15 bytes.
pub fn name_self(name: &str) {
    if let Ok(name) = std::ffi::CString::new(name) {
        // A name is a courtesy; nothing depends on it.
        let _ = rustix::thread::set_name(&name);
    }
}

/// A handle on the process that has this pid *and* start time. `None`: it is gone.
pub fn open(pid: i32, start_time: u64) -> Option<OwnedFd> {
    let handle = pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok()?;
    // Judged after opening: if the pid was reused before, the start time tells; after, the handle stays with its process.
    procfs::is_alive(pid, start_time).then_some(handle)
}

/// Sends a signal by number, real-time ones included.
pub fn signal(handle: impl AsFd, number: i32) -> Result<(), Errno> {
    let Some(signal) = Signal::from_named_raw(number) else { return signal_raw(handle, number) };
    pidfd_send_signal(handle, signal)
}

/// To all processes of the group that `leader` leads. Its handle proves that the pid is still its own.
pub fn signal_group(handle: impl AsFd, leader: i32, number: i32) -> Result<(), Errno> {
    signal_raw(handle, 0)?;
    // SAFETY: two numbers.
    let result = unsafe { libc::kill(-leader, number) };
    if result == 0 { Ok(()) } else { Err(crate::descriptors::last_errno()) }
}

fn signal_raw(handle: impl AsFd, number: i32) -> Result<(), Errno> {
    use std::os::fd::AsRawFd;
    // SAFETY: a descriptor and numbers; a null siginfo makes the kernel fill in its own.
    let result = unsafe {
        libc::syscall(libc::SYS_pidfd_send_signal, handle.as_fd().as_raw_fd(), number, std::ptr::null::<libc::siginfo_t>(), 0)
    };
    if result == 0 { Ok(()) } else { Err(crate::descriptors::last_errno()) }
}

/// Waits until a process has ended. False: it has not within the time.
pub fn wait_until_gone(handle: impl AsFd, limit: Duration) -> bool {
    let end = Instant::now() + limit;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) };
        match poll(&mut [PollFd::new(&handle, PollFlags::IN)], Some(&timeout)) {
            Ok(0) => return false,
            Ok(_) => return true,
            Err(Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

/// Kills all that descend from a process which adopts the orphans among them (a subreaper): first everything is stopped, so that it cannot fork
/// on, then killed. Repeated until none is left or the time is over.
pub fn kill_descendants(pid: i32, limit: Duration) -> bool {
    let end = Instant::now() + limit;
    loop {
        let found = procfs::descendants(pid);
        let living: Vec<i32> = found.into_iter().filter(|&member| !is_zombie(member)).collect();
        if living.is_empty() {
            return true;
        }
        for signal in [Signal::STOP, Signal::KILL] {
            for member in living.iter().filter_map(|&member| Pid::from_raw(member)) {
                // One that is gone already is what we want.
                let _ = kill_process(member, signal);
            }
        }
        if Instant::now() > end {
            return false;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

fn is_zombie(pid: i32) -> bool {
    procfs::start_time(pid).is_none_or(|start| !procfs::is_alive(pid, start))
}
