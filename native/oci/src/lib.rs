//! An OCI runtime over the same core as Meseta's launcher: what dockerd, containerd and outside test suites call. It reads a bundle, turns it into a
//! launch plan, and takes the same steps. No supervisor and no init of ours stay behind: the container's process is its pid 1 and the caller's child.

mod clock;
mod command_line;
mod commands;
mod config;
mod container;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod hooks;
mod log;
mod options;
mod output;
mod plan;
mod size;
mod state;

pub use commands::run;
