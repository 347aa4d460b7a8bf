//! Control groups of one container. The worlds v1 (hybrid hosts included) and v2 are twins: a file for each controller in `v1/` and in `v2/`.

mod device_rules;
pub mod files;
mod remove;
mod v1;
mod v2;
pub mod world;

use std::{
    fs,
    os::fd::OwnedFd,
    path::{Component, Path, PathBuf},
};

use meseta_spec::{CgroupSettings, CgroupWorld, Cgroups, CpuStatistics, MemoryPressure, MemoryStatistics};
use rustix::fs::{Mode, OFlags};

use crate::failure::{Failure, Result, Step};

/// The directories of one container's cgroup, one in each hierarchy that it joins.
#[derive(Debug, Clone)]
pub struct Cgroup {
    world: CgroupWorld,
    directories: Vec<Directory>,
}

#[derive(Debug, Clone)]
struct Directory {
    mount_point: PathBuf,
    path: PathBuf,
    controllers: Vec<String>,
}

impl Cgroup {
    /// Finds where the wanted controllers are. A controller that this host does not have is an error, as is a path that could leave the hierarchy.
    pub fn resolve(plan: &Cgroups) -> Result<Self> {
        let relative = checked_path(&plan.path)?;
        for wanted in &plan.controllers {
            if !plan.hierarchies.iter().any(|hierarchy| hierarchy.controllers.contains(wanted)) {
                return Err(Failure::because("join the cgroup controller", "this host does not have it").at(wanted));
            }
        }
        let joined =
            plan.hierarchies.iter().filter(|hierarchy| hierarchy.controllers.iter().any(|name| plan.controllers.contains(name)));
        let directories = joined
            .map(|hierarchy| Directory {
                mount_point: PathBuf::from(&hierarchy.mount_point),
                path: Path::new(&hierarchy.mount_point).join(&relative),
                controllers: hierarchy.controllers.iter().filter(|name| plan.controllers.contains(name)).cloned().collect(),
            })
            .collect();
        Ok(Cgroup { world: plan.world(), directories })
    }

