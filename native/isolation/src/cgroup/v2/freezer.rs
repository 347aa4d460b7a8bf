//! A frozen cgroup stays frozen for who joins it later; being killed ends it all the same.

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use crate::{
    cgroup::files::{read, value_of, write},
    failure::{Failure, Result},
};

const PATIENCE: Duration = Duration::from_secs(10);

pub fn freeze(at: &Path) -> Result<()> {
    write(&at.join("cgroup.freeze"), "1")?;
    let end = Instant::now() + PATIENCE;
    while read(&at.join("cgroup.events")).is_some_and(|text| value_of(&text, "frozen") == Some(0)) {
        if Instant::now() > end {
            thaw(at);
            return Err(Failure::because("freeze the container", "its processes do not stop; is one of their disks hung?").at(at));
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

pub fn thaw(at: &Path) {
    // A cgroup that is gone has nothing frozen in it.
    let _ = write(&at.join("cgroup.freeze"), "0");
}
