//! An overlay that is mounted before there is a container for it: to mount one takes a quarter of a start. It is attached nowhere and ends with its handle.

use std::os::fd::{AsFd, OwnedFd};

use meseta_spec::Root;
use rustix::{
    fs::{self, AtFlags, CWD, Mode, OFlags, StatxFlags, statx},
    io::Errno,
};

use super::overlay;
use crate::failure::{Result, Step};

/// What an overlay is mounted over, topmost first: names, and what they stood for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layers(Vec<(String, Found)>);

/// A directory that was removed and made again, or to which something was added, is another.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Found {
    device: (u32, u32),
    inode: u64,
    changed: (i64, u32),
}

impl Found {
    fn at(directory: impl AsFd, path: &str) -> std::result::Result<Self, Errno> {
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
        if !plan.overlay() || plan.copy() || plan.id_mapped() {
            return None;
        }
        let all = [&plan.directory].into_iter().chain(&plan.lower);
        all.map(|name| Some((name.clone(), Found::at(CWD, name).ok()?))).collect::<Option<_>>().map(Layers)
    }

    /// `None`: they have changed since.
    fn open(&self) -> Option<Vec<OwnedFd>> {
        let open = |(name, found): &(String, Found)| {
            let layer = fs::open(name.as_str(), OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).ok()?;
            Found::at(&layer, "").is_ok_and(|now| now == *found).then_some(layer)
        };
        self.0.iter().map(open).collect()
    }

    fn are_all_on(&self, device: (u32, u32)) -> bool {
        self.0.iter().all(|(_, found)| found.device == device)
    }
}

pub struct ReadyOverlay {
    layers: Layers,
    tree: OwnedFd,
}

impl ReadyOverlay {
    /// With its changes in a directory that has the room for them. `None` where layers have changed, or are on another file system than that: held by us,
    /// its owner could not take it away. After an error there may be something in the directory that another overlay would refuse.
    pub fn mount(directory: impl AsFd, layers: &Layers) -> Result<Option<Self>> {
        let device = Found::at(&directory, "").step("look at the directory of changes")?.device;
        let open = layers.are_all_on(device).then(|| layers.open()).flatten();
        let tree = open.map(|open| overlay::detached_in(directory, &open)).transpose()?.flatten();
        Ok(tree.map(|tree| ReadyOverlay { layers: layers.clone(), tree }))
    }

    pub fn is_over(&self, layers: &Layers) -> bool {
        self.layers == *layers
    }

    pub fn into_tree(self) -> OwnedFd {
        self.tree
    }
}
