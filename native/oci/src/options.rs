//! What `create`, `run` and `exec` are told about the process that they make.

use std::{
    os::fd::{AsRawFd, BorrowedFd},
    path::{Path, PathBuf},
};

use meseta_isolation::failure::{Failure, Result};

use rustix::io::fcntl_getfd;

use crate::command_line::Arguments;

/// What the container's process has of its caller's.
#[derive(Clone, Copy, Default)]
pub struct Inheritance {
    /// Descriptors after stderr.
    pub preserved: u32,
}

impl Inheritance {
    pub fn of(arguments: &Arguments) -> Result<Self> {
        let preserved = match arguments.value("preserve-fds") {
            None => 0,
            Some(text) => {
                text.parse().map_err(|_| Failure::because("read the option", "it is not a number").at("--preserve-fds"))?
            }
        };
        let inheritance = Inheritance { preserved: preserved + listen_descriptors() };
        inheritance.check().map(|()| inheritance)
    }

    /// Before this program opens anything: a number that nobody uses yet would become a descriptor of ours, and leak.
    fn check(self) -> Result<()> {
        let missing = self.descriptors().into_iter().skip(3).find(|descriptor| fcntl_getfd(descriptor).is_err());
        match missing {
            Some(descriptor) => {
                let number = descriptor.as_raw_fd();
                Err(Failure::because("preserve the descriptors", format!("descriptor {number} is not open")))
            }
            None => Ok(()),
        }
    }

    pub fn first_of_ours(self) -> u32 {
        3 + self.preserved
    }

    pub fn descriptors(self) -> Vec<BorrowedFd<'static>> {
        // SAFETY: stdio and what the caller asks to be kept belong to this process from its beginning to its end; nobody here closes them.
        (0..self.first_of_ours()).map(|number| unsafe { BorrowedFd::borrow_raw(number as i32) }).collect()
    }
}

/// Sockets that systemd handed to our caller are handed on.
fn listen_descriptors() -> u32 {
    std::env::var("LISTEN_FDS").ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Where the pid is written, if anywhere.
pub fn write_pid(file: Option<&Path>, pid: i32) -> Result<()> {
    use meseta_isolation::failure::Step;
    let Some(file) = file else { return Ok(()) };
    // By rename: who waits for the file never reads half a number.
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    std::fs::write(&beside, pid.to_string()).and_then(|()| std::fs::rename(&beside, file)).step_at("write", file)
}
