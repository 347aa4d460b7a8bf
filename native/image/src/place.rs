//! One entry after the other is put into the directory, each by its parent's descriptor and its name there. Nothing that exists is opened, written or followed:
//! what stands in the way is taken away first (S68).

use std::{collections::BTreeMap, os::fd::OwnedFd, rc::Rc};

use meseta_isolation::{failure::Result, remove_tree::remove_below};
use rustix::{
    fs::{self, AtFlags, FileType, Mode, OFlags},
    io::Errno,
};

use crate::{
    failure::{Named, refused, shown},
    metadata::{Maker, Metadata, is_kept},
    names::{clean, split},
    parents::{Parents, c_name, kind_at, open_directory},
    tar::{Entry, Kind},
    whiteout::{self, Mark},
};

const MOST_LEFT_OUT: usize = 100;

pub struct Place {
    pub parents: Parents,
    maker: Maker,
    whiteouts: bool,
    /// Set when all is in them: entries change a directory's times, and a default access list or the set-group bit would be inherited.
    directories: BTreeMap<Vec<u8>, Metadata>,
    pub left_out: Vec<String>,
}

/// A file whose content is to follow.
pub struct OpenFile {
    pub file: OwnedFd,
    made_with: u32,
    metadata: Metadata,
}

impl Place {
    pub fn new(root: OwnedFd, whiteouts: bool) -> Self {
        let parents = Parents::new(root, whiteouts);
        Place { parents, maker: Maker::this_process(), whiteouts, directories: BTreeMap::new(), left_out: Vec::new() }
    }

    /// `path` is cleaned; `link` of a hard link too. A file comes back open.
    pub fn put(&mut self, path: &[u8], mut entry: Entry) -> Result<Option<OpenFile>> {
        self.drop_foreign_xattrs(&mut entry, path);
        if path.is_empty() {
            return self.put_root(entry).map(|()| None);
        }
        let (directory, name) = split(path);
        let mark = if self.whiteouts { whiteout::mark_of(name, path)? } else { None };
        if let Some(mark) = mark {
            return self.put_mark(directory, &mark, path).map(|()| None);
        }
        let parent = self.parents.open(directory)?;
        match entry.kind {
            Kind::File => return self.put_file(&parent, name, path, entry).map(Some),
            Kind::Directory => self.put_directory(&parent, name, path, entry)?,
            Kind::Symlink => self.put_symlink(&parent, name, path, entry)?,
            Kind::HardLink => self.put_hard_link(&parent, name, path, &entry.link)?,
            Kind::Character | Kind::Block | Kind::Fifo => self.put_node(&parent, name, path, entry)?,
            Kind::Other(flag) => self.leave_out(path, &format!("it is of type {:?}, which is no file", char::from(flag))),
        }
        Ok(None)
    }

    fn put_root(&mut self, mut entry: Entry) -> Result<()> {
        if entry.kind != Kind::Directory {
            return Err(refused(&entry.path, "it would stand in place of the directory itself"));
        }
        self.directories.insert(Vec::new(), Metadata::of(&mut entry));
        Ok(())
    }

    fn put_mark(&mut self, directory: &[u8], mark: &Mark<'_>, path: &[u8]) -> Result<()> {
        match mark {
            Mark::Gone(name) => whiteout::mark_gone(&*self.parents.open(directory)?, name).named(path),
            Mark::Opaque => whiteout::make_opaque(&*self.parents.open(directory)?).named(path),
            Mark::Foreign => {
                self.leave_out(path, "it is of aufs, which is not supported");
                Ok(())
            }
        }
    }

    fn put_file(&mut self, parent: &Rc<OwnedFd>, name: &[u8], path: &[u8], mut entry: Entry) -> Result<OpenFile> {
        let metadata = Metadata::of(&mut entry);
        let made_with = metadata.mode & 0o777;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = self.make(parent, name, path, || fs::openat(&**parent, name, flags, Mode::from_raw_mode(made_with)))?;
        Ok(OpenFile { file, made_with, metadata })
    }

    /// All of its content is there.
    pub fn close(&mut self, open: OpenFile, path: &[u8]) -> Result<()> {
        let dropped = self.maker.apply(&open.file, &open.metadata, open.made_with, path)?;
        self.tell_dropped(&dropped, path);
        Ok(())
    }

    fn put_directory(&mut self, parent: &Rc<OwnedFd>, name: &[u8], path: &[u8], mut entry: Entry) -> Result<()> {
        let metadata = Metadata::of(&mut entry);
        let mode = Mode::from_raw_mode(0o755);
        match fs::mkdirat(&**parent, name, mode) {
            Err(Errno::EXIST) if kind_at(&**parent, name) == Ok(FileType::Directory) => {}
            Err(Errno::EXIST) => {
                let marked = self.whiteouts && whiteout::is_one(&**parent, name);
                self.make(parent, name, path, || fs::mkdirat(&**parent, name, mode))?;
                if marked {
                    open_directory(&**parent, name).and_then(whiteout::make_opaque).named(path)?;
                }
            }
            made => made.named(path)?,
        }
        self.parents.implied.remove(path);
        self.directories.insert(path.to_vec(), metadata);
        Ok(())
    }

