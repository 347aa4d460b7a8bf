//! Zip archives: read from the list at their end, which alone counts; each file is checked by its sum.

mod directory;

use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::FileExt,
};

use flate2::{Crc, read::DeflateDecoder};
use meseta_isolation::failure::{Result, Step};

use super::{
    STEP, damaged,
    staging::{Attributes, Staging},
};
use crate::failure::{from_io, through_io};
use directory::{Entries, Entry, little};

const LOCAL_HEADER: usize = 30;
const LOCAL_MAGIC: u64 = 0x0403_4b50;
const LONGEST_LINK: u64 = 4096;
const TYPE: u32 = 0o170_000;
const SYMBOLIC_LINK: u32 = 0o120_000;
const REGULAR: u32 = 0o100_000;
const DIRECTORY: u32 = 0o040_000;

pub fn unpack(archive: &File, staging: &mut Staging) -> Result<()> {
    let mut entries = Entries::find(archive)?;
    while let Some(entry) = entries.next()? {
        staging.entry()?;
        unpack_one(archive, &entry, staging)?;
    }
    Ok(())
}

fn unpack_one(archive: &File, entry: &Entry, staging: &mut Staging) -> Result<()> {
    let attributes = Attributes { mode: entry.permissions(), modified: entry.modified };
    if entry.name.ends_with(b"/") {
        return staging.directory(&entry.name, attributes);
    }
    match entry.mode & TYPE {
        DIRECTORY => staging.directory(&entry.name, attributes),
        SYMBOLIC_LINK => {
            let mut target = Vec::new();
            let content = Content::open(archive, entry)?;
            staging.count(content).take(LONGEST_LINK + 1).read_to_end(&mut target).map_err(from_io)?;
            if target.len() as u64 > LONGEST_LINK {
                return Err(damaged("a symbolic link is too long").at(entry.shown()));
            }
            staging.symbolic_link(&entry.name, &target)
        }
        0 | REGULAR => {
            let mut content = staging.count(Content::open(archive, entry)?);
            staging.file(&entry.name, attributes, |file| content.copy_to(file))
        }
        _ => {
            staging.leave_out(&entry.name, "it is neither a file, a directory nor a link");
            Ok(())
        }
    }
}

/// What a file of the archive holds. That it ends early, or is another than it was, is found when it has been read.
struct Content<'a> {
    from: Box<dyn Read + 'a>,
    sum: Crc,
    wanted: (u32, u64),
}

impl<'a> Content<'a> {
    fn open(archive: &'a File, entry: &Entry) -> Result<Self> {
        if entry.encrypted {
            return Err(damaged("it is encrypted").at(entry.shown()));
        }
        let mut header = [0; LOCAL_HEADER];
        archive.read_exact_at(&mut header, entry.offset).step(STEP)?;
        if little(&header[..4]) != LOCAL_MAGIC {
            return Err(damaged("it does not lie where the archive says").at(entry.shown()));
        }
        let begin = entry.offset + LOCAL_HEADER as u64 + little(&header[26..28]) + little(&header[28..30]);
        let part = Part { archive, at: begin, end: begin.saturating_add(entry.compressed) };
        let from: Box<dyn Read + 'a> = match entry.method {
            0 => Box::new(part),
            8 => Box::new(DeflateDecoder::new(io::BufReader::with_capacity(super::BUFFER, part))),
            method => {
                return Err(damaged(format!("it is compressed by method {method}, which is not known here")).at(entry.shown()));
            }
        };
        Ok(Content { from, sum: Crc::new(), wanted: (entry.sum, entry.size) })
    }
}

impl Read for Content<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(into)?;
        self.sum.update(&into[..count]);
        let (sum, size) = self.wanted;
        if count == 0 && !into.is_empty() && (self.sum.sum(), u64::from(self.sum.amount())) != (sum, size & 0xffff_ffff) {
            return Err(through_io(damaged("a file in it is not what it was when it was packed")));
        }
        Ok(count)
    }
}

struct Part<'a> {
    archive: &'a File,
    at: u64,
    end: u64,
}

impl Read for Part<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = into.len().min(usize::try_from(self.end - self.at).unwrap_or(usize::MAX));
        let count = self.archive.read_at(&mut into[..most], self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}
