//! Files with holes, in the four ways that archives have them.

use meseta_isolation::failure::Result;

use super::{
    BLOCK, Entry, Input, number,
    pax::{MOST_SPARSE_PARTS, SparseKeys},
};
use crate::failure::malformed;

/// Parts with content, in order and apart; the rest of the file are holes.
#[derive(Debug, PartialEq, Eq, Default)]
pub struct Sparse {
    pub parts: Vec<(u64, u64)>,
    pub size: u64,
}

impl Sparse {
    /// `content` is how many bytes the archive has of it: exactly those of the parts.
    fn checked(parts: Vec<(u64, u64)>, size: u64, content: u64) -> Result<Self> {
        let mut at = 0_u64;
        let mut total = 0_u64;
        for (offset, length) in &parts {
            let end = offset.checked_add(*length).filter(|end| *end <= size && *offset >= at);
            at = end.ok_or_else(|| malformed("its sparse map is out of order"))?;
            total += length;
        }
        if total != content {
            return Err(malformed("its sparse map is for another content"));
        }
        Ok(Sparse { parts, size })
    }
}

/// GNU's old way: in the header, and in blocks behind it.
pub fn old_gnu(header: &[u8; BLOCK], content: u64, input: &mut dyn FnMut() -> Result<[u8; BLOCK]>) -> Result<Sparse> {
    let mut parts = Vec::new();
    let mut goes_on = read_parts(&header[386..482], &mut parts)? && header[482] != 0;
    while goes_on {
        let block = input()?;
        goes_on = read_parts(&block[..504], &mut parts)? && block[504] != 0;
    }
    Sparse::checked(parts, number::natural(&header[483..495], "sparse size")?, content)
}

/// False when there was an unused one, which ends the map.
fn read_parts(bytes: &[u8], parts: &mut Vec<(u64, u64)>) -> Result<bool> {
    for pair in bytes.chunks_exact(24) {
        if pair[0] == 0 || pair[12] == 0 {
            return Ok(false);
        }
        if parts.len() == MOST_SPARSE_PARTS {
            return Err(malformed("its sparse map is too long"));
        }
        parts.push((number::natural(&pair[..12], "sparse map")?, number::natural(&pair[12..], "sparse map")?));
    }
    Ok(true)
}

/// PAX: versions 0.0 and 0.1 have the map in the extended header, 1.0 before the content. The name stands there too, so that old readers do not take the
/// condensed file for the real one.
pub fn pax(keys: SparseKeys, entry: &mut Entry, input: &mut impl Input) -> Result<()> {
    if keys.name.is_some() {
        entry.path = keys.name.unwrap_or_default();
    }
    let version = (keys.major, keys.minor);
    let Some(size) = keys.size else { return Err(malformed("a sparse file of it has no size")) };
    let parts = match version {
        (Some(1), Some(0)) => map_before_content(&mut entry.size, input)?,
        (None, None) | (Some(0), Some(0 | 1)) => {
            let parts: Vec<_> = keys.numbers.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
            if keys.numbers.len() % 2 != 0 || keys.count.is_some_and(|count| count != parts.len() as u64) {
                return Err(malformed("its sparse map is incomplete"));
            }
            parts
        }
        _ => return Err(malformed("its sparse map is of an unknown version")),
    };
    entry.sparse = Some(Sparse::checked(parts, size, entry.size)?);
    Ok(())
}

/// Decimal numbers, each in a line: how many parts, then each one's offset and length; padded to a whole block.
fn map_before_content(content: &mut u64, input: &mut impl Input) -> Result<Vec<(u64, u64)>> {
    let mut lines = Lines { input, content, used: 0 };
    let count = lines.number()?;
    if count > MOST_SPARSE_PARTS as u64 {
        return Err(malformed("its sparse map is too long"));
    }
    let mut parts = Vec::new();
    for _ in 0..count {
        parts.push((lines.number()?, lines.number()?));
    }
    lines.pad()?;
    Ok(parts)
}

struct Lines<'a, I> {
    input: &'a mut I,
    content: &'a mut u64,
    used: usize,
}

impl<I: Input> Lines<'_, I> {
    fn number(&mut self) -> Result<u64> {
        let mut digits = Vec::new();
        loop {
            match self.byte()? {
                b'\n' => return number::decimal(&digits, "sparse map"),
                digit if digits.len() < 20 => digits.push(digit),
                _ => return Err(malformed("its sparse map is malformed")),
            }
        }
    }

    fn byte(&mut self) -> Result<u8> {
        let byte = match self.input.available()?.first() {
            Some(byte) if *self.content > 0 => *byte,
            _ => return Err(malformed("its sparse map breaks off")),
        };
        self.input.consume(1);
        *self.content -= 1;
        self.used += 1;
        Ok(byte)
    }

    fn pad(&mut self) -> Result<()> {
        while self.used % BLOCK != 0 {
            self.byte()?;
        }
        Ok(())
    }
}
