//! How long processes of a container have stalled for want of something (row 9-053).

use std::path::Path;

use meseta_spec::{PressureStatistics, Stall, StallTime};

use crate::cgroup::files::read;

/// `None`: this kernel does not account for it.
pub fn statistics(at: &Path) -> Option<PressureStatistics> {
    let stall = |name: &str| read(&at.join(format!("{name}.pressure"))).map(|text| parse(&text));
    let [cpu, memory, io] = ["cpu", "memory", "io"].map(stall);
    (cpu.is_some() || memory.is_some() || io.is_some()).then_some(PressureStatistics { cpu, memory, io })
}

fn parse(text: &str) -> Stall {
    let line = |kind: &str| text.lines().find_map(|line| line.strip_prefix(kind)).and_then(parse_line);
    Stall { some: line("some "), full: line("full ") }
}

/// `avg10=0.00 avg60=0.00 avg300=0.00 total=0`
fn parse_line(line: &str) -> Option<StallTime> {
    let value = |key: &str| line.split_ascii_whitespace().find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
    let average = |key: &str| value(key)?.parse::<f64>().ok();
    Some(StallTime {
        avg10: average("avg10")?,
        avg60: average("avg60")?,
        avg300: average("avg300")?,
        total_us: value("total")?.parse().ok()?,
    })
}
