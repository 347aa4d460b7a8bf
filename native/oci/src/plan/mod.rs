//! From config.json to the launch plan that all of Meseta's containers are made of.

mod capabilities;
pub mod cgroups;
mod devices;
pub mod mount_options;
mod mounts;
pub mod namespaces;
pub mod process;
pub mod scheduling;
mod seccomp;

use std::path::Path;

use meseta_isolation::failure::{Failure, Result, Step};
use meseta_spec::{LaunchPlan, Masking, Root, Sysctl};

use crate::{config::Config, log::Log};

pub use self::capabilities::names as capability_names;

/// Who the container is and where its things are.
pub struct Place<'a> {
    pub id: &'a str,
    pub bundle: &'a Path,
    /// Where its state lies.
    pub directory: &'a Path,
}

pub fn of(config: &Config, place: &Place<'_>, log: &Log) -> Result<LaunchPlan> {
    refuse_what_is_not_supported(config)?;
    let wanted = config.process.as_ref().ok_or_else(|| Failure::because("use config.json", "it has no process"))?;
    let namespaces = namespaces::of(&config.linux)?;
    let cgroups = cgroups::of(&config.linux, place.id)?;
    Ok(LaunchPlan {
        container_id: place.id.to_owned(),
        runtime_directory: place.directory.display().to_string(),
        process: process::of(wanted, config.linux.seccomp.as_ref(), log)?,
        mounts: mounts::of(config, &namespaces, place.bundle)?,
        root: Some(root(config, place.bundle)?),
        resource_limits: process::limits(wanted)?,
        hostname: config.hostname.clone().filter(|name| !name.is_empty()),
        domain_name: config.domainname.clone().filter(|name| !name.is_empty()),
        devices: devices::nodes(&config.linux)?,
        sysctls: config.linux.sysctl.iter().map(|(name, value)| Sysctl { name: name.clone(), value: value.clone() }).collect(),
        masking: Some(Masking { hidden: config.linux.masked_paths.clone(), read_only: config.linux.readonly_paths.clone() }),
        namespaces: Some(namespaces),
        cgroups: Some(cgroups),
        ..Default::default()
    })
}

fn refuse_what_is_not_supported(config: &Config) -> Result<()> {
    let linux = &config.linux;
    let refused = [
        ("mountLabel", !linux.mount_label.is_empty()),
        ("intelRdt", linux.intel_rdt.is_some()),
        ("resources.rdma", linux.resources.rdma.as_ref().is_some_and(|rdma| rdma.as_object().is_some_and(|map| !map.is_empty()))),
    ];
    match refused.iter().find(|(_, asked)| *asked) {
        Some((name, _)) => Err(Failure::because("use config.json", format!("linux.{name} is not supported"))),
        None => Ok(()),
    }
}

fn root(config: &Config, bundle: &Path) -> Result<Root> {
    const STEP: &str = "find the root file system";
    let wanted = config.root.as_ref().ok_or_else(|| Failure::because("use config.json", "it names no root file system"))?;
    let path = bundle.join(&wanted.path);
    // Absolute and without links: hooks, and whoever reads /proc/<pid>/mountinfo, know it by this name.
    let path = path.canonicalize().step_at(STEP, &path)?;
    if !path.is_dir() {
        return Err(Failure::because(STEP, "it is not a directory").at(&path));
    }
    let propagation = match config.linux.rootfs_propagation.as_str() {
        "" => None,
        word => Some(mount_options::propagation(word).ok_or_else(|| {
            Failure::because(
                "use config.json",
                format!("rootfsPropagation {word:?} is none of shared, slave, private, unbindable"),
            )
        })?),
    };
    Ok(Root {
        directory: path.display().to_string(),
        read_only: Some(wanted.readonly),
        bare: Some(true),
        propagation: propagation.map(|(kind, _)| kind as i32),
        ..Default::default()
    })
}
