//! The first process of a container: takes every step but the last, then waits to be started.

use std::os::fd::{AsFd, OwnedFd};

use meseta_isolation::{
    cgroup,
    container::prepared::Prepared,
    container::{
        inside::{self, Callbacks},
        privileges,
        program::{self, Program},
    },
    credentials, descriptors,
    failure::{Failure, Result, Step},
    namespace::{self, Entry},
    personality, process,
};
use meseta_spec::{LaunchPlan, Process};
use rustix::{
    event::{PollFd, PollFlags, poll},
    fs::Mode,
    io::Errno,
    net::{SocketFlags, accept_with},
    process::{getpid, setsid, umask},
};
use serde_json::Value;

use super::{birth, console, link};
use crate::{
    config::{Config, hooks::Hook},
    hooks,
    options::Inheritance,
    plan::scheduling::Scheduling,
};

pub const START_HOOK: &str = "run the startContainer hook";

/// What it holds of the outside; everything else is closed.
pub struct Ends {
    pub listener: OwnedFd,
    /// Where the master of its terminal is sent.
    pub console: Option<OwnedFd>,
    pub entrances: Vec<OwnedFd>,
    pub birthplace: Option<OwnedFd>,
    pub entries: Vec<Entry>,
    pub inheritance: Inheritance,
}

/// Its configuration, its plan, and what hooks are told of it.
pub struct Wanted<'a> {
    pub config: &'a Config,
    pub plan: &'a LaunchPlan,
    pub scheduling: Scheduling,
    pub state: Value,
}

/// Returns only with the reason why it did not become the container's program.
pub fn run(wanted: &Wanted<'_>, ends: &Ends, link: &OwnedFd, born_in_v2: bool) -> Failure {
    let ready = set_up(wanted, ends, link, born_in_v2);
    let program = match ready {
        Ok(program) => program,
        Err(failure) => return failure,
    };
    match wait_for_start(&ends.listener) {
        Ok(starter) => {
            let failure =
                start(wanted, ends, &program).err().unwrap_or_else(|| Failure::because("start the task", "exec returned"));
            link::tell_failure(starter, &failure);
            birth::leave(1)
        }
        Err(failure) => failure,
    }
}

fn set_up(wanted: &Wanted<'_>, ends: &Ends, link: &OwnedFd, born_in_v2: bool) -> Result<Program> {
    let plan = wanted.plan;
    process::name_self("meseta-oci:init");
    close_the_rest(ends, link)?;
    setsid().step("start a session")?;
    join_cgroups(plan, &ends.entrances, born_in_v2)?;
    // Those inside a namespace that is joined must not look into us, who still hold what is the host's (S4).
    credentials::forbid_tracing()?;
    let user = enter_namespaces(&ends.entries)?;
    let callbacks = Callbacks { cgroups_are_there: &|| Ok(()), before_change_of_root: &|| before_change_of_root(wanted, link) };
    if let Some(old_root) = inside::set_up(plan, user, Prepared::default(), callbacks)? {
        old_root.leave()?;
    }
    if let Some(personality) = &wanted.config.linux.personality {
        personality::set(&personality.domain, &personality.flags)?;
    }
    if let Some(terminal) = &plan.process.terminal {
        console::take(terminal, &plan.process, ends.console.as_ref(), true)?;
    }
    wanted.scheduling.set()?;
    become_user(plan)?;
    ready(&plan.process, link)
}

/// The program, found, with its filter in place if somebody listens to that.
pub fn ready(process: &Process, link: &OwnedFd) -> Result<Program> {
    let mut program = Program::of(process)?;
    program.find()?;
    let listener = program.load_filter_with_listener()?;
    link::tell_ready(link, listener).map(|()| program)
}

/// All but the user namespace, which is entered when nothing of the host is needed any more, and the pid namespace, in which one is born.
pub fn enter_namespaces(entries: &[Entry]) -> Result<Option<&Entry>> {
    entries.iter().filter(|entry| !matches!(entry.kind, "user" | "pid")).try_for_each(Entry::enter)?;
    Ok(entries.iter().find(|entry| entry.kind == "user"))
}

