//! What nobody wants any more is put out of the way at once and removed afterwards: how much a container has written is no reason to wait for its end.

use std::path::{Path, PathBuf};

use rustix::{
    fs::{CWD, RenameFlags, renameat_with},
    io::Errno,
};

use crate::{failure::Result, remove_tree::remove_tree};

/// What begins with this is removed by whoever finds it.
pub const PREFIX: &str = ".removed-";

/// Gives a directory a name that nobody looks for. `None`: nothing is left of it.
pub fn put_aside(directory: &Path) -> Result<Option<PathBuf>> {
    let Some(name) = directory.file_name() else { return Ok(None) };
    let aside = directory.with_file_name(format!("{PREFIX}{}", name.to_string_lossy()));
    match renameat_with(CWD, directory, CWD, &aside, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(Some(aside)),
        Err(Errno::NOENT) => Ok(None),
        // Another of its name is still there, or the new name is too long.
        Err(_) => remove_tree(directory).map(|()| None),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn place(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("meseta-discard-{}-{name}", std::process::id()));
        fs::create_dir_all(path.join("c1/upper")).expect("made");
        path
    }

    #[test]
    fn what_is_put_aside_has_left_its_place() {
        let place = place("aside");
        let aside = put_aside(&place.join("c1")).expect("renamed").expect("something was there");
        assert_eq!(aside, place.join(".removed-c1"));
        assert!(!place.join("c1").exists() && aside.join("upper").is_dir());
        assert_eq!(put_aside(&place.join("c1")).expect("gone is fine"), None);
        fs::create_dir_all(place.join("c1/upper")).expect("made again");
        assert_eq!(put_aside(&place.join("c1")).expect("removed at once"), None, "its other name is taken");
        assert!(!place.join("c1").exists());
        fs::remove_dir_all(&place).expect("removed");
    }
}
