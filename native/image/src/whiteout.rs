//! Marks of a layer: what it takes away from the layers below it. In archives they are names, on disk what an overlay understands.

use std::os::fd::AsFd;

use meseta_isolation::failure::Result;
use rustix::{
    fs::{self, AtFlags, FileType, Mode, XattrFlags},
    io::Errno,
};

use crate::failure::refused;

pub const OPAQUE: &str = "trusted.overlay.opaque";

#[derive(Debug, PartialEq, Eq)]
pub enum Mark<'a> {
    /// What has this name below is gone.
    Gone(&'a [u8]),
    /// Nothing of what the directory has below is there.
    Opaque,
    /// Of aufs, for itself.
    Foreign,
}

/// What the last part of a path says; `None`: it is a name like any other (S67).
pub fn mark_of<'a>(name: &'a [u8], path: &[u8]) -> Result<Option<Mark<'a>>> {
    let Some(rest) = name.strip_prefix(b".wh.") else { return Ok(None) };
    match rest {
        b".wh..opq" => Ok(Some(Mark::Opaque)),
        b"" | b"." | b".." => Err(refused(path, "it is a whiteout of nothing that could be there")),
        _ if rest.starts_with(b".wh.") => Ok(Some(Mark::Foreign)),
        _ => Ok(Some(Mark::Gone(rest))),
    }
}

pub fn is_one(parent: impl AsFd, name: &[u8]) -> bool {
    fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)
        .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::CharacterDevice && stat.st_rdev == 0)
}

/// Marks a name as gone. What the same layer puts there stays: a whiteout is about the layers below only; but a directory of it has nothing from them.
pub fn mark_gone(parent: impl AsFd, name: &[u8]) -> std::result::Result<(), Errno> {
    match fs::mknodat(&parent, name, FileType::CharacterDevice, Mode::empty(), 0) {
        Err(Errno::EXIST) => match crate::parents::open_directory(&parent, name) {
            Ok(directory) => make_opaque(directory),
            Err(Errno::NOTDIR | Errno::LOOP) => Ok(()),
            Err(errno) => Err(errno),
        },
        made => made,
    }
}

pub fn make_opaque(directory: impl AsFd) -> std::result::Result<(), Errno> {
    fs::fsetxattr(directory, OPAQUE, b"y", XattrFlags::empty())
}

/// Of a directory at a path.
pub fn is_opaque_at(path: &str) -> bool {
    let mut value = [0_u8; 1];
    fs::getxattr(path, OPAQUE, &mut value[..]) == Ok(1) && &value == b"y"
}

pub fn is_opaque(directory: impl AsFd) -> bool {
    let mut value = [0_u8; 1];
    fs::fgetxattr(directory, OPAQUE, &mut value[..]) == Ok(1) && &value == b"y"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(name: &str) -> std::result::Result<Option<Mark<'_>>, ()> {
        mark_of(name.as_bytes(), name.as_bytes()).map_err(drop)
    }

    #[test]
    fn marks_are_told_from_names() {
        assert_eq!(mark("a"), Ok(None));
        assert_eq!(mark(".wh"), Ok(None));
        assert_eq!(mark("a.wh.b"), Ok(None));
        assert_eq!(mark(".wh.a"), Ok(Some(Mark::Gone(b"a"))));
        assert_eq!(mark(".wh...."), Ok(Some(Mark::Gone(b"..."))));
        assert_eq!(mark(".wh..wh..opq"), Ok(Some(Mark::Opaque)));
        assert_eq!(mark(".wh..wh.plnk"), Ok(Some(Mark::Foreign)));
        for bad in [".wh.", ".wh..", ".wh..."] {
            assert_eq!(mark(bad), Err(()), "{bad}");
        }
    }
}
