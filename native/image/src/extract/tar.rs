//! Tar archives, compressed or not, by the strict reader that images are read by.

use std::{
    fs::File,
    io::{Read, Write},
    os::unix::fs::FileExt,
};

use meseta_isolation::failure::{Failure, Result, Step};

use super::{
    BUFFER, STEP,
    budget::Counted,
    from_start::FromStart,
    staging::{Attributes, Staging},
};
use crate::{
    decompress::Decoder,
    failure::from_io,
    tar::{Entry, Input, Kind, Reader},
};

pub fn unpack(bytes: FromStart, staging: &mut Staging) -> Result<()> {
    let content = staging.count(Decoder::new(bytes)?);
    let mut reader = Reader::new(Blocks { content, block: vec![0; BUFFER], at: 0, end: 0 });
    while let Some(entry) = reader.next()? {
        staging.entry()?;
        unpack_one(&mut reader, &entry, staging)?;
    }
    // What follows the end is padding, and the sum of it all.
    reader.into_input().drain()
}

fn unpack_one(reader: &mut Reader<Blocks>, entry: &Entry, staging: &mut Staging) -> Result<()> {
    let attributes = Attributes { mode: entry.mode, modified: Some(entry.modified.seconds) };
    match entry.kind {
        Kind::Directory => staging.directory(&entry.path, attributes),
        Kind::File => staging.file(&entry.path, attributes, |file| fill(reader, entry, file)),
        Kind::Symlink => staging.symbolic_link(&entry.path, &entry.link),
        Kind::HardLink => staging.hard_link(&entry.path, &entry.link),
        Kind::Character | Kind::Block | Kind::Fifo | Kind::Other(_) => {
            staging.leave_out(&entry.path, "it is neither a file, a directory nor a link");
            Ok(())
        }
    }
}

fn fill(reader: &mut Reader<Blocks>, entry: &Entry, mut file: &File) -> Result<u64> {
    if let Some(sparse) = &entry.sparse {
        for &(offset, length) in &sparse.parts {
            fill_part(reader, file, offset, length)?;
        }
        file.set_len(sparse.size).step(STEP)?;
        return Ok(entry.size);
    }
    loop {
        let part = reader.content()?;
        if part.is_empty() {
            return Ok(entry.size);
        }
        file.write_all(part).step(STEP)?;
        let count = part.len();
        reader.consume(count);
    }
}

fn fill_part(reader: &mut Reader<Blocks>, file: &File, mut offset: u64, mut length: u64) -> Result<()> {
    while length > 0 {
        let part = reader.content()?;
        if part.is_empty() {
            return Err(Failure::because(STEP, "a file of it with holes is too short"));
        }
        let count = part.len().min(usize::try_from(length).unwrap_or(usize::MAX));
        file.write_all_at(&part[..count], offset).step(STEP)?;
        reader.consume(count);
        offset += count as u64;
        length -= count as u64;
    }
    Ok(())
}

struct Blocks {
    content: Counted<Decoder<FromStart>>,
    block: Vec<u8>,
    at: usize,
    end: usize,
}

impl Blocks {
    fn drain(mut self) -> Result<()> {
        loop {
            let count = self.available()?.len();
            if count == 0 {
                return Ok(());
            }
            self.consume(count);
        }
    }
}

impl Input for Blocks {
    fn available(&mut self) -> Result<&[u8]> {
        if self.at == self.end {
            self.at = 0;
            self.end = self.content.read(&mut self.block).map_err(from_io)?;
        }
        Ok(&self.block[self.at..self.end])
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
    }
}
