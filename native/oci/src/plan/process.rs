//! `process`: of the container, and of what `exec` starts.

use meseta_isolation::failure::{Failure, Result};
use meseta_spec::{Identity, Process, ResourceLimit, Stdio, Terminal};

use super::{capabilities, seccomp};
use crate::{config, log::Log};

/// Signals and stdio are the caller's; everything else is the configuration's.
pub fn of(wanted: &config::Process, filter: Option<&config::seccomp::Seccomp>, log: &Log) -> Result<Process> {
    let executable = wanted.args.first().cloned().unwrap_or_default();
    Ok(Process {
        executable,
        arguments: wanted.args.clone(),
        environment: environment(wanted),
        working_directory: wanted.cwd.clone(),
        identity: Some(Identity { uid: wanted.user.uid, gid: wanted.user.gid, groups: wanted.user.additional_gids.clone() }),
        stdio: Stdio::default(),
        no_new_privileges: Some(wanted.no_new_privileges),
        oom_score_adjustment: wanted.oom_score_adj,
        capabilities: wanted.capabilities.as_ref().map(|sets| capabilities::of(sets, log)),
        seccomp: filter.map(seccomp::compiled).transpose()?.flatten(),
        terminal: wanted.terminal.then(|| terminal(wanted.console_size.as_ref())),
        // Not the caller's.
        umask: Some(wanted.user.umask.unwrap_or(0o022)),
        ..Default::default()
    })
}

/// A program that finds no HOME would look it up by itself; the container's own `/etc/passwd` is not ours to read, so `/` stands for it, but for root.
fn environment(wanted: &config::Process) -> Vec<String> {
    let mut all = wanted.env.clone();
    if !all.iter().any(|entry| entry.starts_with("HOME=")) {
        all.push(if wanted.user.uid == 0 { "HOME=/root".to_owned() } else { "HOME=/".to_owned() });
    }
    all
}

fn terminal(size: Option<&config::process::ConsoleSize>) -> Terminal {
    Terminal { rows: size.map(|size| size.height), columns: size.map(|size| size.width) }
}

pub fn limits(wanted: &config::Process) -> Result<Vec<ResourceLimit>> {
    wanted.rlimits.iter().map(limit).collect()
}

fn limit(wanted: &config::process::Rlimit) -> Result<ResourceLimit> {
    let refuse = |why: &str| Err(Failure::because("use the rlimits of config.json", why).at(&wanted.kind));
    let Some(kind) = wanted.kind.strip_prefix("RLIMIT_") else { return refuse("there is no such limit") };
    if wanted.soft > wanted.hard {
        return refuse("the soft limit is above the hard one");
    }
    Ok(ResourceLimit { kind: kind.to_owned(), soft: Some(wanted.soft), hard: Some(wanted.hard) })
}
