//! The decompressed archive as the second thread sees it: counted, digested, and bounded by what was allowed (S62).

use std::sync::{
    Arc,
    atomic::Ordering,
    mpsc::{Receiver, Sender},
};

use meseta_isolation::failure::Result;

use crate::{
    digest::Digests,
    failure::malformed,
    inflate::{Block, Received},
    progress::Progress,
    tar::Input,
};

pub struct Incoming {
    blocks: Receiver<Result<Block>>,
    used: Sender<Vec<u8>>,
    block: Vec<u8>,
    at: usize,
    received: Option<Received>,
    digest: Digests,
    total: u64,
    most: u64,
    progress: Arc<Progress>,
}

impl Incoming {
    pub fn new(
        blocks: Receiver<Result<Block>>,
        used: Sender<Vec<u8>>,
        digest: Digests,
        most: u64,
        progress: Arc<Progress>,
    ) -> Self {
        Incoming { blocks, used, block: Vec::new(), at: 0, received: None, digest, total: 0, most, progress }
    }

    fn next(&mut self) -> Result<()> {
        self.progress.go_on()?;
        let used = std::mem::take(&mut self.block);
        self.at = 0;
        let _ = self.used.send(used);
        match self.blocks.recv().unwrap_or_else(|_| Err(malformed("who read it is gone")))? {
            Block::End(received) => self.received = Some(received),
            Block::Bytes(bytes) => self.take(bytes)?,
        }
        Ok(())
    }

    fn take(&mut self, bytes: Vec<u8>) -> Result<()> {
        self.digest.update(&bytes);
        self.total += bytes.len() as u64;
        if self.total > self.most {
            return Err(malformed(format!("it holds more than the {} bytes that are allowed", self.most)));
        }
        self.block = bytes;
        self.progress.unpacked_bytes.store(self.total, Ordering::Relaxed);
        self.progress.tell();
        Ok(())
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
        while self.at == self.block.len() && self.received.is_none() {
            self.next()?;
        }
        Ok(&self.block[self.at..])
    }

    fn consume(&mut self, count: usize) {
        self.at += count;
    }
}
