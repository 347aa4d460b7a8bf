//! `linux`: what only this platform has.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{IdMapping, resources::Resources, seccomp::Seccomp};

#[derive(Deserialize, Default, Debug)]
#[serde(rename_all = "camelCase", default)]
pub struct Linux {
    pub namespaces: Vec<Namespace>,
    pub uid_mappings: Vec<IdMapping>,
    pub gid_mappings: Vec<IdMapping>,
    pub time_offsets: BTreeMap<String, TimeOffset>,
    pub devices: Vec<Device>,
    pub cgroups_path: String,
    pub resources: Resources,
    pub sysctl: BTreeMap<String, String>,
    pub masked_paths: Vec<String>,
    pub readonly_paths: Vec<String>,
    pub rootfs_propagation: String,
    pub seccomp: Option<Seccomp>,
    pub mount_label: String,
    pub intel_rdt: Option<serde_json::Value>,
    pub personality: Option<Personality>,
    pub memory_policy: Option<MemoryPolicy>,
    /// By their names on the host.
    pub net_devices: BTreeMap<String, NetDevice>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
pub struct Namespace {
    #[serde(rename = "type")]
    pub kind: String,
    pub path: Option<String>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
pub struct MemoryPolicy {
    pub mode: String,
    pub nodes: String,
    pub flags: Vec<String>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
pub struct NetDevice {
    /// In the container.
    pub name: String,
}

impl NetDevice {
    pub fn name_for<'a>(&'a self, device: &'a str) -> &'a str {
        if self.name.is_empty() { device } else { &self.name }
    }
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
pub struct TimeOffset {
    pub secs: i64,
    pub nanosecs: i64,
}

#[derive(Deserialize, Default, Debug)]
#[serde(rename_all = "camelCase", default)]
pub struct Device {
    pub path: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub major: Option<i64>,
    pub minor: Option<i64>,
    pub file_mode: Option<u32>,
    pub uid: Option<u32>,
    pub gid: Option<u32>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(default)]
pub struct Personality {
    pub domain: String,
    pub flags: Vec<String>,
}
