//! Runs the user's hooks, one after another, each with the container's state on its stdin.

use std::{
    io::Write,
    os::fd::OwnedFd,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use meseta_isolation::{
    failure::{Failure, Result, Step},
    process as processes,
};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use serde_json::Value;

use crate::config::hooks::Hook;

/// The first that fails ends it.
pub fn run(point: &'static str, hooks: &[Hook], state: &Value) -> Result<()> {
    hooks.iter().try_for_each(|hook| run_one(point, hook, state))
}

/// Where the container exists already or is gone, a failure changes nothing; it is told, and the next one runs.
pub fn run_all(point: &'static str, hooks: &[Hook], state: &Value, mut told: impl FnMut(&Failure)) {
    for hook in hooks {
        if let Err(failure) = run_one(point, hook, state) {
            told(&failure);
        }
    }
}

fn run_one(point: &'static str, hook: &Hook, state: &Value) -> Result<()> {
    if !hook.path.starts_with('/') {
        return Err(Failure::because(point, "its path is not absolute").at(&hook.path));
    }
    let mut child = spawn(hook, directory(state)).step_at(point, &hook.path)?;
    if let Some(mut input) = child.stdin.take() {
        // A hook that does not read has its reasons.
        let _ = input.write_all(state.to_string().as_bytes());
    }
    if !ends_in_time(&child, hook.timeout) {
        kill_with_all_it_started(&mut child);
        return Err(Failure::because(point, format!("it took longer than {} s", hook.timeout.unwrap_or(0))).at(&hook.path));
    }
    let status = child.wait().step_at(point, &hook.path)?;
    if status.success() { Ok(()) } else { Err(Failure::because(point, status.to_string()).at(&hook.path)) }
}

/// The bundle, where it is in sight.
fn directory(state: &Value) -> &Path {
    let bundle = state["bundle"].as_str().map(Path::new).filter(|bundle| bundle.is_dir());
    bundle.unwrap_or(Path::new("/"))
}

fn spawn(hook: &Hook, directory: &Path) -> std::io::Result<Child> {
    let mut command = Command::new(&hook.path);
    if let Some((name, rest)) = hook.args.split_first() {
        command.arg0(name).args(rest);
    }
    command
        .env_clear()
        .envs(hook.env.iter().flatten().filter_map(|entry| entry.split_once('=')))
        .stdin(Stdio::piped())
        .current_dir(directory)
        .process_group(0);
    command.spawn()
}

fn ends_in_time(child: &Child, timeout: Option<u64>) -> bool {
    let Some(seconds) = timeout.filter(|&seconds| seconds > 0) else { return true };
    handle_of(child).is_none_or(|handle| processes::wait_until_gone(handle, Duration::from_secs(seconds)))
}

/// Its group is its own, so that what it waits for goes with it.
fn kill_with_all_it_started(child: &mut Child) {
    if let Some(handle) = handle_of(child) {
        // One that has just ended is what we want.
        let _ = processes::signal_group(handle, child.id() as i32, libc::SIGKILL);
    }
    let _ = child.wait();
}

fn handle_of(child: &Child) -> Option<OwnedFd> {
    Pid::from_raw(child.id() as i32).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok())
}
