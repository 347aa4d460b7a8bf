//! What of /proc and /sys is nobody's business: hidden, or protected from writes.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use meseta_spec::Masking;
use rustix::{
    fs::{self, FileType, makedev},
    io::Errno,
};

use super::kernel_trees::KernelTrees;
use crate::{
    failure::{Failure, Result, Step},
    mount::detached::{Change, NODEV, NOEXEC, NOSUID, READ_ONLY, attach, clone_of, new_filesystem},
    resolve::{Links, open_below},
};

/// Below these the container reads nothing (row 6-087, S23, S52).
const HIDDEN: &[&str] = &[
    "proc/acpi",
    "proc/asound",
    "proc/interrupts",
    "proc/kcore",
    "proc/key-users",
    "proc/keys",
    "proc/latency_stats",
    "proc/sched_debug",
    "proc/scsi",
    "proc/timer_list",
    "proc/timer_stats",
    "sys/devices/virtual/powercap",
    "sys/firmware",
];

/// Below these the container changes nothing (S38).
const PROTECTED: &[&str] = &["proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger"];

/// Hides and protects, after all other mounts, so that nothing is mounted over a mask.
pub fn mask(root: BorrowedFd<'_>, trees: &KernelTrees, wanted: Option<&Masking>) -> Result<()> {
    let mut covers = Covers { root, trees, null: None, nothing: None };
    match wanted {
        Some(wanted) => {
            for path in &wanted.hidden {
                covers.hide(path)?;
            }
            wanted.read_only.iter().try_for_each(|path| covers.protect(path))
        }
        None => {
            for path in HIDDEN {
                covers.hide(path)?;
            }
            covers.hide_temperatures()?;
            PROTECTED.iter().try_for_each(|path| covers.protect(path))
        }
    }
}

/// What is put over hidden files and directories: made once, and cloned for each further one.
struct Covers<'a> {
    root: BorrowedFd<'a>,
    trees: &'a KernelTrees,
    null: Option<OwnedFd>,
    nothing: Option<OwnedFd>,
}

impl Covers<'_> {
    /// False: there is no such thing.
    fn hide(&mut self, path: &str) -> Result<bool> {
        const STEP: &str = "mask";
        let Some(target) = self.present(path)? else { return Ok(false) };
        let is_directory = FileType::from_raw_mode(fs::fstat(&target).step_at(STEP, path)?.st_mode) == FileType::Directory;
        let cover = if is_directory { self.nothing()? } else { clone_of(self.null()?, false).step_at(STEP, path)? };
        attach(&cover, &target).step_at(STEP, path)?;
        if is_directory {
            // Only what is attached can be cloned, so the next one is a clone of this.
            self.nothing = Some(cover);
        }
        Ok(true)
    }

    /// How hot a core is tells what others compute on it. Of the kernels that have this, all cores do.
    fn hide_temperatures(&mut self) -> Result<()> {
        let mut core = 0;
        while self.hide(&format!("sys/devices/system/cpu/cpu{core}/thermal_throttle"))? {
            core += 1;
        }
        Ok(())
    }

    /// The device that hides is checked to be the real one (S15).
    fn null(&mut self) -> Result<BorrowedFd<'_>> {
        if self.null.is_none() {
            let null = self.open("dev/null").step_at("open", "/dev/null")?;
            let stat = fs::fstat(&null).step_at("open", "/dev/null")?;
            if FileType::from_raw_mode(stat.st_mode) != FileType::CharacterDevice || stat.st_rdev != makedev(1, 3) {
                return Err(Failure::because("mask paths", "it is not the null device").at("/dev/null"));
            }
            self.null = Some(null);
        }
        self.null.as_ref().map(AsFd::as_fd).ok_or_else(|| Failure::because("mask paths", "there is no null device"))
    }

    fn nothing(&self) -> Result<OwnedFd> {
        match &self.nothing {
            Some(attached) => clone_of(attached, false).step("mask paths"),
            None if self.trees.empty.is_some() => self.empty().step("mask paths"),
            None => {
                new_filesystem("tmpfs", &[("mode", Some("555")), ("size", Some("4096"))], NOSUID | NODEV | NOEXEC | READ_ONLY)
            }
        }
    }

    /// Cheaper than a file system of its own.
    fn empty(&self) -> std::result::Result<OwnedFd, Errno> {
        let cover = clone_of(self.trees.empty.as_ref().ok_or(Errno::NOENT)?, false)?;
        Change { set: u64::from((NOSUID | NODEV | NOEXEC | READ_ONLY).bits()), ..Default::default() }.apply(&cover)?;
        Ok(cover)
    }

    fn protect(&self, path: &str) -> Result<()> {
        const STEP: &str = "protect";
        let Some(target) = self.present(path)? else { return Ok(()) };
        let own = clone_of(&target, true).step_at(STEP, path)?;
        Change::read_only(true).apply(&own).and_then(|()| attach(&own, &target)).step_at(STEP, path)
    }

    /// A link in its place leads nowhere that is ours to hide, but stands for something that is: it is refused.
    fn present(&self, path: &str) -> Result<Option<OwnedFd>> {
        match self.open(path) {
            Ok(target) => Ok(Some(target)),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::ACCESS) => Ok(None),
            Err(errno) => Err(errno).step_at("mask", path),
        }
    }

    fn open(&self, path: &str) -> std::result::Result<OwnedFd, Errno> {
        let (at, path) = self.trees.place(self.root, path);
        open_below(at, path, Links::Refused)
    }
}
