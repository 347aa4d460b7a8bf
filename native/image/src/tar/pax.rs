//! Extended headers: `<length> <key>=<value>\n`, one record after the other.

use meseta_isolation::failure::Result;

use super::{Time, number};
use crate::failure::malformed;

#[derive(Default)]
pub struct Pax {
    pub path: Option<Vec<u8>>,
    pub link: Option<Vec<u8>>,
    pub size: Option<u64>,
    pub uid: Option<u64>,
    pub gid: Option<u64>,
    pub modified: Option<Time>,
    pub xattrs: Vec<(Vec<u8>, Vec<u8>)>,
    pub sparse: SparseKeys,
}

/// GNU's keys of sparse files, in all three versions.
#[derive(Default)]
pub struct SparseKeys {
    pub major: Option<u64>,
    pub minor: Option<u64>,
    pub name: Option<Vec<u8>>,
    pub size: Option<u64>,
    /// Of version 0.0, in their order; of 0.1 all in one.
    pub numbers: Vec<u64>,
    pub count: Option<u64>,
    pub any: bool,
}

const MOST_XATTRS: usize = 1_000;
pub const MOST_SPARSE_PARTS: usize = 200_000;

impl Pax {
    pub fn parse(mut bytes: &[u8]) -> Result<Self> {
        let mut pax = Pax::default();
        while !bytes.is_empty() {
            let (key, value, rest) = record(bytes)?;
            pax.set(key, value)?;
            bytes = rest;
        }
        Ok(pax)
    }

    /// The last of a key counts; an empty value takes back what was said before.
    fn set(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        match key {
            b"path" => self.path = name(value, "path")?,
            b"linkpath" => self.link = name(value, "link")?,
            b"size" => self.size = decimal(value, "size")?,
            b"uid" => self.uid = decimal(value, "user")?,
            b"gid" => self.gid = decimal(value, "group")?,
            b"mtime" => self.modified = if value.is_empty() { None } else { Some(time(value)?) },
            _ => {
                if let Some(key) = key.strip_prefix(b"SCHILY.xattr.") {
                    self.set_xattr(key.to_vec(), value.to_vec())?;
                } else if let Some(key) = key.strip_prefix(b"LIBARCHIVE.xattr.") {
                    // The other spelling of the same, which comes first where both are written.
                    let (key, value) = (percent_decoded(key)?, base64_decoded(value)?);
                    if !self.xattrs.iter().any(|(known, _)| *known == key) {
                        self.set_xattr(key, value)?;
                    }
                } else if let Some(key) = key.strip_prefix(b"GNU.sparse.") {
                    self.sparse.set(key, value)?;
                }
            }
        }
        Ok(())
    }

    fn set_xattr(&mut self, key: Vec<u8>, value: Vec<u8>) -> Result<()> {
        if key.is_empty() || key.contains(&0) {
            return Err(malformed("an extended attribute of it has no proper name"));
        }
        self.xattrs.retain(|(known, _)| *known != key);
        if self.xattrs.len() == MOST_XATTRS {
            return Err(malformed("an entry of it has too many extended attributes"));
        }
        self.xattrs.push((key, value));
        Ok(())
    }
}

impl SparseKeys {
    fn set(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        self.any = true;
        match key {
            b"major" => self.major = decimal(value, "sparse version")?,
            b"minor" => self.minor = decimal(value, "sparse version")?,
            b"name" => self.name = name(value, "path")?,
            b"size" | b"realsize" => self.size = decimal(value, "sparse size")?,
            b"numblocks" => self.count = decimal(value, "sparse map")?,
            b"offset" if self.numbers.len() % 2 == 0 => self.add(value)?,
            b"numbytes" if self.numbers.len() % 2 == 1 => self.add(value)?,
            b"offset" | b"numbytes" => return Err(malformed("its sparse map is out of order")),
            b"map" => {
                self.numbers.clear();
                for number in value.split(|byte| *byte == b',').filter(|_| !value.is_empty()) {
                    self.add(number)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn add(&mut self, value: &[u8]) -> Result<()> {
        if self.numbers.len() == 2 * MOST_SPARSE_PARTS {
            return Err(malformed("its sparse map is too long"));
        }
        self.numbers.push(number::decimal(value, "sparse map")?);
        Ok(())
    }
}

type Record<'a> = (&'a [u8], &'a [u8], &'a [u8]);

fn record(bytes: &[u8]) -> Result<Record<'_>> {
    let wrong = || malformed("a record of an extended header is malformed");
    let digits = bytes.iter().take(8).take_while(|byte| byte.is_ascii_digit()).count();
    let length = number::decimal(&bytes[..digits], "record").map_err(|_| wrong())? as usize;
    if bytes.get(digits) != Some(&b' ') || length <= digits + 1 || length > bytes.len() || bytes[length - 1] != b'\n' {
        return Err(wrong());
    }
    let text = &bytes[digits + 1..length - 1];
    let equals = text.iter().position(|byte| *byte == b'=').filter(|at| *at > 0).ok_or_else(wrong)?;
    if text[..equals].contains(&0) {
        return Err(wrong());
    }
    Ok((&text[..equals], &text[equals + 1..], &bytes[length..]))
}

fn name(value: &[u8], what: &str) -> Result<Option<Vec<u8>>> {
    if value.contains(&0) {
        return Err(malformed(format!("its {what} has a NUL in it")));
    }
    Ok(Some(value).filter(|value| !value.is_empty()).map(<[u8]>::to_vec))
}

fn decimal(value: &[u8], what: &str) -> Result<Option<u64>> {
    if value.is_empty() { Ok(None) } else { number::decimal(value, what).map(Some) }
}

/// Seconds with any number of decimals, also before 1970.
fn time(value: &[u8]) -> Result<Time> {
    let (negative, digits) = match value.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, value),
    };
    let mut parts = digits.splitn(2, |byte| *byte == b'.');
    let seconds = number::decimal(parts.next().unwrap_or_default(), "time")? as i64;
    let decimals = parts.next().unwrap_or_default();
    if !decimals.iter().all(u8::is_ascii_digit) {
        return Err(malformed("its time is no number"));
    }
    let nanoseconds = (0..9).fold(0, |value, at| value * 10 + u32::from(decimals.get(at).map_or(0, |digit| digit - b'0')));
    Ok(match (negative, nanoseconds) {
        (false, _) => Time { seconds, nanoseconds },
        (true, 0) => Time { seconds: -seconds, nanoseconds: 0 },
        (true, _) => Time { seconds: -seconds - 1, nanoseconds: 1_000_000_000 - nanoseconds },
    })
}

fn percent_decoded(text: &[u8]) -> Result<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            decoded.push(*first);
            continue;
        }
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(byte.ok_or_else(|| malformed("the name of an extended attribute is malformed"))?);
        rest = &after[2..];
    }
    Ok(decoded)
}

fn base64_decoded(text: &[u8]) -> Result<Vec<u8>> {
    let digits = text.iter().take_while(|byte| **byte != b'=');
    let (mut decoded, mut bits, mut held) = (Vec::with_capacity(text.len() * 3 / 4), 0_u32, 0);
    for byte in digits {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return Err(malformed("an extended attribute of it is no base64")),
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            decoded.push((bits >> held) as u8);
        }
    }
    Ok(decoded)
}

#[cfg(test)]
#[path = "pax_tests.rs"]
mod tests;
