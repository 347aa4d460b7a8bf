//! Mounts whose ids are seen through a user namespace: files of the host's root belong to root inside, and what root inside makes belongs to the host's
//! root there. Only who has power over the file system may make them, so before the user namespace is entered.

use std::os::fd::{AsFd, BorrowedFd};

use meseta_spec::Namespaces;
use rustix::{
    fs::{self, AtFlags, CWD, Gid, Mode, OFlags, Uid},
    io::Errno,
    mount::{MoveMountFlags, move_mount},
};

use crate::{
    failure::{Result, Step},
    mount::detached::{clone_of, map_ids},
    namespace::user::outside,
};

/// The user namespace that a container will live in.
#[derive(Clone, Copy)]
pub struct Ids<'a> {
    pub namespace: BorrowedFd<'a>,
    pub mappings: &'a Namespaces,
}

impl Ids<'_> {
    /// To a detached mount. Refused by file systems that cannot do it, and by ours if the tree holds one of those.
    pub fn map(&self, tree: impl AsFd, recursive: bool) -> std::result::Result<(), Errno> {
        map_ids(tree, recursive, self.namespace)
    }

    /// A layer of an overlay by a name that shows it mapped: mounted below the runtime directory (the working directory), where nobody else sees it.
    pub fn layer(&self, index: usize, directory: &str) -> Result<String> {
        const STEP: &str = "map the ids of";
        let name = format!("lower.{index}");
        let mapped = || -> std::result::Result<(), Errno> {
            let handle = fs::open(directory, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
            let tree = clone_of(handle, false)?;
            self.map(&tree, false)?;
            match fs::mkdirat(CWD, &name, Mode::from_raw_mode(0o700)) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno),
            }
            move_mount(&tree, "", CWD, &name, MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH)
        };
        mapped().step_at(STEP, directory)?;
        Ok(name)
    }

    /// What was made for the container belongs to root inside.
    pub fn give_to_root(&self, made: impl AsFd) -> std::result::Result<(), Errno> {
        self.give(made, 0, 0)
    }

    /// To whom it would belong if it were the container's: who is nobody inside, stays who he is.
    pub fn give(&self, made: impl AsFd, uid: u32, gid: u32) -> std::result::Result<(), Errno> {
        let uid = outside(&self.mappings.uid_mappings, uid).map(Uid::from_raw);
        let gid = outside(&self.mappings.gid_mappings, gid).map(Gid::from_raw);
        fs::chownat(made, "", uid, gid, AtFlags::EMPTY_PATH)
    }
}
