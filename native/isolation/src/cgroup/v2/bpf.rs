//! The few forms of bpf(2) that device programs need, by number: no library, so that the static launcher can use it too.

use std::{
    ffi::CStr,
    os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd},
};

use rustix::io::Errno;

use super::device_program::Instruction;
use crate::descriptors::last_errno;

const PROG_LOAD: i32 = 5;
const PROG_ATTACH: i32 = 8;
const PROG_DETACH: i32 = 9;
const PROG_GET_FD_BY_ID: i32 = 13;
const OBJ_GET_INFO_BY_FD: i32 = 15;
const PROG_QUERY: i32 = 16;

const CGROUP_DEVICE_PROGRAM: u32 = 15;
const CGROUP_DEVICE: u32 = 6;
const ALLOW_MULTI: u32 = 2;
const REPLACE: u32 = 4;

/// By which a later agent knows its own; at most 15 characters.
const NAME: &[u8; 16] = b"meseta_devices\0\0";
/// More programs than the kernel attaches to one cgroup (BPF_CGROUP_MAX_PROGS).
const MOST_PROGRAMS: usize = 64;
const LOG_SIZE: usize = 64 << 10;

#[repr(C)]
#[derive(Default)]
struct Load {
    program_type: u32,
    instruction_count: u32,
    instructions: u64,
    license: u64,
    log_level: u32,
    log_size: u32,
    log: u64,
    kernel_version: u32,
    flags: u32,
    name: [u8; 16],
}

#[repr(C)]
#[derive(Default)]
struct Attach {
    target: u32,
    program: u32,
    attach_type: u32,
    flags: u32,
    replaced: u32,
}

#[repr(C)]
#[derive(Default)]
struct Query {
    target: u32,
    attach_type: u32,
    query_flags: u32,
    attach_flags: u32,
    ids: u64,
    count: u32,
    /// Newer kernels write here (a revision, since 6.17) without looking at the size that they were told.
    later: [u32; 17],
}

#[repr(C)]
#[derive(Default)]
struct GetInfo {
    object: u32,
    size: u32,
    info: u64,
}

#[repr(C)]
#[derive(Default)]
struct GetById {
    id: u32,
    next: u32,
    flags: u32,
}

/// The head of `struct bpf_prog_info`; kernels fill in as much as is asked for.
#[repr(C)]
#[derive(Default)]
struct Info {
    before_name: [u64; 8],
    name: [u8; 16],
}

/// Gives the program to the kernel. When its verifier refuses, what it has to say comes back too.
pub fn load(program: &[Instruction]) -> Result<OwnedFd, (Errno, String)> {
    const LICENSE: &CStr = c"Apache-2.0";
    let mut attributes = Load {
        program_type: CGROUP_DEVICE_PROGRAM,
        instruction_count: program.len() as u32,
        instructions: program.as_ptr() as u64,
        license: LICENSE.as_ptr() as u64,
        name: *NAME,
        ..Default::default()
    };
    // SAFETY: program and licence outlive the call and are only read; a descriptor that is returned is ours alone.
    let first = unsafe { call(PROG_LOAD, &mut attributes).map(|fd| OwnedFd::from_raw_fd(fd)) };
    first.map_err(|errno| {
        let mut log = vec![0u8; LOG_SIZE];
        (attributes.log_level, attributes.log_size, attributes.log) = (1, LOG_SIZE as u32, log.as_mut_ptr() as u64);
        // SAFETY: as above, and the log is written within its size. The program is closed again should it be taken this time.
        let _ = unsafe { call(PROG_LOAD, &mut attributes).map(|fd| OwnedFd::from_raw_fd(fd)) };
        let said = log.split(|&byte| byte == 0).next().unwrap_or_default();
        (errno, String::from_utf8_lossy(said).trim_end().to_owned())
    })
}

/// Beside the programs of others, or in the place of one.
pub fn attach(cgroup: BorrowedFd<'_>, program: BorrowedFd<'_>, instead_of: Option<BorrowedFd<'_>>) -> Result<(), Errno> {
    let mut attributes = Attach {
        flags: if instead_of.is_some() { ALLOW_MULTI | REPLACE } else { ALLOW_MULTI },
        replaced: instead_of.map_or(0, |fd| fd.as_raw_fd() as u32),
        ..attachment(cgroup, program)
    };
    // SAFETY: numbers only.
    unsafe { call(PROG_ATTACH, &mut attributes) }.map(drop)
}

pub fn detach(cgroup: BorrowedFd<'_>, program: BorrowedFd<'_>) -> Result<(), Errno> {
    let mut attributes = attachment(cgroup, program);
    // SAFETY: numbers only.
    unsafe { call(PROG_DETACH, &mut attributes) }.map(drop)
}

fn attachment(cgroup: BorrowedFd<'_>, program: BorrowedFd<'_>) -> Attach {
    Attach {
        target: cgroup.as_raw_fd() as u32,
        program: program.as_raw_fd() as u32,
        attach_type: CGROUP_DEVICE,
        ..Default::default()
    }
}

/// Our own programs among those attached to the cgroup itself.
pub fn attached(cgroup: BorrowedFd<'_>) -> Result<Vec<OwnedFd>, Errno> {
    let mut ids = [0u32; MOST_PROGRAMS];
    let mut query = Query {
        target: cgroup.as_raw_fd() as u32,
        attach_type: CGROUP_DEVICE,
        ids: ids.as_mut_ptr() as u64,
        count: MOST_PROGRAMS as u32,
        ..Default::default()
    };
    // SAFETY: the kernel writes at most `count` ids into an array of that size, which outlives the call.
    unsafe { call(PROG_QUERY, &mut query) }?;
    let count = (query.count as usize).min(MOST_PROGRAMS);
    // One that vanishes between the two calls is not attached any more.
    Ok(ids[..count].iter().filter_map(|&id| by_id(id).ok()).filter(is_ours).collect())
}

fn by_id(id: u32) -> Result<OwnedFd, Errno> {
    let mut attributes = GetById { id, ..Default::default() };
    // SAFETY: numbers only; the descriptor that is returned is ours alone.
    unsafe { call(PROG_GET_FD_BY_ID, &mut attributes).map(|fd| OwnedFd::from_raw_fd(fd)) }
}

fn is_ours(program: &OwnedFd) -> bool {
    let mut info = Info::default();
    let mut attributes =
        GetInfo { object: program.as_fd().as_raw_fd() as u32, size: size_of::<Info>() as u32, info: (&raw mut info) as u64 };
    // SAFETY: the kernel writes at most `size` bytes into a structure of that size, which outlives the call; any bytes are valid there.
    unsafe { call(OBJ_GET_INFO_BY_FD, &mut attributes) }.is_ok() && info.name == *NAME
}

/// # Safety
///
/// Addresses in the attributes are valid for what the command does with them.
unsafe fn call<T>(command: i32, attributes: &mut T) -> Result<i32, Errno> {
    // SAFETY: the kernel reads and writes the structure within the size that it is told; the rest is promised by the caller.
    let result = unsafe { libc::syscall(libc::SYS_bpf, command, &raw mut *attributes, size_of::<T>()) };
    if result < 0 { Err(last_errno()) } else { Ok(result as i32) }
}