pub fn become_user(plan: &LaunchPlan) -> Result<()> {
    privileges::limit(plan)?;
    program::enter_directory(&plan.process.working_directory)?;
    program::reset_signals(1..=libc::SIGRTMAX());
    Ok(())
}

fn close_the_rest(ends: &Ends, link: &OwnedFd) -> Result<()> {
    let mut kept = vec![link.as_fd(), ends.listener.as_fd()];
    kept.extend(ends.console.as_ref().map(AsFd::as_fd));
    kept.extend(ends.entrances.iter().map(AsFd::as_fd));
    kept.extend(ends.entries.iter().map(Entry::handle));
    let kept = [&ends.inheritance.descriptors()[..], &kept].concat();
    descriptors::close_all_but(&kept).step("close what is not ours")
}

pub fn join_cgroups(plan: &LaunchPlan, entrances: &[OwnedFd], born_in_v2: bool) -> Result<()> {
    cgroup::join(entrances, born_in_v2)?;
    // From inside: the cgroup that it is in becomes the root that it sees.
    if plan.namespaces.as_ref().is_some_and(|namespaces| namespaces.cgroup()) {
        namespace::enter_cgroup_namespace().step("make the cgroup namespace")?;
    }
    Ok(())
}

/// The caller's hooks come first; then those that run here, where the container's mounts are, with the host's files still in sight.
fn before_change_of_root(wanted: &Wanted<'_>, link: &OwnedFd) -> Result<()> {
    link::tell_mounted(link)?;
    if !link::wait_to_go_on(link) {
        return Err(Failure::because("create the container", "nobody waits for it any more"));
    }
    let mask = umask(Mode::from_raw_mode(0o022));
    let ran =
        hooks::run("run the createContainer hook", &wanted.config.hooks.create_container, &seen_from_inside(wanted, "creating"));
    umask(mask);
    ran
}

fn seen_from_inside(wanted: &Wanted<'_>, status: &str) -> Value {
    let mut state = wanted.state.clone();
    state["status"] = status.into();
    state["pid"] = getpid().as_raw_nonzero().get().into();
    state
}

/// The socket lies where only the owner of the container gets, so who connects is whom it waits for.
fn wait_for_start(listener: &OwnedFd) -> Result<OwnedFd> {
    const STEP: &str = "wait for the start";
    die_of_signals();
    loop {
        match accept_with(listener, SocketFlags::CLOEXEC) {
            Ok(starter) => return Ok(starter),
            Err(Errno::AGAIN) => {
                let mut waited = [PollFd::new(listener, PollFlags::IN)];
                if let Err(errno) = poll(&mut waited, None)
                    && errno != Errno::INTR
                {
                    return Err(errno).step(STEP);
                }
            }
            Err(Errno::INTR | Errno::CONNABORTED) => {}
            Err(errno) => return Err(errno).step(STEP),
        }
    }
}

/// As pid 1 of a namespace it would be spared by all but SIGKILL, and a container that waits could not be ended politely. The exec undoes this.
fn die_of_signals() {
    extern "C" fn leave(signal: libc::c_int) {
        birth::leave(128 + signal)
    }
    for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM, libc::SIGUSR1, libc::SIGUSR2, libc::SIGALRM] {
        // SAFETY: the handler does nothing but leave, which is allowed in one.
        unsafe { libc::signal(signal, leave as *const () as libc::sighandler_t) };
    }
}

/// They run where the program will, so those that say nothing of an environment get its.
fn hooks_of_the_program(wanted: &Wanted<'_>) -> Vec<Hook> {
    let environment = &wanted.plan.process.environment;
    let hooks = wanted.config.hooks.start_container.iter().cloned();
    hooks.map(|hook| Hook { env: hook.env.or_else(|| Some(environment.clone())), ..hook }).collect()
}

/// Returns only with a failure.
fn start(wanted: &Wanted<'_>, ends: &Ends, program: &Program) -> Result<()> {
    let hooks = hooks_of_the_program(wanted);
    hooks::run(START_HOOK, &hooks, &seen_from_inside(wanted, "created"))?;
    // What is the container's stays open; the starter's connection is closed by exec, by which it knows.
    descriptors::close_from_on_exec(ends.inheritance.first_of_ours()).step("close what is not ours")?;
    Err(program.execute())
}
