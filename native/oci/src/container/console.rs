//! The terminal's way out: made inside, its master sent to who asked for it.

use std::{
    os::fd::{AsFd, OwnedFd},
    path::Path,
};

use meseta_isolation::{
    failure::{Failure, Result, Step},
    terminal::Pair,
};
use meseta_spec::{Process, Terminal};
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

use super::passing;

const STEP: &str = "use the console socket";

/// To who waits at the path of `--console-socket`.
pub fn connect(path: &Path) -> Result<OwnedFd> {
    passing::connect(path).step_at(STEP, path)
}

/// Ours, and the one that a container's process sends to, for when we are who asks.
pub fn pair() -> Result<(OwnedFd, OwnedFd)> {
    socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None).step(STEP)
}

/// In the container: makes the terminal, sends its master away, and takes it.
pub fn take(wanted: &Terminal, process: &Process, socket: Option<&OwnedFd>, as_console: bool) -> Result<()> {
    let socket = socket.ok_or_else(|| Failure::because(STEP, "there is none to send the terminal to"))?;
    let pair = Pair::open(wanted, process.identity.as_ref())?;
    if as_console {
        pair.attach_as_console()?;
    }
    send(socket, &pair.master)?;
    pair.take()
}

/// Others write the terminal's name as the data, and nobody reads it.
fn send(socket: &OwnedFd, master: &OwnedFd) -> Result<()> {
    passing::send(socket, b"/dev/ptmx", master.as_fd()).step(STEP).map(drop)
}

/// The master that was sent.
pub fn receive(socket: &OwnedFd) -> Result<OwnedFd> {
    let (_, sent) = passing::receive(socket, &mut [0; 64]).step(STEP)?;
    sent.ok_or_else(|| Failure::because(STEP, "no terminal came"))
}
