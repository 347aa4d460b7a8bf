//! What directories hold, as `du` counts it (row 6-046), of trees whose owners may be hostile: names are only ever used below a directory that is held
//! open, no link is followed, and neither depth nor width of a tree costs more than memory for names.

use std::{
    collections::HashSet,
    ffi::{CStr, CString},
    mem::MaybeUninit,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    sync::atomic::{AtomicBool, Ordering},
};

use meseta_spec::{DiskUsage, DiskUsageRequest};
use rustix::{
    fs::{AtFlags, CWD, FileType, Mode, OFlags, RawDir, Statx, StatxFlags, openat, statx},
    io::Errno,
};

use crate::failure::{Failure, Result, Step};

const STEP: &str = "measure the disk usage of";
const BLOCK: u64 = 512;
/// Directories that are held open at once; above them the way back is found by `..`.
const MOST_OPEN: usize = 64;
const BUFFER: usize = 64 << 10;

/// One file of one file system.
type Identity = ((u32, u32), u64);

/// Stops early when `stop` is set, with an error.
pub fn measure(request: &DiskUsageRequest, stop: &AtomicBool) -> Result<DiskUsage> {
    let mut walk = Walk { enough: request.enough_bytes.unwrap_or(u64::MAX), ..Walk::new(stop) };
    for path in &request.excluded {
        // What does not exist needs no exception.
        walk.excluded.extend(look(CWD, &text(path)?).ok().as_ref().map(identity));
    }
    for path in &request.directories {
        match walk.tree(&text(path)?) {
            Ok(()) | Err(Interrupted::Enough) | Err(Interrupted::Errno(Errno::NOENT | Errno::NOTDIR)) => {}
            Err(Interrupted::Stopped) => return Err(Failure::because(STEP, "it was not wanted any more").at(path)),
            Err(Interrupted::Errno(errno)) => return Err(errno).step_at(STEP, path),
        }
    }
    Ok(DiskUsage {
        bytes: walk.bytes,
        entries: walk.entries,
        incomplete: Some(walk.incomplete),
        enough: Some(walk.bytes >= walk.enough),
    })
}

fn text(path: &str) -> Result<CString> {
    CString::new(path).map_err(|_| Failure::because(STEP, "its path holds a NUL byte").at(path))
}

enum Interrupted {
    Enough,
    Stopped,
    Errno(Errno),
}

impl From<Errno> for Interrupted {
    fn from(errno: Errno) -> Self {
        Interrupted::Errno(errno)
    }
}

struct Walk<'a> {
    stop: &'a AtomicBool,
    enough: u64,
    excluded: HashSet<Identity>,
    /// Files with several names that have been counted.
    linked: HashSet<Identity>,
    bytes: u64,
    entries: u64,
    incomplete: bool,
    /// Of the names of one read, reused.
    batch: Vec<(u64, CString)>,
    buffer: Vec<MaybeUninit<u8>>,
}

/// A directory on the way from the top to where we are.
struct Level {
    /// `None`: closed to save descriptors; found again from below.
    fd: Option<OwnedFd>,
    identity: Identity,
    /// Directories in it that are still to be visited.
    pending: Vec<CString>,
    /// How many `..` lead to the level before.
    above: usize,
}

impl<'a> Walk<'a> {
    fn new(stop: &'a AtomicBool) -> Self {
        Walk {
            stop,
            enough: u64::MAX,
            excluded: HashSet::new(),
            linked: HashSet::new(),
            bytes: 0,
            entries: 0,
            incomplete: false,
            batch: Vec::new(),
            buffer: vec![MaybeUninit::uninit(); BUFFER],
        }
    }

    fn tree(&mut self, path: &CStr) -> std::result::Result<(), Interrupted> {
        let found = look(CWD, path)?;
        if !is_directory(&found) || self.excluded.contains(&identity(&found)) {
            return Ok(());
        }
        self.count(&found);
        let mut way = vec![self.level(open(CWD, path)?, identity(&found))?];
        while let Some(level) = way.last_mut() {
            match level.pending.pop() {
                Some(name) => self.descend(&mut way, &name)?,
                None => self.ascend(&mut way),
            }
        }
        Ok(())
    }

    fn descend(&mut self, way: &mut Vec<Level>, name: &CStr) -> std::result::Result<(), Interrupted> {
        let Some(level) = way.last_mut() else { return Ok(()) };
        // What was a directory a moment ago may be gone, or be something else.
        let Some((fd, found)) = level.fd.as_ref().and_then(|parent| open_and_look(parent.as_fd(), name)) else {
            self.incomplete = true;
            return Ok(());
        };
        if identity(&found).0 != level.identity.0 {
            return Ok(());
        }
        // Who has nothing left to visit is left out of the way back.
        let skipped = if level.pending.is_empty() { way.pop().map_or(0, |level| level.above) } else { 0 };
        let below = self.level(fd, identity(&found))?;
        way.push(Level { above: 1 + skipped, ..below });
        if let Some(far) = way.len().checked_sub(MOST_OPEN + 1) {
            way[far].fd = None;
        }
        Ok(())
    }

