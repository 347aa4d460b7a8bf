//! Removes a directory that others wrote, and may still write to: by descriptor, without following a link or entering a mount, however deep it is (S31).

use std::{
    ffi::{CStr, CString},
    mem::MaybeUninit,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::Path,
};

use rustix::{
    fs::{self, AtFlags, CWD, FileType, Mode, OFlags, RawDir, RenameFlags, ResolveFlags, SeekFrom},
    io::Errno,
};

use crate::failure::{Failure, Result, Step};

const STEP: &str = "remove";

/// Each level holds a descriptor. What lies deeper is moved up first, so that no depth exhausts descriptors or stack.
const DEEPEST: usize = 64;

/// As often as somebody may put new files into a directory between its being emptied and its removal.
const ROUNDS: usize = 100;

/// Removes `path` with all that is in it. What does not exist is fine. What cannot be removed is named by its errno, after everything else has gone.
pub fn remove_tree(path: &Path) -> Result<()> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(Failure::because(STEP, "it has no name").at(path));
    };
    let name = CString::new(name.as_encoded_bytes()).map_err(std::io::Error::from).step_at(STEP, path)?;
    let parent = match fs::openat(CWD, parent, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(()),
        opened => opened.step_at(STEP, path)?,
    };
    remove_below(parent.as_fd(), &name).step_at(STEP, path)
}

/// Removes what is called `name` in a directory.
pub fn remove_below(parent: BorrowedFd<'_>, name: &CStr) -> std::result::Result<(), Errno> {
    match unlink(parent, name) {
        Err(Errno::ISDIR) => {
            let mut removal = Removal { top: None, moved: 0 };
            removal.directory(parent, name, 0)
        }
        done => done,
    }
}

fn unlink(parent: BorrowedFd<'_>, name: &CStr) -> std::result::Result<(), Errno> {
    match fs::unlinkat(parent, name, AtFlags::empty()) {
        Err(Errno::NOENT) => Ok(()),
        // Some file systems say so of a directory. Of a file it means that it, or its directory, was made unchangeable.
        Err(Errno::PERM) if is_directory(parent, name) => Err(Errno::ISDIR),
        Err(Errno::PERM) => {
            make_changeable(parent, name);
            make_changeable(parent, c".");
            fs::unlinkat(parent, name, AtFlags::empty())
        }
        done => done,
    }
}

fn is_directory(parent: BorrowedFd<'_>, name: &CStr) -> bool {
    fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)
        .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Directory)
}

struct Removal {
    /// The directory that is being removed, to which what lies too deep is moved.
    top: Option<OwnedFd>,
    moved: u64,
}

impl Removal {
    fn directory(&mut self, parent: BorrowedFd<'_>, name: &CStr, depth: usize) -> std::result::Result<(), Errno> {
        // Most are empty. Why this one cannot be removed is said by what follows.
        if fs::unlinkat(parent, name, AtFlags::REMOVEDIR).is_ok() {
            return Ok(());
        }
        let mut fruitless = 0;
        while fruitless < ROUNDS {
            // Each round takes some levels off a tree that is too deep for one.
            let moved_before = self.moved;
            match self.round(parent, name, depth) {
                Err(Errno::NOTEMPTY | Errno::EXIST | Errno::ISDIR | Errno::NOTDIR) => {}
                done => return done,
            }
            fruitless += usize::from(self.moved == moved_before);
        }
        Err(Errno::NOTEMPTY)
    }

    /// With what is there now: whoever still writes there may have put something else in its place since the last round, or does so within this one.
    fn round(&mut self, parent: BorrowedFd<'_>, name: &CStr, depth: usize) -> std::result::Result<(), Errno> {
        let Some(directory) = open_directory(parent, name)? else { return unlink(parent, name) };
        if self.top.is_none() {
            self.top = Some(directory.try_clone().map_err(|_| Errno::MFILE)?);
        }
        let emptied = self.contents(&directory, depth);
        match fs::unlinkat(parent, name, AtFlags::REMOVEDIR) {
            Err(Errno::NOENT) => Ok(()),
            Err(Errno::PERM) => {
                make_changeable(parent, name);
                make_changeable(parent, c".");
                fs::unlinkat(parent, name, AtFlags::REMOVEDIR)
            }
            // What could not be removed is the better reason.
            Err(Errno::NOTEMPTY | Errno::EXIST) => emptied.and(Err(Errno::NOTEMPTY)),
            done => done,
        }
    }

    /// All that can be removed is; the first thing that cannot is told.
    fn contents(&mut self, directory: &OwnedFd, depth: usize) -> std::result::Result<(), Errno> {
        let mut outcome = Ok(());
        for name in names(directory)? {
            let removed = match unlink(directory.as_fd(), &name) {
                Err(Errno::ISDIR) if depth < DEEPEST => self.directory(directory.as_fd(), &name, depth + 1),
                Err(Errno::ISDIR) => self.move_up(directory.as_fd(), &name),
                done => done,
            };
            outcome = outcome.and(removed);
        }
        outcome
    }

