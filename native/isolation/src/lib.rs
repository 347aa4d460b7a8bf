//! What touches the kernel. The launcher calls the child side (namespaces, mounts, credentials), the addon the parent side (cgroups, statistics,
//! processes). Policy lives in neither: which of it applies is decided in src/containerizer.

pub mod capabilities;
pub mod cgroup;
#[cfg(test)]
mod chance;
pub mod container;
pub mod credentials;
pub mod descriptors;
pub mod destroy;
pub mod discard;
pub mod durable;
pub mod engine;
pub mod failure;
pub mod file_lock;
pub mod file_rights;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod gpu;
pub mod identity;
pub mod idmap;
pub mod loopback;
pub mod memory_policy;
pub mod mount;
pub mod mount_table;
pub mod namespace;
pub mod network_device;
pub mod nursery;
pub mod oom_score;
pub mod own_binary;
pub mod personality;
pub mod priority;
pub mod process;
pub mod procfs;
pub mod quota;
pub mod relay;
pub mod remove_tree;
pub mod resolve;
pub mod rlimit;
pub mod rootfs;
pub mod runtime;
pub mod scheduling;
pub mod seccomp;
pub mod socket;
pub mod spares;
pub mod sysctl;
pub mod terminal;
pub mod usage;
