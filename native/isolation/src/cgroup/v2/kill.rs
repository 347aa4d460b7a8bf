//! The kernel kills a whole tree at once, forks included (row 6-008).

use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

use crate::cgroup::files::{members_below, write};

pub fn kill(at: &Path) {
    if write(&at.join("cgroup.kill"), "1").is_ok() {
        return;
    }
    // Before Linux 5.14 there was no such file: freeze, kill each, thaw.
    let _ = write(&at.join("cgroup.freeze"), "1");
    for pid in members_below(at).into_iter().filter_map(Pid::from_raw) {
        // One that is gone already is what we want.
        let _ = kill_process(pid, Signal::KILL);
    }
    thaw(at);
}

pub fn thaw(at: &Path) {
    // A cgroup that is gone has nothing frozen in it.
    let _ = write(&at.join("cgroup.freeze"), "0");
}
