//! Small files that are there whole or not at all.

use std::os::fd::AsFd;

use rustix::{
    fs::{self, AtFlags, Mode, OFlags},
    io::{self, Errno},
};

/// Writes beside and renames. Not fsynced: run state means nothing after a reboot (design §4.8).
pub fn write_atomically(directory: impl AsFd, name: &str, bytes: &[u8]) -> Result<(), Errno> {
    let beside = format!(".{name}.new");
    let file = fs::openat(
        directory.as_fd(),
        &beside,
        OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::CLOEXEC | OFlags::NOFOLLOW,
        Mode::from_raw_mode(0o600),
    )?;
    let written = write_all(&file, bytes).and_then(|()| fs::renameat(directory.as_fd(), &beside, directory.as_fd(), name));
    if written.is_err() {
        // The half written file must not stay; that it cannot be removed adds nothing to the error we have.
        let _ = fs::unlinkat(directory, &beside, AtFlags::empty());
    }
    written
}

pub fn write_all(file: impl AsFd, mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        match io::write(&file, bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

/// A whole small file, of which only the end is read in part. `None` when it does not exist.
pub fn read(directory: impl AsFd, name: &str) -> Result<Option<Vec<u8>>, Errno> {
    let file = match fs::openat(directory, name, OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW, Mode::empty()) {
        Ok(file) => file,
        Err(Errno::NOENT) => return Ok(None),
        Err(errno) => return Err(errno),
    };
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        match io::read(&file, &mut chunk) {
            Ok(count) => {
                bytes.extend_from_slice(&chunk[..count]);
                if count < chunk.len() {
                    return Ok(Some(bytes));
                }
            }
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
}
