//! The steps from a fresh process to the user's program, as the plan says. Launcher and OCI command line take the same ones, each in processes of its own.

pub mod inside;
pub mod prepared;
pub mod privileges;
pub mod program;
