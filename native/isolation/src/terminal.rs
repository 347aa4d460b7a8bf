//! A terminal of the container's own: made from its /dev/pts, by a process that sees the container's root as its own.

use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};

use meseta_spec::{Identity, Terminal};
use rustix::{
    fs::{self, Mode, OFlags, Uid},
    io::{Errno, fcntl_dupfd_cloexec},
    process::ioctl_tiocsctty,
    pty::unlockpt,
    stdio::{dup2_stderr, dup2_stdin, dup2_stdout},
    termios::{Winsize, tcsetwinsize},
};

use crate::{
    descriptors::last_errno,
    failure::{Failure, Result, Step},
    mount::detached::{attach, clone_of},
    resolve::{Kind, Links, make_below, open_below},
};

const STEP: &str = "make a terminal";

/// Both sides. `inside` is what the task reads and writes.
pub struct Pair {
    pub master: OwnedFd,
    pub inside: OwnedFd,
}

impl Pair {
    pub fn open(wanted: &Terminal, owner: Option<&Identity>) -> Result<Self> {
        let master = multiplexer()?;
        unlockpt(&master).step(STEP)?;
        let inside = peer_of(&master).and_then(above_stdio).step(STEP)?;
        let pair = Pair { inside, master: above_stdio(master).step(STEP)? };
        if let Some(Identity { uid, .. }) = owner {
            // The group stays that of all terminals, which the options of /dev/pts say.
            fs::fchown(&pair.inside, Some(Uid::from_raw(*uid)), None).step("give away the terminal")?;
        }
        if let (Some(rows), Some(columns)) = (wanted.rows, wanted.columns) {
            set_size(&pair.master, rows, columns).step("set the size of the terminal")?;
        }
        Ok(pair)
    }

    /// Puts it where programs look for the console of a machine.
    pub fn attach_as_console(&self) -> Result<()> {
        const STEP: &str = "mount";
        const CONSOLE: &str = "/dev/console";
        let root = fs::open("/", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).step_at(STEP, "/")?;
        let target = make_below(root, CONSOLE, Links::Refused, Kind::File).step_at(STEP, CONSOLE)?;
        let tree = clone_of(&self.inside, false).step_at(STEP, CONSOLE)?;
        attach(tree, target).step_at(STEP, CONSOLE)
    }

    /// As stdin, stdout and stderr, and as the controlling terminal of the session that the caller leads.
    pub fn take(&self) -> Result<()> {
        let take = || -> std::result::Result<(), Errno> {
            ioctl_tiocsctty(&self.inside)?;
            dup2_stdin(&self.inside)?;
            dup2_stdout(&self.inside)?;
            dup2_stderr(&self.inside)
        };
        take().step("take the terminal")
    }
}

/// Of /dev/pts itself: what is called /dev/ptmx may be the image's. By descriptor: a container that runs may have put anything in the place of either, and
/// only in a file system of terminals this name is the kernel's.
fn multiplexer() -> Result<OwnedFd> {
    const DIRECTORY: &str = "/dev/pts";
    const DEVPTS: i64 = 0x1cd1;
    let root = fs::open("/", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).step_at(STEP, "/")?;
    let directory = open_below(&root, DIRECTORY, Links::Refused).step_at(STEP, DIRECTORY)?;
    if fs::fstatfs(&directory).step_at(STEP, DIRECTORY)?.f_type != DEVPTS {
        return Err(Failure::because(STEP, "it is not the kernel's").at(DIRECTORY));
    }
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    fs::openat(&directory, "ptmx", flags, Mode::empty()).step_at(STEP, "/dev/pts/ptmx")
}

/// By handle: its name in /dev/pts could be looked up in the wrong place.
fn peer_of(master: &OwnedFd) -> std::result::Result<OwnedFd, Errno> {
    let flags = libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC;
    // SAFETY: a living descriptor and a number; the request takes flags in place of a pointer.
    let peer = unsafe { libc::ioctl(master.as_raw_fd(), libc::TIOCGPTPEER, flags) };
    // SAFETY: the kernel has just made this descriptor, and nobody else owns it.
    if peer < 0 { Err(last_errno()) } else { Ok(unsafe { OwnedFd::from_raw_fd(peer) }) }
}

/// Where stdio is closed, a new descriptor takes its place, and making it stdio would leave it to be closed by exec.
fn above_stdio(descriptor: OwnedFd) -> std::result::Result<OwnedFd, Errno> {
    const FIRST: i32 = 3;
    if descriptor.as_raw_fd() < FIRST { fcntl_dupfd_cloexec(&descriptor, FIRST) } else { Ok(descriptor) }
}

/// Programs are told by SIGWINCH.
pub fn set_size(terminal: impl AsFd, rows: u32, columns: u32) -> std::result::Result<(), Errno> {
    let limited = |number: u32| u16::try_from(number).unwrap_or(u16::MAX);
    tcsetwinsize(terminal, Winsize { ws_row: limited(rows), ws_col: limited(columns), ws_xpixel: 0, ws_ypixel: 0 })
}