    fn ascend(&mut self, way: &mut Vec<Level>) {
        let Some(below) = way.pop() else { return };
        let Some(level) = way.last_mut().filter(|level| level.fd.is_none()) else { return };
        match climb(below).filter(|(_, found)| identity(found) == level.identity) {
            Some((fd, _)) => level.fd = Some(fd),
            None => {
                self.incomplete = true;
                level.pending.clear();
            }
        }
    }

    /// Counts what is in a directory, and remembers the directories for later.
    fn level(&mut self, fd: OwnedFd, own: Identity) -> std::result::Result<Level, Interrupted> {
        let mut pending = Vec::new();
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut outcome = Ok(());
        loop {
            self.batch.clear();
            // One read at a time, so that its names can be looked at in the order in which they lie on the disk.
            match read_names(fd.as_fd(), &mut buffer, &mut self.batch) {
                Ok(0) => break,
                Ok(_) => {}
                Err(_) => {
                    self.incomplete = true;
                    break;
                }
            }
            self.batch.sort_unstable_by_key(|(inode, _)| *inode);
            outcome = self.look_at_batch(fd.as_fd(), own, &mut pending);
            if outcome.is_err() {
                break;
            }
        }
        self.buffer = buffer;
        outcome.map(|()| Level { fd: Some(fd), identity: own, pending, above: 1 })
    }

    fn look_at_batch(
        &mut self,
        directory: BorrowedFd<'_>,
        own: Identity,
        pending: &mut Vec<CString>,
    ) -> std::result::Result<(), Interrupted> {
        let mut batch = std::mem::take(&mut self.batch);
        for (_, name) in batch.drain(..) {
            // Gone again: it holds nothing.
            let Ok(found) = look(directory, &name) else { continue };
            if identity(&found).0 != own.0 || self.excluded.contains(&identity(&found)) {
                continue;
            }
            self.count(&found);
            if is_directory(&found) {
                pending.push(name);
            }
        }
        self.batch = batch;
        if self.stop.load(Ordering::Relaxed) {
            return Err(Interrupted::Stopped);
        }
        if self.bytes >= self.enough { Err(Interrupted::Enough) } else { Ok(()) }
    }

    fn count(&mut self, found: &Statx) {
        if found.stx_nlink > 1 && !is_directory(found) && !self.linked.insert(identity(found)) {
            return;
        }
        self.entries += 1;
        self.bytes += found.stx_blocks * BLOCK;
    }
}

/// One getdents64; how many names it gave, the two dots not counted among those that are kept.
fn read_names(
    directory: BorrowedFd<'_>,
    buffer: &mut [MaybeUninit<u8>],
    names: &mut Vec<(u64, CString)>,
) -> std::result::Result<usize, Errno> {
    let mut entries = RawDir::new(directory, buffer);
    let mut count = 0;
    while let Some(entry) = entries.next() {
        let entry = entry?;
        count += 1;
        if entry.file_name() != c"." && entry.file_name() != c".." {
            names.push((entry.ino(), entry.file_name().to_owned()));
        }
        if entries.is_buffer_empty() {
            break;
        }
    }
    Ok(count)
}

/// The directory that was above, if the tree has not been moved meanwhile.
fn climb(from: Level) -> Option<(OwnedFd, Statx)> {
    let mut at = from.fd?;
    for _ in 1..from.above {
        at = open(at.as_fd(), c"..").ok()?;
    }
    open_and_look(at.as_fd(), c"..")
}

fn open(directory: BorrowedFd<'_>, name: &CStr) -> std::result::Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(directory, name, flags, Mode::empty())
}

fn open_and_look(directory: BorrowedFd<'_>, name: &CStr) -> Option<(OwnedFd, Statx)> {
    let fd = open(directory, name).ok()?;
    let found = statx(&fd, c"", AtFlags::EMPTY_PATH, WANTED).ok()?;
    Some((fd, found))
}

const WANTED: StatxFlags = StatxFlags::TYPE.union(StatxFlags::NLINK).union(StatxFlags::INO).union(StatxFlags::BLOCKS);

/// What a network file system knows by itself will do.
fn look(directory: BorrowedFd<'_>, name: &CStr) -> std::result::Result<Statx, Errno> {
    statx(directory, name, AtFlags::SYMLINK_NOFOLLOW | AtFlags::STATX_DONT_SYNC | AtFlags::NO_AUTOMOUNT, WANTED)
}

fn identity(found: &Statx) -> Identity {
    ((found.stx_dev_major, found.stx_dev_minor), found.stx_ino)
}

fn is_directory(found: &Statx) -> bool {
    FileType::from_raw_mode(u32::from(found.stx_mode)) == FileType::Directory
}

#[cfg(test)]
#[path = "walk_tests.rs"]
mod tests;
