//! Row 6-057: weight and quota.

use std::{fs, path::Path};

use meseta_spec::{CpuSettings, CpuStatistics};

use crate::{
    cgroup::files::{read, read_number, refuse, value_of, write, write_if_some},
    failure::{Result, Step},
};

const BURST: &str = "cpu.max.burst";

pub fn apply(at: &Path, settings: &CpuSettings) -> Result<()> {
    let realtime = settings.realtime_period_us.is_some() || settings.realtime_runtime_us.is_some();
    refuse(realtime, "set the realtime runtime", "cgroup v2 has no such limit")?;
    // An idle cgroup takes no weight.
    if settings.idle == Some(false) {
        write(&at.join("cpu.idle"), "0")?;
    }
    write_if_some(&at.join("cpu.weight"), settings.weight.or(settings.shares.map(weight_of)))?;
    bandwidth(at, settings)?;
    if settings.idle == Some(true) {
        write(&at.join("cpu.idle"), "1")?;
    }
    Ok(())
}

/// The burst must be within the quota at every moment.
fn bandwidth(at: &Path, settings: &CpuSettings) -> Result<()> {
    let Some(maximum) = maximum(at, settings)? else { return write_if_some(&at.join(BURST), settings.burst_us) };
    if settings.burst_us.is_some() && read_number(&at.join(BURST)).is_some_and(|burst| burst > 0) {
        write(&at.join(BURST), "0")?;
    }
    write(&at.join("cpu.max"), &maximum)?;
    write_if_some(&at.join(BURST), settings.burst_us)
}

/// `<quota> [<period>]`: without a period the kernel keeps the one that stands; a quota must always be named.
fn maximum(at: &Path, settings: &CpuSettings) -> Result<Option<String>> {
    let period = settings.period_us.map(|period| format!(" {period}")).unwrap_or_default();
    let quota = match settings.quota_us {
        Some(quota) if quota < 0 => "max".to_owned(),
        Some(quota) => quota.to_string(),
        None if period.is_empty() => return Ok(None),
        None => standing_quota(&at.join("cpu.max"))?,
    };
    Ok(Some(quota + &period))
}

fn standing_quota(file: &Path) -> Result<String> {
    let text = fs::read_to_string(file).step_at("read", file)?;
    Ok(text.split_ascii_whitespace().next().unwrap_or_default().to_owned())
}

/// 1024 shares, one cpu's worth, are a weight of 100; the 10 of a revocable cpu are 1 (row 6-057).
fn weight_of(shares: u64) -> u64 {
    ((shares.saturating_mul(100)).saturating_add(512) / 1024).clamp(1, 10_000)
}

pub fn statistics(at: &Path) -> CpuStatistics {
    let stat = read(&at.join("cpu.stat")).unwrap_or_default();
    let nanoseconds = |key: &str| value_of(&stat, key).map(|microseconds| microseconds.saturating_mul(1000));
    CpuStatistics {
        user_ns: nanoseconds("user_usec"),
        system_ns: nanoseconds("system_usec"),
        total_ns: nanoseconds("usage_usec"),
        periods: value_of(&stat, "nr_periods"),
        throttled: value_of(&stat, "nr_throttled"),
        throttled_ns: nanoseconds("throttled_usec"),
    }
}
