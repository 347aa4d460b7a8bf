//! Which GPUs this host has. The management library is loaded at run time, by agents only: nothing of it is linked, and a host without a driver needs
//! nothing of it.

mod library;
mod management;

use meseta_spec::Gpus;

use crate::failure::Result;

/// `name` as dlopen takes it: a bare name is sought as the host is set up, a path is taken as it is.
pub fn list(name: &str) -> Result<Gpus> {
    management::list(&library::Library::open(name)?)
}

#[cfg(test)]
mod tests;
