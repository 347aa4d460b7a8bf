//! A file's bytes from its beginning, with a position of our own: the descriptor may be one that others read too.

use std::{
    fs::File,
    io::{self, BufRead, Read},
    os::unix::fs::FileExt,
};

use meseta_isolation::failure::{Result, Step};

use super::{BUFFER, STEP};
use crate::decompress::Peek;

pub struct FromStart {
    file: File,
    /// Of what follows the buffer.
    at: u64,
    buffer: Vec<u8>,
    taken: usize,
}

impl FromStart {
    pub fn of(file: &File) -> Result<Self> {
        FromStart::at(file, 0)
    }

    pub fn at(file: &File, at: u64) -> Result<Self> {
        Ok(FromStart { file: file.try_clone().step(STEP)?, at, buffer: Vec::new(), taken: 0 })
    }

    /// Behind what is there already.
    fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.taken);
        self.taken = 0;
        let kept = self.buffer.len();
        self.buffer.resize(kept + BUFFER, 0);
        let read = self.file.read_at(&mut self.buffer[kept..], self.at);
        let count = *read.as_ref().unwrap_or(&0);
        self.buffer.truncate(kept + count);
        self.at += count as u64;
        read.map(drop)
    }
}

impl BufRead for FromStart {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.taken == self.buffer.len() {
            self.fill()?;
        }
        Ok(&self.buffer[self.taken..])
    }

    fn consume(&mut self, count: usize) {
        self.taken += count;
    }
}

impl Peek for FromStart {
    fn first(&mut self, count: usize) -> io::Result<&[u8]> {
        if self.buffer.len() - self.taken < count {
            self.fill()?;
        }
        Ok(&self.buffer[self.taken..])
    }
}

impl Read for FromStart {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}
