//! Lets a container that waits go on.

use std::{fs, io::Read, os::fd::OwnedFd, path::Path};

use meseta_isolation::failure::{Failure, Result, Step};
use meseta_spec::{Message, StepFailure};
use rustix::{
    io::Errno,
    net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with},
};

use super::birth::repeated;
use crate::state::{Container, START_SOCKET};

/// Returns when the container's program runs, or with the reason why it does not.
pub fn start(container: &Container) -> Result<()> {
    const STEP: &str = "start the container";
    let waiting = connect_in(&container.directory).map_err(|errno| match errno {
        Errno::CONNREFUSED | Errno::NOENT => Failure::because(STEP, "it does not wait to be started").at(&container.state.id),
        other => {
            Failure { path: Some(container.state.id.clone()), ..Err::<(), _>(other).step(STEP).err().unwrap_or_else(refused) }
        }
    })?;
    let mut told = Vec::new();
    let heard = fs::File::from(waiting).read_to_end(&mut told);
    let removed = fs::remove_file(container.start_socket());
    // A process that is killed meanwhile was started, too.
    if heard.is_ok() && !told.is_empty() {
        return Err(StepFailure::decode(told.as_slice()).map_or_else(|_| refused(), repeated));
    }
    removed.step_at("remove", container.start_socket())
}

fn refused() -> Failure {
    Failure::because("start the container", "it said something else")
}

/// By a name relative to an open directory, whose path may be longer than a socket's address.
fn connect_in(directory: &Path) -> std::result::Result<OwnedFd, Errno> {
    let here = rustix::fs::open(".", rustix::fs::OFlags::PATH | rustix::fs::OFlags::CLOEXEC, rustix::fs::Mode::empty())?;
    rustix::process::chdir(directory)?;
    let connected = || {
        let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
        connect(&socket, &SocketAddrUnix::new(START_SOCKET)?).map(|()| socket)
    };
    let result = connected();
    rustix::process::fchdir(here)?;
    result
}
