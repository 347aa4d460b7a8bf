//! Taking cgroups away, deepest first.

use std::{fs, io, path::Path, thread, time::Duration};

use super::files;
use crate::failure::{Result, Step};

/// A cgroup stays busy for a moment after its last process was reaped.
const TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_millis(5);

pub fn tree(directory: &Path) -> Result<()> {
    for child in files::children(directory) {
        tree(&child)?;
    }
    let mut tries = 0;
    loop {
        match fs::remove_dir(directory) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if error.raw_os_error() == Some(libc::EBUSY) && tries < TRIES => {
                tries += 1;
                thread::sleep(PAUSE);
            }
            Err(error) => return Err(error).step_at("remove the cgroup", directory),
        }
    }
}
