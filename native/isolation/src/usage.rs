//! Usage where there is no cgroup to ask: summed over the processes that a supervisor has below it (row 6-019).

use std::{fs, path::Path};

use meseta_spec::{CpuStatistics, MemoryStatistics, PRESSURE_COUNTERS, Statistics};

use crate::{procfs, runtime};

#[derive(Default, Debug, PartialEq)]
struct Sum {
    user_ticks: u64,
    system_ticks: u64,
    threads: u64,
    pages: u64,
}

/// Ended processes are not counted any more; what they used is lost with them, as in Mesos.
pub fn of_container(directory: &Path, timestamp_ms: u64) -> Statistics {
    let supervisor = runtime::look_at(directory).filter(|found| found.alive()).and_then(|found| found.record);
    let members = supervisor.map(|record| procfs::descendants(record.pid)).unwrap_or_default();
    // The first of them is our own init, which is not the user's.
    let mut sum = Sum::default();
    for stat in members.iter().skip(1).filter_map(|pid| fs::read_to_string(format!("/proc/{pid}/stat")).ok()) {
        add(&mut sum, &stat);
    }
    let (tick, page) = (1_000_000_000 / rustix::param::clock_ticks_per_second().max(1), rustix::param::page_size() as u64);
    Statistics {
        timestamp_ms,
        cpu: Some(CpuStatistics {
            user_ns: Some(sum.user_ticks * tick),
            system_ns: Some(sum.system_ticks * tick),
            total_ns: Some((sum.user_ticks + sum.system_ticks) * tick),
            ..Default::default()
        }),
        memory: Some(MemoryStatistics { rss_bytes: Some(sum.pages * page), ..Default::default() }),
        processes: Some(members.len().saturating_sub(1) as u64),
        threads: Some(sum.threads),
        ..Default::default()
    }
}

/// How often memory was short: counted by the kernel into eventfds that the supervisor holds, so that the agent may come and go (T140).
pub fn add_pressure(directory: &Path, memory: &mut MemoryStatistics) {
    let Some(record) = runtime::look_at(directory).filter(|found| found.alive()).and_then(|found| found.record) else { return };
    let [low, medium, critical] = PRESSURE_COUNTERS.map(|descriptor| procfs::eventfd_count(record.pid, descriptor));
    (memory.low_pressure_count, memory.medium_pressure_count, memory.critical_pressure_count) = (low, medium, critical);
}

/// Fields 14, 15, 20 and 24 of a stat line; the name before them may hold blanks.
fn add(sum: &mut Sum, stat: &str) {
    let Some((_, rest)) = stat.rsplit_once(')') else { return };
    let fields: Vec<u64> = rest.split_ascii_whitespace().map(|word| word.parse().unwrap_or(0)).collect();
    let field = |number: usize| fields.get(number - 3).copied().unwrap_or(0);
    sum.user_ticks += field(14);
    sum.system_ticks += field(15);
    sum.threads += field(20);
    sum.pages += field(24);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stat_line_is_counted_by_its_fields() {
        let mut sum = Sum::default();
        add(&mut sum, "7 (a) b) S 1 7 7 0 -1 4194560 1 0 0 0 14 15 0 0 20 0 3 0 4242 0 24 0");
        assert_eq!(sum, Sum { user_ticks: 14, system_ticks: 15, threads: 3, pages: 24 });
    }
}
