//! Limits of a container, each to the twin that knows how the kernel wants it.

use meseta_spec::{CgroupFile, CgroupSettings};

use super::{Cgroup, Version, files, v1, v2};
use crate::failure::{Failure, Result};

impl Cgroup {
    /// Sets limits. `fresh` says that nothing runs in it yet, so that limits may also be lowered.
    pub fn apply(&self, settings: &CgroupSettings, fresh: bool) -> Result<()> {
        if let Some(cpu) = &settings.cpu {
            let at = self.joined("cpu", "set the cpu limit")?;
            match at.version {
                Version::V1 => v1::cpu::apply(&at.path, cpu)?,
                Version::V2 => v2::cpu::apply(&at.path, cpu)?,
            }
        }
        if let Some(memory) = &settings.memory {
            let at = self.joined("memory", "set the memory limit")?;
            let lower = fresh || memory.lower();
            match at.version {
                Version::V1 => v1::memory::apply(&at.path, memory, lower)?,
                Version::V2 => v2::memory::apply(&at.path, memory, lower)?,
            }
        }
        if let Some(pids) = &settings.pids {
            files::write_limit(&self.joined("pids", "set the process limit")?.path.join("pids.max"), pids.max)?;
        }
        if let Some(blkio) = &settings.blkio {
            let at = self.joined("blkio", "set the disk limit")?;
            match at.version {
                Version::V1 => v1::blkio::apply(&at.path, blkio)?,
                Version::V2 => v2::io::apply(&at.path, blkio)?,
            }
        }
        if let Some(cpuset) = &settings.cpuset {
            let at = &self.joined("cpuset", "choose cpus and memory nodes")?.path;
            files::write_if_some(&at.join("cpuset.cpus"), cpuset.cpus.as_ref())?;
            files::write_if_some(&at.join("cpuset.mems"), cpuset.memory_nodes.as_ref())?;
        }
        if !settings.hugetlb.is_empty() {
            let at = self.joined("hugetlb", "limit huge pages")?;
            match at.version {
                Version::V1 => v1::hugetlb::apply(&at.path, &settings.hugetlb)?,
                Version::V2 => v2::hugetlb::apply(&at.path, &settings.hugetlb)?,
            }
        }
        if let Some(net_cls) = &settings.net_cls {
            let at = self.joined("net_cls", "set the network class")?;
            v1::net_cls::apply(&at.path, net_cls)?;
        }
        if let Some(devices) = &settings.devices {
            let at = self.joined("devices", "set the device rules")?;
            match at.version {
                Version::V1 => v1::devices::apply(&at.path, devices)?,
                Version::V2 => v2::devices::apply(&at.path, devices)?,
            }
        }
        self.write_unified(&settings.unified)?;
        match settings.frozen {
            Some(true) => self.freeze()?,
            Some(false) => self.thaw(),
            None => {}
        }
        Ok(())
    }

    fn write_unified(&self, settings: &[CgroupFile]) -> Result<()> {
        for CgroupFile { name, value } in settings {
            if name.contains(['/', '\0']) || !name.contains('.') || name.starts_with('.') {
                return Err(Failure::because("write the cgroup file", "its name is no name of a setting").at(name));
            }
            let directory = self.unified().ok_or_else(|| {
                Failure::because("write the cgroup file", "the container is in no cgroup of version 2").at(name)
            })?;
            files::write(&directory.path.join(name), value)?;
        }
        Ok(())
    }
}
