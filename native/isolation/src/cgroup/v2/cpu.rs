//! Row 6-057: weight and quota.

use std::path::Path;

use meseta_spec::{CpuSettings, CpuStatistics};

use crate::{
    cgroup::files::{read, value_of, write},
    failure::Result,
};

const DEFAULT_PERIOD_US: u64 = 100_000;

pub fn apply(at: &Path, settings: &CpuSettings) -> Result<()> {
    if let Some(shares) = settings.shares {
        write(&at.join("cpu.weight"), &weight_of(shares).to_string())?;
    }
    if let Some(quota) = settings.quota_us {
        let period = settings.period_us.unwrap_or(DEFAULT_PERIOD_US);
        let value = if quota < 0 { format!("max {period}") } else { format!("{quota} {period}") };
        write(&at.join("cpu.max"), &value)?;
    }
    Ok(())
}

/// 1024 shares, one cpu's worth, are a weight of 100 (row 6-057).
fn weight_of(shares: u64) -> u64 {
    (shares * 100 / 1024).clamp(1, 10_000)
}

pub fn statistics(at: &Path) -> CpuStatistics {
    let stat = read(&at.join("cpu.stat")).unwrap_or_default();
    let nanoseconds = |key: &str| value_of(&stat, key).map(|microseconds| microseconds * 1000);
    CpuStatistics {
        user_ns: nanoseconds("user_usec"),
        system_ns: nanoseconds("system_usec"),
        total_ns: nanoseconds("usage_usec"),
        periods: value_of(&stat, "nr_periods"),
        throttled: value_of(&stat, "nr_throttled"),
        throttled_ns: nanoseconds("throttled_usec"),
    }
}
