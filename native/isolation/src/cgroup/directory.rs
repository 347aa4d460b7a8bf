//! Where a container is in one hierarchy.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use crate::failure::{Result, Step};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    V1,
    V2,
}

#[derive(Debug, Clone)]
pub struct Directory {
    pub version: Version,
    pub mount_point: PathBuf,
    pub path: PathBuf,
    /// The cgroup of all containers; only what is below it is ours to rearrange.
    pub shared: Option<PathBuf>,
    /// Those of the plan that are here.
    pub controllers: Vec<String>,
}

impl Directory {
    pub fn has(&self, controller: &str) -> bool {
        self.controllers.iter().any(|name| name == controller)
    }
}

/// With all that is missing above it. Whether it was not there yet.
pub fn make(path: &Path) -> Result<bool> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => fs::create_dir_all(path).map(|()| true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        outcome => outcome.map(|()| true),
    }
    .step_at("make the cgroup", path)
}
