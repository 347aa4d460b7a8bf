//! What every root of a container's own gets of file systems that are the same for most: they can be made before anybody asks for them, since they are
//! nowhere until they are mounted.

use std::os::fd::{BorrowedFd, OwnedFd};

use meseta_spec::LaunchPlan;
use rustix::{fs::Mode, process::umask};

use super::devices;
use crate::{
    failure::Result,
    idmap::Ids,
    mount::detached::{NODEV, NOEXEC, NOSUID, new_filesystem},
    namespace::user::outside,
};

const DEFAULT_SHM_SIZE: u64 = 64 << 20;

pub struct Furniture {
    /// With the devices that every program expects, and no others.
    pub devices: OwnedFd,
    pub terminals: OwnedFd,
    /// Of the default size.
    pub shared_memory: OwnedFd,
}

impl Furniture {
    pub fn make() -> Result<Self> {
        // Modes are meant as they are written.
        let mask = umask(Mode::empty());
        let made = || -> Result<Self> {
            Ok(Furniture { devices: devices::directory()?, terminals: terminals(None)?, shared_memory: shared_memory(None)? })
        };
        let made = made();
        umask(mask);
        made
    }

    pub fn handles(&self) -> [BorrowedFd<'_>; 3] {
        [&self.devices, &self.terminals, &self.shared_memory].map(std::os::fd::AsFd::as_fd)
    }
}

/// Of what was made in advance, that which a plan would have had made just so.
pub fn of(plan: &LaunchPlan, ids: Option<&Ids<'_>>, made: Option<Furniture>) -> Result<Furniture> {
    let (devices, terminals_made, memory) = match made {
        Some(made) if ids.is_none() => (Some(made.devices), Some(made.terminals), Some(made.shared_memory)),
        _ => (None, None, None),
    };
    let memory = memory.filter(|_| size_of(plan.shm_size) == DEFAULT_SHM_SIZE);
    Ok(Furniture {
        devices: devices.map_or_else(devices::directory, Ok)?,
        terminals: terminals_made.map_or_else(|| terminals(ids), Ok)?,
        shared_memory: memory.map_or_else(|| shared_memory(plan.shm_size), Ok)?,
    })
}

/// Group 5 is `tty` in every image that has one. Made with the host's power, it takes the host's name for that group.
fn terminals(ids: Option<&Ids<'_>>) -> Result<OwnedFd> {
    const TTY: u32 = 5;
    let group = ids.map_or(Some(TTY), |ids| outside(&ids.mappings.gid_mappings, TTY)).map(|id| id.to_string());
    let mut options = vec![("ptmxmode", Some("0666")), ("mode", Some("0620"))];
    options.extend(group.as_deref().map(|group| ("gid", Some(group))));
    new_filesystem("devpts", &options, NOSUID | NOEXEC)
}

fn shared_memory(size: Option<u64>) -> Result<OwnedFd> {
    let size = size_of(size).to_string();
    new_filesystem("tmpfs", &[("mode", Some("1777")), ("size", Some(&size))], NOSUID | NODEV | NOEXEC)
}

fn size_of(wanted: Option<u64>) -> u64 {
    wanted.filter(|&size| size > 0).unwrap_or(DEFAULT_SHM_SIZE)
}
