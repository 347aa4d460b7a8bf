//! Control groups of one container. v1 and v2 are twins: a file for each controller in `v1/` and in `v2/`. A hybrid host has both at once (v1 hierarchies
//! beside a v2 tree that carries the rest), so it is each directory that says which of the two it is, not the host.

mod counting;
mod device_rules;
mod directory;
pub mod files;
mod joining;
mod memory_events;
mod page_sizes;
pub mod perf;
mod remove;
mod settings;
mod v1;
mod v2;
pub mod world;

use std::{
    os::fd::OwnedFd,
    path::{Component, Path, PathBuf},
};

use meseta_spec::{CgroupWorld, Cgroups};
use rustix::fs::{Mode, OFlags};

use crate::failure::{Failure, Result, Step};

use directory::{Directory, Version};

pub use joining::join;
pub use memory_events::Woken;

/// The directories of one container's cgroup, one in each hierarchy that it joins.
#[derive(Debug, Clone)]
pub struct Cgroup {
    directories: Vec<Directory>,
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
        let all_v2 = plan.world() == CgroupWorld::CgroupV2;
        let joined =
            plan.hierarchies.iter().filter(|hierarchy| hierarchy.controllers.iter().any(|name| plan.controllers.contains(name)));
        let directories = joined
            .map(|hierarchy| Directory {
                version: if hierarchy.unified.unwrap_or(all_v2) { Version::V2 } else { Version::V1 },
                mount_point: PathBuf::from(&hierarchy.mount_point),
                path: Path::new(&hierarchy.mount_point).join(&relative),
                shared: plan.root.as_ref().map(|root| Path::new(&hierarchy.mount_point).join(root)),
                controllers: hierarchy.controllers.iter().filter(|name| plan.controllers.contains(name)).cloned().collect(),
            })
            .collect();
        Ok(Cgroup { directories })
    }

    /// Makes the directories, with all that is missing above them (T136).
    pub fn create(&self) -> Result<()> {
        for directory in &self.directories {
            match directory.version {
                Version::V2 => v2::tree::make(directory)?,
                Version::V1 => v1::make(directory)?,
            }
        }
        Ok(())
    }

    /// From here on it is a cgroup below that must exist: in the hierarchies of these controllers, or in all if none is named.
    pub fn descend(&mut self, controllers: &[&str], path: &str) -> Result<()> {
        const STEP: &str = "enter the cgroup below";
        let relative = Path::new(path.trim_start_matches('/'));
        if !relative.components().all(|component| matches!(component, Component::Normal(_))) {
            return Err(Failure::because(STEP, "its path must be without dots").at(path));
        }
        if let Some(strange) = controllers.iter().find(|name| self.find(name).is_none()) {
            return Err(Failure::because(STEP, "the container does not join this controller").at(strange));
        }
        let named = |directory: &Directory| controllers.is_empty() || controllers.iter().any(|name| directory.has(name));
        for directory in self.directories.iter_mut().filter(|directory| named(directory)) {
            directory.path.push(relative);
            if !directory.path.is_dir() {
                return Err(Failure::because(STEP, "it does not exist").at(path));
            }
        }
        Ok(())
    }

    /// Some of its directories are there, but a controller of it is not (any more): somebody else has taken it away from the v2 tree (row 9-055).
    pub fn lacks_controllers(&self) -> bool {
        let unified = self.directories.iter().filter(|directory| directory.version == Version::V2);
        unified.filter(|directory| directory.path.exists()).any(|directory| !v2::tree::missing(directory).is_empty())
    }

    /// A way into each hierarchy, open for writing: a process with one thread that writes `0` into it has joined. They stay usable when the paths
    /// cannot be seen any more. On v1 it is `tasks` and not `cgroup.procs`: a thread that moves itself needs no lock on all thread groups of the host,
    /// which costs an RCU grace period, tens of milliseconds, whenever nobody has taken it lately.
    pub fn entrances(&self) -> Result<Vec<OwnedFd>> {
        self.directories
            .iter()
            .map(|directory| {
                let file = match directory.version {
                    Version::V1 => directory.path.join("tasks"),
                    Version::V2 => v2::tree::home(&directory.path).join("cgroup.procs"),
                };
                rustix::fs::open(&file, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty()).step_at("open", file)
            })
            .collect()
    }

    /// Its directory in the v2 tree, for who is to be born there. `None`: it has none, or nobody can be.
    pub fn birthplace(&self) -> Option<OwnedFd> {
        let home = v2::tree::home(&self.unified()?.path);
        rustix::fs::open(&home, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).ok()
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
        match (self.find("freezer"), self.unified()) {
            (Some(Directory { version: Version::V1, path, .. }), _) => v1::freezer::kill(path),
            (_, Some(directory)) => v2::kill::kill(&directory.path),
            _ => files::kill_each(&self.members()),
        }
    }

    /// Returns when no process of it runs any more.
    pub fn freeze(&self) -> Result<()> {
        let directory = self.joined("freezer", "freeze the container")?;
        match directory.version {
            Version::V1 => v1::freezer::freeze(&directory.path),
            Version::V2 => v2::freezer::freeze(&directory.path),
        }
    }

    /// A frozen process keeps even SIGKILL waiting.
    pub fn thaw(&self) {
        match self.find("freezer") {
            Some(Directory { version: Version::V1, path, .. }) => v1::freezer::thaw(path),
            Some(Directory { version: Version::V2, path, .. }) => v2::freezer::thaw(path),
            None => {}
        }
    }

    /// Whether all of it is held still, by whomever.
    pub fn is_frozen(&self) -> bool {
        let (file, frozen) = match self.find("freezer") {
            None => return false,
            Some(Directory { version: Version::V1, path, .. }) => (path.join("freezer.state"), "FROZEN"),
            Some(Directory { version: Version::V2, path, .. }) => (path.join("cgroup.events"), "frozen 1"),
        };
        files::read(&file).is_some_and(|text| text.lines().any(|line| line == frozen))
    }

    /// Removes its directories and those that the task made below. What does not exist is fine.
    pub fn remove(&self) -> Result<()> {
        self.directories.iter().try_for_each(|directory| remove::tree(&directory.path))
    }

    /// As `remove`, but only if nobody is in it, and nothing is below it. False: some of it may be left.
    pub fn remove_empty(&self) -> bool {
        self.directories.iter().all(|directory| remove::empty(&directory.path))
    }

    fn find(&self, controller: &str) -> Option<&Directory> {
        self.directories.iter().find(|directory| directory.has(controller))
    }

    /// Its directory in the v2 tree.
    fn unified(&self) -> Option<&Directory> {
        self.directories.iter().find(|directory| directory.version == Version::V2)
    }

    fn joined(&self, controller: &str, step: &'static str) -> Result<&Directory> {
        self.find(controller)
            .ok_or_else(|| Failure::because(step, format!("the container does not join the {controller} controller")))
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

#[cfg(test)]
mod arbitrary_tests;
#[cfg(test)]
mod device_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod twin_tests;
