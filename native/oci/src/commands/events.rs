//! `events`: usage from time to time, and each time that memory ran out, one JSON document a line.

use std::time::Duration;

use meseta_isolation::{
    cgroup::Cgroup,
    failure::{Failure, Result, Step},
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};
use serde_json::{Value, json};

use super::Context;
use crate::{
    command_line::{Arguments, Flag, switch, value},
    container::control_group,
    output,
    state::{Container, Status},
};

pub const FLAGS: &[Flag] =
    &[value("interval", "", "between two reports of usage (5s)"), switch("stats", "", "one report, and no more")];

pub fn run(context: &Context, arguments: &Arguments) -> Result<u8> {
    let container = context.store.open(arguments.container_id()?)?;
    let cgroup = control_group(&container)?;
    if container.status() == Status::Stopped {
        return Err(Failure::because("watch the container", "it is stopped").at(&container.state.id));
    }
    if arguments.has("stats") {
        report("stats", &container, statistics(&cgroup));
        return Ok(0);
    }
    let interval = interval(arguments.value("interval").unwrap_or("5s"))?;
    watch(&container, &cgroup, interval).map(|()| 0)
}

fn watch(container: &Container, cgroup: &Cgroup, interval: Duration) -> Result<()> {
    const STEP: &str = "watch the container";
    let out_of_memory = cgroup.watch_oom()?;
    let mut kills = cgroup.oom_kills().unwrap_or(0);
    let Some(process) = container.process() else { return Ok(()) };
    let limit = Timespec { tv_sec: interval.as_secs() as i64, tv_nsec: i64::from(interval.subsec_nanos()) };
    loop {
        let mut waited = vec![PollFd::new(&process, PollFlags::IN)];
        waited.extend(out_of_memory.as_ref().map(|event| PollFd::new(event, PollFlags::IN)));
        match poll(&mut waited, Some(&limit)) {
            Ok(0) => report("stats", container, statistics(cgroup)),
            Ok(_) | Err(Errno::INTR) => {}
            Err(errno) => return Err(errno).step(STEP),
        }
        let happened = |index: usize| waited.get(index).is_some_and(|each| !each.revents().is_empty());
        if happened(1)
            && let Some(event) = &out_of_memory
        {
            // Its count says nothing that the kernel's own does not.
            let _ = rustix::io::read(event, &mut [0; 4096][..]);
            let now = cgroup.oom_kills().unwrap_or(kills);
            if now > kills {
                report("oom", container, None);
            }
            kills = now;
        }
        if happened(0) {
            return Ok(());
        }
    }
}

fn report(kind: &str, container: &Container, data: Option<Value>) {
    let mut event = json!({ "type": kind, "id": container.state.id });
    if let Some(data) = data {
        event["data"] = data;
    }
    output::line(event);
}

/// Under the names by which callers know them.
fn statistics(cgroup: &Cgroup) -> Option<Value> {
    let (cpu, memory) = (cgroup.cpu_statistics().unwrap_or_default(), cgroup.memory_statistics().unwrap_or_default());
    Some(json!({
        "cpu": {
            "usage": { "total": cpu.total_ns, "user": cpu.user_ns, "kernel": cpu.system_ns },
            "throttling": { "periods": cpu.periods, "throttledPeriods": cpu.throttled, "throttledTime": cpu.throttled_ns },
        },
        "memory": {
            "usage": {
                "usage": memory.usage_bytes, "max": memory.max_usage_bytes, "limit": memory.limit_bytes, "failcnt": memory.fail_count,
            },
            "cache": memory.cache_bytes,
            "raw": { "rss": memory.rss_bytes, "mapped_file": memory.mapped_file_bytes, "oom_kill": memory.oom_kills },
        },
        "pids": { "current": cgroup.statistics(0).threads },
    }))
}

/// `5s`, `500ms`, `2m`, or seconds alone.
fn interval(text: &str) -> Result<Duration> {
    let units: &[(&str, u64)] = &[("ms", 1), ("s", 1_000), ("m", 60_000)];
    let (number, unit) =
        units.iter().find_map(|(suffix, unit)| Some((text.strip_suffix(suffix)?, *unit))).unwrap_or((text, 1_000));
    let milliseconds = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit)).filter(|&all| all > 0);
    milliseconds
        .map(Duration::from_millis)
        .ok_or_else(|| Failure::because("read the option", "it is no span of time, like 5s").at("--interval"))
}
