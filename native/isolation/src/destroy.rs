//! The end of a container, whatever state it is in: nothing of it is left afterwards. Every part is idempotent, since an agent may die in the middle of
//! it and begin again.

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use meseta_spec::{Cgroups, SupervisorRecord};

use crate::{
    cgroup::Cgroup,
    failure::{Failure, Result},
    process,
    remove_tree::remove_tree,
    runtime,
};

/// How long processes may take to die (row 6-008: `--cgroups_destroy_timeout`). Longer means that the kernel cannot end one, as on a hung disk.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(2);

/// Kills and removes the container of a runtime directory. `cgroups` is where its cgroups are when no record says so.
pub fn destroy(directory: &Path, cgroups: Option<&Cgroups>) -> Result<()> {
    let record = runtime::record_of(directory);
    if let Some(record) = &record {
        end_supervisor(record)?;
    }
    let recorded = record.as_ref().and_then(|record| record.cgroups.as_ref());
    remove_remains(directory, recorded.or(cgroups))
}

/// Kills what a supervisor that was itself killed has left, and waits until it is gone. Files and cgroups stay, to be looked at.
pub fn settle(directory: &Path, cgroups: Option<&Cgroups>) -> Result<()> {
    let record = runtime::record_of(directory);
    if let Some(record) = &record {
        end_supervisor(record)?;
    }
    match record.as_ref().and_then(|record| record.cgroups.as_ref()).or(cgroups) {
        Some(plan) => empty(&Cgroup::resolve(plan)?),
        None => Ok(()),
    }
}

/// What is left when supervisor and init are gone.
pub fn remove_remains(directory: &Path, cgroups: Option<&Cgroups>) -> Result<()> {
    if let Some(plan) = cgroups {
        let cgroup = Cgroup::resolve(plan)?;
        // Most are empty by now, and to look whether they are costs as much as to remove them.
        if !cgroup.remove_empty() {
            empty(&cgroup)?;
            cgroup.remove()?;
        }
    }
    // Whatever the task made of its root, deep or full of links (S31). Nothing is mounted there: a container's mounts are in its own namespace.
    remove_tree(directory)
}

/// A supervisor takes its init with it, and init its pid namespace. In posix mode its processes are killed first: it adopts their orphans, so while it is
/// stopped none of them can slip away to pid 1.
fn end_supervisor(record: &SupervisorRecord) -> Result<()> {
    let Some(handle) = process::open(record.pid, record.start_time) else { return Ok(()) };
    if record.posix() {
        // As below: gone is what we want.
        let _ = process::signal(&handle, libc::SIGSTOP);
        process::kill_descendants(record.pid, PATIENCE);
    }
    // Gone between the two is what we want.
    let _ = process::signal(&handle, libc::SIGKILL);
    if process::wait_until_gone(&handle, PATIENCE) {
        return Ok(());
    }
    Err(Failure::because("end the supervisor", "it does not die; is one of its disks hung?"))
}

/// Until nobody is in it: init's death ends a pid namespace, but not at once, and without one the processes are killed here.
pub fn empty(cgroup: &Cgroup) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    while !cgroup.members().is_empty() {
        // Thaws too: what an agent or a task has frozen could not die.
        cgroup.kill();
        if Instant::now() > end {
            return Err(Failure::because("end the container", "its processes do not die; is one of their disks hung?"));
        }
        thread::sleep(PAUSE);
    }
    Ok(())
}
