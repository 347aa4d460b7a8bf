//! An overlay that is mounted before there is a container for it: to mount one takes a quarter of a start. It is attached nowhere and ends with its handle.

use std::os::fd::{AsFd, OwnedFd};

use meseta_spec::Root;
use rustix::{
    fs::{AtFlags, CWD, StatxFlags, statx},
    io::Errno,
};

use super::overlay;

/// What an overlay is mounted over: names, and what they stood for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layers {
    list: String,
    found: Vec<Found>,
}

/// A directory that was removed and made again, or to which something was added, is another.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    device: (u32, u32),
    inode: u64,
    changed: (i64, u32),
}

impl Found {
    fn at(directory: impl AsFd, path: &str) -> Result<Self, Errno> {
        let found = statx(directory, path, AtFlags::EMPTY_PATH, StatxFlags::BASIC_STATS)?;
        Ok(Found {
            device: (found.stx_dev_major, found.stx_dev_minor),
            inode: found.stx_ino,
            changed: (found.stx_ctime.tv_sec, found.stx_ctime.tv_nsec),
        })
    }
}

impl Layers {
    /// `None`: such a root is mounted when it is wanted, and then it is told why it cannot be.
    pub fn of(plan: &Root) -> Option<Self> {
        let list = overlay::plain_layers(plan)?;
        let all = [&plan.directory].into_iter().chain(&plan.lower);
        let found = all.map(|layer| Found::at(CWD, layer)).collect::<Result<_, _>>().ok()?;
        Some(Layers { list, found })
    }
}

pub struct ReadyOverlay {
    layers: Layers,
    tree: OwnedFd,
}

impl ReadyOverlay {
    /// With its changes in a directory that has the room for them. `None` too where layers are on another file system than that: held by us,
    /// its owner could not take it away.
    pub fn mount(directory: impl AsFd, layers: &Layers) -> Option<Self> {
        let device = Found::at(&directory, "").ok()?.device;
        let tree = || overlay::detached_in(&directory, &layers.list).ok();
        let tree = layers.found.iter().all(|found| found.device == device).then(tree)??;
        Some(ReadyOverlay { layers: layers.clone(), tree })
    }

    pub fn is_over(&self, layers: &Layers) -> bool {
        self.layers == *layers
    }

    pub fn into_tree(self) -> OwnedFd {
        self.tree
    }
}
