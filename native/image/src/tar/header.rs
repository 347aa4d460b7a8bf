//! One header block.

use meseta_isolation::failure::Result;

use super::{BLOCK, Entry, Kind, Time, number};
use crate::failure::malformed;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    /// No prefix: before POSIX.
    V7,
    Ustar,
    Star,
    Gnu,
}

pub struct Header<'a>(pub &'a [u8; BLOCK]);

impl<'a> Header<'a> {
    pub fn is_zero(&self) -> bool {
        self.0.iter().all(|byte| *byte == 0)
    }

    pub fn type_flag(&self) -> u8 {
        self.0[156]
    }

    pub fn size(&self) -> Result<u64> {
        number::natural(&self.0[124..136], "size")
    }

    /// The sum of all bytes, its own field taken as blanks; old archives have it of signed ones.
    pub fn check(&self) -> Result<()> {
        let wanted = number::field(&self.0[148..156], "checksum")?;
        let bytes = || self.0.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { b' ' } else { *byte });
        let unsigned: i64 = bytes().map(i64::from).sum();
        let signed: i64 = bytes().map(|byte| i64::from(byte as i8)).sum();
        if wanted == unsigned || wanted == signed {
            return Ok(());
        }
        Err(malformed("it is no tar archive, or a header of it is damaged: the checksum is wrong"))
    }

    fn format(&self) -> Format {
        match (&self.0[257..265], &self.0[508..512]) {
            (b"ustar  \0", _) => Format::Gnu,
            ([b'u', b's', b't', b'a', b'r', 0, ..], b"tar\0") => Format::Star,
            ([b'u', b's', b't', b'a', b'r', 0, ..], _) => Format::Ustar,
            _ => Format::V7,
        }
    }

    pub fn is_gnu(&self) -> bool {
        self.format() == Format::Gnu
    }

    fn path(&self) -> Vec<u8> {
        let name = text(&self.0[..100]);
        let prefix = match self.format() {
            Format::Ustar => text(&self.0[345..500]),
            Format::Star => text(&self.0[345..476]),
            Format::V7 | Format::Gnu => &[],
        };
        if prefix.is_empty() { name.to_vec() } else { [prefix, b"/", name].concat() }
    }

    /// What it says by itself; headers before it may say otherwise.
    pub fn entry(&self) -> Result<Entry> {
        let path = self.path();
        let kind = kind_of(self.type_flag());
        let number = |range: std::ops::Range<usize>, what| number::natural(&self.0[range], what);
        let has_devices = matches!(kind, Kind::Character | Kind::Block);
        let device = |range, what| if has_devices { small(number(range, what)?, what) } else { Ok(0) };
        Ok(Entry {
            kind,
            link: text(&self.0[157..257]).to_vec(),
            size: self.size()?,
            sparse: None,
            // Some write the file's type too.
            mode: (number(100..108, "mode")? & 0o7777) as u32,
            uid: small(number(108..116, "user")?, "user")?,
            gid: small(number(116..124, "group")?, "group")?,
            modified: Time { seconds: number::field(&self.0[136..148], "time")?, nanoseconds: 0 },
            device: (device(329..337, "device")?, device(337..345, "device")?),
            xattrs: Vec::new(),
            path,
        })
    }
}

/// Users, groups and parts of device numbers; the largest number stands for none.
pub fn small(value: u64, what: &str) -> Result<u32> {
    u32::try_from(value).ok().filter(|value| *value != u32::MAX).ok_or_else(|| malformed(format!("its {what} is too large")))
}

fn kind_of(flag: u8) -> Kind {
    match flag {
        0 | b'0' | b'7' | b'S' => Kind::File,
        b'1' => Kind::HardLink,
        b'2' => Kind::Symlink,
        b'3' => Kind::Character,
        b'4' => Kind::Block,
        b'5' => Kind::Directory,
        b'6' => Kind::Fifo,
        other => Kind::Other(other),
    }
}

/// Up to the first NUL.
pub fn text(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}
