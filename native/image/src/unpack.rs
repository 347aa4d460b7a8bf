//! One archive becomes one directory.

use std::{
    collections::BTreeMap,
    ffi::CString,
    fs::File,
    io::{Seek, SeekFrom, Write},
    os::{fd::OwnedFd, unix::ffi::OsStrExt},
    path::Path,
    sync::{Arc, atomic::Ordering, mpsc},
    thread,
};

use meseta_isolation::{
    failure::{Failure, Result, Step},
    remove_tree::remove_tree,
};
use meseta_spec::{ArchiveFile, UnpackRequest, Unpacked};
use rustix::{
    fs::{self, CWD, Mode, OFlags},
    io::Errno,
    process,
};

use crate::{
    block::Blocks,
    digest::Digests,
    failure::{Named, UNPACK, malformed, refused},
    feed::Feed,
    file_source::FileSource,
    incoming::Incoming,
    inflate::inflate,
    names::{below, clean},
    place::{OpenFile, Place},
    progress::Progress,
    raw::{Raw, Source},
    tar::{Entry, Kind, Reader},
    whiteout,
};

/// Where the caller sets no bound.
const MOST_ENTRIES: u64 = 5_000_000;
const LARGEST_WANTED: usize = 4 << 20;

/// Whatever goes wrong, and when nobody wants it any more, nothing is left of it.
pub fn unpack(request: &UnpackRequest, feed: Option<Arc<Feed>>, progress: &Arc<Progress>) -> Result<Unpacked> {
    let raw = open(request, feed, progress)?;
    let path = Path::new(&request.directory);
    let root = make_root(path)?;
    let unpacked = stream(request, raw, Place::new(root, request.whiteouts()), progress);
    unpacked.or_else(|failure| {
        remove_tree(path)?;
        Err(failure)
    })
}

fn open(request: &UnpackRequest, feed: Option<Arc<Feed>>, progress: &Arc<Progress>) -> Result<Raw> {
    let digest = Digests::new(request.digest.as_deref())?;
    let source = match (&request.source, feed) {
        (Some(region), _) => Source::File(FileSource::open(region)?),
        (None, Some(feed)) => Source::Feed(feed),
        (None, None) => return Err(Failure::because(UNPACK, "nothing says where its bytes come from")),
    };
    Ok(Raw::new(source, digest, request.size, progress.clone()))
}

/// As nothing was before, and free of what the directory above it hands on.
fn make_root(path: &Path) -> Result<OwnedFd> {
    const STEP: &str = "make the directory";
    if !path.is_absolute() {
        return Err(Failure::because(STEP, "its path is not absolute").at(path));
    }
    fs::mkdir(path, Mode::from_raw_mode(0o755)).step_at(STEP, path)?;
    let prepare = || -> std::result::Result<OwnedFd, Errno> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let root = fs::openat(CWD, path, flags, Mode::empty())?;
        let _ = fs::fremovexattr(&root, "system.posix_acl_default");
        fs::fchown(&root, Some(process::geteuid()), Some(process::getegid()))?;
        fs::fchmod(&root, Mode::from_raw_mode(0o755))?;
        Ok(root)
    };
    prepare().step_at(STEP, path).inspect_err(|_| {
        // Empty, and just made; what failed is the better reason.
        let _ = fs::rmdir(path);
    })
}

/// Two threads: one receives and decompresses, this one places.
fn stream(request: &UnpackRequest, raw: Raw, place: Place, progress: &Arc<Progress>) -> Result<Unpacked> {
    let (send_inflated, inflated) = mpsc::channel();
    let (give_back, read) = mpsc::channel();
    let diff_id = Digests::new(request.diff_id.as_deref())?;
    let most = request.most_bytes.unwrap_or(u64::MAX);
    let incoming = Incoming::new(inflated, give_back, diff_id, most, progress.clone());
    let first = thread::Builder::new().name("meseta-inflate".to_owned());
    first.spawn(move || inflate(raw, Blocks::new(read), &send_inflated)).step("start a thread")?;
    own_umask();
    Unpacking::new(request, incoming, place, progress)?.all()
}

/// Modes are the archive's. Where the thread cannot have a mask of its own, what it takes away from new files is put back.
fn own_umask() {
    // SAFETY: numbers only; it concerns this thread alone, which has just begun and ends with the operation.
    if unsafe { libc::unshare(libc::CLONE_FS) } == 0 {
        process::umask(Mode::empty());
    }
}

struct Unpacking<'a> {
    reader: Reader<Incoming>,
    place: Place,
    progress: &'a Arc<Progress>,
    strip: Vec<u8>,
    most_entries: u64,
    entries: u64,
    wanted: BTreeMap<Vec<u8>, (String, Option<Vec<u8>>)>,
}

