//! Row 6-023: hard and soft limit, swap, out-of-memory events, statistics.

use std::{os::fd::AsRawFd, os::fd::OwnedFd, path::Path};

use meseta_spec::{MemoryPressure, MemorySettings, MemoryStatistics};
use rustix::{
    event::{EventfdFlags, eventfd},
    fs::{Mode, OFlags},
};

use crate::{
    cgroup::files::{has_effect, read, read_number, refuse, value_of, write, write_if_some},
    failure::{Result, Step},
};

const LIMIT: &str = "memory.limit_in_bytes";
const SWAP_LIMIT: &str = "memory.memsw.limit_in_bytes";

/// A running container's limit is only raised, unless `lower` says that it may be lowered: the kernel would kill or refuse.
pub fn apply(at: &Path, settings: &MemorySettings, lower: bool) -> Result<()> {
    refuse(settings.min_bytes.is_some(), "set memory.min", "cgroup v1 has no protection that holds")?;
    refuse(settings.high_bytes.is_some(), "set memory.high", "cgroup v1 cannot throttle before the limit")?;
    refuse(settings.oom_group(), "set memory.oom.group", "the kernel of cgroup v1 kills one process at a time")?;
    write_if_some(&at.join("memory.soft_limit_in_bytes"), settings.soft_limit_bytes.map(|soft| soft.max(-1)))?;
    // memory ≤ memory and swap must hold at every moment, so when both rise the sum goes first.
    let swap = settings.swap_limit_bytes.filter(|&swap| has_effect(at, SWAP_LIMIT, swap));
    let swap_first = raises(at, SWAP_LIMIT, swap);
    if swap_first {
        write_limit(at, SWAP_LIMIT, swap, lower)?;
    }
    write_limit(at, LIMIT, settings.limit_bytes, lower)?;
    if !swap_first {
        write_limit(at, SWAP_LIMIT, swap, lower)?;
    }
    write_if_some(&at.join("memory.kmem.limit_in_bytes"), settings.kernel_limit_bytes)?;
    write_if_some(&at.join("memory.kmem.tcp.limit_in_bytes"), settings.kernel_tcp_limit_bytes)?;
    write_if_some(&at.join("memory.swappiness"), settings.swappiness)?;
    write_if_some(&at.join("memory.oom_control"), settings.disable_oom_killer.map(i32::from))
}

fn write_limit(at: &Path, name: &str, wanted: Option<i64>, lower: bool) -> Result<()> {
    match wanted {
        Some(value) if lower || raises(at, name, wanted) => write(&at.join(name), &value.max(-1).to_string()),
        _ => Ok(()),
    }
}

fn raises(at: &Path, name: &str, wanted: Option<i64>) -> bool {
    let now = read_number(&at.join(name)).unwrap_or(0);
    wanted.is_some_and(|value| value < 0 || value as u64 > now)
}

pub fn statistics(at: &Path) -> MemoryStatistics {
    let stat = read(&at.join("memory.stat")).unwrap_or_default();
    let total = |key: &str| value_of(&stat, key);
    let number = |name: &str| read_number(&at.join(name));
    MemoryStatistics {
        usage_bytes: number("memory.usage_in_bytes"),
        max_usage_bytes: number("memory.max_usage_in_bytes"),
        limit_bytes: number(LIMIT),
        soft_limit_bytes: number("memory.soft_limit_in_bytes"),
        swap_limit_bytes: number(SWAP_LIMIT),
        memory_and_swap_bytes: number("memory.memsw.usage_in_bytes"),
        kernel_bytes: number("memory.kmem.usage_in_bytes"),
        kernel_tcp_bytes: number("memory.kmem.tcp.usage_in_bytes"),
        fail_count: number("memory.failcnt"),
        rss_bytes: total("total_rss"),
        cache_bytes: total("total_cache"),
        mapped_file_bytes: total("total_mapped_file"),
        swap_bytes: total("total_swap"),
        unevictable_bytes: total("total_unevictable"),
        file_dirty_bytes: total("total_dirty"),
        file_writeback_bytes: total("total_writeback"),
        page_faults: total("total_pgfault"),
        major_page_faults: total("total_pgmajfault"),
        oom_kills: oom_kills(at),
        ..Default::default()
    }
}

/// The kernel signals the eventfd when memory runs out, and once more when the cgroup is removed.
pub fn watch_oom(at: &Path) -> Result<OwnedFd> {
    subscribe(at, "memory.oom_control", "")
}

/// An eventfd that counts what happens to one of the files of this cgroup.
pub fn subscribe(at: &Path, name: &str, argument: &str) -> Result<OwnedFd> {
    let file = at.join(name);
    let control = rustix::fs::open(&file, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).step_at("open", &file)?;
    let event = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).step("make an eventfd")?;
    let line = format!("{} {} {argument}", event.as_raw_fd(), control.as_raw_fd());
    write(&at.join("cgroup.event_control"), line.trim_end())?;
    Ok(event)
}

pub fn pressure(at: &Path) -> Option<MemoryPressure> {
    let memory_stat = read(&at.join("memory.stat"))?;
    Some(MemoryPressure {
        limit_bytes: read_number(&at.join(LIMIT)),
        max_usage_bytes: read_number(&at.join("memory.max_usage_in_bytes")),
        oom_kills: oom_kills(at),
        memory_stat: Some(memory_stat),
    })
}

pub fn oom_kills(at: &Path) -> Option<u64> {
    value_of(&read(&at.join("memory.oom_control"))?, "oom_kill")
}
