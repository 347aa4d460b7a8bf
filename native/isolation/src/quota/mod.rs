//! How much disk a container uses, and how much it may: by looking at every file (`walk`), or by the accounts of the file system (`project`).

pub mod project;
pub mod walk;
