//! How early the kernel kills a process when memory runs out: -1000 (never) to 1000 (row 6-023).

use rustix::io::Errno;

use crate::failure::{Failure, Result, Step};

const STEP: &str = "set the OOM score adjustment";

/// Of another process, so from where /proc is the real one (S17). `present` is what it has.
pub fn adjust(pid: i32, wanted: i32, present: i32) -> Result<()> {
    if wanted == present {
        return Ok(());
    }
    let written = std::fs::write(format!("/proc/{pid}/oom_score_adj"), wanted.to_string()).step_at(STEP, wanted.to_string());
    written
        .map_err(|failure| if failure.is(Errno::ACCESS) && wanted < present { unprivileged(failure, present) } else { failure })
}

fn unprivileged(failure: Failure, present: i32) -> Failure {
    Failure { sentence: format!("below {present} it needs CAP_SYS_RESOURCE, which the agent does not have"), ..failure }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_impossible_is_told_with_what_was_wanted() {
        let failure = adjust(std::process::id() as i32, 5000, 0).expect_err("beyond the range");
        assert_eq!(failure.to_string(), "could not set the OOM score adjustment 5000: invalid argument");
    }
}
