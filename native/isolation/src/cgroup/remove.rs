//! Taking cgroups away, deepest first (row 6-066).

use std::{
    fs, io,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use super::files;
use crate::failure::{Result, Step};

/// A cgroup stays busy for a moment after its last process was reaped; under load the moment is long.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(1);

pub fn tree(directory: &Path) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    loop {
        match remove(directory) {
            Err(error) if error.raw_os_error() == Some(libc::EBUSY) && Instant::now() < end => thread::sleep(PAUSE),
            outcome => return outcome.step_at("remove the cgroup", directory),
        }
    }
}

/// A cgroup with processes or children says so by being busy.
pub fn empty(directory: &Path) -> bool {
    remove_alone(directory).is_ok()
}

/// The directory alone first: most have nothing below.
fn remove(directory: &Path) -> io::Result<()> {
    if remove_alone(directory).is_ok() {
        return Ok(());
    }
    for child in files::children(directory) {
        remove(&child)?;
    }
    remove_alone(directory)
}

fn remove_alone(directory: &Path) -> io::Result<()> {
    match fs::remove_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}
