//! Runs the user's hooks, one after another, each with the container's state on its stdin.

use std::{
    io::Write,
    os::unix::process::CommandExt,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
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
    let mut child = spawn(hook).step_at(point, &hook.path)?;
    if let Some(mut input) = child.stdin.take() {
        // A hook that does not read has its reasons.
        let _ = input.write_all(state.to_string().as_bytes());
    }
    if !ends_in_time(&child, hook.timeout) {
        // It is our child and not reaped yet, so the pid is its own.
        let _ = child.kill();
        let _ = child.wait();
        return Err(Failure::because(point, format!("it took longer than {} s", hook.timeout.unwrap_or(0))).at(&hook.path));
    }
    let status = child.wait().step_at(point, &hook.path)?;
    if status.success() { Ok(()) } else { Err(Failure::because(point, status.to_string()).at(&hook.path)) }
}

fn spawn(hook: &Hook) -> std::io::Result<Child> {
    let mut command = Command::new(&hook.path);
    if let Some((name, rest)) = hook.args.split_first() {
        command.arg0(name).args(rest);
    }
    command.env_clear().envs(hook.env.iter().filter_map(|entry| entry.split_once('='))).stdin(Stdio::piped());
    command.spawn()
}

fn ends_in_time(child: &Child, timeout: Option<u64>) -> bool {
    let Some(seconds) = timeout.filter(|&seconds| seconds > 0) else { return true };
    let end = Instant::now() + Duration::from_secs(seconds);
    let handle = Pid::from_raw(child.id() as i32).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
    handle.is_none_or(|handle| processes::wait_until_gone(handle, end.saturating_duration_since(Instant::now())))
}
