//! What is in an archive of archives, without unpacking it.

use std::{fs::File, os::unix::fs::FileExt};

use meseta_isolation::failure::{Result, Step};
use meseta_spec::{ArchiveEntry, ArchiveIndex, Compression};

use crate::{
    decompress::kind_of,
    failure::{READ, malformed},
    file_source::open_file,
    names::clean,
    progress::Progress,
    tar::{Input, Kind, Reader},
};

const BUFFER: usize = 16 << 10;
/// An image has layers and some metadata.
const MOST_ENTRIES: usize = 100_000;

pub fn index(path: &str, progress: &Progress) -> Result<ArchiveIndex> {
    let file = open_file(path)?;
    let size = file.metadata().step_at(READ, path)?.len();
    read(Seeking { file, size, at: 0, buffer: Vec::new(), used: 0 }, progress).map_err(|failure| match failure.path {
        None => failure.at(path),
        Some(_) => failure,
    })
}

fn read(mut input: Seeking, progress: &Progress) -> Result<ArchiveIndex> {
    if kind_of(input.available()?) != Compression::None {
        return Err(malformed("it is compressed, so its parts cannot be had one by one"));
    }
    let mut reader = Reader::new(input);
    let mut entries = Vec::new();
    while let Some(entry) = reader.next()? {
        progress.go_on()?;
        let is_link = matches!(entry.kind, Kind::HardLink | Kind::Symlink);
        if entry.sparse.is_some() || !(is_link || entry.kind == Kind::File) {
            continue;
        }
        if entries.len() == MOST_ENTRIES {
            return Err(malformed("it has too many entries to be an archive of images"));
        }
        let (Ok(name), Ok(link)) = (String::from_utf8(clean(&entry.path)?), String::from_utf8(entry.link)) else { continue };
        entries.push(ArchiveEntry { name, offset: reader.position(), size: entry.size, link: Some(link).filter(|_| is_link) });
    }
    Ok(ArchiveIndex { entries })
}

/// Leaps over content.
struct Seeking {
    file: File,
    size: u64,
    /// Of the end of the buffer.
    at: u64,
    buffer: Vec<u8>,
    used: usize,
}

impl Input for Seeking {
    fn available(&mut self) -> Result<&[u8]> {
        if self.used == self.buffer.len() {
            self.buffer.resize(BUFFER, 0);
            let count = self.file.read_at(&mut self.buffer, self.at).step(READ)?;
            self.buffer.truncate(count);
            self.at += count as u64;
            self.used = 0;
        }
        Ok(&self.buffer[self.used..])
    }

    fn consume(&mut self, count: usize) {
        self.used += count;
    }

    fn skip(&mut self, count: u64) -> Result<bool> {
        let buffered = (self.buffer.len() - self.used) as u64;
        if count <= buffered {
            self.used += count as usize;
            return Ok(true);
        }
        self.buffer.clear();
        self.used = 0;
        let to = self.at.checked_add(count - buffered).filter(|to| *to <= self.size);
        self.at = to.unwrap_or(self.size);
        Ok(to.is_some())
    }
}
