//! For tests: archives byte for byte as asked, also such as no tool would write, and a place to unpack them in.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use meseta_isolation::{failure::Result, remove_tree::remove_tree};
use meseta_spec::{ArchiveRegion, UnpackRequest, Unpacked};

use crate::{progress::Progress, tar::BLOCK, unpack::unpack};

/// One header and its content.
#[derive(Clone)]
pub struct Part {
    pub name: Vec<u8>,
    pub flag: u8,
    pub link: Vec<u8>,
    pub mode: u32,
    pub uid: u32,
    pub device: (u32, u32),
    pub content: Vec<u8>,
    /// In place of the content's length.
    pub size: Option<[u8; 12]>,
    pub gnu: bool,
}

pub fn part(flag: u8, name: &str) -> Part {
    let mode = if flag == b'5' { 0o755 } else { 0o644 };
    let (content, link, uid) = (Vec::new(), Vec::new(), rustix::process::geteuid().as_raw());
    Part { name: name.into(), flag, link, mode, uid, device: (0, 0), content, size: None, gnu: false }
}

pub fn file(name: &str, content: &str) -> Part {
    Part { content: content.into(), ..part(b'0', name) }
}

pub fn directory(name: &str) -> Part {
    part(b'5', name)
}

pub fn symlink(target: &str, name: &str) -> Part {
    Part { link: target.into(), ..part(b'2', name) }
}

pub fn hard_link(target: &str, name: &str) -> Part {
    Part { link: target.into(), ..part(b'1', name) }
}

/// An extended header with these records.
pub fn pax(records: &[(&str, &[u8])]) -> Part {
    Part { content: records.iter().flat_map(|(key, value)| record(key, value)).collect(), ..part(b'x', "pax") }
}

/// `<length> <key>=<value>\n`, where the length counts itself.
pub fn record(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let length = (rest..).find(|length| *length == rest + length.to_string().len()).expect("there is one");
    [format!("{length} {key}=").as_bytes(), value, b"\n"].concat()
}

pub fn archive(parts: &[Part]) -> Vec<u8> {
    let mut bytes: Vec<u8> = parts.iter().flat_map(Part::bytes).collect();
    bytes.resize(bytes.len() + 2 * BLOCK, 0);
    bytes
}

impl Part {
    pub fn bytes(&self) -> Vec<u8> {
        let mut block = vec![0; BLOCK];
        let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &self.name[..self.name.len().min(100)]);
        put(100, format!("{:07o}", self.mode).as_bytes());
        put(108, format!("{:07o}", self.uid).as_bytes());
        put(116, format!("{:07o}", self.uid).as_bytes());
        put(124, &self.size.unwrap_or_else(|| octal_size(self.content.len())));
        put(136, b"14000000000");
        put(156, &[self.flag]);
        put(157, &self.link[..self.link.len().min(100)]);
        put(257, if self.gnu { b"ustar  \0" } else { b"ustar\x0000" });
        put(329, format!("{:07o}", self.device.0).as_bytes());
        put(337, format!("{:07o}", self.device.1).as_bytes());
        sign(&mut block);
        block.extend_from_slice(&self.content);
        block.resize(block.len().next_multiple_of(BLOCK), 0);
        block
    }
}

fn octal_size(size: usize) -> [u8; 12] {
    let mut field = [0; 12];
    field[..11].copy_from_slice(format!("{size:011o}").as_bytes());
    field
}

/// Sets the checksum of a header.
pub fn sign(block: &mut [u8]) {
    block[148..156].fill(b' ');
    let sum: u32 = block[..BLOCK].iter().map(|byte| u32::from(*byte)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
}

/// A directory with a canary beside the one that is unpacked into: none of it may ever change.
pub struct Arena {
    pub path: PathBuf,
    before: Vec<String>,
}

impl Arena {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("meseta-image-{}-{number}", std::process::id()));
        fs::create_dir_all(path.join("outside/below")).expect("made");
        fs::write(path.join("outside/canary"), "untouched").expect("written");
        fs::set_permissions(path.join("outside/canary"), fs::Permissions::from_mode(0o640)).expect("set");
        let before = listing(&path.join("outside"));
        Arena { path, before }
    }

    pub fn layer(&self) -> PathBuf {
        self.path.join("layer")
    }

    pub fn request(&self, bytes: &[u8]) -> UnpackRequest {
        let path = self.path.join("archive");
        fs::write(&path, bytes).expect("written");
        UnpackRequest {
            directory: self.layer().display().to_string(),
            source: Some(ArchiveRegion { path: path.display().to_string(), ..Default::default() }),
            whiteouts: Some(true),
            ..Default::default()
        }
    }

    pub fn unpack(&self, bytes: &[u8]) -> Result<Unpacked> {
        self.run(&self.request(bytes))
    }

    pub fn run(&self, request: &UnpackRequest) -> Result<Unpacked> {
        let request = request.clone();
        let progress = Arc::new(Progress::new(1, Arc::new(drop)));
        // On a thread of its own, as it wants it for its mask.
        let outcome: Arc<Mutex<Option<Result<Unpacked>>>> = Arc::default();
        let place = outcome.clone();
        let done = std::thread::spawn(move || *place.lock().expect("whole") = Some(unpack(&request, None, &progress)));
        done.join().expect("no panic");
        let outcome = outcome.lock().expect("whole").take().expect("done");
        self.check();
        if outcome.is_err() {
            assert!(self.layer().symlink_metadata().is_err(), "something is left of it");
        }
        outcome
    }

    /// What is outside is as it was, and there is nothing else.
    pub fn check(&self) {
        assert_eq!(listing(&self.path.join("outside")), self.before);
        let mut names: Vec<_> = fs::read_dir(&self.path).expect("there").map(|entry| entry.expect("there").file_name()).collect();
        names.retain(|name| name != "archive" && name != "layer");
        assert_eq!(names, ["outside"]);
    }

    pub fn clear(&self) {
        remove_tree(&self.layer()).expect("removed");
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        let _ = remove_tree(&self.path);
    }
}

/// Every entry below, with all that could have been changed.
fn listing(path: &Path) -> Vec<String> {
    let mut lines = Vec::new();
    let mut waiting = vec![path.to_owned()];
    while let Some(path) = waiting.pop() {
        let about = path.symlink_metadata().expect("there");
        let content = if about.is_file() { fs::read_to_string(&path).unwrap_or_default() } else { String::new() };
        let times = (about.mtime(), about.mtime_nsec(), about.ctime(), about.ctime_nsec());
        lines.push(format!("{} {:o} {} {} {times:?} {content}", path.display(), about.mode(), about.uid(), about.nlink()));
        if about.is_dir() {
            let mut below: Vec<_> = fs::read_dir(&path).expect("there").map(|entry| entry.expect("there").path()).collect();
            below.sort();
            waiting.extend(below);
        }
    }
    lines
}
