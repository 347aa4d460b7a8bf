//! A new cpuset is empty and takes no process until it has cpus and memory nodes (row 6-025): they are its parent's.

use std::path::Path;

use crate::{
    cgroup::files::{read, write},
    failure::Result,
};

pub fn inherit(mount_point: &Path, at: &Path) -> Result<()> {
    if at == mount_point {
        return Ok(());
    }
    let Some(parent) = at.parent() else { return Ok(()) };
    if read(&at.join("cpuset.cpus")).is_none_or(|text| !text.trim().is_empty()) {
        return Ok(());
    }
    inherit(mount_point, parent)?;
    for name in ["cpuset.cpus", "cpuset.mems"] {
        write(&at.join(name), read(&parent.join(name)).unwrap_or_default().trim())?;
    }
    Ok(())
}
