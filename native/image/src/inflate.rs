//! The first of an archive's two threads: receives, digests and decompresses, as far ahead of the second as there are blocks.

use std::{io::Read, sync::mpsc::Sender};

use meseta_isolation::failure::Result;
use meseta_spec::Compression;

use crate::{
    block::{Block, Blocks},
    decompress::Decoder,
    failure::{from_io, malformed},
    raw::Raw,
};

/// What is known when all has come.
pub struct Received {
    pub digest: String,
    pub size: u64,
    pub compression: Compression,
}

pub enum Inflated {
    Bytes(Block),
    End(Received),
}

/// Ends with `End` or a failure, unless nobody reads any more.
pub fn inflate(raw: Raw, blocks: Blocks, inflated: &Sender<Result<Inflated>>) {
    if let Some(end) = all(raw, blocks, inflated).transpose() {
        // Who does not listen has a failure already.
        let _ = inflated.send(end.map(Inflated::End));
    }
}

/// Nothing when nobody reads any more.
fn all(raw: Raw, mut blocks: Blocks, inflated: &Sender<Result<Inflated>>) -> Result<Option<Received>> {
    let mut decoder = Decoder::new(raw)?;
    loop {
        let Some(mut block) = blocks.next() else { return Ok(None) };
        let count = fill(&mut decoder, &mut block.bytes)?;
        if count == 0 {
            break;
        }
        block.bytes.truncate(count);
        if inflated.send(Ok(Inflated::Bytes(block))).is_err() {
            return Ok(None);
        }
    }
    let compression = decoder.compression();
    let raw = decoder.into_raw().ok_or_else(|| malformed("its end was lost"))?;
    let (digest, size) = raw.finish()?;
    Ok(Some(Received { digest, size, compression }))
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
