//! Nothing of the agent leaks into a container (S2, S3): what is not ours is closed before anything else is done.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use rustix::io::Errno;

/// Closes every descriptor from `first` on.
pub fn close_from(first: u32) -> Result<(), Errno> {
    close_range(first, u32::MAX, 0)
}

/// Closes every descriptor but these.
pub fn close_all_but(kept: &[BorrowedFd<'_>]) -> Result<(), Errno> {
    let mut numbers: Vec<u32> = kept.iter().map(|fd| fd.as_raw_fd() as u32).collect();
    numbers.sort_unstable();
    let mut first = 0;
    for number in numbers {
        if number > first {
            close_range(first, number - 1, 0)?;
        }
        first = number + 1;
    }
    close_range(first, u32::MAX, 0)
}

/// Marks every descriptor from `first` on to be closed by exec.
pub fn close_from_on_exec(first: u32) -> Result<(), Errno> {
    const CLOSE_RANGE_CLOEXEC: u32 = 4;
    close_range(first, u32::MAX, CLOSE_RANGE_CLOEXEC)
}

/// Also under this number, for others to find it by; not handed on by exec.
pub fn duplicate_to(descriptor: impl AsFd, number: i32) -> Result<(), Errno> {
    // SAFETY: numbers only; a descriptor that had this number before is closed, and nothing here owns one by that number.
    let result = unsafe { libc::dup3(descriptor.as_fd().as_raw_fd(), number, libc::O_CLOEXEC) };
    if result == number { Ok(()) } else { Err(last_errno()) }
}

/// Whoever calls this must not use an owned descriptor of the range any more: it is done first thing in a fresh program, in a fork that never
/// returns, or last thing before exec.
fn close_range(first: u32, last: u32, flags: u32) -> Result<(), Errno> {
    // SAFETY: numbers only; no memory is touched.
    let result = unsafe { libc::syscall(libc::SYS_close_range, first, last, flags) };
    if result == 0 { Ok(()) } else { Err(last_errno()) }
}

/// errno of the libc call that has just failed.
pub fn last_errno() -> Errno {
    Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO)
}
