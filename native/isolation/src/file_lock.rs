//! Locks of files that end with whoever holds them, however it ends.

use std::os::fd::AsFd;

use rustix::{
    fs::{self, FlockOperation},
    io::Errno,
};

/// Holds until the last descriptor of this opening is closed. `false`: another opening has it.
pub fn lock_exclusively(file: impl AsFd) -> Result<bool, Errno> {
    match fs::flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(errno) => Err(errno),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs::File, io};

    use super::lock_exclusively;

    #[test]
    fn one_opening_has_the_lock_and_closing_gives_it_back() -> io::Result<()> {
        let path = std::env::temp_dir().join(format!("meseta-file-lock-{}", std::process::id()));
        let first = File::create(&path)?;
        let second = File::open(&path)?;
        assert!(lock_exclusively(&first)?);
        assert!(!lock_exclusively(&second)?);
        drop(first);
        assert!(lock_exclusively(&second)?);
        std::fs::remove_file(&path)
    }
}
