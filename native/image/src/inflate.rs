//! The first of an archive's two threads: receives, digests and decompresses, as far ahead of the second as a few buffers allow.

use std::{
    io::Read,
    sync::mpsc::{Receiver, SyncSender, TrySendError},
};

use meseta_isolation::failure::Result;
use meseta_spec::Compression;

use crate::{
    decompress::Decoder,
    failure::{from_io, malformed},
    raw::Raw,
};

pub const BLOCK: usize = 256 << 10;
pub const BLOCKS_AHEAD: usize = 3;

/// What is known when all has come.
pub struct Received {
    pub digest: String,
    pub size: u64,
    pub compression: Compression,
}

/// Sends blocks, and `Received` behind the last. `used` gives blocks back.
pub fn inflate(raw: Raw, blocks: &SyncSender<Result<Block>>, used: &Receiver<Vec<u8>>) {
    if let Err(failure) = all(raw, blocks, used) {
        // Nobody listens any more: then there is another failure already.
        let _ = blocks.send(Err(failure));
    }
}

pub enum Block {
    Bytes(Vec<u8>),
    End(Received),
}

fn all(raw: Raw, blocks: &SyncSender<Result<Block>>, used: &Receiver<Vec<u8>>) -> Result<()> {
    let mut decoder = Decoder::new(raw)?;
    loop {
        let mut block = used.try_recv().unwrap_or_default();
        block.resize(BLOCK, 0);
        let count = fill(&mut decoder, &mut block)?;
        if count == 0 {
            break;
        }
        block.truncate(count);
        if send(blocks, Block::Bytes(block)).is_err() {
            return Ok(());
        }
    }
    let compression = decoder.compression();
    let raw = decoder.into_raw().ok_or_else(|| malformed("its end was lost"))?;
    let (digest, size) = raw.finish()?;
    let _ = send(blocks, Block::End(Received { digest, size, compression }));
    Ok(())
}

fn send(blocks: &SyncSender<Result<Block>>, block: Block) -> std::result::Result<(), ()> {
    match blocks.try_send(Ok(block)) {
        Err(TrySendError::Full(block)) => blocks.send(block).map_err(drop),
        sent => sent.map_err(drop),
    }
}

fn fill(decoder: &mut Decoder<Raw>, block: &mut [u8]) -> Result<usize> {
    let mut filled = 0;
    while filled < block.len() {
        match decoder.read(&mut block[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(from_io(error)),
        }
    }
    Ok(filled)
}
