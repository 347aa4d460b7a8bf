//! Weights, limits and statistics of block devices (rows 6-061, 9-048, 9-049): the controller that plans call blkio.

use std::path::Path;

use meseta_spec::{BlkioDevice, BlkioDeviceStatistics, BlkioSettings, BlkioStatistics};

use crate::{
    cgroup::files::{read, write},
    failure::Result,
};

pub fn apply(at: &Path, settings: &BlkioSettings) -> Result<()> {
    if let Some(weight) = settings.weight {
        write_weight(at, "default", weight)?;
    }
    settings.devices.iter().try_for_each(|device| apply_to_device(at, device))
}

fn apply_to_device(at: &Path, device: &BlkioDevice) -> Result<()> {
    let BlkioDevice { major, minor, .. } = device;
    if let Some(weight) = device.weight {
        write_weight(at, &format!("{major}:{minor}"), weight)?;
    }
    let limits = [
        ("rbps", device.read_bytes),
        ("wbps", device.write_bytes),
        ("riops", device.read_operations),
        ("wiops", device.write_operations),
    ];
    let words = limits.into_iter().filter_map(|(name, limit)| limit.map(|limit| format!(" {name}={}", limit_word(limit))));
    let words: String = words.collect();
    if words.is_empty() { Ok(()) } else { write(&at.join("io.max"), &format!("{major}:{minor}{words}")) }
}

/// The BFQ scheduler takes weights of v1 as they are.
fn write_weight(at: &Path, of: &str, weight: u32) -> Result<()> {
    let bfq = at.join("io.bfq.weight");
    if bfq.exists() {
        return write(&bfq, &format!("{of} {weight}"));
    }
    write(&at.join("io.weight"), &format!("{of} {}", weight_of(weight)))
}

/// 10 to 1000 of v1 become 1 to 10000.
fn weight_of(weight: u32) -> u64 {
    1 + (u64::from(weight.clamp(10, 1000)) - 10) * 9999 / 990
}

fn limit_word(limit: u64) -> String {
    if limit == 0 { "max".to_owned() } else { limit.to_string() }
}

pub fn statistics(at: &Path) -> BlkioStatistics {
    let text = read(&at.join("io.stat")).unwrap_or_default();
    BlkioStatistics { devices: text.lines().filter_map(parse).collect() }
}

/// `8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6`; a device without any traffic may stand there alone.
fn parse(line: &str) -> Option<BlkioDeviceStatistics> {
    let mut words = line.split_ascii_whitespace();
    let (major, minor) = words.next()?.split_once(':')?;
    let mut device = BlkioDeviceStatistics { major: major.parse().ok()?, minor: minor.parse().ok()?, ..Default::default() };
    for (name, value) in words.filter_map(|word| word.split_once('=')) {
        let field = match name {
            "rbytes" => &mut device.read_bytes,
            "wbytes" => &mut device.write_bytes,
            "dbytes" => &mut device.discard_bytes,
            "rios" => &mut device.read_operations,
            "wios" => &mut device.write_operations,
            "dios" => &mut device.discard_operations,
            _ => continue,
        };
        *field = value.parse().ok();
    }
    Some(device)
}