    fn put_symlink(&mut self, parent: &Rc<OwnedFd>, name: &[u8], path: &[u8], mut entry: Entry) -> Result<()> {
        if entry.link.is_empty() {
            return Err(refused(path, "it is a symbolic link to nothing"));
        }
        self.make(parent, name, path, || fs::symlinkat(&entry.link[..], &**parent, name))?;
        let metadata = Metadata::of(&mut entry);
        let dropped = self.maker.apply_at(parent, name, &metadata, None, path)?;
        self.tell_dropped(&dropped, path);
        Ok(())
    }

    /// To what the same archive has placed before. A link at its end is not followed: it is what gets the second name.
    fn put_hard_link(&mut self, parent: &Rc<OwnedFd>, name: &[u8], path: &[u8], link: &[u8]) -> Result<()> {
        let target = clean(link)?;
        let missing = || {
            refused(
                path,
                format!("it is a link to {}, which the archive does not have before it", shown(link).as_ref().display()),
            )
        };
        if target.is_empty() {
            return Err(missing());
        }
        if target == path {
            return Err(refused(path, "it is a link to itself"));
        }
        let (directory, target_name) = split(&target);
        let from = self.parents.find(directory).map_err(|_| missing())?;
        if self.whiteouts && whiteout::is_one(&from, target_name) {
            return Err(missing());
        }
        let linked = self.make(parent, name, path, || fs::linkat(&from, target_name, &**parent, name, AtFlags::empty()));
        linked.map_err(|failure| if failure.is(Errno::NOENT) { missing() } else { failure })
    }

    fn put_node(&mut self, parent: &Rc<OwnedFd>, name: &[u8], path: &[u8], mut entry: Entry) -> Result<()> {
        let (kind, device) = match entry.kind {
            Kind::Fifo => (FileType::Fifo, 0),
            Kind::Block => (FileType::BlockDevice, fs::makedev(entry.device.0, entry.device.1)),
            // An overlay would take it for the mark that something is gone.
            _ if entry.device == (0, 0) => {
                self.leave_out(path, "it is the device 0:0, which is a mark of overlays");
                return Ok(());
            }
            _ => (FileType::CharacterDevice, fs::makedev(entry.device.0, entry.device.1)),
        };
        if kind != FileType::Fifo && !self.maker.is_root() {
            self.leave_out(path, "only root can make devices");
            return Ok(());
        }
        let metadata = Metadata::of(&mut entry);
        let mode = Mode::from_raw_mode(metadata.mode & 0o777);
        self.make(parent, name, path, || fs::mknodat(&**parent, name, kind, mode, device))?;
        let dropped = self.maker.apply_at(parent, name, &metadata, Some(metadata.mode), path)?;
        self.tell_dropped(&dropped, path);
        Ok(())
    }

    /// What stands in the way, of whatever type, is taken away.
    fn make<T>(
        &mut self,
        parent: &OwnedFd,
        name: &[u8],
        path: &[u8],
        make: impl Fn() -> std::result::Result<T, Errno>,
    ) -> Result<T> {
        match make() {
            Err(Errno::EXIST) => {
                self.parents.forget();
                let name = c_name(name).named(path)?;
                remove_below(std::os::fd::AsFd::as_fd(parent), &name).named(path)?;
                make().named(path)
            }
            made => made.named(path),
        }
    }

    /// Directories get what the archive says of them, those within others first.
    pub fn finish(&mut self) -> Result<()> {
        for (path, metadata) in std::mem::take(&mut self.directories).into_iter().rev() {
            let directory = if path.is_empty() {
                self.parents.find(&path)
            } else {
                let (above, name) = split(&path);
                self.parents.find(above).and_then(|parent| open_directory(parent, name))
            };
            match directory {
                // Something else has taken its place since.
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {}
                directory => {
                    let dropped = self.maker.apply(&directory.named(&path)?, &metadata, 0o755, &path)?;
                    self.tell_dropped(&dropped, &path);
                }
            }
        }
        Ok(())
    }

    fn drop_foreign_xattrs(&mut self, entry: &mut Entry, path: &[u8]) {
        let (kept, dropped) = std::mem::take(&mut entry.xattrs).into_iter().partition(|(name, _)| is_kept(name));
        entry.xattrs = kept;
        for (name, _) in dropped as Vec<(Vec<u8>, Vec<u8>)> {
            self.leave_out(path, &format!("its attribute {} is not for archives to give", shown(&name).as_ref().display()));
        }
    }

    fn tell_dropped(&mut self, names: &[Vec<u8>], path: &[u8]) {
        for name in names {
            self.leave_out(path, &format!("the file system has no place for its attribute {}", shown(name).as_ref().display()));
        }
    }

    pub fn leave_out(&mut self, path: &[u8], why: &str) {
        if self.left_out.len() < MOST_LEFT_OUT {
            self.left_out.push(format!("{}: {why}", shown(path).as_ref().display()));
        }
    }
}
