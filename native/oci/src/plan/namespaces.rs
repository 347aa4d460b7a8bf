//! `linux.namespaces`, id mappings and time offsets.

use std::{fs, os::unix::fs::MetadataExt};

use meseta_isolation::{
    failure::{Failure, Result},
    network_device,
};
use meseta_spec::{IdMapping, JoinedNamespace, Namespaces, TimeOffsets};

use crate::config::{self, Linux};

const STEP: &str = "use the namespaces of config.json";

/// Our name, and the kernel's in /proc/<pid>/ns.
pub const KINDS: &[(&str, &str)] = &[
    ("mount", "mnt"),
    ("pid", "pid"),
    ("ipc", "ipc"),
    ("uts", "uts"),
    ("network", "net"),
    ("cgroup", "cgroup"),
    ("user", "user"),
    ("time", "time"),
];

pub fn of(linux: &Linux) -> Result<Namespaces> {
    let mut namespaces = Namespaces::default();
    for (index, wanted) in linux.namespaces.iter().enumerate() {
        if linux.namespaces[..index].iter().any(|earlier| earlier.kind == wanted.kind) {
            return Err(Failure::because(STEP, format!("{} is named twice", wanted.kind)));
        }
        take(&mut namespaces, wanted)?;
    }
    namespaces.uid_mappings = linux.uid_mappings.iter().map(mapping).collect();
    namespaces.gid_mappings = linux.gid_mappings.iter().map(mapping).collect();
    namespaces.time_offsets = time_offsets(linux)?;
    check(&namespaces)?;
    check_devices(linux)?;
    Ok(namespaces)
}

fn take(namespaces: &mut Namespaces, wanted: &config::linux::Namespace) -> Result<()> {
    let kind = wanted.kind.as_str();
    let Some((_, short)) = KINDS.iter().find(|(name, _)| *name == kind) else {
        return Err(Failure::because(STEP, format!("there is no kind {kind:?}")));
    };
    if let Some(path) = wanted.path.as_deref().filter(|path| !path.is_empty()) {
        if !path.starts_with('/') {
            return Err(Failure::because(STEP, format!("its path {path:?} is not absolute")));
        }
        if is_ours(path, short) {
            return Ok(());
        }
        namespaces.joined.push(JoinedNamespace { kind: (*short).to_owned(), path: Some(path.to_owned()), ..Default::default() });
        return Ok(());
    }
    let field = match kind {
        "mount" => &mut namespaces.mount,
        "pid" => &mut namespaces.pid,
        "ipc" => &mut namespaces.ipc,
        "uts" => &mut namespaces.uts,
        "network" => &mut namespaces.network,
        "cgroup" => &mut namespaces.cgroup,
        "user" => &mut namespaces.user,
        _ => &mut namespaces.time,
    };
    *field = Some(true);
    Ok(())
}

/// Where we are ourselves is the host: to be sent there gives a container nothing of its own, least of all kernel parameters that it may set (S39, S54).
fn is_ours(path: &str, kind: &str) -> bool {
    let identity = |path: &str| fs::metadata(path).map(|found| (found.dev(), found.ino())).ok();
    identity(path).is_some_and(|theirs| identity(&format!("/proc/self/ns/{kind}")) == Some(theirs))
}

pub fn mapping(wanted: &config::IdMapping) -> IdMapping {
    IdMapping { inside: wanted.container_id, outside: wanted.host_id, count: wanted.size }
}

fn time_offsets(linux: &Linux) -> Result<Option<TimeOffsets>> {
    if linux.time_offsets.is_empty() {
        return Ok(None);
    }
    let mut offsets = TimeOffsets::default();
    for (clock, offset) in &linux.time_offsets {
        let nanoseconds = offset.secs.checked_mul(1_000_000_000).and_then(|total| total.checked_add(offset.nanosecs));
        let nanoseconds = nanoseconds.ok_or_else(|| Failure::because(STEP, format!("the offset of {clock} is too large")))?;
        match clock.as_str() {
            "monotonic" => offsets.monotonic_ns = Some(nanoseconds),
            "boottime" => offsets.boot_ns = Some(nanoseconds),
            other => return Err(Failure::because(STEP, format!("there is no clock {other:?} to give an offset"))),
        }
    }
    Ok(Some(offsets))
}

/// They leave the host, so there must be somewhere to go.
fn check_devices(linux: &Linux) -> Result<()> {
    if !linux.net_devices.is_empty() && !linux.namespaces.iter().any(|wanted| wanted.kind == "network") {
        return Err(Failure::because(STEP, "there are netDevices, but no network namespace"));
    }
    let mut names: Vec<&str> = linux.net_devices.iter().map(|(device, wanted)| wanted.name_for(device)).collect();
    linux.net_devices.keys().map(String::as_str).chain(names.iter().copied()).try_for_each(network_device::check_name)?;
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Failure::because(STEP, format!("two netDevices are to be called {}", pair[0]))),
        None => Ok(()),
    }
}

/// What belongs to a namespace needs one of the container's own.
fn check(namespaces: &Namespaces) -> Result<()> {
    let mapped = !namespaces.uid_mappings.is_empty() || !namespaces.gid_mappings.is_empty();
    let joins_user = namespaces.joined.iter().any(|joined| joined.kind == "user");
    if mapped && !namespaces.user() && !joins_user {
        return Err(Failure::because(STEP, "there are id mappings, but no user namespace"));
    }
    if namespaces.user() && (namespaces.uid_mappings.is_empty() || namespaces.gid_mappings.is_empty()) {
        return Err(Failure::because(STEP, "a user namespace needs uidMappings and gidMappings"));
    }
    if namespaces.time_offsets.is_some() && !namespaces.time() {
        return Err(Failure::because(STEP, "there are time offsets, but no time namespace"));
    }
    Ok(())
}
