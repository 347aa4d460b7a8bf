//! Names as archives write them, made into ones that lie below where they are unpacked. A leading slash goes, as with `tar`; `..` is refused, since
//! nobody needs it but who wants out (S77).

use std::{
    ffi::OsStr,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use meseta_isolation::failure::Result;

use super::damaged;

const LONGEST: usize = 4095;
/// Each level may hold two descriptors while it is moved.
const DEEPEST: usize = 128;

/// Empty for the directory itself.
pub fn below(name: &[u8]) -> Result<PathBuf> {
    let shown = || String::from_utf8_lossy(&name[..name.len().min(200)]).into_owned();
    if name.contains(&0) || name.len() > LONGEST {
        return Err(damaged(format!("{:?} is no name", shown())));
    }
    let mut path = PathBuf::new();
    let mut depth = 0;
    for part in name.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => return Err(damaged(format!("{} leads out of it", shown()))),
            part => {
                path.push(OsStr::from_bytes(part));
                depth += 1;
            }
        }
    }
    if depth > DEEPEST {
        return Err(damaged(format!("{} lies deeper than {DEEPEST} directories", shown())));
    }
    Ok(path)
}

/// Where something is put: its directory and its name there.
pub fn split(path: &Path) -> Result<(&Path, &OsStr)> {
    let name = path.file_name().ok_or_else(|| damaged("it has a file without a name"))?;
    Ok((path.parent().unwrap_or(Path::new("")), name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_below() {
        for (name, path) in [("a/b", "a/b"), ("./a//b/", "a/b"), ("/etc/passwd", "etc/passwd"), ("./", ""), ("a/..b", "a/..b")] {
            assert_eq!(below(name.as_bytes()).expect(name), Path::new(path), "{name}");
        }
        for name in ["..", "../x", "a/../../x", "a/..", "/../x", "a\0b"] {
            assert!(below(name.as_bytes()).is_err(), "{name:?}");
        }
        assert!(below("d/".repeat(129).as_bytes()).is_err());
        assert!(below("x".repeat(5000).as_bytes()).is_err());
    }
}
