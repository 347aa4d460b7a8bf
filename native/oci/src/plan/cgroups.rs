//! `linux.cgroupsPath` and `linux.resources`.

use meseta_isolation::{
    cgroup::world::{self, World},
    failure::{Failure, Result},
};
use meseta_spec::{
    BlkioDevice, BlkioSettings, CgroupFile, CgroupHierarchy, CgroupSettings, Cgroups, CpuSettings, CpusetSettings, HugetlbLimit,
    MemorySettings, NetClsSettings, PidsSettings,
};

use super::devices;
use crate::config::{Linux, resources::*};

const STEP: &str = "use the resources of config.json";

/// All that the host has is joined, so that usage can be read and everything can be frozen and killed.
pub fn of(linux: &Linux, id: &str) -> Result<Cgroups> {
    let World { kind, hierarchies, named } = world::find("")?;
    let hierarchies: Vec<CgroupHierarchy> = hierarchies.into_iter().chain(named).collect();
    let settings = settings(&linux.resources, &hierarchies)?;
    let controllers = hierarchies.iter().flat_map(|hierarchy| hierarchy.controllers.iter().cloned()).collect();
    Ok(Cgroups {
        path: path(&linux.cgroups_path, id)?,
        controllers,
        settings: Some(settings),
        world: Some(kind as i32),
        hierarchies,
        root: None,
    })
}

/// Where cpu is in the v2 tree, shares become a weight by the curve that other runtimes have for it: smallest, default and largest value of the one are
/// those of the other.
fn weight(wanted: &Cpu, hierarchies: &[CgroupHierarchy]) -> Option<u64> {
    let unified = hierarchies.iter().any(|found| found.unified() && found.controllers.iter().any(|name| name == "cpu"));
    given(wanted.shares).filter(|_| unified).map(weight_of)
}

fn weight_of(shares: u64) -> u64 {
    let exponent = (shares.clamp(2, 262_144) as f64).log2();
    10_f64.powf((exponent * exponent + 125.0 * exponent) / 612.0 - 7.0 / 34.0).ceil() as u64
}

/// Relative to each hierarchy, whose root is also what a relative path starts from: a place of ours above it would stay behind, empty.
fn path(wanted: &str, id: &str) -> Result<String> {
    if wanted.matches(':').count() == 2 && !wanted.contains('/') {
        return Err(Failure::because("use the cgroup", "paths of systemd (slice:prefix:name) are not supported").at(wanted));
    }
    let path = wanted.trim_matches('/');
    Ok(if path.is_empty() { format!("meseta-oci-{id}") } else { path.to_owned() })
}

pub fn settings(wanted: &Resources, hierarchies: &[CgroupHierarchy]) -> Result<CgroupSettings> {
    Ok(CgroupSettings {
        cpu: wanted.cpu.as_ref().map(|wanted| cpu(wanted, hierarchies)).transpose()?.filter(|cpu| *cpu != CpuSettings::default()),
        memory: wanted.memory.as_ref().map(memory).filter(|memory| *memory != MemorySettings::default()),
        pids: wanted.pids.as_ref().and_then(pids),
        blkio: wanted.block_io.as_ref().map(blkio).transpose()?.filter(|blkio| *blkio != BlkioSettings::default()),
        cpuset: wanted.cpu.as_ref().and_then(cpuset),
        hugetlb: wanted.hugepage_limits.iter().map(hugetlb).collect(),
        devices: devices::access(&wanted.devices)?,
        net_cls: wanted.network.as_ref().map(net_cls).transpose()?.flatten(),
        frozen: None,
        unified: wanted.unified.iter().map(|(name, value)| CgroupFile { name: name.clone(), value: value.clone() }).collect(),
    })
}

/// Zero is how callers of old say: not given.
fn given<T: PartialEq + Default>(value: Option<T>) -> Option<T> {
    value.filter(|number| *number != T::default())
}

fn cpu(wanted: &Cpu, hierarchies: &[CgroupHierarchy]) -> Result<CpuSettings> {
    Ok(CpuSettings {
        shares: given(wanted.shares),
        quota_us: given(wanted.quota),
        period_us: given(wanted.period),
        burst_us: wanted.burst,
        idle: wanted.idle.map(idle).transpose()?,
        realtime_runtime_us: given(wanted.realtime_runtime),
        realtime_period_us: given(wanted.realtime_period),
        weight: weight(wanted, hierarchies),
    })
}

fn idle(wanted: i64) -> Result<bool> {
    match wanted {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(Failure::because(STEP, format!("cpu.idle is 0 or 1, and not {other}"))),
    }
}

fn cpuset(wanted: &Cpu) -> Option<CpusetSettings> {
    let list = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let settings = CpusetSettings { cpus: list(&wanted.cpus), memory_nodes: list(&wanted.mems) };
    (settings != CpusetSettings::default()).then_some(settings)
}

