//! cgroup v2: one tree. Processes live in a leaf below the container's cgroup (row 6-055), since a cgroup that hands controllers on holds none.

mod bpf;
pub mod cpu;
mod device_program;
pub mod devices;
pub mod kill;
pub mod memory;

use std::path::Path;

use super::{Directory, files, make_directories};
use crate::failure::Result;

pub const LEAF: &str = "leaf";

/// Hands the wanted controllers down from the root to the container's cgroup (T139), and makes the leaf.
pub fn prepare(directory: &Directory) -> Result<()> {
    let wanted = directory.controllers.iter().filter(|name| is_handed_down(name)).map(|name| format!("+{}", v2_name(name)));
    let wanted = wanted.collect::<Vec<_>>().join(" ");
    let relative = directory.path.strip_prefix(&directory.mount_point).unwrap_or(Path::new(""));
    let mut at = directory.mount_point.clone();
    for component in relative.components() {
        if !wanted.is_empty() {
            files::write(&at.join("cgroup.subtree_control"), &wanted)?;
        }
        at.push(component);
    }
    make_directories(&directory.path.join(LEAF))
}

/// Plans use the names of v1.
fn v2_name(controller: &str) -> &str {
    if controller == "blkio" { "io" } else { controller }
}

/// On v2 these are part of every cgroup, or a program attached to it.
fn is_handed_down(controller: &str) -> bool {
    !matches!(controller, "freezer" | "cpuacct" | "devices")
}
