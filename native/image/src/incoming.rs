//! The decompressed archive as the second thread sees it: counted, digested, and bounded by what was allowed (S62).

use std::sync::{
    Arc,
    atomic::Ordering,
    mpsc::{Receiver, Sender},
};

use meseta_isolation::failure::Result;

use crate::{
    block::Block,
    digest::Digests,
    failure::malformed,
    inflate::{Inflated, Received},
    progress::Progress,
    tar::Input,
};

pub struct Incoming {
    inflated: Receiver<Result<Inflated>>,
    read: Sender<Block>,
    block: Option<Block>,
    at: usize,
    received: Option<Received>,
    digest: Digests,
    total: u64,
    most: u64,
    progress: Arc<Progress>,
}

impl Incoming {
    pub fn new(
        inflated: Receiver<Result<Inflated>>,
        read: Sender<Block>,
        digest: Digests,
        most: u64,
        progress: Arc<Progress>,
    ) -> Self {
        Incoming { inflated, read, block: None, at: 0, received: None, digest, total: 0, most, progress }
    }

    fn next(&mut self) -> Result<()> {
        self.progress.go_on()?;
        self.at = 0;
        if let Some(block) = self.block.take() {
            // Who decompresses may be done.
            let _ = self.read.send(block);
        }
        match self.inflated.recv().unwrap_or_else(|_| Err(malformed("who read it is gone")))? {
            Inflated::End(received) => self.received = Some(received),
            Inflated::Bytes(block) => self.take(block)?,
        }
        Ok(())
    }

    fn take(&mut self, block: Block) -> Result<()> {
        self.digest.update(&block.bytes);
        self.total += block.bytes.len() as u64;
        if self.total > self.most {
            return Err(malformed(format!("it holds more than the {} bytes that are allowed", self.most)));
        }
        self.block = Some(block);
        self.progress.unpacked_bytes.store(self.total, Ordering::Relaxed);
        self.progress.tell();
        Ok(())
    }

    fn left(&self) -> &[u8] {
        self.block.as_ref().map_or(&[], |block| &block.bytes[self.at..])
    }

    /// Reads what is left, which is padding; then the digest and size of all, and what the first thread knows.
    pub fn finish(mut self) -> Result<(String, u64, Received)> {
        loop {
            if let Some(received) = self.received.take() {
                return Ok((self.digest.finish("the decompressed archive")?, self.total, received));
            }
            self.next()?;
        }
    }
}

impl Input for Incoming {
    fn available(&mut self) -> Result<&[u8]> {
        while self.left().is_empty() && self.received.is_none() {
            self.next()?;
        }
        Ok(self.left())
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
    }
}
