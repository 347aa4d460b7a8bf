//! `process`: also what `exec --process` reads.

use meseta_isolation::failure::{Failure, Result};
use serde::Deserialize;

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(rename_all = "camelCase", default)]
pub struct Process {
    pub terminal: bool,
    pub console_size: Option<ConsoleSize>,
    pub user: User,
    pub args: Vec<String>,
    pub env: Vec<String>,
    pub cwd: String,
    pub capabilities: Option<Capabilities>,
    pub rlimits: Vec<Rlimit>,
    pub no_new_privileges: bool,
    pub oom_score_adj: Option<i32>,
    pub apparmor_profile: String,
    pub selinux_label: String,
    pub scheduler: Option<Scheduler>,
    pub io_priority: Option<IoPriority>,
    #[serde(rename = "execCPUAffinity")]
    pub exec_cpu_affinity: CpuAffinity,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default)]
pub struct ConsoleSize {
    pub height: u32,
    pub width: u32,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(rename_all = "camelCase", default)]
pub struct User {
    pub uid: u32,
    pub gid: u32,
    pub umask: Option<u32>,
    pub additional_gids: Vec<u32>,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default)]
pub struct Scheduler {
    pub policy: String,
    pub nice: i32,
    pub priority: u32,
    pub flags: Vec<String>,
    pub runtime: u64,
    pub deadline: u64,
    pub period: u64,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default)]
pub struct IoPriority {
    pub class: String,
    pub priority: i32,
}

/// Of what `exec` starts: on the way into the container's cgroup, and from there on.
#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default)]
pub struct CpuAffinity {
    pub initial: String,
    #[serde(rename = "final")]
    pub last: String,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default)]
pub struct Capabilities {
    pub bounding: Vec<String>,
    pub effective: Vec<String>,
    pub permitted: Vec<String>,
    pub inheritable: Vec<String>,
    pub ambient: Vec<String>,
}

#[derive(Deserialize, Default, Debug, Clone)]
#[serde(default)]
pub struct Rlimit {
    #[serde(rename = "type")]
    pub kind: String,
    pub soft: u64,
    pub hard: u64,
}

impl Process {
    pub fn check(&self) -> Result<()> {
        const STEP: &str = "use the process of config.json";
        if self.args.is_empty() {
            return Err(Failure::because(STEP, "its args are empty"));
        }
        if !self.cwd.starts_with('/') {
            return Err(Failure::because(STEP, format!("its cwd {:?} is not an absolute path", self.cwd)));
        }
        for (index, limit) in self.rlimits.iter().enumerate() {
            if self.rlimits[..index].iter().any(|earlier| earlier.kind == limit.kind) {
                return Err(Failure::because(STEP, format!("it has two rlimits {}", limit.kind)));
            }
        }
        let labelled = [("apparmorProfile", &self.apparmor_profile), ("selinuxLabel", &self.selinux_label)];
        match labelled.iter().find(|(_, value)| !value.is_empty() && *value != "unconfined") {
            Some((name, _)) => Err(Failure::because(STEP, format!("{name} is not supported"))),
            None => Ok(()),
        }
    }
}
