//! Directories that entries are placed in, by descriptor. A link on the way leads as it would with the directory as root, as in the container that will see
//! it; nothing leads out (S66).

use std::{
    collections::BTreeSet,
    ffi::CString,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::ffi::OsStrExt,
    },
    path::Path,
    rc::Rc,
};

use meseta_isolation::{
    failure::Result,
    resolve::{Links, open_below},
};
use rustix::{
    fs::{self, AtFlags, FileType, Mode, OFlags, ResolveFlags},
    io::Errno,
};

use crate::{
    failure::{Named, refused},
    whiteout,
};

/// As many as the kernel follows.
const MOST_LINKS: usize = 40;
/// Archives mostly go through trees depth first, so few are needed again.
const REMEMBERED: usize = 16;
const OPEN: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

pub struct Parents {
    root: Rc<OwnedFd>,
    /// By the path that an archive has for it, the last used at the end. Forgotten whenever a directory or link is taken away, so no path is ever taken for
    /// what it led to before (S73).
    known: Vec<(Vec<u8>, Rc<OwnedFd>)>,
    /// Made because something lies in them.
    pub implied: BTreeSet<Vec<u8>>,
    whiteouts: bool,
}

impl Parents {
    pub fn new(root: OwnedFd, whiteouts: bool) -> Self {
        Parents { root: Rc::new(root), known: Vec::new(), implied: BTreeSet::new(), whiteouts }
    }

    pub fn root(&self) -> BorrowedFd<'_> {
        self.root.as_fd()
    }

    pub fn forget(&mut self) {
        self.known.clear();
    }

    /// The directory at a cleaned path; what is missing of it is made.
    pub fn open(&mut self, path: &[u8]) -> Result<Rc<OwnedFd>> {
        if path.is_empty() {
            return Ok(self.root.clone());
        }
        if let Some(at) = self.known.iter().rposition(|(known, _)| known == path) {
            let found = self.known.remove(at);
            let directory = found.1.clone();
            self.known.push(found);
            return Ok(directory);
        }
        let directory = Rc::new(self.find_or_make(path)?);
        if self.known.len() == REMEMBERED {
            self.known.remove(0);
        }
        self.known.push((path.to_vec(), directory.clone()));
        Ok(directory)
    }

    fn find_or_make(&mut self, path: &[u8]) -> Result<OwnedFd> {
        match open_in_root(self.root(), path) {
            Err(Errno::NOENT | Errno::NOTDIR) => Walk::new(self)?.all(path),
            found => found.named(path),
        }
    }

    /// Where a cleaned path leads, its last part not followed; nothing is made.
    pub fn find(&self, path: &[u8]) -> std::result::Result<OwnedFd, Errno> {
        if path.is_empty() { fs::openat(self.root(), c".", OPEN, Mode::empty()) } else { open_in_root(self.root(), path) }
    }
}

/// A directory, through links inside the root.
fn open_in_root(root: BorrowedFd<'_>, path: &[u8]) -> std::result::Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    fs::openat2(root, path, flags, Mode::empty(), ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS)
}

/// One component after the other, links read by us, since the kernel makes nothing on the way.
struct Walk<'a> {
    parents: &'a mut Parents,
    /// Where it is, free of links.
    here: Vec<Vec<u8>>,
    at: OwnedFd,
    links: usize,
}

impl<'a> Walk<'a> {
    fn new(parents: &'a mut Parents) -> Result<Self> {
        let at = fs::openat(parents.root(), c".", OPEN, Mode::empty()).named(b".")?;
        Ok(Walk { parents, here: Vec::new(), at, links: 0 })
    }

    fn all(mut self, path: &[u8]) -> Result<OwnedFd> {
        let mut ahead: Vec<Vec<u8>> = components(path).collect();
        ahead.reverse();
        while let Some(name) = ahead.pop() {
            match &name[..] {
                b"" | b"." => {}
                b".." => self.up().named(path)?,
                name => {
                    if let Some(link) = self.step(name, path)? {
                        let mut more: Vec<_> = components(&link).collect();
                        more.reverse();
                        ahead.extend(more);
                        if link.starts_with(b"/") {
                            self.here.clear();
                            self.reopen().named(path)?;
                        }
                    }
                }
            }
        }
        Ok(self.at)
    }

    /// Into `name`, or where it leads.
    fn step(&mut self, name: &[u8], whole: &[u8]) -> Result<Option<Vec<u8>>> {
        match fs::openat(&self.at, name, OPEN, Mode::empty()) {
            Ok(directory) => self.enter(name, directory),
            Err(Errno::NOENT) => self.make(name, false).named(whole)?,
            Err(Errno::NOTDIR | Errno::LOOP) => return self.not_a_directory(name, whole),
            Err(errno) => return Err(errno).named(whole),
        }
        Ok(None)
    }

    fn not_a_directory(&mut self, name: &[u8], whole: &[u8]) -> Result<Option<Vec<u8>>> {
        if self.parents.whiteouts && whiteout::is_one(&self.at, name) {
            fs::unlinkat(&self.at, name, AtFlags::empty()).named(whole)?;
            self.make(name, true).named(whole)?;
            return Ok(None);
        }
        self.links += 1;
        match fs::readlinkat(&self.at, name, Vec::new()) {
            Ok(_) if self.links > MOST_LINKS => Err(refused(whole, "too many symbolic links lead to it")),
            Ok(link) => Ok(Some(link.into_bytes())),
            Err(_) => Err(refused(whole, "something that is no directory stands in its way")),
        }
    }

    fn make(&mut self, name: &[u8], opaque: bool) -> std::result::Result<(), Errno> {
        fs::mkdirat(&self.at, name, Mode::from_raw_mode(0o755))?;
        let directory = fs::openat(&self.at, name, OPEN, Mode::empty())?;
        if opaque {
            whiteout::make_opaque(&directory)?;
        }
        self.enter(name, directory);
        self.parents.implied.insert(self.here.join(&b'/'));
        Ok(())
    }

    fn enter(&mut self, name: &[u8], directory: OwnedFd) {
        self.here.push(name.to_vec());
        self.at = directory;
    }

    fn up(&mut self) -> std::result::Result<(), Errno> {
        self.here.pop();
        self.reopen()
    }

    fn reopen(&mut self) -> std::result::Result<(), Errno> {
        let path = self.here.join(&b'/');
        let handle = open_below(self.parents.root(), Path::new(std::ffi::OsStr::from_bytes(&path)), Links::Refused)?;
        self.at = fs::openat(&handle, c".", OPEN, Mode::empty())?;
        Ok(())
    }
}

fn components(path: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    path.split(|byte| *byte == b'/').map(<[u8]>::to_vec)
}

/// What is there, not followed.
pub fn kind_at(parent: impl AsFd, name: &[u8]) -> std::result::Result<FileType, Errno> {
    fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW).map(|stat| FileType::from_raw_mode(stat.st_mode))
}

/// Never through a link, and nothing but a directory.
pub fn open_directory(parent: impl AsFd, name: &[u8]) -> std::result::Result<OwnedFd, Errno> {
    fs::openat(parent, name, OPEN, Mode::empty())
}

/// A name as the kernel takes it; it has no NUL, since it was cleaned.
pub fn c_name(name: &[u8]) -> std::result::Result<CString, Errno> {
    CString::new(name).map_err(|_| Errno::INVAL)
}
