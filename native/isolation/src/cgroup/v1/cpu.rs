//! Row 6-022: shares and CFS quota; statistics come from cpuacct.

use std::path::Path;

use meseta_spec::{CpuSettings, CpuStatistics};

use crate::{
    cgroup::files::{read, read_number, value_of, write},
    failure::Result,
};

pub fn apply(at: &Path, settings: &CpuSettings) -> Result<()> {
    if let Some(shares) = settings.shares {
        write(&at.join("cpu.shares"), &shares.to_string())?;
    }
    // The period first: a quota is judged against the period that stands.
    if let Some(period) = settings.period_us {
        write(&at.join("cpu.cfs_period_us"), &period.to_string())?;
    }
    if let Some(quota) = settings.quota_us {
        write(&at.join("cpu.cfs_quota_us"), &quota.max(-1).to_string())?;
    }
    Ok(())
}

pub fn statistics(cpuacct: Option<&Path>, cpu: Option<&Path>) -> Option<CpuStatistics> {
    if cpuacct.is_none() && cpu.is_none() {
        return None;
    }
    let mut statistics = CpuStatistics::default();
    if let Some(at) = cpuacct {
        statistics.total_ns = read_number(&at.join("cpuacct.usage"));
        statistics.user_ns = read_number(&at.join("cpuacct.usage_user"));
        statistics.system_ns = read_number(&at.join("cpuacct.usage_sys"));
    }
    if let Some(text) = cpu.and_then(|at| read(&at.join("cpu.stat"))) {
        statistics.periods = value_of(&text, "nr_periods");
        statistics.throttled = value_of(&text, "nr_throttled");
        statistics.throttled_ns = value_of(&text, "throttled_time");
    }
    Some(statistics)
}
