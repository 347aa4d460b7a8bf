//! Who decides on the system calls that a profile leaves open (`SCMP_ACT_NOTIFY`): gets the filter's listener, and is told whose it is.

use std::{
    io::Write,
    os::fd::{AsFd, OwnedFd},
    path::Path,
};

use meseta_isolation::failure::{Result, Step};
use serde_json::{Value, json};

use super::passing;
use crate::config::{self, Config};

const STEP: &str = "hand the listener to";

/// runtime-spec's container process state, of the process `pid`.
pub fn inform(config: &Config, state: &Value, pid: i32, listener: &OwnedFd) -> Result<()> {
    let Some(wanted) = &config.linux.seccomp else { return Ok(()) };
    let path = Path::new(wanted.listener_path.as_deref().unwrap_or_default());
    let message = json!({
        "ociVersion": config::VERSION,
        "fds": ["seccompFd"],
        "pid": pid,
        "metadata": wanted.listener_metadata.as_deref().unwrap_or_default(),
        "state": state,
    });
    let bytes = message.to_string().into_bytes();
    let socket = passing::connect(path).step_at(STEP, path)?;
    let sent = passing::send(&socket, &bytes, listener.as_fd()).step_at(STEP, path)?;
    std::os::unix::net::UnixStream::from(socket).write_all(&bytes[sent..]).step_at(STEP, path)
}
