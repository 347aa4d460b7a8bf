//! The list of files at the end of a zip archive, in both of its sizes.

use std::{
    fs::File,
    io::{Read, Take},
    os::unix::fs::FileExt,
};

use meseta_isolation::failure::{Result, Step};

use super::super::{STEP, damaged, from_start::FromStart};

const END: usize = 22;
const END_MAGIC: &[u8] = b"PK\x05\x06";
const LARGE_LOCATOR: usize = 20;
const LARGE_LOCATOR_MAGIC: u64 = 0x0706_4b50;
const LARGE_END: usize = 56;
const LARGE_END_MAGIC: u64 = 0x0606_4b50;
const HEADER: usize = 46;
const HEADER_MAGIC: u64 = 0x0201_4b50;
/// A comment may follow.
const FARTHEST: u64 = 65_535 + END as u64;
const UNIX: u64 = 3;

pub struct Entry {
    pub name: Vec<u8>,
    pub method: u64,
    pub encrypted: bool,
    pub sum: u32,
    pub compressed: u64,
    pub size: u64,
    pub offset: u64,
    /// Zero where it was packed on a system without.
    pub mode: u32,
    pub modified: Option<i64>,
}

impl Entry {
    pub fn permissions(&self) -> u32 {
        match (self.mode, self.name.ends_with(b"/")) {
            (0, true) => 0o755,
            (0, false) => 0o644,
            (mode, _) => mode & 0o777,
        }
    }

    pub fn shown(&self) -> String {
        String::from_utf8_lossy(&self.name[..self.name.len().min(200)]).into_owned()
    }
}

/// One after another, as they stand in the list.
pub struct Entries {
    list: Take<FromStart>,
    left: u64,
    /// What stands before the archive: a program that unpacks it.
    shift: u64,
}

impl Entries {
    pub fn find(archive: &File) -> Result<Self> {
        let length = archive.metadata().step(STEP)?.len();
        let mut tail = vec![0; usize::try_from(length.min(FARTHEST)).unwrap_or(0)];
        let start = length - tail.len() as u64;
        archive.read_exact_at(&mut tail, start).step(STEP)?;
        let found = (0..tail.len().saturating_sub(END - 1)).rev().find(|&at| tail[at..].starts_with(END_MAGIC));
        let at = found.ok_or_else(|| damaged("it is not a zip archive, or its end is missing"))?;
        let end = &tail[at..at + END];
        let (mut count, mut size, mut offset) = (little(&end[10..12]), little(&end[12..16]), little(&end[16..20]));
        let mut list_end = start + at as u64;
        if count == 0xffff || size == 0xffff_ffff || offset == 0xffff_ffff {
            if let Some(large) = large_end(archive, list_end)? {
                (count, size, offset, list_end) = large;
            }
        }
        let begin = list_end.checked_sub(size).ok_or_else(|| damaged("its list of files is damaged"))?;
        let shift = begin.checked_sub(offset).ok_or_else(|| damaged("its list of files is damaged"))?;
        let list = FromStart::at(archive, begin)?.take(size);
        Ok(Entries { list, left: count, shift })
    }

    pub fn next(&mut self) -> Result<Option<Entry>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let mut header = [0; HEADER];
        self.list.read_exact(&mut header).step(STEP)?;
        if little(&header[..4]) != HEADER_MAGIC {
            return Err(damaged("its list of files is damaged"));
        }
        let name = self.part(little(&header[28..30]))?;
        let extra = self.part(little(&header[30..32]))?;
        self.part(little(&header[32..34]))?;
        let made_by = little(&header[5..6]);
        let mut entry = Entry {
            name,
            encrypted: header[8] & 1 != 0,
            method: little(&header[10..12]),
            sum: little(&header[16..20]) as u32,
            compressed: little(&header[20..24]),
            size: little(&header[24..28]),
            offset: little(&header[42..46]),
            mode: if made_by == UNIX { (little(&header[38..42]) >> 16) as u32 } else { 0 },
            modified: None,
        };
        read_extra(&extra, &mut entry);
        entry.offset = entry.offset.checked_add(self.shift).ok_or_else(|| damaged("its list of files is damaged"))?;
        Ok(Some(entry))
    }

    fn part(&mut self, length: u64) -> Result<Vec<u8>> {
        let mut bytes = vec![0; length as usize];
        self.list.read_exact(&mut bytes).step(STEP)?;
        Ok(bytes)
    }
}

/// Number of entries, size of their list, its offset, and where it ends.
fn large_end(archive: &File, small_end: u64) -> Result<Option<(u64, u64, u64, u64)>> {
    let Some(at) = small_end.checked_sub(LARGE_LOCATOR as u64) else { return Ok(None) };
    let mut locator = [0; LARGE_LOCATOR];
    archive.read_exact_at(&mut locator, at).step(STEP)?;
    if little(&locator[..4]) != LARGE_LOCATOR_MAGIC {
        return Ok(None);
    }
    let offset = little(&locator[8..16]);
    let mut end = [0; LARGE_END];
    archive.read_exact_at(&mut end, offset).step(STEP)?;
    if little(&end[..4]) != LARGE_END_MAGIC {
        return Err(damaged("its list of files is damaged"));
    }
    Ok(Some((little(&end[32..40]), little(&end[40..48]), little(&end[48..56]), offset)))
}

/// What did not fit, and the time in a form that means one moment.
fn read_extra(mut extra: &[u8], entry: &mut Entry) {
    while extra.len() >= 4 {
        let (kind, length) = (little(&extra[..2]), little(&extra[2..4]) as usize);
        let Some(mut field) = extra.get(4..4 + length) else { return };
        extra = &extra[4 + length..];
        match kind {
            0x0001 => {
                for value in [&mut entry.size, &mut entry.compressed, &mut entry.offset] {
                    if *value == 0xffff_ffff && field.len() >= 8 {
                        *value = little(&field[..8]);
                        field = &field[8..];
                    }
                }
            }
            0x5455 if field.len() >= 5 && field[0] & 1 != 0 => entry.modified = Some(i64::from(little(&field[1..5]) as i32)),
            _ => {}
        }
    }
}

pub fn little(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte))
}
