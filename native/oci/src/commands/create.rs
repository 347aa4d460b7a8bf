//! `create`: everything but the program itself.

use std::{
    fs,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

use meseta_isolation::{
    cgroup::Cgroup,
    failure::{Failure, Result, Step},
    namespace::{self, Entry, join, user},
    network_device, procfs, socket,
};
use meseta_spec::{JoinedNamespace, LaunchPlan, Namespaces};

use super::Context;
use crate::{
    clock,
    command_line::{Arguments, Flag, switch, value},
    config::{self, Config},
    container::{
        birth::{self, Newborn},
        console,
        destroy::destroy,
        init::{self, Ends, Wanted},
        link::{self, News},
        seccomp_agent,
    },
    hooks,
    options::{self, Inheritance},
    plan::{self, Place, scheduling::Scheduling},
    state::{self, Container, START_SOCKET, State, Status},
};

pub const FLAGS: &[Flag] = &[
    value("bundle", "b", "directory of config.json and root file system (.)"),
    value("pid-file", "", "file that gets the pid"),
    value("console-socket", "", "socket that gets the master of the terminal"),
    value("preserve-fds", "", "how many descriptors after stderr are passed on"),
    switch("no-pivot", "", "move the root over the old one, for roots on a ramdisk"),
    switch("no-new-keyring", "", "stay in the caller's session keyring"),
];

pub fn run(context: &Context, arguments: &Arguments) -> Result<u8> {
    let console = arguments.value("console-socket").map(|path| console::connect(Path::new(path))).transpose()?;
    create(context, arguments, console).map(|_| 0)
}

/// A container whose process waits. On a failure nothing of it is left.
pub fn create(context: &Context, arguments: &Arguments, console: Option<OwnedFd>) -> Result<Container> {
    let inheritance = Inheritance::of(arguments)?;
    let id = arguments.container_id()?;
    let bundle = Path::new(arguments.value("bundle").unwrap_or("."));
    let bundle = bundle.canonicalize().step_at("find the bundle", bundle)?;
    let config = Config::of_bundle(&bundle)?;
    let terminal = config.process.as_ref().is_some_and(|process| process.terminal);
    if terminal != console.is_some() {
        let sentence = if terminal { "it wants a terminal, so a console socket is needed" } else { "it wants no terminal" };
        return Err(Failure::because("use the console socket", sentence));
    }
    let pid_file = arguments.value("pid-file").map(|path| std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path)));
    let directory = context.store.reserve(id)?;
    let made = Creation { context, id, bundle: &bundle, config: &config, directory: &directory }
        .make(arguments, inheritance, console)
        .and_then(|container| options::write_pid(pid_file.as_deref(), container.state.pid).map(|()| container));
    if made.is_err() {
        clean_up(context, id, &directory);
    }
    made
}

/// Best effort: the reason for the failure is what the caller wants to hear.
fn clean_up(context: &Context, id: &str, directory: &Path) {
    let destroyed = context.store.open(id).and_then(|container| destroy(&container, true, &context.log));
    if destroyed.is_err() {
        let _ = state::remove(directory);
    }
}

struct Creation<'a> {
    context: &'a Context,
    id: &'a str,
    bundle: &'a Path,
    config: &'a Config,
    directory: &'a Path,
}

