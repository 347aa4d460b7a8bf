//! Mounts of another mount namespace: the /dev/shm of the container around this one.

use std::os::fd::OwnedFd;

use meseta_spec::JoinedNamespace;
use rustix::{
    fs::{self, Mode, OFlags},
    process::fchdir,
};

use super::{STEP, detached::clone_of, namespace_root};
use crate::{
    failure::{Result, Step},
    namespace::{Entry, join},
    resolve::{Links, open_below},
};

/// A detached copy. The kernel copies only what is mounted in the namespace of who asks, so this process goes there and comes back; what it does there is
/// to resolve one path, inside the root and by no magic link.
pub fn clone_from(namespace: &JoinedNamespace, path: &str, recursive: bool) -> Result<OwnedFd> {
    let there = join::open_one(namespace)?;
    let back = Entry::of_own_mounts()?;
    let here = fs::open(".", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).step_at(STEP, path)?;
    there.enter()?;
    let copied = namespace_root().and_then(|root| {
        open_below(root, path, Links::InRoot).and_then(|handle| clone_of(handle, recursive)).step_at(STEP, path)
    });
    back.enter()?;
    fchdir(here).step_at(STEP, path)?;
    copied
}
