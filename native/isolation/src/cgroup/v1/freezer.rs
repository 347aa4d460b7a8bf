//! Kill that cannot be escaped: what is frozen does not fork (row 6-008).

use std::{path::Path, thread, time::Duration};

use rustix::process::{Pid, Signal, kill_process};

use crate::cgroup::files::{read, write};

const FREEZE_TRIES: u32 = 50;

/// Freezes, kills every member, thaws so that the signals are taken. `members` is used where there is no freezer.
pub fn kill(at: Option<&Path>, members: &[i32]) {
    match at {
        None => kill_each(members),
        Some(at) => {
            freeze(at);
            kill_each(&crate::cgroup::files::members_below(at));
            thaw(at);
        }
    }
}

pub fn thaw(at: &Path) {
    // A cgroup that is gone has nothing frozen in it.
    let _ = write(&at.join("freezer.state"), "THAWED");
}

/// A process in the middle of a fork makes the kernel report FREEZING for a while; writing again makes progress.
fn freeze(at: &Path) {
    let state = at.join("freezer.state");
    for _ in 0..FREEZE_TRIES {
        if write(&state, "FROZEN").is_err() || read(&state).is_none_or(|text| text.trim() == "FROZEN") {
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
}

fn kill_each(pids: &[i32]) {
    for pid in pids.iter().filter_map(|&pid| Pid::from_raw(pid)) {
        // One that is gone already is what we want.
        let _ = kill_process(pid, Signal::KILL);
    }
}
