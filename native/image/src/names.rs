//! Names of entries, as the paths below the directory that they stand for. They are cleaned as text before anything is looked up; links are the kernel's.

use meseta_isolation::failure::Result;

use crate::failure::refused;

const LONGEST: usize = 4096;

/// Without leading slashes, `.` and `..`; empty is the directory itself. What climbs out of it is an error (S66).
pub fn clean(name: &[u8]) -> Result<Vec<u8>> {
    if name.len() > LONGEST {
        return Err(refused(name, "its name is longer than 4096 bytes"));
    }
    if name.contains(&0) {
        return Err(refused(name, "its name has a NUL in it"));
    }
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in name.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop().ok_or_else(|| refused(name, "its name leads out of the directory"))?),
            part => parts.push(part),
        }
    }
    Ok(parts.join(&b'/'))
}

/// The directory that something lies in, and its name there. Of a cleaned path that is not empty.
pub fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(slash) => (&path[..slash], &path[slash + 1..]),
        None => (&[], path),
    }
}

/// What is left of a cleaned path below `directory`; `None` when it lies elsewhere.
pub fn below<'a>(path: &'a [u8], directory: &[u8]) -> Option<&'a [u8]> {
    if directory.is_empty() {
        return Some(path);
    }
    match path.strip_prefix(directory)? {
        [] => Some(&[]),
        [b'/', rest @ ..] => Some(rest),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(name: &str) -> Option<String> {
        clean(name.as_bytes()).ok().map(|name| String::from_utf8(name).expect("text"))
    }

    #[test]
    fn names_stay_inside() {
        let cases = [
            ("a/b", Some("a/b")),
            ("./a//b/./", Some("a/b")),
            ("/etc/passwd", Some("etc/passwd")),
            ("a/../b", Some("b")),
            ("", Some("")),
            ("/", Some("")),
            (".", Some("")),
            ("a/..", Some("")),
            ("...", Some("...")),
            ("..", None),
            ("../a", None),
            ("/../a", None),
            ("./..", None),
            ("a/../../b", None),
            ("a\0b", None),
        ];
        for (name, expected) in cases {
            assert_eq!(cleaned(name).as_deref(), expected, "{name:?}");
        }
        assert_eq!(cleaned(&"a".repeat(4097)), None);
    }

    #[test]
    fn what_lies_below_is_told_by_whole_names() {
        assert_eq!(below(b"rootfs/a", b"rootfs"), Some(&b"a"[..]));
        assert_eq!(below(b"rootfs", b"rootfs"), Some(&b""[..]));
        assert_eq!(below(b"rootfsx/a", b"rootfs"), None);
        assert_eq!(split(b"a/b/c"), (&b"a/b"[..], &b"c"[..]));
        assert_eq!(split(b"c"), (&b""[..], &b"c"[..]));
    }
}
