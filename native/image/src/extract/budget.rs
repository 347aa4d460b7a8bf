//! How much may come out of an archive. A few bytes can stand for as many as one likes, so what comes out is counted, not what the archive says.

use std::{
    fs::File,
    io::{self, Read, Write},
    sync::atomic::Ordering,
};

use meseta_isolation::failure::{Failure, Result, Step};

use super::STEP;
use crate::{
    failure::{from_io, through_io},
    user_files::{ABANDONED, Stop},
};

/// So much is written between two looks whether it is still wanted.
const PIECE: usize = 64 << 10;

#[derive(Clone)]
pub struct Budget {
    most_bytes: u64,
    most_entries: u64,
    stop: Stop,
}

impl Budget {
    pub fn new(most_bytes: u64, most_entries: u64, stop: Stop) -> Self {
        Budget { most_bytes, most_entries, stop }
    }

    /// `before`: what has come out already.
    pub fn count<R: Read>(self, reader: R, before: u64) -> Counted<R> {
        Counted { reader, budget: self, read: before }
    }

    pub fn check(&self, bytes: u64, entries: u64) -> Result<()> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(Failure::because(STEP, ABANDONED));
        }
        if bytes > self.most_bytes {
            return Err(Failure::because(STEP, format!("more than the {} bytes come out of it that may", self.most_bytes)));
        }
        if entries > self.most_entries {
            return Err(Failure::because(STEP, format!("more than the {} files come out of it that may", self.most_entries)));
        }
        Ok(())
    }
}

/// What is read of an archive, also where it is thrown away.
pub struct Counted<R> {
    reader: R,
    budget: Budget,
    read: u64,
}

impl<R: Read> Counted<R> {
    pub fn copy_to(&mut self, mut file: &File) -> Result<u64> {
        let mut buffer = vec![0; PIECE];
        let mut size = 0;
        loop {
            let count = self.read(&mut buffer).map_err(from_io)?;
            if count == 0 {
                return Ok(size);
            }
            file.write_all(&buffer[..count]).step(STEP)?;
            size += count as u64;
        }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = into.len().min(PIECE);
        let count = self.reader.read(&mut into[..most])?;
        self.read += count as u64;
        self.budget.check(self.read, 0).map_err(through_io)?;
        Ok(count)
    }
}
