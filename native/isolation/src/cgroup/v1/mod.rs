//! cgroup v1, also on hybrid hosts: a hierarchy for each controller.

pub mod cpu;
pub mod cpuset;
pub mod devices;
pub mod freezer;
pub mod memory;
