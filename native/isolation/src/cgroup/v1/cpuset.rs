//! A new cpuset is empty and takes no process until it has cpus and memory nodes (row 6-025): they are its parent's.

use std::path::Path;

use crate::{
    cgroup::files::{read, write},
    failure::Result,
};

const LISTS: [&str; 2] = ["cpuset.cpus", "cpuset.mems"];

pub fn inherit(mount_point: &Path, at: &Path) -> Result<()> {
    if at == mount_point {
        return Ok(());
    }
    let Some(parent) = at.parent() else { return Ok(()) };
    let empty = |name: &&str| read(&at.join(name)).is_some_and(|text| text.trim().is_empty());
    let empty: Vec<&str> = LISTS.into_iter().filter(empty).collect();
    if empty.is_empty() {
        return Ok(());
    }
    inherit(mount_point, parent)?;
    for name in empty {
        write(&at.join(name), read(&parent.join(name)).unwrap_or_default().trim())?;
    }
    Ok(())
}
