//! What was made before there was a plan, by who is in namespaces that it turned out to want.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use crate::{loopback, rootfs::Furniture};

#[derive(Default)]
pub struct Prepared {
    /// The overlay that the plan's root is to be, attached nowhere yet; made by the agent.
    pub root: Option<OwnedFd>,
    pub furniture: Option<Furniture>,
    pub network_is_up: bool,
}

impl Prepared {
    /// In new namespaces of these flags (CLONE_NEW…). What cannot be made is made when there is a plan, and then it is told why it fails.
    pub fn make(namespaces: u64, with_root: bool) -> Self {
        let has = |flag: libc::c_int| namespaces & flag as u64 != 0;
        Prepared {
            root: None,
            network_is_up: has(libc::CLONE_NEWNET) && loopback::bring_up().is_ok(),
            furniture: if with_root { Furniture::make(has(libc::CLONE_NEWIPC)).ok() } else { None },
        }
    }

    pub fn handles(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.furniture.iter().flat_map(Furniture::handles).chain(self.root.iter().map(AsFd::as_fd))
    }
}