    /// It is found there in the next round, since the top is not empty then.
    fn move_up(&mut self, directory: BorrowedFd<'_>, name: &CStr) -> std::result::Result<(), Errno> {
        let Some(top) = &self.top else { return Err(Errno::NOTDIR) };
        loop {
            self.moved += 1;
            let new_name = format!(".meseta-removed-{}", self.moved);
            match fs::renameat_with(directory, name, top, new_name, RenameFlags::NOREPLACE) {
                Err(Errno::EXIST) => {}
                Err(Errno::NOENT) => return Ok(()),
                done => return done,
            }
        }
    }
}

/// `None`: it is no directory any more. What is mounted there is not entered: EXDEV, and `BUSY` is what removing it would say.
fn open_directory(parent: BorrowedFd<'_>, name: &CStr) -> std::result::Result<Option<OwnedFd>, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_XDEV;
    match fs::openat2(parent, name, flags, Mode::empty(), resolve) {
        Ok(directory) => Ok(Some(directory)),
        Err(Errno::NOTDIR | Errno::LOOP | Errno::NOENT) => Ok(None),
        Err(Errno::XDEV) => Err(Errno::BUSY),
        Err(errno) => Err(errno),
    }
}

/// What is in a directory, but for itself and the one above.
pub fn names(directory: &OwnedFd) -> std::result::Result<Vec<CString>, Errno> {
    fs::seek(directory, SeekFrom::Start(0))?;
    let mut buffer = [MaybeUninit::uninit(); 8192];
    let mut entries = RawDir::new(directory, &mut buffer);
    let mut names = Vec::new();
    while let Some(entry) = entries.next() {
        let name = entry?.file_name().to_owned();
        if name.as_c_str() != c"." && name.as_c_str() != c".." {
            names.push(name);
        }
    }
    Ok(names)
}

/// Takes the marks away that make a file unchangeable or growable only. That it does not work is said by what is tried again.
fn make_changeable(parent: BorrowedFd<'_>, name: &CStr) {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_XDEV;
    let Ok(file) = fs::openat2(parent, name, flags, Mode::empty(), resolve) else { return };
    let Ok(marks) = fs::ioctl_getflags(&file) else { return };
    let kept = marks.difference(fs::IFlags::IMMUTABLE | fs::IFlags::APPEND);
    if kept != marks {
        let _ = fs::ioctl_setflags(&file, kept);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs as std_fs,
        os::unix::fs::symlink,
        path::PathBuf,
        sync::atomic::{AtomicBool, Ordering},
    };

    use super::*;

    fn place(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("meseta-remove-{}-{name}", std::process::id()));
        std_fs::create_dir_all(&path).expect("made");
        path
    }

    #[test]
    fn links_are_removed_and_not_followed() {
        let place = place("links");
        std_fs::create_dir(place.join("canary")).expect("made");
        std_fs::write(place.join("canary/file"), "here").expect("written");
        std_fs::create_dir_all(place.join("tree/below")).expect("made");
        symlink("../canary", place.join("tree/link")).expect("linked");
        symlink("../../canary", place.join("tree/below/link")).expect("linked");
        remove_tree(&place.join("tree")).expect("removed");
        assert!(!place.join("tree").exists());
        assert!(place.join("canary/file").exists());
        remove_tree(&place.join("tree")).expect("gone is fine");
        remove_tree(&place).expect("removed");
    }

    #[test]
    fn ten_thousand_levels_are_removed() {
        let place = place("deep");
        let mut at = fs::open(&place, OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()).expect("opened");
        for _ in 0..10_000 {
            fs::mkdirat(&at, "d", Mode::from_raw_mode(0o755)).expect("made");
            at = fs::openat(&at, "d", OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()).expect("opened");
        }
        remove_tree(&place).expect("removed");
        assert!(!place.exists());
    }

    #[test]
    fn a_directory_that_turns_into_a_link_and_back_leads_nowhere() {
        let place = place("race");
        std_fs::create_dir(place.join("canary")).expect("made");
        for number in 0..50 {
            std_fs::write(place.join(format!("canary/{number}")), "here").expect("written");
        }
        std_fs::create_dir_all(place.join("tree/a")).expect("made");
        symlink("../canary", place.join("tree/b")).expect("linked");
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let tree = fs::open(place.join("tree"), OFlags::PATH | OFlags::DIRECTORY, Mode::empty()).expect("opened");
                while !over.load(Ordering::Relaxed) {
                    let _ = fs::renameat_with(&tree, "a", &tree, "b", RenameFlags::EXCHANGE);
                    let _ = std_fs::create_dir_all(place.join("tree/a"));
                    let _ = symlink("../canary", place.join("tree/b"));
                }
            });
            for _ in 0..500 {
                let _ = remove_tree(&place.join("tree/a"));
            }
            over.store(true, Ordering::Relaxed);
        });
        assert_eq!(std_fs::read_dir(place.join("canary")).expect("there").count(), 50);
        remove_tree(&place).expect("removed");
    }
}
