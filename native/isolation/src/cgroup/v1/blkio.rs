//! Weights, limits and statistics of block devices (row 6-024).

use std::path::{Path, PathBuf};

use meseta_spec::{BlkioDevice, BlkioDeviceStatistics, BlkioSettings, BlkioStatistics};

use crate::{
    cgroup::files::{read, write},
    failure::Result,
};

pub fn apply(at: &Path, settings: &BlkioSettings) -> Result<()> {
    if let Some(weight) = settings.weight {
        write(&weight_file(at, ""), &weight.to_string())?;
    }
    settings.devices.iter().try_for_each(|device| apply_to_device(at, device))
}

fn apply_to_device(at: &Path, device: &BlkioDevice) -> Result<()> {
    let BlkioDevice { major, minor, .. } = device;
    if let Some(weight) = device.weight {
        write(&weight_file(at, "_device"), &format!("{major}:{minor} {weight}"))?;
    }
    let limits = [
        ("read_bps", device.read_bytes),
        ("write_bps", device.write_bytes),
        ("read_iops", device.read_operations),
        ("write_iops", device.write_operations),
    ];
    for (name, limit) in limits.into_iter().filter_map(|(name, limit)| limit.map(|limit| (name, limit))) {
        write(&at.join(format!("blkio.throttle.{name}_device")), &format!("{major}:{minor} {limit}"))?;
    }
    Ok(())
}

/// Which of them is there depends on the I/O schedulers that the kernel knows.
fn weight_file(at: &Path, suffix: &str) -> PathBuf {
    let bfq = at.join(format!("blkio.bfq.weight{suffix}"));
    if bfq.exists() { bfq } else { at.join(format!("blkio.weight{suffix}")) }
}

/// What passed the throttling layer, which sees all requests whatever the scheduler.
pub fn statistics(at: &Path) -> BlkioStatistics {
    let mut devices: Vec<BlkioDeviceStatistics> = Vec::new();
    for (file, bytes) in [("io_service_bytes", true), ("io_serviced", false)] {
        for line in lines_of(at, file).lines() {
            if let Some((major, minor, operation, value)) = parse(line) {
                let entry = entry_of(&mut devices, major, minor);
                let field = match (operation, bytes) {
                    ("Read", true) => &mut entry.read_bytes,
                    ("Write", true) => &mut entry.write_bytes,
                    ("Discard", true) => &mut entry.discard_bytes,
                    ("Read", false) => &mut entry.read_operations,
                    ("Write", false) => &mut entry.write_operations,
                    ("Discard", false) => &mut entry.discard_operations,
                    _ => continue,
                };
                *field = Some(value);
            }
        }
    }
    BlkioStatistics { devices }
}

fn lines_of(at: &Path, name: &str) -> String {
    let file = at.join(format!("blkio.throttle.{name}_recursive"));
    read(&file).or_else(|| read(&at.join(format!("blkio.throttle.{name}")))).unwrap_or_default()
}

/// `8:0 Read 4096`; the line of the sum of all has no device.
fn parse(line: &str) -> Option<(u32, u32, &str, u64)> {
    let mut words = line.split_ascii_whitespace();
    let (major, minor) = words.next()?.split_once(':')?;
    Some((major.parse().ok()?, minor.parse().ok()?, words.next()?, words.next()?.parse().ok()?))
}

fn entry_of(devices: &mut Vec<BlkioDeviceStatistics>, major: u32, minor: u32) -> &mut BlkioDeviceStatistics {
    let index = devices.iter().position(|device| (device.major, device.minor) == (major, minor)).unwrap_or_else(|| {
        devices.push(BlkioDeviceStatistics { major, minor, ..Default::default() });
        devices.len() - 1
    });
    &mut devices[index]
}