    /// Makes the directories, with all that is missing above them (T136).
    pub fn create(&self) -> Result<()> {
        for directory in &self.directories {
            make_directories(&directory.path)?;
            match self.world {
                CgroupWorld::CgroupV2 => v2::prepare(directory)?,
                _ if directory.has("cpuset") => v1::cpuset::inherit(&directory.mount_point, &directory.path)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Sets limits. `fresh` says that nothing runs in it yet, so that limits may also be lowered.
    pub fn apply(&self, settings: &CgroupSettings, fresh: bool) -> Result<()> {
        if let Some(cpu) = &settings.cpu {
            let at = self.with("cpu", "set the cpu limit")?;
            if self.is_v2() { v2::cpu::apply(at, cpu)? } else { v1::cpu::apply(at, cpu)? }
        }
        if let Some(memory) = &settings.memory {
            let at = self.with("memory", "set the memory limit")?;
            let lower = fresh || memory.lower();
            if self.is_v2() { v2::memory::apply(at, memory, lower)? } else { v1::memory::apply(at, memory, lower)? }
        }
        if let Some(pids) = &settings.pids {
            files::write_limit(&self.with("pids", "set the process limit")?.join("pids.max"), pids.max)?;
        }
        if let Some(devices) = &settings.devices {
            let at = self.with("devices", "set the device rules")?;
            // A hybrid host may have this one on either side.
            if at.join(v1::devices::LIST).exists() { v1::devices::apply(at, devices)? } else { v2::devices::apply(at, devices)? }
        }
        Ok(())
    }

    /// A way into each hierarchy, open for writing: a process with one thread that writes `0` into it has joined. They stay usable when the paths
    /// cannot be seen any more. On v1 it is `tasks` and not `cgroup.procs`: a thread that moves itself needs no lock on all thread groups of the host,
    /// which costs an RCU grace period, tens of milliseconds, whenever nobody has taken it lately.
    pub fn entrances(&self) -> Result<Vec<OwnedFd>> {
        let entrance = if self.is_v2() { "cgroup.procs" } else { "tasks" };
        self.directories
            .iter()
            .map(|directory| {
                let file = self.processes_of(directory).join(entrance);
                rustix::fs::open(&file, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty()).step_at("open", file)
            })
            .collect()
    }

    /// Pids of its processes, those in cgroups below included, as the caller's pid namespace names them.
    pub fn members(&self) -> Vec<i32> {
        self.directories.first().map(|directory| files::members_below(&directory.path)).unwrap_or_default()
    }

    /// Names of the cgroups directly below, in any hierarchy.
    pub fn children(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .directories
            .iter()
            .flat_map(|directory| files::children(&directory.path))
            .filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()))
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// SIGKILL to every process, in a way that forking does not escape: a frozen cgroup cannot fork, and a v2 kernel kills them all at once.
    /// One round; who needs certainty repeats until `members` is empty.
    pub fn kill(&self) {
        match self.world {
            CgroupWorld::CgroupV2 => self.directories.iter().for_each(|directory| v2::kill::kill(&directory.path)),
            _ => v1::freezer::kill(self.find("freezer"), &self.members()),
        }
    }

    /// A frozen process keeps even SIGKILL waiting.
    pub fn thaw(&self) {
        match (self.world, self.find("freezer")) {
            (CgroupWorld::CgroupV2, _) => self.directories.iter().for_each(|directory| v2::kill::thaw(&directory.path)),
            (_, Some(at)) => v1::freezer::thaw(at),
            _ => {}
        }
    }

    /// Removes its directories and those that the task made below. What does not exist is fine.
    pub fn remove(&self) -> Result<()> {
        self.directories.iter().try_for_each(|directory| remove::tree(&directory.path))
    }

    pub fn cpu_statistics(&self) -> Option<CpuStatistics> {
        if self.is_v2() {
            return self.find("cpu").map(v2::cpu::statistics);
        }
        v1::cpu::statistics(self.find("cpuacct"), self.find("cpu"))
    }

    pub fn memory_statistics(&self) -> Option<MemoryStatistics> {
        let at = self.find("memory")?;
        Some(if self.is_v2() { v2::memory::statistics(at) } else { v1::memory::statistics(at) })
    }

    /// How many processes and threads it holds.
    pub fn counts(&self) -> Option<(u64, u64)> {
        let directory = self.directories.first()?;
        let processes = self.processes_of(directory);
        let threads = if self.is_v2() { "cgroup.threads" } else { "tasks" };
        Some((files::count_lines(&processes.join("cgroup.procs")), files::count_lines(&processes.join(threads))))
    }

    /// A descriptor that becomes readable when memory runs out. `None` without the memory controller.
    pub fn watch_oom(&self) -> Result<Option<OwnedFd>> {
        let Some(at) = self.find("memory") else { return Ok(None) };
        Ok(Some(if self.is_v2() { v2::memory::watch_oom(at)? } else { v1::memory::watch_oom(at)? }))
    }

    /// What an out-of-memory message is made of. `None` when the cgroup does not exist any more: its removal also wakes the watcher.
    pub fn pressure(&self) -> Option<MemoryPressure> {
        let at = self.find("memory")?;
        if self.is_v2() { v2::memory::pressure(at) } else { v1::memory::pressure(at) }
    }

    /// How often the kernel has killed in it for memory. Cheap, unlike `pressure`: `memory.stat` makes the kernel sum up its counters.
    pub fn oom_kills(&self) -> Option<u64> {
        let at = self.find("memory")?;
        if self.is_v2() { v2::memory::oom_kills(at) } else { v1::memory::oom_kills(at) }
    }

    fn is_v2(&self) -> bool {
        self.world == CgroupWorld::CgroupV2
    }

    fn find(&self, controller: &str) -> Option<&Path> {
        self.directories.iter().find(|directory| directory.has(controller)).map(|directory| directory.path.as_path())
    }

    fn with(&self, controller: &str, step: &'static str) -> Result<&Path> {
        self.find(controller)
            .ok_or_else(|| Failure::because(step, format!("the container does not join the {controller} controller")))
    }

    /// On v2 a cgroup with children of its own holds no processes; they are in its leaf (row 6-055).
    fn processes_of(&self, directory: &Directory) -> PathBuf {
        if self.is_v2() { directory.path.join(v2::LEAF) } else { directory.path.clone() }
    }
}

impl Directory {
    fn has(&self, controller: &str) -> bool {
        self.controllers.iter().any(|name| name == controller)
    }
}

fn checked_path(path: &str) -> Result<PathBuf> {
    let path = PathBuf::from(path);
    let plain = path.components().all(|component| matches!(component, Component::Normal(_)));
    if plain && path.components().next().is_some() {
        return Ok(path);
    }
    Err(Failure::because("use the cgroup", "its path must be relative and without dots").at(path))
}

fn make_directories(path: &Path) -> Result<()> {
    match fs::create_dir(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            fs::create_dir_all(path).map(|()| drop(error)).step_at("make the cgroup", path)
        }
        Err(error) => Err(error).step_at("make the cgroup", path),
    }
}

#[cfg(test)]
mod device_tests;
#[cfg(test)]
mod tests;
