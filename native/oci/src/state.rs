//! What is kept of a container between two calls: a directory below `--root` with its configuration as it was at `create`, its state, and, until it is
//! started, the socket on which it waits for that.

use std::{
    collections::BTreeMap,
    fs,
    os::fd::{AsFd, OwnedFd},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use meseta_isolation::{
    durable::write_atomically,
    failure::{Failure, Result, Step},
    process, procfs,
};
use rustix::fs::{FlockOperation, Mode, OFlags};
use serde::{Deserialize, Serialize};

use crate::config::{self, Config};

const FILE: &str = "state.json";
/// In the container's directory, for as long as it has not been started.
pub const START_SOCKET: &str = "start.sock";

/// All the containers of one `--root`.
pub struct Store {
    root: PathBuf,
}

/// One of them, on disk.
pub struct Container {
    pub directory: PathBuf,
    pub state: State,
}

#[derive(Serialize, Deserialize, Clone, Debug, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct State {
    pub oci_version: String,
    pub id: String,
    /// As the caller sees it; zero until there is a process.
    pub pid: i32,
    /// With the pid it names one process of this boot.
    pub start_time: u64,
    pub bundle: PathBuf,
    pub rootfs: PathBuf,
    pub created: String,
    pub owner: String,
    pub annotations: BTreeMap<String, String>,
    /// Root was changed without pivot_root: who joins has to change it, too.
    pub without_pivot: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    Creating,
    Created,
    Running,
    Paused,
    Stopped,
}

impl Status {
    pub fn name(self) -> &'static str {
        match self {
            Status::Creating => "creating",
            Status::Created => "created",
            Status::Running => "running",
            Status::Paused => "paused",
            Status::Stopped => "stopped",
        }
    }
}

impl Store {
    pub fn new(root: &Path) -> Self {
        Store { root: root.to_owned() }
    }

    /// Of a container that does not exist yet. The directory is the claim on its name.
    pub fn reserve(&self, id: &str) -> Result<PathBuf> {
        check_id(id)?;
        fs::DirBuilder::new().recursive(true).mode(0o711).create(&self.root).step_at("make", &self.root)?;
        let directory = self.root.join(id);
        match fs::DirBuilder::new().mode(0o711).create(&directory) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(Failure::because("create the container", "a container with this id exists already").at(id))
            }
            made => made.step_at("make", &directory).map(|()| directory),
        }
    }

    pub fn open(&self, id: &str) -> Result<Container> {
        check_id(id)?;
        let directory = self.root.join(id);
        let file = directory.join(FILE);
        if !file.exists() {
            return Err(Failure::because("find the container", "container does not exist").at(id));
        }
        Ok(Container { state: config::read(&file)?, directory })
    }

    /// The directory of one whose creation was cut short: no state, but the name is taken.
    pub fn remains(&self, id: &str) -> Option<PathBuf> {
        check_id(id).ok().map(|()| self.root.join(id)).filter(|directory| directory.is_dir())
    }

    pub fn all(&self) -> Vec<Container> {
        let Ok(entries) = fs::read_dir(&self.root) else { return Vec::new() };
        let mut names: Vec<String> = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names.iter().filter_map(|id| self.open(id).ok()).collect()
    }
}

/// The id becomes the name of a directory and of a cgroup.
fn check_id(id: &str) -> Result<()> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'-' | b'.');
    if !id.is_empty() && id.len() <= 1024 && id.bytes().all(plain) && id != "." && id != ".." {
        return Ok(());
    }
    Err(Failure::because("use the container id", "it may hold letters, digits and _+-. only").at(format!("{id:?}")))
}

impl Container {
    pub fn save(&self) -> Result<()> {
        let text = serde_json::to_vec(&self.state).unwrap_or_default();
        let directory = open_directory(&self.directory)?;
        write_atomically(directory.as_fd(), FILE, &text).step_at("write", self.directory.join(FILE))
    }

    pub fn config(&self) -> Result<Config> {
        config::read(&self.directory.join(config::FILE))
    }

    /// As of now; the kernel knows better than any file.
    pub fn status(&self) -> Status {
        if self.state.pid == 0 {
            return Status::Creating;
        }
        if !self.is_alive() {
            return Status::Stopped;
        }
        if self.start_socket().exists() {
            return Status::Created;
        }
        if self.is_frozen() { Status::Paused } else { Status::Running }
    }

    pub fn is_alive(&self) -> bool {
        self.state.pid > 0 && procfs::is_alive(self.state.pid, self.state.start_time)
    }

    fn is_frozen(&self) -> bool {
        crate::container::control_group(self).is_ok_and(|cgroup| cgroup.is_frozen())
    }

    /// `None`: it has ended.
    pub fn process(&self) -> Option<OwnedFd> {
        process::open(self.state.pid, self.state.start_time)
    }

    pub fn start_socket(&self) -> PathBuf {
        self.directory.join(START_SOCKET)
    }

    /// What `state` prints and hooks read.
    pub fn described(&self, status: Status) -> serde_json::Value {
        let State { oci_version, id, pid, bundle, rootfs, created, owner, annotations, .. } = &self.state;
        let pid = if status == Status::Stopped { 0 } else { *pid };
        let mut value = serde_json::json!({
            "ociVersion": oci_version,
            "id": id,
            "status": status.name(),
            "pid": pid,
            "bundle": bundle,
            "rootfs": rootfs,
            "created": created,
            "owner": owner,
        });
        if !annotations.is_empty() {
            value["annotations"] = serde_json::json!(annotations);
        }
        value
    }

    /// One caller at a time changes a container; held until dropped.
    pub fn lock(&self) -> Result<OwnedFd> {
        lock(&self.directory)
    }

    pub fn remove(&self) -> Result<()> {
        remove(&self.directory)
    }
}

pub fn lock(directory: &Path) -> Result<OwnedFd> {
    let handle = open_directory(directory)?;
    rustix::fs::flock(&handle, FlockOperation::LockExclusive).step_at("lock", directory)?;
    Ok(handle)
}

pub fn remove(directory: &Path) -> Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error).step_at("remove", directory),
        _ => Ok(()),
    }
}

fn open_directory(directory: &Path) -> Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    rustix::fs::open(directory, flags, Mode::empty()).step_at("open", directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_never_a_path() {
        for bad in ["", ".", "..", "a/b", "a b", "ä", "a\n"] {
            assert!(check_id(bad).is_err(), "{bad:?}");
        }
        assert!(check_id("a-b_c.d+1").is_ok());
    }
}
