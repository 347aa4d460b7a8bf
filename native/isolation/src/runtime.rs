//! Runtime directories: what earlier supervisors have left there.

use std::{fs, os::fd::OwnedFd, path::Path};

use meseta_spec::{ExitStatus, FoundContainer, Message, RECORD_FILE, STATUS_FILE, SupervisorRecord};
use rustix::fs::{Mode, OFlags};

use crate::{
    durable,
    failure::{Result, Step},
    process,
};

/// All containers below `<runtime_dir>/<boot id>`. What is not a directory is none.
pub fn find_all(runtime: &Path) -> Result<Vec<FoundContainer>> {
    let entries = match fs::read_dir(runtime) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.step_at("list", runtime)?,
    };
    let directories = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    Ok(directories.filter_map(|entry| look_at(&entry.path())).collect())
}

/// What one runtime directory says. `None`: it is gone.
pub fn look_at(directory: &Path) -> Option<FoundContainer> {
    let handle = open_directory(directory)?;
    let record = decoded::<SupervisorRecord>(&handle, RECORD_FILE);
    let alive = record.as_ref().is_some_and(|record| process::open(record.pid, record.start_time).is_some());
    Some(FoundContainer {
        container_id: directory.file_name()?.to_string_lossy().into_owned(),
        directory: directory.display().to_string(),
        alive: Some(alive),
        // Read after `alive` was judged: a supervisor writes its status before it goes, so a dead one has written it already or never will.
        exit: decoded::<ExitStatus>(&handle, STATUS_FILE),
        record,
    })
}

/// Who supervises the container of a runtime directory, or did. `None`: nobody has begun to.
pub fn record_of(directory: &Path) -> Option<SupervisorRecord> {
    decoded(&open_directory(directory)?, RECORD_FILE)
}

fn open_directory(path: &Path) -> Option<OwnedFd> {
    rustix::fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW, Mode::empty()).ok()
}

/// Files are renamed into place, so one that does not decode was not written by us; it counts as absent.
fn decoded<M: Message + Default>(directory: &OwnedFd, name: &str) -> Option<M> {
    let bytes = durable::read(directory, name).ok()??;
    M::decode(bytes.as_slice()).ok()
}
