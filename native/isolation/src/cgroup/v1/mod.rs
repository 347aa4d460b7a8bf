//! cgroup v1, also on hybrid hosts: a hierarchy for each controller.

pub mod blkio;
pub mod cpu;
pub mod cpuset;
pub mod devices;
pub mod freezer;
pub mod hugetlb;
pub mod memory;
pub mod net_cls;
pub mod pressure;

use super::directory::{self, Directory};
use crate::failure::Result;

/// Makes it, with what is missing above.
pub fn make(directory: &Directory) -> Result<()> {
    directory::make(&directory.path)?;
    if directory.has("cpuset") { cpuset::inherit(&directory.mount_point, &directory.path) } else { Ok(()) }
}
