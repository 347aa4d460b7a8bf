//! Filters of system calls (row 6-037). The agent compiles a profile once, into a program of the kernel's classic BPF; a launcher only installs the
//! bytes, right before exec.
//!
//! A program looks at the architecture first, then finds the call's number by binary search over ranges that are decided alike, and looks at arguments
//! only where a rule asks for it. Every path ends in a return, so each part is a sequence of its own and jumps never join.

mod action;
mod architecture;
mod arguments;
mod bpf;
mod compile;
mod decisions;
mod install;

#[cfg(test)]
mod tests;

pub use compile::{compile, compile_with_listener, listens};
pub use install::{has_listener, install};