fn memory(wanted: &Memory) -> MemorySettings {
    let limit = given(wanted.limit);
    // Memory and swap together are never less than memory: without a limit for the one there is none for both.
    let swap = given(wanted.swap).or(limit.filter(|&limit| limit < 0));
    MemorySettings {
        limit_bytes: limit,
        soft_limit_bytes: given(wanted.reservation),
        swap_limit_bytes: swap,
        // Who asks for a lower limit by name gets it.
        lower: limit.or(swap).map(|_| true),
        swappiness: wanted.swappiness,
        disable_oom_killer: wanted.disable_oom_killer.filter(|disable| *disable),
        kernel_limit_bytes: given(wanted.kernel),
        kernel_tcp_limit_bytes: given(wanted.kernel_tcp),
        ..Default::default()
    }
}

/// Zero was "no limit" for so long that every caller relies on it.
fn pids(wanted: &Pids) -> Option<PidsSettings> {
    given(wanted.limit).map(|limit| PidsSettings { max: Some(limit.max(-1)) })
}

fn hugetlb(wanted: &HugepageLimit) -> HugetlbLimit {
    HugetlbLimit { page_size: wanted.page_size.clone(), limit_bytes: i64::try_from(wanted.limit).unwrap_or(-1) }
}

fn net_cls(wanted: &Network) -> Result<Option<NetClsSettings>> {
    if !wanted.priorities.is_empty() {
        return Err(Failure::because(STEP, "network.priorities are not supported"));
    }
    Ok(wanted.class_id.map(|class_id| NetClsSettings { class_id }))
}

fn blkio(wanted: &BlockIo) -> Result<BlkioSettings> {
    if given(wanted.leaf_weight).is_some() {
        return Err(Failure::because(STEP, "kernels have no blockIO.leafWeight any more"));
    }
    let mut devices: Vec<BlkioDevice> = Vec::new();
    let mut at = |major: u32, minor: u32, set: &dyn Fn(&mut BlkioDevice)| match devices
        .iter_mut()
        .find(|device| (device.major, device.minor) == (major, minor))
    {
        Some(device) => set(device),
        None => {
            let mut device = BlkioDevice { major, minor, ..Default::default() };
            set(&mut device);
            devices.push(device);
        }
    };
    for device in &wanted.weight_device {
        at(device.major, device.minor, &|found| found.weight = given(device.weight));
    }
    for device in &wanted.throttle_read_bps_device {
        at(device.major, device.minor, &|found| found.read_bytes = Some(device.rate));
    }
    for device in &wanted.throttle_write_bps_device {
        at(device.major, device.minor, &|found| found.write_bytes = Some(device.rate));
    }
    for device in &wanted.throttle_read_iops_device {
        at(device.major, device.minor, &|found| found.read_operations = Some(device.rate));
    }
    for device in &wanted.throttle_write_iops_device {
        at(device.major, device.minor, &|found| found.write_operations = Some(device.rate));
    }
    Ok(BlkioSettings { weight: given(wanted.weight), devices })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_become_weights_as_elsewhere() {
        assert_eq!([2, 1024, 22_000, 262_144, 500_000].map(weight_of), [1, 100, 1204, 10_000, 10_000]);
    }

    #[test]
    fn paths_are_below_the_hierarchy_and_never_systemds() {
        assert_eq!(path("/a/b", "x").expect("fine"), "a/b");
        assert_eq!(path("", "x").expect("fine"), "meseta-oci-x");
        assert_eq!(path("a", "x").expect("fine"), "a");
        assert!(path("system.slice:docker:x", "x").is_err());
    }

    #[test]
    fn no_limit_for_memory_is_none_for_memory_and_swap() {
        let of = |limit, swap| memory(&Memory { limit, swap, ..Default::default() });
        let swap_of = |limit, swap| of(limit, swap).swap_limit_bytes;
        assert_eq!([swap_of(Some(-1), None), swap_of(Some(-1), Some(9)), swap_of(Some(9), None)], [Some(-1), Some(9), None]);
        assert_eq!([of(None, None), of(None, Some(9))].map(|settings| settings.lower()), [false, true]);
    }

    #[test]
    fn idle_is_yes_or_no() {
        assert_eq!([0, 1].map(|wanted| idle(wanted).expect("fine")), [false, true]);
        assert!([-1, 2].into_iter().all(|wanted| idle(wanted).is_err()));
    }

    #[test]
    fn limits_of_one_block_device_come_together() {
        let throttle = |rate| vec![ThrottleDevice { major: 8, minor: 0, rate }];
        let wanted =
            BlockIo { throttle_read_bps_device: throttle(1), throttle_write_iops_device: throttle(2), ..Default::default() };
        let devices = blkio(&wanted).expect("fine").devices;
        assert_eq!(devices.len(), 1);
        assert_eq!((devices[0].read_bytes, devices[0].write_operations), (Some(1), Some(2)));
    }
}
