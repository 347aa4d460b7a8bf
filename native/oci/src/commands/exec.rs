//! `exec`: one more program in a container that runs.

use std::path::{Path, PathBuf};

use meseta_isolation::failure::{Failure, Result};
use meseta_spec::LaunchPlan;

use super::Context;
use crate::{
    command_line::{Arguments, Flag, switch, value},
    config::{self, Config, Process},
    container::{
        console,
        enter::{self, Ends, Wanted},
        foreground,
    },
    options::{self, Inheritance},
    plan::{self, scheduling::Scheduling},
    state::{Container, Status},
};

pub const FLAGS: &[Flag] = &[
    value("process", "p", "file that describes the process, in place of options and operands"),
    value("console-socket", "", "socket that gets the master of the terminal"),
    value("pid-file", "", "file that gets the pid"),
    value("cwd", "", "working directory"),
    value("env", "e", "one more NAME=value"),
    value("user", "u", "uid[:gid]"),
    value("additional-gids", "g", "one more group"),
    value("cap", "c", "one more capability"),
    value("preserve-fds", "", "how many descriptors after stderr are passed on"),
    value("process-label", "", "not supported"),
    value("apparmor", "", "not supported"),
    value("cgroup", "", "[controller,…:]path below the container's cgroup, to be in that one"),
    switch("tty", "t", "with a terminal of its own"),
    switch("no-new-privs", "", "no program that it runs gets more privileges"),
    switch("detach", "d", "do not wait for its end"),
    switch("ignore-paused", "", "also in a paused container"),
    switch("no-new-keyring", "", "stay in the caller's session keyring"),
];

pub fn run(context: &Context, arguments: &Arguments) -> Result<u8> {
    let inheritance = Inheritance::of(arguments)?;
    let container = context.store.open(arguments.container_id()?)?;
    judge(&container, arguments)?;
    let config = container.config()?;
    let process = wanted(arguments, &config)?;
    let cgroups = arguments.values("cgroup");
    let socket = arguments.value("console-socket").map(|path| console::connect(Path::new(path))).transpose()?;
    let mut plan = LaunchPlan {
        container_id: container.state.id.clone(),
        process: plan::process::of(&process, config.linux.seccomp.as_ref(), &context.log)?,
        resource_limits: plan::process::limits(&process)?,
        ..Default::default()
    };
    plan.process.keep_keyring = arguments.has("no-new-keyring").then_some(true);
    let wanted = Wanted { plan, scheduling: Scheduling::of(&process, &config.linux)? };
    let pid_file = arguments.value("pid-file").map(PathBuf::from);
    let born = |pid| options::write_pid(pid_file.as_deref(), pid);
    if arguments.has("detach") {
        let ends = Ends::of(&container, &config, inheritance, socket, cgroups)?;
        return enter::start(&config, &wanted, &ends, born).map(|_| 0);
    }
    let signals = foreground::Signals::take()?;
    let (ours, theirs) = match socket {
        None if process.terminal => console::pair().map(|(ours, theirs)| (Some(ours), Some(theirs)))?,
        socket => (None, socket),
    };
    let ends = Ends::of(&container, &config, inheritance, theirs, cgroups)?;
    let pid = enter::start(&config, &wanted, &ends, born)?;
    drop(ends);
    let master = ours.as_ref().map(console::receive).transpose()?;
    foreground::accompany(pid, &signals, master)
}

fn judge(container: &Container, arguments: &Arguments) -> Result<()> {
    let refuse = |sentence: String| Err(Failure::because("enter the container", sentence).at(&container.state.id));
    for name in ["process-label", "apparmor"] {
        if arguments.value(name).is_some_and(|value| !value.is_empty()) {
            return Err(Failure::because("read the option", "it is not supported").at(format!("--{name}")));
        }
    }
    match container.status() {
        Status::Created | Status::Running => Ok(()),
        Status::Paused if arguments.has("ignore-paused") => Ok(()),
        other => refuse(format!("it is {}", other.name())),
    }
}

/// The container's own process with another program, unless a file says it all.
fn wanted(arguments: &Arguments, config: &Config) -> Result<Process> {
    let process = match arguments.value("process") {
        Some(file) => config::read(Path::new(file))?,
        None => changed(config.process.clone().unwrap_or_default(), arguments)?,
    };
    process.check().map(|()| process)
}

/// In place of what the container says of the same name: a program takes the first that it finds.
fn set_variable(environment: &mut Vec<String>, entry: &str) {
    let name = |text: &str| text.split_once('=').map_or(text, |(name, _)| name).to_owned();
    environment.retain(|other| name(other) != name(entry));
    environment.push(entry.to_owned());
}

fn changed(mut process: Process, arguments: &Arguments) -> Result<Process> {
    process.args = arguments.operands.get(1..).unwrap_or_default().to_vec();
    process.terminal = arguments.has("tty");
    process.console_size = None;
    for entry in arguments.values("env") {
        set_variable(&mut process.env, entry);
    }
    if let Some(directory) = arguments.value("cwd") {
        process.cwd = directory.to_owned();
    }
    if let Some(text) = arguments.value("user") {
        let (uid, gid) = text.split_once(':').map_or((text, None), |(uid, gid)| (uid, Some(gid)));
        process.user.uid = number("--user", uid)?;
        process.user.gid = gid.map_or(Ok(0), |gid| number("--user", gid))?;
    }
    for text in arguments.values("additional-gids") {
        process.user.additional_gids.push(number("--additional-gids", text)?);
    }
    process.no_new_privileges |= arguments.has("no-new-privs");
    let more = arguments.values("cap");
    if !more.is_empty() {
        let sets = process.capabilities.get_or_insert_default();
        // Neither inheritable nor ambient: what it executes gets no more by being executed (CVE-2022-29162).
        for set in [&mut sets.bounding, &mut sets.effective, &mut sets.permitted] {
            set.extend(more.iter().cloned());
        }
    }
    Ok(process)
}

fn number(option: &str, text: &str) -> Result<u32> {
    text.parse().map_err(|_| Failure::because("read the option", "ids are numbers").at(option))
}

#[cfg(test)]
mod tests {
    use super::set_variable;

    #[test]
    fn a_variable_of_the_command_line_takes_the_place_of_the_containers() {
        let mut environment = vec!["PATH=/bin".to_owned(), "NAME=of the container".to_owned(), "NAMES=others".to_owned()];
        set_variable(&mut environment, "NAME=of the command line");
        assert_eq!(environment, ["PATH=/bin", "NAMES=others", "NAME=of the command line"]);
    }
}
