//! The kernel kills a whole tree at once, forks included (row 6-008).

use std::path::Path;

use super::freezer;
use crate::cgroup::files::{kill_each, members_below, write};

pub fn kill(at: &Path) {
    if write(&at.join("cgroup.kill"), "1").is_ok() {
        return;
    }
    // Before Linux 5.14 there was no such file: freeze, kill each, thaw. Who cannot be frozen can still be hit.
    let _ = freezer::freeze(at);
    kill_each(&members_below(at));
    freezer::thaw(at);
}
