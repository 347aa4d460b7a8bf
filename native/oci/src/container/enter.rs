//! One more process in a container that runs.

use std::os::fd::{AsFd, OwnedFd};

use meseta_isolation::{
    cgroup::Cgroup,
    container::program::Program,
    credentials, descriptors,
    failure::{Failure, Result, Step},
    namespace::{Entry, join, user},
    personality, process,
    scheduling::Processors,
};
use meseta_spec::{JoinedNamespace, LaunchPlan, Namespaces};
use rustix::{
    fs::{Mode, OFlags},
    process::{chroot, fchdir, setsid},
};
use serde_json::Value;

use super::{birth, console, control_group, init, link, link::News, seccomp_agent};
use crate::{
    config::Config,
    options::Inheritance,
    plan::{namespaces::KINDS, scheduling::Scheduling},
    state::Container,
};

/// What it shall become.
pub struct Wanted {
    pub plan: LaunchPlan,
    pub scheduling: Scheduling,
}

/// What it holds of the outside; everything else is closed.
pub struct Ends {
    console: Option<OwnedFd>,
    entrances: Vec<OwnedFd>,
    birthplace: Option<OwnedFd>,
    entries: Vec<Entry>,
    /// The container's root, where joining the mount namespace does not lead to it.
    root: Option<OwnedFd>,
    inheritance: Inheritance,
    /// Of the container, for those who want to know.
    state: Value,
}

impl Ends {
    pub fn of(
        container: &Container,
        config: &Config,
        inheritance: Inheritance,
        console: Option<OwnedFd>,
        cgroups: &[String],
    ) -> Result<Self> {
        let cgroup = wanted_cgroup(container, cgroups)?;
        Ok(Ends {
            console,
            entrances: cgroup.entrances()?,
            birthplace: cgroup.birthplace(),
            entries: join::open_all(&namespaces_of(container, config))?,
            root: if container.state.without_pivot { Some(root_of(container)?) } else { None },
            inheritance,
            state: container.described(container.status()),
        })
    }
}

/// Each of `wanted` is a path below the container's own cgroup, in all hierarchies or, after a colon, in those of the controllers that are named.
fn wanted_cgroup(container: &Container, wanted: &[String]) -> Result<Cgroup> {
    let mut cgroup = control_group(container)?;
    for text in wanted {
        let (controllers, path) =
            text.split_once(':').map_or((Vec::new(), text.as_str()), |(names, path)| (names.split(',').collect(), path));
        cgroup.descend(&controllers, path)?;
    }
    Ok(cgroup)
}

/// Those that are not the caller's: the container's own, and those that it has joined itself.
fn namespaces_of(container: &Container, config: &Config) -> Namespaces {
    let own = config.linux.namespaces.iter().filter_map(|wanted| KINDS.iter().find(|(name, _)| *name == wanted.kind));
    let joined = own.map(|(_, kind)| JoinedNamespace {
        kind: (*kind).to_owned(),
        path: None,
        pid: Some(container.state.pid),
        start_time: Some(container.state.start_time),
    });
    Namespaces { joined: joined.collect(), ..Default::default() }
}

fn root_of(container: &Container) -> Result<OwnedFd> {
    let path = format!("/proc/{}/root", container.state.pid);
    rustix::fs::open(&path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).step_at("open", &path)
}

/// The pid, as soon as the program runs.
pub fn start(config: &Config, wanted: &Wanted, ends: &Ends, born: impl FnOnce(i32) -> Result<()>) -> Result<i32> {
    // Processors that it is to have before it joins: so it comes from outside.
    let birthplace = ends.birthplace.as_ref().filter(|_| wanted.scheduling.initial.is_none());
    let newborn =
        birth::fork(&ends.entries, 0, birthplace, |link, born_in_v2| match enter(config, wanted, ends, link, born_in_v2) {
            Ok(program) => program.execute(),
            Err(failure) => failure,
        })?;
    adjust_oom_score(&wanted.plan, newborn.pid)?;
    if let News::Ready(Some(listener)) = newborn.news()? {
        seccomp_agent::inform(config, &ends.state, newborn.pid, &listener)?;
    }
    // Before the program runs, since it may be gone by the time it is looked for.
    born(newborn.pid)?;
    link::tell_to_go_on(&newborn.link)?;
    match link::next_news(&newborn.link) {
        News::Failed(failure) => Err(birth::repeated(failure)),
        _ => Ok(newborn.pid),
    }
}

fn adjust_oom_score(plan: &LaunchPlan, pid: i32) -> Result<()> {
    let Some(wanted) = plan.process.oom_score_adjustment else { return Ok(()) };
    let path = format!("/proc/{pid}/oom_score_adj");
    std::fs::write(&path, wanted.to_string()).step_at("set", &path)
}

fn enter(config: &Config, wanted: &Wanted, ends: &Ends, link: &OwnedFd, born_in_v2: bool) -> Result<Program> {
    let Wanted { plan, scheduling } = wanted;
    // Before anything of the container can see us.
    credentials::forbid_tracing()?;
    process::name_self("meseta-oci:exec");
    close_the_rest(ends, link)?;
    setsid().step("start a session")?;
    scheduling.initial.as_ref().map_or(Ok(()), Processors::set)?;
    init::join_cgroups(plan, &ends.entrances, born_in_v2)?;
    scheduling.last.as_ref().map_or(Ok(()), Processors::set)?;
    if let Some(entry) = init::enter_namespaces(&ends.entries)? {
        user::become_root(entry)?;
    }
    if let Some(root) = &ends.root {
        fchdir(root).and_then(|()| chroot(".")).step("change root")?;
    }
    if let Some(personality) = &config.linux.personality {
        personality::set(&personality.domain, &personality.flags)?;
    }
    if let Some(terminal) = &plan.process.terminal {
        console::take(terminal, &plan.process, ends.console.as_ref(), false)?;
    }
    scheduling.set()?;
    init::become_user(plan)?;
    let program = init::ready(&plan.process, link)?;
    if !link::wait_to_go_on(link) {
        return Err(Failure::because("enter the container", "nobody waits for it any more"));
    }
    descriptors::close_from_on_exec(ends.inheritance.first_of_ours()).step("close what is not ours")?;
    Ok(program)
}

fn close_the_rest(ends: &Ends, link: &OwnedFd) -> Result<()> {
    let mut kept = vec![link.as_fd()];
    kept.extend(ends.console.as_ref().map(AsFd::as_fd));
    kept.extend(ends.root.as_ref().map(AsFd::as_fd));
    kept.extend(ends.entrances.iter().map(AsFd::as_fd));
    kept.extend(ends.entries.iter().map(Entry::handle));
    let kept = [&ends.inheritance.descriptors()[..], &kept].concat();
    descriptors::close_all_but(&kept).step("close what is not ours")
}
