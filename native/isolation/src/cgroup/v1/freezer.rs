//! Kill that cannot be escaped: what is frozen does not fork (row 6-008).

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use crate::{
    cgroup::files::{children, kill_each, members_below, read, write},
    failure::{Failure, Result},
};

/// One that waits for a disk does not freeze before it comes back.
const PATIENCE: Duration = Duration::from_secs(10);
/// A kill does not wait so long: it is repeated, and who was not frozen can still be hit.
const KILL_PATIENCE: Duration = Duration::from_millis(50);

/// Freezes, kills every member, thaws so that the signals are taken.
pub fn kill(at: &Path) {
    attempt(at, KILL_PATIENCE);
    kill_each(&members_below(at));
    thaw(at);
}

pub fn freeze(at: &Path) -> Result<()> {
    write(&at.join("freezer.state"), "FROZEN")?;
    if attempt(at, PATIENCE) {
        return Ok(());
    }
    thaw(at);
    Err(Failure::because("freeze the container", "its processes do not stop; is one of their disks hung?").at(at))
}

/// With what the task has frozen below, which would not follow by itself.
pub fn thaw(at: &Path) {
    // A cgroup that is gone has nothing frozen in it.
    let _ = write(&at.join("freezer.state"), "THAWED");
    children(at).iter().for_each(|child| thaw(child));
}

/// A process in the middle of a fork makes the kernel report FREEZING for a while; writing again makes progress. True also where there is nothing.
fn attempt(at: &Path, patience: Duration) -> bool {
    let (state, end) = (at.join("freezer.state"), Instant::now() + patience);
    loop {
        if write(&state, "FROZEN").is_err() || read(&state).is_none_or(|text| text.trim() == "FROZEN") {
            return true;
        }
        if Instant::now() > end {
            return false;
        }
        thread::sleep(Duration::from_millis(1));
    }
}
