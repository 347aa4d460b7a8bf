//! Entries, one after the other; the content of each is read, or skipped, before the next.

use meseta_isolation::failure::{Failure, Result};

use super::{
    BLOCK, Entry, Input, Kind,
    global::Global,
    header::{Header, small, text},
    pax::Pax,
    sparse,
};
use crate::failure::malformed;

/// Of extended headers and long names. Nothing is allocated before it has come.
const LONGEST_EXTENSION: u64 = 1 << 20;

pub struct Reader<I> {
    input: I,
    /// Of the current entry's content.
    left: u64,
    padding: u64,
    /// From the archive's beginning.
    position: u64,
    global: Global,
    ended: bool,
}

/// What headers say of the entry that follows them.
#[derive(Default)]
struct Before {
    pax: Option<Pax>,
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
}

impl<I: Input> Reader<I> {
    pub fn new(input: I) -> Self {
        Reader { input, left: 0, padding: 0, position: 0, global: Global::default(), ended: false }
    }

    pub fn into_input(self) -> I {
        self.input
    }

    /// Where the content of the current entry begins, or goes on.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Some of the current entry's content; nothing at its end.
    pub fn content(&mut self) -> Result<&[u8]> {
        if self.left == 0 {
            return Ok(&[]);
        }
        let available = self.input.available()?;
        if available.is_empty() {
            return Err(breaks_off());
        }
        let count = (available.len() as u64).min(self.left) as usize;
        Ok(&available[..count])
    }

    pub fn consume(&mut self, count: usize) {
        self.input.consume(count);
        self.left -= count as u64;
        self.position += count as u64;
    }

    /// `None` at the end.
    pub fn next(&mut self) -> Result<Option<Entry>> {
        let mut before = Before::default();
        loop {
            self.leave_content()?;
            let Some(block) = self.header(&before)? else { return Ok(None) };
            let header = Header(&block);
            match header.type_flag() {
                b'x' => before.set_pax(Pax::parse(&self.extension(&header)?)?)?,
                b'g' if before.is_empty() => {
                    let pax = Pax::parse(&self.extension(&header)?)?;
                    self.global.apply(pax)?;
                }
                b'g' => return Err(malformed("a global header of it stands where an entry should")),
                b'L' => set_once(&mut before.path, self.long_name(&header)?)?,
                b'K' => set_once(&mut before.link, self.long_name(&header)?)?,
                // Solaris' name for extended headers, which some read and some do not.
                b'X' => return Err(malformed("a header of it is of Solaris' own type")),
                _ => return self.entry(&header, before).map(Some),
            }
        }
    }

    fn leave_content(&mut self) -> Result<()> {
        if !self.input.skip(self.left)? {
            return Err(breaks_off());
        }
        // `umoci insert` ends an archive with the last byte of its last file, and Go's reader, which all registries' clients have, takes it.
        let _whole = self.input.skip(self.padding)?;
        self.position += self.left + self.padding;
        (self.left, self.padding) = (0, 0);
        Ok(())
    }

    /// The end is two empty blocks, or where the bytes end.
    fn header(&mut self, before: &Before) -> Result<Option<[u8; BLOCK]>> {
        if self.ended {
            return Ok(None);
        }
        let block = self.block()?;
        let ends = match &block {
            None => true,
            Some(block) if Header(block).is_zero() => {
                if self.block()?.is_some_and(|second| !Header(&second).is_zero()) {
                    return Err(malformed("an empty block stands in the middle of it"));
                }
                true
            }
            Some(block) => {
                Header(block).check()?;
                false
            }
        };
        self.ended = ends;
        if ends && !before.is_empty() {
            return Err(malformed("it ends where an entry should follow"));
        }
        Ok(block.filter(|_| !ends))
    }

    fn block(&mut self) -> Result<Option<[u8; BLOCK]>> {
        let mut block = [0; BLOCK];
        let mut filled = 0;
        while filled < BLOCK {
            let available = self.input.available()?;
            let count = available.len().min(BLOCK - filled);
            if count == 0 {
                return if filled == 0 { Ok(None) } else { Err(breaks_off()) };
            }
            block[filled..filled + count].copy_from_slice(&available[..count]);
            self.input.consume(count);
            filled += count;
        }
        self.position += BLOCK as u64;
        Ok(Some(block))
    }

    /// The content of a header that is about another.
    fn extension(&mut self, header: &Header<'_>) -> Result<Vec<u8>> {
        let size = header.size()?;
        if size > LONGEST_EXTENSION {
            return Err(malformed("an extended header of it is too long"));
        }
        self.begin(size);
        let mut content = Vec::new();
        loop {
            let part = self.content()?;
            if part.is_empty() {
                return Ok(content);
            }
            content.extend_from_slice(part);
            let count = part.len();
            self.consume(count);
        }
    }

