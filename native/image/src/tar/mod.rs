//! A strict reader of tar archives: ustar, PAX and GNU, with what each of them adds. Where readers that people use would see different entries in the same
//! bytes, this one refuses the archive (S69): what was checked elsewhere must be what is unpacked here.

#[cfg(test)]
mod differential_tests;
mod global;
mod header;
mod number;
mod pax;
mod reader;
mod sparse;
#[cfg(test)]
mod tests;

pub use reader::Reader;
pub use sparse::Sparse;

use meseta_isolation::failure::Result;

pub const BLOCK: usize = 512;

/// Where an archive's bytes come from.
pub trait Input {
    /// At least one byte, or none at the end.
    fn available(&mut self) -> Result<&[u8]>;
    fn consume(&mut self, count: usize);

    /// False when it ends before.
    fn skip(&mut self, mut count: u64) -> Result<bool> {
        while count > 0 {
            let here = self.available()?.len();
            if here == 0 {
                return Ok(false);
            }
            let taken = count.min(here as u64);
            self.consume(taken as usize);
            count -= taken;
        }
        Ok(true)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    File,
    HardLink,
    Symlink,
    Character,
    Block,
    Directory,
    Fifo,
    /// Of a type that is no file; what it says is left out.
    Other(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Time {
    pub seconds: i64,
    pub nanoseconds: u32,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    pub path: Vec<u8>,
    pub kind: Kind,
    pub link: Vec<u8>,
    /// Of its content, as it lies in the archive.
    pub size: u64,
    /// Which parts of the file the content is.
    pub sparse: Option<Sparse>,
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    pub modified: Time,
    pub device: (u32, u32),
    pub xattrs: Vec<(Vec<u8>, Vec<u8>)>,
}
