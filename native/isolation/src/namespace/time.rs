//! Clocks of a container's own: what CLOCK_MONOTONIC and CLOCK_BOOTTIME count from.

use std::fs;

use meseta_spec::TimeOffsets;

use super::{Entry, unshare};
use crate::failure::{Result, Step};

/// A time namespace of this process's own. The kernel takes offsets only as long as nobody is in it, so entering it comes last: before Linux 6.3 an exec
/// would not do it.
pub fn make(offsets: Option<&TimeOffsets>) -> Result<()> {
    unshare(libc::CLONE_NEWTIME as u64).step("make the time namespace")?;
    const FILE: &str = "/proc/self/timens_offsets";
    if let Some(text) = offsets.map(lines).filter(|text| !text.is_empty()) {
        fs::write(FILE, text).step_at("set the clocks", FILE)?;
    }
    Entry::of_children_time()?.enter()
}

fn lines(offsets: &TimeOffsets) -> String {
    const NANOSECONDS: i64 = 1_000_000_000;
    let clocks = [("monotonic", offsets.monotonic_ns), ("boottime", offsets.boot_ns)];
    let line = |(clock, offset): (&str, Option<i64>)| {
        // Nanoseconds are never negative, seconds may be.
        offset.map(|offset| format!("{clock} {} {}\n", offset.div_euclid(NANOSECONDS), offset.rem_euclid(NANOSECONDS)))
    };
    clocks.into_iter().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_written_as_the_kernel_reads_them() {
        let offsets = TimeOffsets { monotonic_ns: Some(86_400_000_000_001), boot_ns: Some(-1) };
        assert_eq!(lines(&offsets), "monotonic 86400 1\nboottime -1 999999999\n");
        assert_eq!(lines(&TimeOffsets { monotonic_ns: None, boot_ns: None }), "");
    }
}
