//! Row 6-022: shares and CFS quota; statistics come from cpuacct.

use std::path::Path;

use meseta_spec::{CpuSettings, CpuStatistics};
use rustix::io::Errno;

use crate::{
    cgroup::files::{read, read_number, refuse, value_of, write, write_if_some},
    failure::Result,
};

const BURST: &str = "cpu.cfs_burst_us";

pub fn apply(at: &Path, settings: &CpuSettings) -> Result<()> {
    refuse(settings.weight.is_some(), "set cpu.weight", "cgroup v1 has cpu.shares in its place")?;
    // An idle cgroup takes no shares.
    if settings.idle == Some(false) {
        write(&at.join("cpu.idle"), "0")?;
    }
    write_if_some(&at.join("cpu.shares"), settings.shares)?;
    bandwidth(at, settings)?;
    if settings.idle == Some(true) {
        write(&at.join("cpu.idle"), "1")?;
    }
    write_if_some(&at.join("cpu.rt_period_us"), settings.realtime_period_us)?;
    write_if_some(&at.join("cpu.rt_runtime_us"), settings.realtime_runtime_us)
}

/// The kernel judges each value by those that stand: the burst must be within the quota at every moment.
fn bandwidth(at: &Path, settings: &CpuSettings) -> Result<()> {
    let saved = if settings.quota_us.is_some() && settings.burst_us.is_some() { read_number(&at.join(BURST)) } else { None };
    if saved.is_some_and(|burst| burst > 0) {
        write(&at.join(BURST), "0")?;
    }
    quota_and_period(at, settings)?;
    write_if_some(&at.join(BURST), settings.burst_us)
}

/// The period first, since a quota is judged against it; but one that goes too badly with the old quota comes after the new one.
fn quota_and_period(at: &Path, settings: &CpuSettings) -> Result<()> {
    let set_quota = || write_if_some(&at.join("cpu.cfs_quota_us"), settings.quota_us.map(|quota| quota.max(-1)));
    let set_period = || write_if_some(&at.join("cpu.cfs_period_us"), settings.period_us);
    match set_period() {
        Err(failure) if failure.is(Errno::INVAL) && settings.quota_us.is_some() => set_quota().and_then(|()| set_period()),
        Err(failure) => Err(failure),
        Ok(()) => set_quota(),
    }
}

pub fn statistics(cpuacct: Option<&Path>, cpu: Option<&Path>) -> CpuStatistics {
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
    statistics
}
