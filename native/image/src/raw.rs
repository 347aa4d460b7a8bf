//! The archive's bytes as they come: counted, digested, and read by a decoder.

use std::{
    io::{self, BufRead, Read},
    sync::{Arc, atomic::Ordering},
};

use meseta_isolation::failure::Result;

use crate::{
    decompress::Peek,
    digest::Digests,
    failure::{malformed, through_io},
    feed::Feed,
    file_source::FileSource,
    progress::Progress,
};

pub enum Source {
    Feed(Arc<Feed>),
    File(FileSource),
}

pub struct Raw {
    source: Source,
    chunk: Vec<u8>,
    at: usize,
    ended: bool,
    digest: Digests,
    size: u64,
    expected_size: Option<u64>,
    progress: Arc<Progress>,
}

impl Raw {
    pub fn new(source: Source, digest: Digests, expected_size: Option<u64>, progress: Arc<Progress>) -> Self {
        Raw { source, chunk: Vec::new(), at: 0, ended: false, digest, size: 0, expected_size, progress }
    }

    fn next(&mut self) -> io::Result<()> {
        self.progress.go_on().map_err(through_io)?;
        let used = std::mem::take(&mut self.chunk);
        self.at = 0;
        self.chunk = match &mut self.source {
            Source::File(file) => {
                file.give_back(used);
                file.read()?
            }
            Source::Feed(feed) => {
                let taken = feed.take();
                if taken.drained {
                    self.progress.drained();
                }
                // Taking may have waited, and ended because nobody wants it any more.
                self.progress.go_on().map_err(through_io)?;
                taken.chunk.unwrap_or_default()
            }
        };
        self.ended = self.chunk.is_empty();
        self.size += self.chunk.len() as u64;
        if self.expected_size.is_some_and(|expected| self.size > expected) {
            return Err(through_io(malformed(format!("it has more than its {} bytes", self.expected_size.unwrap_or(0)))));
        }
        self.digest.update(&self.chunk);
        self.progress.bytes_in.store(self.size, Ordering::Relaxed);
        self.progress.tell();
        Ok(())
    }

    /// Reads what a decoder has left, which is padding. The digest and size of all.
    pub fn finish(mut self) -> Result<(String, u64)> {
        loop {
            let rest = self.fill_buf().map_err(crate::failure::from_io)?;
            let count = rest.len();
            if count == 0 {
                break;
            }
            if rest.iter().any(|byte| *byte != 0) {
                return Err(malformed("something else follows its compressed data"));
            }
            self.consume(count);
        }
        if self.expected_size.is_some_and(|expected| expected != self.size) {
            let expected = self.expected_size.unwrap_or(0);
            return Err(malformed(format!("it breaks off after {} of {expected} bytes", self.size)));
        }
        Ok((self.digest.finish("the archive")?, self.size))
    }
}

impl Peek for Raw {
    fn first(&mut self, count: usize) -> io::Result<&[u8]> {
        self.fill_buf()?;
        while self.chunk.len() - self.at < count && !self.ended {
            let rest = self.chunk.split_off(self.at);
            self.at = 0;
            self.chunk = Vec::new();
            self.next()?;
            let more = std::mem::replace(&mut self.chunk, rest);
            self.chunk.extend_from_slice(&more);
        }
        Ok(&self.chunk[self.at..])
    }
}

impl BufRead for Raw {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.chunk.len() && !self.ended {
            self.next()?;
        }
        Ok(&self.chunk[self.at..])
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
    }
}

impl Read for Raw {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}
