//! Gives a compiled program to the kernel.

use std::os::fd::{FromRawFd, OwnedFd};

use meseta_spec::Seccomp;

use super::compile::NEW_LISTENER;
use crate::{
    descriptors::last_errno,
    failure::{Failure, Result, Step},
};

const STEP: &str = "load the system call filter";

pub fn has_listener(filter: &Seccomp) -> bool {
    filter.flags() & NEW_LISTENER != 0
}

/// For this process and all that it will execute. It must have no_new_privs or CAP_SYS_ADMIN.
/// Gives the listener, if the filter is one with a listener.
pub fn install(filter: &Seccomp) -> Result<Option<OwnedFd>> {
    let chunks = filter.program.chunks_exact(8);
    if filter.program.is_empty() || !chunks.remainder().is_empty() {
        return Err(Failure::because(STEP, format!("{} bytes are no program", filter.program.len())));
    }
    // The kernel wants the alignment of its own structure, which bytes do not have.
    let mut instructions: Vec<libc::sock_filter> = chunks.filter_map(<[u8]>::first_chunk).map(instruction).collect();
    let length = u16::try_from(instructions.len()).map_err(|_| Failure::because(STEP, "the program is too long"))?;
    let program = libc::sock_fprog { len: length, filter: instructions.as_mut_ptr() };
    // SAFETY: the program points to `length` living instructions; the kernel checks what they do, and copies them.
    let result = unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, filter.flags(), &raw const program) };
    match result {
        -1 => Err(last_errno()).step(STEP),
        0 => Ok(None),
        // SAFETY: the kernel has just made this descriptor, and nobody else knows of it. Never zero: that is what a filter without listener answers.
        listener => Ok(Some(unsafe { OwnedFd::from_raw_fd(listener as i32) })),
    }
}

fn instruction(bytes: &[u8; 8]) -> libc::sock_filter {
    let [code, code_too, jt, jf, k @ ..] = *bytes;
    libc::sock_filter { code: u16::from_ne_bytes([code, code_too]), jt, jf, k: u32::from_ne_bytes(k) }
}
