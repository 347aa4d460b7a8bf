//! Bytes that lie in a file, or in a part of one.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::{FileExt, OpenOptionsExt},
};

use meseta_isolation::failure::{Failure, Result, Step};
use meseta_spec::ArchiveRegion;

const CHUNK: usize = 256 << 10;

pub struct FileSource {
    file: File,
    at: u64,
    end: Option<u64>,
    buffer: Vec<u8>,
}

impl FileSource {
    pub fn open(region: &ArchiveRegion) -> Result<Self> {
        let file = open_file(&region.path)?;
        let at = region.offset();
        let end = match region.size {
            Some(size) => {
                Some(at.checked_add(size).ok_or_else(|| Failure::because("read", "its part is too large").at(&region.path))?)
            }
            None => None,
        };
        Ok(FileSource { file, at, end, buffer: Vec::new() })
    }

    /// The next bytes; none at the end.
    pub fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let wanted = self.end.map_or(CHUNK as u64, |end| (end - self.at).min(CHUNK as u64));
        buffer.resize(wanted as usize, 0);
        let count = loop {
            match self.file.read_at(&mut buffer, self.at) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        if count == 0 && wanted > 0 && self.end.is_some() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buffer.truncate(count);
        self.at += count as u64;
        Ok(buffer)
    }

    /// What was read once is used for what is read next.
    pub fn give_back(&mut self, buffer: Vec<u8>) {
        self.buffer = buffer;
    }
}

/// A regular file; anything else could block or never end.
pub fn open_file(path: &str) -> Result<File> {
    let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC).open(path).step_at("open", path)?;
    if !file.metadata().step_at("open", path)?.is_file() {
        return Err(Failure::because("open", "it is no regular file").at(path));
    }
    Ok(file)
}
