//! A caller that waits: signals go on to the container's process, its terminal is ours, and its exit code becomes our own.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

use meseta_isolation::{
    descriptors::last_errno,
    durable::write_all,
    failure::{Result, Step},
    terminal::set_size,
};
use rustix::{
    event::{PollFd, PollFlags, poll},
    io::{Errno, read},
    process::{Pid, WaitOptions, wait},
    stdio::{stdin, stdout},
    termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr},
};

/// All signals, as a descriptor. Made before there is a process to wait for, so that none of its is missed.
pub struct Signals(OwnedFd);

impl Signals {
    pub fn take() -> Result<Self> {
        // SAFETY: the set lives on the stack and is filled before it is used; a new descriptor belongs to nobody else.
        let descriptor = unsafe {
            let mut all = std::mem::zeroed();
            libc::sigfillset(&raw mut all);
            libc::sigprocmask(libc::SIG_SETMASK, &raw const all, std::ptr::null_mut());
            libc::signalfd(-1, &raw const all, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK)
        };
        if descriptor < 0 {
            return Err(last_errno()).step("take signals");
        }
        // SAFETY: as above.
        Ok(Signals(unsafe { OwnedFd::from_raw_fd(descriptor) }))
    }

    fn next(&self) -> Option<i32> {
        let mut bytes = [0; size_of::<libc::signalfd_siginfo>()];
        // Its first field is the number.
        match read(&self.0, &mut bytes) {
            Ok(count) if count == bytes.len() => Some(i32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])),
            _ => None,
        }
    }
}

/// The terminal of who called us, raw for as long as this lives, so that every key goes to the container.
struct Raw(Termios);

impl Raw {
    fn make() -> Option<Self> {
        let before = tcgetattr(stdin()).ok()?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(stdin(), OptionalActions::Drain, &raw).ok().map(|()| Raw(before))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        // Who has hung up needs no settings.
        let _ = tcsetattr(stdin(), OptionalActions::Drain, &self.0);
    }
}

/// Until the process has ended and its terminal has nothing more to say. Gives its exit code, 128 and the signal if one killed it.
pub fn accompany(pid: i32, signals: &Signals, master: Option<OwnedFd>) -> Result<u8> {
    let raw = master.as_ref().and_then(|_| Raw::make());
    if let Some(master) = &master {
        resize(master);
    }
    let mut relay = Relay { input_open: master.is_some(), master };
    loop {
        relay.wait(&signals.0).step("wait for the container")?;
        while let Some(signal) = signals.next() {
            match (signal, &relay.master) {
                (libc::SIGCHLD, _) => {
                    if let Some(code) = reap(pid) {
                        relay.drain();
                        drop(raw);
                        return Ok(code);
                    }
                }
                (libc::SIGWINCH, Some(master)) => resize(master),
                (other, _) => forward(pid, other),
            }
        }
    }
}

fn resize(master: &OwnedFd) {
    if let Ok(size) = tcgetwinsize(stdin()) {
        // A terminal without a size is one.
        let _ = set_size(master, u32::from(size.ws_row), u32::from(size.ws_col));
    }
}

/// It is our child and not reaped yet, so the pid is its own.
fn forward(pid: i32, signal: i32) {
    // SAFETY: two numbers. One that has just ended needs no signal.
    unsafe { libc::kill(pid, signal) };
}

fn reap(pid: i32) -> Option<u8> {
    let mut code = None;
    while let Ok(Some((ended, status))) = wait(WaitOptions::NOHANG) {
        if Pid::from_raw(pid) == Some(ended) {
            let killed = status.terminating_signal().map(|signal| 128 + signal);
            code = Some(status.exit_status().or(killed).unwrap_or(1) as u8);
        }
    }
    code
}

/// Between our stdio and the master of the container's terminal.
struct Relay {
    master: Option<OwnedFd>,
    input_open: bool,
}

impl Relay {
    /// Until something happened; moves what has come.
    fn wait(&mut self, signals: &OwnedFd) -> std::result::Result<(), Errno> {
        let input = stdin();
        let mut waited = vec![PollFd::new(signals, PollFlags::IN)];
        waited.extend(self.master.as_ref().map(|master| PollFd::new(master, PollFlags::IN)));
        if self.input_open {
            waited.push(PollFd::new(&input, PollFlags::IN));
        }
        match poll(&mut waited, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
        let happened = |index: usize| waited.get(index).is_some_and(|each| !each.revents().is_empty());
        let (output, typed) = (happened(1), happened(2));
        let Some(master) = &self.master else { return Ok(()) };
        let output_ended = output && !copy(master.as_fd(), stdout());
        if typed && !copy(input, master.as_fd()) {
            self.input_open = false;
        }
        if output_ended {
            // Nobody inside has the terminal open any more.
            (self.master, self.input_open) = (None, false);
        }
        Ok(())
    }

    /// What was written before the end.
    fn drain(&self) {
        let Some(master) = &self.master else { return };
        let ready = || {
            let mut waited = [PollFd::new(master, PollFlags::IN)];
            let none = rustix::event::Timespec { tv_sec: 0, tv_nsec: 0 };
            poll(&mut waited, Some(&none)).is_ok_and(|count| count > 0) && waited[0].revents().contains(PollFlags::IN)
        };
        while ready() && copy(master.as_fd(), stdout()) {}
    }
}

/// False: there is no more.
fn copy(from: BorrowedFd<'_>, to: BorrowedFd<'_>) -> bool {
    let mut bytes = [0; 16 << 10];
    match read(from, &mut bytes) {
        Ok(0) => false,
        Ok(count) => write_all(to, &bytes[..count]).is_ok() || to.as_raw_fd() == stdout().as_raw_fd(),
        Err(Errno::INTR | Errno::AGAIN) => true,
        Err(_) => false,
    }
}
