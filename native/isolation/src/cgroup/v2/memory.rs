//! Row 6-058: low and max, out-of-memory events, statistics.

use std::{os::fd::OwnedFd, path::Path};

use meseta_spec::{MemoryPressure, MemorySettings, MemoryStatistics};
use rustix::fs::inotify;

use crate::{
    cgroup::files::{read, read_number, value_of, write_limit},
    failure::{Result, Step},
};

/// A running container's limit is only raised, unless `lower` says that it may be lowered.
pub fn apply(at: &Path, settings: &MemorySettings, lower: bool) -> Result<()> {
    write_limit(&at.join("memory.low"), settings.soft_limit_bytes)?;
    let maximum = at.join("memory.max");
    // `max` is no number: nothing is above it.
    let now = read_number(&maximum).unwrap_or(u64::MAX);
    let raises = settings.limit_bytes.is_some_and(|value| value < 0 || value as u64 > now);
    if lower || raises {
        write_limit(&maximum, settings.limit_bytes)?;
    }
    // v2 counts swap alone, v1 swap and memory together.
    let swap =
        settings.swap_limit_bytes.map(|both| if both < 0 { both } else { (both - settings.limit_bytes.unwrap_or(0)).max(0) });
    write_limit(&at.join("memory.swap.max"), swap)
}

pub fn statistics(at: &Path) -> MemoryStatistics {
    let stat = read(&at.join("memory.stat")).unwrap_or_default();
    MemoryStatistics {
        usage_bytes: read_number(&at.join("memory.current")),
        max_usage_bytes: read_number(&at.join("memory.peak")),
        limit_bytes: read_number(&at.join("memory.max")),
        soft_limit_bytes: read_number(&at.join("memory.low")),
        rss_bytes: value_of(&stat, "anon"),
        cache_bytes: value_of(&stat, "file"),
        mapped_file_bytes: value_of(&stat, "file_mapped"),
        swap_bytes: read_number(&at.join("memory.swap.current")),
        unevictable_bytes: value_of(&stat, "unevictable"),
        fail_count: event(at, "max"),
        oom_kills: event(at, "oom_kill"),
        ..Default::default()
    }
}

pub fn watch_oom(at: &Path) -> Result<OwnedFd> {
    let file = at.join("memory.events");
    let watch = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK).step("watch for out of memory")?;
    inotify::add_watch(&watch, &file, inotify::WatchFlags::MODIFY).step_at("watch", &file)?;
    Ok(watch)
}

/// memory.events also changes for `low` and `high`; only a kill is news.
pub fn pressure(at: &Path) -> Option<MemoryPressure> {
    let memory_stat = read(&at.join("memory.stat"))?;
    Some(MemoryPressure {
        limit_bytes: read_number(&at.join("memory.max")),
        max_usage_bytes: read_number(&at.join("memory.peak")),
        oom_kills: Some(event(at, "oom_kill").filter(|&kills| kills > 0)?),
        memory_stat: Some(memory_stat),
    })
}

pub fn oom_kills(at: &Path) -> Option<u64> {
    event(at, "oom_kill")
}

fn event(at: &Path, key: &str) -> Option<u64> {
    value_of(&read(&at.join("memory.events"))?, key)
}
