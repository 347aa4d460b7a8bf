//! Rows 6-058 and 9-050 to 9-052: protection, throttling, hard limit, swap, out-of-memory events, statistics.

use std::{os::fd::OwnedFd, path::Path};

use meseta_spec::{MemoryPressure, MemorySettings, MemoryStatistics};
use rustix::fs::inotify;

use crate::{
    cgroup::files::{has_effect, read, read_number, refuse, value_of, write, write_limit},
    failure::{Result, Step},
};

use super::tree::home;

const LIMIT: &str = "memory.max";
const SWAP_LIMIT: &str = "memory.swap.max";
/// Of this cgroup alone: what happens to a nested container is not its parent's doing.
const EVENTS: &str = "memory.events.local";

/// A running container's limit is only raised, unless `lower` says that it may be lowered.
pub fn apply(at: &Path, settings: &MemorySettings, lower: bool) -> Result<()> {
    refuse(settings.swappiness.is_some(), "set memory.swappiness", "cgroup v2 has no such setting")?;
    refuse(settings.disable_oom_killer(), "disable the out-of-memory killer", "cgroup v2 cannot")?;
    let kernel = settings.kernel_limit_bytes.is_some() || settings.kernel_tcp_limit_bytes.is_some();
    refuse(kernel, "limit kernel memory", "cgroup v2 counts it with all other memory")?;
    write_limit(&at.join("memory.min"), settings.min_bytes)?;
    write_limit(&at.join("memory.low"), settings.soft_limit_bytes)?;
    write_limit(&at.join("memory.high"), settings.high_bytes)?;
    if let Some(group) = settings.oom_group {
        write(&at.join("memory.oom.group"), if group { "1" } else { "0" })?;
    }
    raise_or_lower(at, LIMIT, settings.limit_bytes, lower)?;
    raise_or_lower(at, SWAP_LIMIT, swap_alone(at, settings).filter(|&swap| has_effect(at, SWAP_LIMIT, swap)), lower)
}

fn raise_or_lower(at: &Path, name: &str, wanted: Option<i64>, lower: bool) -> Result<()> {
    let file = at.join(name);
    // `max` is no number: nothing is above it.
    let raises = || read_number(&file).is_some_and(|now| wanted.is_some_and(|value| value < 0 || value as u64 > now));
    if lower || (wanted.is_some() && raises()) { write_limit(&file, wanted) } else { Ok(()) }
}

/// Plans count memory and swap together, as v1 does, and v2 counts swap alone.
fn swap_alone(at: &Path, settings: &MemorySettings) -> Option<i64> {
    let both = settings.swap_limit_bytes?;
    let memory = settings.limit_bytes.or_else(|| read_number(&at.join(LIMIT)).map(|limit| limit as i64)).unwrap_or(0);
    Some(if both < 0 { both } else { (both - memory.max(0)).max(0) })
}

pub fn statistics(at: &Path) -> MemoryStatistics {
    let stat = read(&at.join("memory.stat")).unwrap_or_default();
    let number = |name: &str| read_number(&at.join(name));
    let together = |memory: Option<u64>, swap: Option<u64>| memory.zip(swap).map(|(memory, swap)| memory.saturating_add(swap));
    let (usage, limit, swap) = (number("memory.current"), number(LIMIT), number("memory.swap.current"));
    MemoryStatistics {
        usage_bytes: usage,
        max_usage_bytes: number("memory.peak"),
        limit_bytes: limit,
        soft_limit_bytes: number("memory.low"),
        swap_limit_bytes: together(limit, number(SWAP_LIMIT)),
        memory_and_swap_bytes: together(usage, swap),
        swap_bytes: swap,
        rss_bytes: value_of(&stat, "anon"),
        cache_bytes: value_of(&stat, "file"),
        mapped_file_bytes: value_of(&stat, "file_mapped"),
        unevictable_bytes: value_of(&stat, "unevictable"),
        kernel_bytes: value_of(&stat, "kernel"),
        kernel_tcp_bytes: value_of(&stat, "sock"),
        file_dirty_bytes: value_of(&stat, "file_dirty"),
        file_writeback_bytes: value_of(&stat, "file_writeback"),
        page_faults: value_of(&stat, "pgfault"),
        major_page_faults: value_of(&stat, "pgmajfault"),
        fail_count: event(at, "max"),
        oom_kills: oom_kills(at),
        ..Default::default()
    }
}

pub fn watch_oom(at: &Path) -> Result<OwnedFd> {
    let file = at.join(EVENTS);
    let watch = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK).step("watch for out of memory")?;
    inotify::add_watch(&watch, &file, inotify::WatchFlags::MODIFY).step_at("watch", &file)?;
    Ok(watch)
}

/// How often this cgroup was at its limit with nothing left to reclaim. `None`: it is gone. Its file also changes for other reasons.
pub fn out_of_memory_events(at: &Path) -> Option<u64> {
    event(at, "oom")
}

pub fn pressure(at: &Path) -> Option<MemoryPressure> {
    let memory_stat = read(&at.join("memory.stat"))?;
    Some(MemoryPressure {
        limit_bytes: read_number(&at.join(LIMIT)),
        max_usage_bytes: read_number(&at.join("memory.peak")),
        oom_kills: oom_kills(at),
        memory_stat: Some(memory_stat),
    })
}

/// Counted where the killed process was.
pub fn oom_kills(at: &Path) -> Option<u64> {
    event(&home(at), "oom_kill")
}

fn event(at: &Path, key: &str) -> Option<u64> {
    value_of(&read(&at.join(EVENTS))?, key)
}
