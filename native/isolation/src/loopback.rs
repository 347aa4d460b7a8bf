//! The one interface that every network namespace has.

use std::os::fd::AsRawFd;

use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};

use crate::{
    descriptors::last_errno,
    failure::{Result, Step},
};

/// In a network namespace of this process's own: what a program expects of `localhost` works.
pub fn bring_up() -> Result<()> {
    const STEP: &str = "bring up the interface";
    let socket = socket_with(AddressFamily::INET, SocketType::DGRAM, SocketFlags::CLOEXEC, None).step_at(STEP, "lo")?;
    // SAFETY: all zeroes is a valid request; its name ends with one of them.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    for (place, letter) in request.ifr_name.iter_mut().zip(b"lo") {
        *place = *letter as libc::c_char;
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_UP | libc::IFF_RUNNING) as libc::c_short;
    // SAFETY: a living descriptor, and a request that lives across the call and is of the kind that this number asks for.
    let result = unsafe { libc::ioctl(socket.as_raw_fd(), libc::SIOCSIFFLAGS as libc::Ioctl, &raw const request) };
    if result == 0 { Ok(()) } else { Err(last_errno()).step_at(STEP, "lo") }
}
