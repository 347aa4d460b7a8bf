//! Decompression, told by the first bytes. Several members or frames after each other are one stream.

use std::io::{self, BufRead, Read};

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::GzDecoder;
use lzma_rust2::XzReader;
use meseta_isolation::failure::Result;
use meseta_spec::Compression;

use crate::failure::from_io;

/// Bytes that can be looked at before a decoder takes them.
pub trait Peek: BufRead {
    /// Up to `count` bytes that a decoder will see all the same.
    fn first(&mut self, count: usize) -> io::Result<&[u8]>;
}

/// As large as `zstd --ultra` and containerd take it without being told; more would let an archive take the host's memory (S62).
const WINDOW_LOG: u32 = 27;
const XZ_MEMORY_KIB: u32 = 130 << 10;

pub enum Decoder<R: Peek> {
    None(Box<R>),
    Gzip(Gzip<R>),
    Zstd(Box<zstd::Decoder<'static, R>>),
    Bzip2(Box<MultiBzDecoder<R>>),
    Xz(Box<XzReader<R>>),
}

impl<R: Peek> Decoder<R> {
    pub fn new(mut raw: R) -> Result<Self> {
        Ok(match kind_of(raw.first(6).map_err(from_io)?) {
            Compression::None => Decoder::None(Box::new(raw)),
            Compression::Gzip => Decoder::Gzip(Gzip::Member(Box::new(GzDecoder::new(raw)))),
            Compression::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(raw).map_err(from_io)?;
                decoder.window_log_max(WINDOW_LOG).map_err(from_io)?;
                Decoder::Zstd(Box::new(decoder))
            }
            Compression::Bzip2 => Decoder::Bzip2(Box::new(MultiBzDecoder::new(raw))),
            Compression::Xz => Decoder::Xz(Box::new(XzReader::new_mem_limit(raw, true, XZ_MEMORY_KIB))),
        })
    }

    pub fn compression(&self) -> Compression {
        match self {
            Decoder::None(_) => Compression::None,
            Decoder::Gzip(_) => Compression::Gzip,
            Decoder::Zstd(_) => Compression::Zstd,
            Decoder::Bzip2(_) => Compression::Bzip2,
            Decoder::Xz(_) => Compression::Xz,
        }
    }

    /// What is behind it, and perhaps not read to its end.
    pub fn into_raw(self) -> Option<R> {
        match self {
            Decoder::None(raw) => Some(*raw),
            Decoder::Gzip(gzip) => gzip.into_raw(),
            Decoder::Zstd(decoder) => Some(decoder.finish()),
            Decoder::Bzip2(decoder) => Some(decoder.into_inner()),
            Decoder::Xz(decoder) => Some(decoder.into_inner()),
        }
    }
}

impl<R: Peek> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Decoder::None(raw) => raw.read(buffer),
            Decoder::Gzip(gzip) => gzip.read(buffer),
            Decoder::Zstd(decoder) => decoder.read(buffer),
            Decoder::Bzip2(decoder) => decoder.read(buffer),
            Decoder::Xz(decoder) => decoder.read(buffer),
        }
    }
}

const GZIP: &[u8] = &[0x1f, 0x8b];

pub fn kind_of(first: &[u8]) -> Compression {
    match first {
        [0x1f, 0x8b, ..] => Compression::Gzip,
        // A frame, or one to be skipped that stands before it.
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31 | 0x17, ..] => Compression::Bzip2,
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Compression::Xz,
        _ => Compression::None,
    }
}

/// Members follow each other until something else does, which must be padding.
pub enum Gzip<R: Peek> {
    Member(Box<GzDecoder<R>>),
    Done(Option<Box<R>>),
}

impl<R: Peek> Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Gzip::Member(decoder) = self {
            let count = decoder.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            self.next()?;
        }
        Ok(0)
    }

    fn next(&mut self) -> io::Result<()> {
        let Gzip::Member(decoder) = std::mem::replace(self, Gzip::Done(None)) else { return Ok(()) };
        let mut raw = decoder.into_inner();
        *self = match raw.first(2)?.starts_with(GZIP) {
            true => Gzip::Member(Box::new(GzDecoder::new(raw))),
            false => Gzip::Done(Some(Box::new(raw))),
        };
        Ok(())
    }

    fn into_raw(self) -> Option<R> {
        match self {
            Gzip::Member(decoder) => Some(decoder.into_inner()),
            Gzip::Done(raw) => raw.map(|raw| *raw),
        }
    }
}
