//! cgroup v2: one tree.

mod bpf;
pub mod cpu;
mod device_program;
pub mod devices;
pub mod freezer;
pub mod hugetlb;
pub mod io;
pub mod kill;
pub mod memory;
pub mod pressure;
pub mod tree;
