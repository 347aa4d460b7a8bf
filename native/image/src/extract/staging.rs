//! Where an archive is unpacked before anybody sees it: a directory of its own, so that its entries meet nothing but each other.

use std::{
    collections::BTreeMap,
    ffi::{CString, OsStr},
    fs::File,
    io::Read,
    os::fd::{AsFd, OwnedFd},
    path::{Path, PathBuf},
};

use meseta_isolation::{
    failure::{Failure, Result, Step},
    remove_tree::remove_below,
};
use meseta_spec::Extracted;
use rustix::{
    fs::{self, AtFlags, Mode, OFlags, Timespec, Timestamps},
    io::Errno,
};

use super::{
    STEP,
    budget::{Budget, Counted},
    damaged, merge, name,
};
use crate::user_files::{directory_below, temporary_name};

/// Set-id bits mean the user that the file has here, whom the archive's author did not know.
const PERMISSIONS: u32 = 0o777;
const MOST_TOLD: usize = 10;

/// What an archive says of an entry.
#[derive(Clone, Copy)]
pub struct Attributes {
    pub mode: u32,
    /// Seconds; `None`: now.
    pub modified: Option<i64>,
}

pub struct Staging {
    /// Of the sandbox: where it all goes in the end.
    target: OwnedFd,
    own_name: String,
    root: OwnedFd,
    /// Theirs are set at the very end: one that cannot be written could not be filled.
    directories: BTreeMap<PathBuf, Attributes>,
    budget: Budget,
    told: Extracted,
}

impl Staging {
    pub fn make(target: OwnedFd, budget: Budget) -> Result<Self> {
        let own_name = loop {
            let name = temporary_name();
            match fs::mkdirat(&target, &name, Mode::from_raw_mode(0o700)) {
                Err(Errno::EXIST) => {}
                made => break made.step(STEP).map(|()| name)?,
            }
        };
        let root = merge::open_directory(target.as_fd(), OsStr::new(&own_name))?;
        Ok(Staging { target, own_name, root, directories: BTreeMap::new(), budget, told: Extracted::default() })
    }

    /// Each entry counts, whatever it is.
    pub fn entry(&mut self) -> Result<()> {
        self.told.entries += 1;
        self.budget.check(self.told.bytes, self.told.entries)
    }

    /// Content that is held to what is left of the budget.
    pub fn count<R: Read>(&self, reader: R) -> Counted<R> {
        self.budget.clone().count(reader, self.told.bytes)
    }

    pub fn leave_out(&mut self, name: &[u8], why: &str) {
        if self.told.left_out.len() < MOST_TOLD {
            self.told.left_out.push(format!("{}: {why}", String::from_utf8_lossy(&name[..name.len().min(200)])));
        }
    }

    pub fn directory(&mut self, name: &[u8], attributes: Attributes) -> Result<()> {
        let path = name::below(name)?;
        // The archive's word on the directory that it is unpacked in does not count.
        if path.as_os_str().is_empty() {
            return Ok(());
        }
        directory_below(&self.root, &path, STEP)?;
        self.directories.insert(path, attributes);
        Ok(())
    }

    /// `fill` answers how many bytes it wrote.
    pub fn file(&mut self, name: &[u8], attributes: Attributes, fill: impl FnOnce(&File) -> Result<u64>) -> Result<()> {
        let path = name::below(name)?;
        let (parent, name) = self.free(&path)?;
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = fs::openat(&parent, name, flags, Mode::from_raw_mode(0o600)).step_at(STEP, &path)?;
        let file = File::from(file);
        self.told.bytes += fill(&file).map_err(|failure| at(failure, &path))?;
        fs::fchmod(&file, permissions(attributes)).step_at(STEP, &path)?;
        // A time that the file system cannot have is not worth an error.
        let _ = attributes.modified.map(|modified| fs::futimens(&file, &times(modified)));
        Ok(())
    }

    pub fn symbolic_link(&mut self, name: &[u8], target: &[u8]) -> Result<()> {
        let path = name::below(name)?;
        let (parent, name) = self.free(&path)?;
        fs::symlinkat(target, &parent, name).step_at(STEP, &path)
    }

    /// To an earlier file of the same archive.
    pub fn hard_link(&mut self, name: &[u8], target: &[u8]) -> Result<()> {
        let (path, target) = (name::below(name)?, name::below(target)?);
        if path == target {
            return Ok(());
        }
        let (from, old) = name::split(&target)?;
        let from = directory_below(&self.root, from, STEP)?;
        let (parent, name) = self.free(&path)?;
        fs::linkat(&from, old, &parent, name, AtFlags::empty()).step_at(STEP, &path)
    }

    /// The handle of the directory in which a name is free; what the archive had there before makes room.
    fn free<'a>(&self, path: &'a Path) -> Result<(OwnedFd, &'a OsStr)> {
        let (parent, name) = name::split(path)?;
        let parent = directory_below(&self.root, parent, STEP)?;
        match fs::unlinkat(&parent, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok((parent, name)),
            Err(Errno::ISDIR) => Err(damaged("it is a directory and something else").at(path)),
            Err(errno) => Err(errno).step_at(STEP, path),
        }
    }

    /// Everything to its place; then directories get the permissions that the archive has for them.
    pub fn publish(&mut self, reserved: &[String]) -> Result<()> {
        for name in reserved {
            let taken = CString::new(name.as_str()).map_err(std::io::Error::from).step(STEP)?;
            if fs::statat(&self.root, taken.as_c_str(), AtFlags::SYMLINK_NOFOLLOW).is_ok() {
                self.leave_out(name.as_bytes(), "the task itself writes there");
                remove_below(self.root.as_fd(), &taken).step(STEP)?;
            }
        }
        merge::merge(&self.root, &self.target, &self.budget)?;
        // The deepest first: one that cannot be entered hides those below.
        for (path, attributes) in std::mem::take(&mut self.directories).iter().rev() {
            let Ok(directory) = merge::open_path(self.target.as_fd(), path) else { continue };
            // Another's directory that was there before stays as it is.
            let _ = attributes.modified.map(|modified| fs::futimens(&directory, &times(modified)));
            let _ = fs::fchmod(&directory, permissions(*attributes));
        }
        Ok(())
    }

    pub fn told(&self) -> Extracted {
        self.told.clone()
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        let Ok(name) = CString::new(self.own_name.as_str()) else { return };
        // What is left then goes with the sandbox.
        let _ = remove_below(self.target.as_fd(), &name);
    }
}

fn permissions(attributes: Attributes) -> Mode {
    Mode::from_raw_mode(attributes.mode & PERMISSIONS)
}

fn times(modified: i64) -> Timestamps {
    let time = Timespec { tv_sec: modified, tv_nsec: 0 };
    Timestamps { last_access: time, last_modification: time }
}

fn at(failure: Failure, path: &Path) -> Failure {
    if failure.path.is_some() { failure } else { failure.at(path) }
}