    fn long_name(&mut self, header: &Header<'_>) -> Result<Vec<u8>> {
        let content = self.extension(header)?;
        let name = text(&content);
        // Some read on to the end of the block.
        if name.len() == content.len() && self.padding > 0 && self.input.available()?.first() != Some(&0) {
            return Err(malformed("a long name of it does not end"));
        }
        Ok(name.to_vec())
    }

    fn begin(&mut self, size: u64) {
        self.left = size;
        self.padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
    }

    fn entry(&mut self, header: &Header<'_>, before: Before) -> Result<Entry> {
        let mut entry = header.entry()?;
        self.apply_global(&mut entry)?;
        let sparse_keys = before.apply(&mut entry)?;
        // Before there was a type for directories; only the whole name tells.
        if matches!(header.type_flag(), 0 | b'0') && entry.path.ends_with(b"/") {
            entry.kind = Kind::Directory;
        }
        if entry.size > i64::MAX as u64 - BLOCK as u64 {
            return Err(malformed("its size is too large"));
        }
        if !matches!(entry.kind, Kind::File | Kind::Other(_)) && entry.size > 0 {
            // Some skip that many bytes and some do not.
            return Err(malformed("an entry of it has content that its type cannot have"));
        }
        let whole = entry.size;
        if header.type_flag() == b'S' {
            if !header.is_gnu() || sparse_keys.is_some() {
                return Err(malformed("a sparse file of it is malformed"));
            }
            let map = sparse::old_gnu(header.0, entry.size, &mut || self.block()?.ok_or_else(breaks_off))?;
            entry.sparse = Some(map);
        }
        self.begin(whole);
        if let Some(keys) = sparse_keys {
            if entry.kind != Kind::File {
                return Err(malformed("something else than a file of it is sparse"));
            }
            sparse::pax(keys, &mut entry, &mut self.input)?;
            // The map has been read.
            self.position += whole - entry.size;
            self.left = entry.size;
        }
        if entry.path.is_empty() && !matches!(entry.kind, Kind::Other(_)) {
            return Err(malformed("an entry of it has no name"));
        }
        Ok(entry)
    }

    fn apply_global(&self, entry: &mut Entry) -> Result<()> {
        if let Some(uid) = self.global.uid {
            entry.uid = small(uid, "user")?;
        }
        if let Some(gid) = self.global.gid {
            entry.gid = small(gid, "group")?;
        }
        entry.modified = self.global.modified.unwrap_or(entry.modified);
        Ok(())
    }
}

impl Before {
    fn is_empty(&self) -> bool {
        self.pax.is_none() && self.path.is_none() && self.link.is_none()
    }

    fn set_pax(&mut self, pax: Pax) -> Result<()> {
        set_once(&mut self.pax, pax)
    }

    fn apply(self, entry: &mut Entry) -> Result<Option<super::pax::SparseKeys>> {
        let pax = self.pax.unwrap_or_default();
        if pax.sparse.name.is_some() && self.path.is_some() {
            return Err(two_names());
        }
        entry.path = one_of(self.path, pax.path)?.unwrap_or(std::mem::take(&mut entry.path));
        entry.link = one_of(self.link, pax.link)?.unwrap_or(std::mem::take(&mut entry.link));
        entry.size = pax.size.unwrap_or(entry.size);
        if let Some(uid) = pax.uid {
            entry.uid = small(uid, "user")?;
        }
        if let Some(gid) = pax.gid {
            entry.gid = small(gid, "group")?;
        }
        entry.modified = pax.modified.unwrap_or(entry.modified);
        entry.xattrs = pax.xattrs;
        Ok(Some(pax.sparse).filter(|sparse| sparse.any))
    }
}

/// Two headers of the same kind before one entry: some take the first, some the last.
fn set_once<T>(place: &mut Option<T>, value: T) -> Result<()> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(malformed("two headers of it say the same of one entry")),
    }
}

/// GNU's name and PAX's: readers differ in which one counts.
fn one_of(gnu: Option<Vec<u8>>, pax: Option<Vec<u8>>) -> Result<Option<Vec<u8>>> {
    match (gnu, pax) {
        (Some(gnu), Some(pax)) if gnu != pax => Err(two_names()),
        (gnu, pax) => Ok(gnu.or(pax)),
    }
}

fn two_names() -> Failure {
    malformed("an entry of it has two names")
}

fn breaks_off() -> Failure {
    malformed("it breaks off in the middle")
}
