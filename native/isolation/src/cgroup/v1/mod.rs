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