impl Creation<'_> {
    fn make(&self, arguments: &Arguments, inheritance: Inheritance, console: Option<OwnedFd>) -> Result<Container> {
        let without_pivot = arguments.has("no-pivot");
        let place = Place { id: self.id, bundle: self.bundle, directory: self.directory };
        let mut plan = plan::of(self.config, &place, &self.context.log)?;
        if let Some(root) = plan.root.as_mut() {
            root.without_pivot = without_pivot.then_some(true);
        }
        plan.process.keep_keyring = arguments.has("no-new-keyring").then_some(true);
        let own_mounts = plan.namespaces.as_ref().is_some_and(Namespaces::mount);
        let container = self.record(&plan, without_pivot || !own_mounts)?;
        let _lock = container.lock()?;
        // A later change of the bundle is none of the container's.
        fs::copy(self.bundle.join(config::FILE), self.directory.join(config::FILE)).step_at("copy", config::FILE)?;
        let (entrances, birthplace) = control_group(&plan)?;
        rustix::process::chdir(self.directory).step_at("enter", self.directory)?;
        let listener = socket::listen_here(START_SOCKET).step_at("listen at", START_SOCKET)?;
        let entries = plan.namespaces.as_ref().map_or(Ok(Vec::new()), entries)?;
        let ends = Ends { listener, console, entrances, birthplace, entries, inheritance };
        self.give_birth(container, &plan, &ends)
    }

    fn record(&self, plan: &LaunchPlan, without_pivot: bool) -> Result<Container> {
        let container = Container {
            directory: self.directory.to_owned(),
            state: State {
                oci_version: self.config.oci_version.clone(),
                id: self.id.to_owned(),
                bundle: self.bundle.to_owned(),
                rootfs: plan.root.as_ref().map(|root| PathBuf::from(&root.directory)).unwrap_or_default(),
                created: clock::now(),
                annotations: self.config.annotations.clone(),
                without_pivot,
                ..Default::default()
            },
        };
        container.save().map(|()| container)
    }

    fn give_birth(&self, mut container: Container, plan: &LaunchPlan, ends: &Ends) -> Result<Container> {
        let flags = plan.namespaces.as_ref().map_or(0, namespace::birth_flags);
        let process = self.config.process.as_ref();
        let scheduling = process.map(|process| Scheduling::of(process, &self.config.linux)).transpose()?.unwrap_or_default();
        let wanted = Wanted { config: self.config, plan, scheduling, state: container.described(Status::Creating) };
        let newborn = birth::fork(&ends.entries, flags, ends.birthplace.as_ref(), |link, born_in_v2| {
            init::run(&wanted, ends, link, born_in_v2)
        })?;
        container.state.pid = newborn.pid;
        container.state.start_time = procfs::start_time(newborn.pid).unwrap_or(0);
        container.save()?;
        self.accompany(&container, &newborn)?;
        Ok(container)
    }

    fn accompany(&self, container: &Container, newborn: &Newborn) -> Result<()> {
        adjust_oom_score(self.config, newborn.pid)?;
        loop {
            match newborn.news()? {
                News::Mounted => {
                    give_devices(self.config, container)?;
                    let state = container.described(Status::Creating);
                    hooks::run("run the prestart hook", &self.config.hooks.prestart, &state)?;
                    hooks::run("run the createRuntime hook", &self.config.hooks.create_runtime, &state)?;
                    link::tell_to_go_on(&newborn.link)?;
                }
                News::Ready(None) => return Ok(()),
                News::Ready(Some(listener)) => {
                    let state = container.described(Status::Creating);
                    return seccomp_agent::inform(self.config, &state, newborn.pid, &listener);
                }
                _ => {}
            }
        }
    }
}

/// Before the hooks, which may want to set them up.
fn give_devices(config: &Config, container: &Container) -> Result<()> {
    if config.linux.net_devices.is_empty() {
        return Ok(());
    }
    let network = JoinedNamespace {
        kind: "net".to_owned(),
        path: None,
        pid: Some(container.state.pid),
        start_time: Some(container.state.start_time),
    };
    let network = join::open_one(&network)?;
    config
        .linux
        .net_devices
        .iter()
        .try_for_each(|(device, wanted)| network_device::give(device, wanted.name_for(device), &network))
}

/// The ways into it, and where in it one can be born.
fn control_group(plan: &LaunchPlan) -> Result<(Vec<OwnedFd>, Option<OwnedFd>)> {
    let Some(wanted) = &plan.cgroups else { return Ok((Vec::new(), None)) };
    let cgroup = Cgroup::resolve(wanted)?;
    cgroup.create()?;
    if let Some(settings) = &wanted.settings {
        cgroup.apply(settings, true)?;
    }
    Ok((cgroup.entrances()?, cgroup.birthplace()))
}

fn entries(wanted: &Namespaces) -> Result<Vec<Entry>> {
    let mut entries = join::open_all(wanted)?;
    if wanted.user() {
        // SAFETY: this program never starts a thread.
        entries.extend(unsafe { user::make(wanted) }?);
    }
    Ok(entries)
}

/// From here, where /proc is the real one (S17).
fn adjust_oom_score(config: &Config, pid: i32) -> Result<()> {
    let Some(wanted) = config.process.as_ref().and_then(|process| process.oom_score_adj) else { return Ok(()) };
    let path = format!("/proc/{pid}/oom_score_adj");
    fs::write(&path, wanted.to_string()).step_at("set", &path)
}