impl<'a> Unpacking<'a> {
    fn new(request: &UnpackRequest, incoming: Incoming, place: Place, progress: &'a Arc<Progress>) -> Result<Self> {
        let wanted = request.wanted.iter().map(|name| Ok((clean(name.as_bytes())?, (name.clone(), None))));
        Ok(Unpacking {
            reader: Reader::new(incoming),
            place,
            progress,
            strip: clean(request.strip().as_bytes())?,
            most_entries: request.most_entries.unwrap_or(MOST_ENTRIES),
            entries: 0,
            wanted: wanted.collect::<Result<_>>()?,
        })
    }

    fn all(mut self) -> Result<Unpacked> {
        while let Some(entry) = self.reader.next()? {
            self.entries += 1;
            if self.entries > self.most_entries {
                return Err(malformed(format!("it holds more than the {} entries that are allowed", self.most_entries)));
            }
            self.one(entry)?;
            self.progress.entries.store(self.entries, Ordering::Relaxed);
            self.progress.go_on()?;
        }
        self.place.finish()?;
        let (diff_id, unpacked_bytes, received) = self.reader.into_input().finish()?;
        let implied = std::mem::take(&mut self.place.parents.implied);
        let hides_below = whiteout::is_opaque(self.place.parents.root());
        Ok(Unpacked {
            digest: received.digest,
            diff_id,
            size: received.size,
            unpacked_bytes,
            entries: self.entries,
            compression: received.compression.into(),
            implied_directories: implied.into_iter().collect(),
            hides_below,
            left_out: self.place.left_out,
            wanted: wanted_files(self.wanted),
        })
    }

    fn one(&mut self, mut entry: Entry) -> Result<()> {
        let name = clean(&entry.path)?;
        if entry.kind == Kind::File && self.wanted.contains_key(&name) {
            return self.keep(&name, entry);
        }
        let Some(path) = below(&name, &self.strip) else { return Ok(()) };
        if entry.kind == Kind::HardLink && !self.strip.is_empty() {
            let target = clean(&entry.link)?;
            let inside = below(&target, &self.strip).ok_or_else(|| refused(&name, "it is a link to what is left out"))?;
            entry.link = inside.to_vec();
        }
        let sparse = entry.sparse.take();
        let Some(file) = self.place.put(path, entry)? else { return Ok(()) };
        match sparse {
            None => self.write_all(&file, path)?,
            Some(sparse) => self.write_parts(&file, &sparse, path)?,
        }
        self.place.close(file, path)
    }

    fn write_all(&mut self, open: &OpenFile, path: &[u8]) -> Result<()> {
        loop {
            let content = self.reader.content()?;
            if content.is_empty() {
                return Ok(());
            }
            let count = rustix::io::retry_on_intr(|| rustix::io::write(&open.file, content)).named(path)?;
            self.reader.consume(count);
        }
    }

    fn write_parts(&mut self, open: &OpenFile, sparse: &crate::tar::Sparse, path: &[u8]) -> Result<()> {
        let mut file = File::from(open.file.try_clone().named(path)?);
        for (offset, length) in &sparse.parts {
            file.seek(SeekFrom::Start(*offset)).named(path)?;
            let mut left = *length;
            while left > 0 {
                let content = self.reader.content()?;
                let count = (content.len() as u64).min(left) as usize;
                file.write_all(&content[..count]).named(path)?;
                self.reader.consume(count);
                left -= count as u64;
            }
        }
        file.set_len(sparse.size).named(path)
    }

    /// Its content is wanted, and it is placed like any other.
    fn keep(&mut self, name: &[u8], entry: Entry) -> Result<()> {
        if entry.sparse.is_some() || entry.size > LARGEST_WANTED as u64 {
            return Err(refused(name, "it is too large to be read as a whole"));
        }
        let mut content = Vec::new();
        loop {
            let part = self.reader.content()?;
            let count = part.len();
            if count == 0 {
                break;
            }
            content.extend_from_slice(part);
            self.reader.consume(count);
        }
        if let Some(path) = below(name, &self.strip) {
            if let Some(open) = self.place.put(path, entry)? {
                let mut file = File::from(open.file.try_clone().named(path)?);
                file.write_all(&content).named(path)?;
                self.place.close(open, path)?;
            }
        }
        if let Some(wanted) = self.wanted.get_mut(name) {
            wanted.1 = Some(content);
        }
        Ok(())
    }
}

fn wanted_files(wanted: BTreeMap<Vec<u8>, (String, Option<Vec<u8>>)>) -> Vec<ArchiveFile> {
    wanted.into_values().filter_map(|(name, content)| Some(ArchiveFile { name, content: content? })).collect()
}

/// All that was written to the file system of a directory is on its disk.
pub fn flush(directory: &str) -> Result<()> {
    const STEP: &str = "write to the disk";
    let path = CString::new(Path::new(directory).as_os_str().as_bytes()).map_err(std::io::Error::from).step(STEP)?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = fs::open(&*path, flags, Mode::empty()).step_at(STEP, directory)?;
    fs::syncfs(directory).step(STEP)
}
