//! What every root of a container's own gets of file systems that are the same for most: they can be made before anybody asks for them, since they are
//! nowhere until they are mounted. Whoever makes them is in the namespaces that they show.

use std::os::fd::{BorrowedFd, OwnedFd};

use meseta_spec::{LaunchPlan, Namespaces};
use rustix::{fs::Mode, process::umask};

use super::devices;
use crate::{
    failure::Result,
    idmap::Ids,
    mount::detached::{NODEV, NOEXEC, NOSUID, READ_ONLY, new_filesystem},
    namespace::user::outside,
};

const DEFAULT_SHM_SIZE: u64 = 64 << 20;

pub struct Furniture {
    pub processes: OwnedFd,
    pub system: OwnedFd,
    /// With the devices that every program expects, and no others.
    pub devices: OwnedFd,
    pub terminals: OwnedFd,
    /// Of the default size.
    pub shared_memory: OwnedFd,
    /// Of messages; without an ipc namespace of the container's there are none.
    pub queues: Option<OwnedFd>,
}

impl Furniture {
    /// In advance. `with_queues`: the maker has an ipc namespace of the container's own.
    pub fn make(with_queues: bool) -> Result<Self> {
        // Modes are meant as they are written.
        let mask = umask(Mode::empty());
        let made = Furniture::made_for(None, None, with_queues);
        umask(mask);
        made
    }

    fn made_for(ids: Option<&Ids<'_>>, shm_size: Option<u64>, with_queues: bool) -> Result<Self> {
        Ok(Furniture {
            processes: new_filesystem("proc", &[], NOSUID | NODEV | NOEXEC)?,
            system: new_filesystem("sysfs", &[], NOSUID | NODEV | NOEXEC | READ_ONLY)?,
            devices: devices::directory()?,
            terminals: terminals(ids)?,
            shared_memory: shared_memory(shm_size)?,
            queues: with_queues.then(|| new_filesystem("mqueue", &[], NOSUID | NODEV | NOEXEC)).transpose()?,
        })
    }

    pub fn handles(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let always = [&self.processes, &self.system, &self.devices, &self.terminals, &self.shared_memory];
        always.into_iter().chain(&self.queues).map(std::os::fd::AsFd::as_fd)
    }
}

/// What was made in advance, in the namespaces that the plan wants, but for what it wants otherwise. Who has ids of its own gets nothing that was.
pub fn of(plan: &LaunchPlan, ids: Option<&Ids<'_>>, made: Option<Furniture>) -> Result<Furniture> {
    let with_queues = plan.namespaces.as_ref().is_some_and(has_ipc);
    let Some(mut furniture) = made else { return Furniture::made_for(ids, plan.shm_size, with_queues) };
    if size_of(plan.shm_size) != DEFAULT_SHM_SIZE {
        furniture.shared_memory = shared_memory(plan.shm_size)?;
    }
    Ok(furniture)
}

fn has_ipc(namespaces: &Namespaces) -> bool {
    namespaces.ipc() || namespaces.joined.iter().any(|joined| joined.kind == "ipc")
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
