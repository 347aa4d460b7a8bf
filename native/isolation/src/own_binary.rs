//! A program's own file, which processes inside a container can reach through /proc/<pid>/exe: by running `/proc/self/exe` as the container's program, or
//! by opening it when somebody enters (CVE-2019-5736). Nobody must be able to write to it.

use std::{
    ffi::{CString, OsString, c_char},
    os::{
        fd::{AsRawFd, BorrowedFd},
        unix::ffi::OsStringExt,
    },
};

use rustix::{
    fd::AsFd,
    fs::{Mode, OFlags, StatVfsMountFlags, fstatvfs, open},
    io::Errno,
};

use crate::{
    descriptors::last_errno,
    failure::{Result, Step},
    mount::detached::{Change, clone_of},
};

const STEP: &str = "protect the runtime's own program";
const OWN: &str = "/proc/self/exe";

/// Executes this program once more with the same arguments and environment, from a read-only mount of its file that is attached nowhere, unless it runs
/// from such a one already. For programs that others execute; it is done before anything else, since nothing of this process goes on.
pub fn protect() -> Result<()> {
    let file = open(OWN, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).step(STEP)?;
    if fstatvfs(&file).step(STEP)?.f_flag.contains(StatVfsMountFlags::RDONLY) {
        return Ok(());
    }
    let cloned = clone_of(&file, false).step(STEP)?;
    Change::read_only(false).apply(&cloned).step(STEP)?;
    let variables = std::env::vars_os().map(|(name, value)| [name.into_vec(), value.into_vec()].join(&b'='));
    Err(execute(cloned.as_fd(), &texts(std::env::args_os().map(OsString::into_vec)), &texts(variables))).step(STEP)
}

fn texts(all: impl Iterator<Item = Vec<u8>>) -> Vec<CString> {
    all.filter_map(|text| CString::new(text).ok()).collect()
}

/// Returns only with the reason why not.
fn execute(file: BorrowedFd<'_>, arguments: &[CString], environment: &[CString]) -> Errno {
    let pointers = |strings: &[CString]| -> Vec<*const c_char> {
        strings.iter().map(|text| text.as_ptr()).chain([std::ptr::null()]).collect()
    };
    let (arguments, environment) = (pointers(arguments), pointers(environment));
    // SAFETY: the descriptor lives, the path is an empty terminated string, all strings are terminated and alive, both lists end with null.
    unsafe {
        libc::syscall(
            libc::SYS_execveat,
            file.as_raw_fd(),
            c"".as_ptr(),
            arguments.as_ptr(),
            environment.as_ptr(),
            libc::AT_EMPTY_PATH,
        )
    };
    last_errno()
}
