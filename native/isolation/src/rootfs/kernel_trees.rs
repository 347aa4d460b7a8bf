//! The container's /proc, /sys and /dev by handle: whoever shares the files of the root may give the directories that they are mounted on other names, but
//! not the mounts themselves (S15, S17).

use std::{
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::Path,
};

use meseta_spec::Mount;

#[derive(Default)]
pub struct KernelTrees {
    mounts: Vec<(&'static str, OwnedFd)>,
    /// A directory of ours that is empty and that something is mounted on, so that it stays empty.
    pub empty: Option<OwnedFd>,
}

impl KernelTrees {
    pub fn keep(&mut self, name: &'static str, tree: OwnedFd) {
        self.mounts.push((name, tree));
    }

    /// If it is one of them that the plan has just mounted.
    pub fn keep_mount(&mut self, mount: &Mount, tree: OwnedFd) {
        let kind = mount.filesystem.as_ref().map(|filesystem| filesystem.kind.as_str());
        match (kind, Path::new(&mount.target)) {
            (Some("proc"), path) if path == Path::new("/proc") => self.keep("proc", tree),
            (Some("sysfs"), path) if path == Path::new("/sys") => self.keep("sys", tree),
            _ => {}
        }
    }

    /// Where to look a path up: below one of these mounts, or below the root. What was mounted last covers the others.
    pub fn place<'a>(&'a self, root: BorrowedFd<'a>, path: &'a str) -> (BorrowedFd<'a>, &'a Path) {
        let path = Path::new(path.trim_start_matches('/'));
        let below = |(name, tree): &'a (&str, OwnedFd)| path.strip_prefix(name).ok().map(|rest| (tree.as_fd(), rest));
        self.mounts.iter().rev().find_map(below).unwrap_or((root, path))
    }
}
