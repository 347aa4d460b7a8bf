//! Nothing of the agent leaks into a container (S2, S3): what is not ours is closed before anything else is done.

use rustix::io::Errno;

/// Closes every descriptor from `first` on.
pub fn close_from(first: u32) -> Result<(), Errno> {
    // SAFETY: close_range takes numbers only. The caller holds no owned descriptor in that range: it is called first thing in a fresh program, or last
    // thing before exec.
    let result = unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, 0) };
    if result == 0 { Ok(()) } else { Err(last_errno()) }
}

/// Marks every descriptor from `first` on to be closed by exec.
pub fn close_from_on_exec(first: u32) -> Result<(), Errno> {
    const CLOSE_RANGE_CLOEXEC: u32 = 4;
    // SAFETY: numbers only; no descriptor is closed by this call.
    let result = unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, CLOSE_RANGE_CLOEXEC) };
    if result == 0 { Ok(()) } else { Err(last_errno()) }
}

/// errno of the libc call that has just failed.
pub fn last_errno() -> Errno {
    Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO)
}
