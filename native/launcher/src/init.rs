//! Pid 1 of a container: reaps, forwards signals, reports how the task ended. It changes credentials only on its way into a user namespace, since that
//! undoes its promise to die with the supervisor.

use std::{cell::Cell, os::fd::AsFd};

use meseta_isolation::{
    container::inside::{self, Callbacks},
    container::prepared::Prepared,
    credentials, descriptors,
    failure::{Result, Step},
    namespace::{self, Entry, Forked},
    process,
    rootfs::OldRoot,
    terminal::Pair,
};
use meseta_spec::LaunchPlan;
use rustix::{
    io::Errno,
    process::{Pid, Signal, WaitOptions, set_child_subreaper, set_parent_process_death_signal, wait},
    stdio::dup2_stdin,
};

use crate::{
    fault, link,
    task::{self, Inherited},
};

/// What init and the task need; everything else of the supervisor is closed.
pub struct Ends {
    pub link: link::Inside,
    /// Namespaces that are entered rather than born into, in this order.
    pub entries: Vec<Entry>,
    pub prepared: Prepared,
}

/// How long processes that a task leaves behind may take to die where no pid namespace ends them.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

pub fn run(plan: &LaunchPlan, mut ends: Ends) -> ! {
    let own_pids = plan.namespaces.as_ref().is_some_and(|namespaces| namespaces.pid());
    let task = match start(plan, &mut ends, own_pids) {
        Ok(task) => task,
        Err(failure) => {
            link::tell_failure(&ends.link.progress, &failure);
            leave()
        }
    };
    let report = ends.link.report;
    // What only the task may hold: the progress link must end with its exec.
    drop((ends.link.progress, ends.link.go, ends.entries));
    let (status, asked_to_end) = reap_until_ended(task, own_pids);
    link::tell_status(report, status);
    if asked_to_end {
        linger(task);
    }
    if !own_pids {
        process::kill_descendants(rustix::process::getpid().as_raw_nonzero().get(), PATIENCE);
        while wait(WaitOptions::NOHANG).is_ok_and(|found| found.is_some()) {}
    }
    leave()
}

pub fn leave() -> ! {
    // SAFETY: ends this process at once. Nothing of the supervisor, of which we are a copy, may be run or flushed a second time.
    unsafe { libc::_exit(0) }
}

fn start(plan: &LaunchPlan, ends: &mut Ends, own_pids: bool) -> Result<Pid> {
    process::name_self("meseta-init");
    close_the_rest(ends)?;
    bind_to_supervisor(own_pids)?;
    if !own_pids {
        set_child_subreaper(Some(rustix::process::getpid())).step("adopt orphans")?;
    }
    // Those inside a namespace that is joined must not look into us, who still hold what is the host's (S4).
    credentials::forbid_tracing()?;
    let user = ends.entries.iter().find(|entry| entry.kind == "user");
    ends.entries.iter().filter(|entry| !matches!(entry.kind, "user" | "pid")).try_for_each(Entry::enter)?;
    fault::point("init.before-mounts")?;
    let birthplace = Cell::new(None);
    let await_cgroups = || link::wait_for_cgroups(&ends.link.go).map(|place| birthplace.set(place));
    let callbacks = Callbacks { cgroups_are_there: &await_cgroups, before_change_of_root: &|| Ok(()) };
    let old_root = inside::set_up(plan, user, std::mem::take(&mut ends.prepared), callbacks)?;
    fault::point("init.after-mounts")?;
    if user.is_some() {
        bind_to_supervisor(own_pids)?;
    }
    if plan.cgroups.is_some() && !inside::looks_at_cgroups(plan) {
        await_cgroups()?;
    }
    let terminal = make_terminal(plan, ends)?;
    block_signals();
    // SAFETY: init has one thread, as the supervisor has of which it is a copy.
    match unsafe { namespace::fork_in(birthplace.take().as_ref(), 0) }.step("fork the task")? {
        (Forked::Child, in_cgroup) => task::run(plan, ends, terminal.as_ref(), Inherited { own_pids, in_cgroup }),
        (Forked::Parent { pid, pidfd }, _) => {
            // While the task prepares; unless it is told of, it does not go.
            old_root.map_or(Ok(()), OldRoot::leave)?;
            link::tell_birth(&ends.link.progress, pidfd)?;
            Ok(Pid::from_raw(pid).unwrap_or(Pid::INIT))
        }
    }
}

/// A supervisor that died before this line has closed its end of `go`, and the task will not start.
fn bind_to_supervisor(own_pids: bool) -> Result<()> {
    let last_signal = if own_pids { Signal::KILL } else { ORPHANED };
    set_parent_process_death_signal(Some(last_signal)).step("bind to the supervisor")
}

/// By who sees the container's /dev as its own, and in its user namespace; held outside.
fn make_terminal(plan: &LaunchPlan, ends: &Ends) -> Result<Option<Pair>> {
    let Some(wanted) = &plan.process.terminal else { return Ok(None) };
    let pair = Pair::open(wanted, plan.process.identity.as_ref())?;
    if plan.root.as_ref().is_some_and(|root| !root.bare()) {
        pair.attach_as_console()?;
    }
    link::hand_over_terminal(&ends.link.progress, &pair.master)?;
    Ok(Some(pair))
}

/// Its socket is the supervisor's stdin, and must end with that one. The number stays taken, as those of stdout and stderr are: by /dev/null, since what is
/// opened under one of them would be lost when the task gets its own.
pub fn let_go_of_the_agent() -> std::result::Result<(), Errno> {
    dup2_stdin(rustix::stdio::stdout())
}

fn close_the_rest(ends: &Ends) -> Result<()> {
    let_go_of_the_agent().step("close what is not ours")?;
    let mut kept = vec![ends.link.progress.as_fd(), ends.link.go.as_fd(), ends.link.report.as_fd()];
    kept.extend(ends.entries.iter().map(Entry::handle));
    kept.extend(ends.prepared.handles());
    kept.extend([rustix::stdio::stdin(), rustix::stdio::stdout(), rustix::stdio::stderr()]);
    descriptors::close_all_but(&kept).step("close what is not ours")
}

/// Blocked signals wait to be taken one by one, even those that pid 1 would otherwise never see.
fn block_signals() {
    // SAFETY: the set lives on the stack and is filled before it is used.
    unsafe {
        let mut all = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const all, std::ptr::null_mut());
    }
}

/// By which the supervisor says that the task's process group is about to be asked to end.
pub fn asks_to_end() -> i32 {
    libc::SIGRTMAX()
}

/// What init gets when its supervisor dies and no pid namespace would end with init: it must still kill what it alone knows. Until it can take
/// signals, this one ends it, and there is no task yet.
const ORPHANED: Signal = Signal::POWER;

/// The task's wait status, when it has ended, and whether it had been asked to. Others that end meanwhile are orphans, and only need reaping.
fn reap_until_ended(task: Pid, own_pids: bool) -> (i32, bool) {
    let mut asked_to_end = false;
    loop {
        match next_signal() {
            libc::SIGCHLD => {
                if let Some(status) = reap(task) {
                    return (status, asked_to_end || was_asked_meanwhile());
                }
            }
            signal if signal == asks_to_end() => asked_to_end = true,
            signal if signal == ORPHANED.as_raw() && !own_pids => return (libc::SIGKILL, false),
            other => forward(task, other),
        }
    }
}

/// The request is sent before the signal that ends the task, but of signals that wait together the lowest number is taken first: SIGCHLD.
fn was_asked_meanwhile() -> bool {
    // SAFETY: as in `block_signals`; a null pointer says that no details are wanted, and the time to wait is none.
    unsafe {
        let mut request = std::mem::zeroed();
        libc::sigemptyset(&raw mut request);
        libc::sigaddset(&raw mut request, asks_to_end());
        let no_time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        libc::sigtimedwait(&raw const request, std::ptr::null_mut(), &raw const no_time) == asks_to_end()
    }
}

/// A shell dies of the signal at once, while the service that it started still puts its things in order: whoever of the group was asked to end
/// may do so, until the agent loses its patience and kills.
fn linger(group: Pid) {
    while rustix::process::test_kill_process_group(group).is_ok() {
        wait_for_a_signal(LINGER_STEP);
        while wait(WaitOptions::NOHANG).is_ok_and(|found| found.is_some()) {}
    }
}

/// At most so long, since not everyone who may end is our child.
const LINGER_STEP: libc::timespec = libc::timespec { tv_sec: 0, tv_nsec: 20_000_000 };

fn wait_for_a_signal(limit: libc::timespec) {
    // SAFETY: as in `block_signals`; a null pointer says that no details are wanted.
    unsafe {
        let mut all = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::sigtimedwait(&raw const all, std::ptr::null_mut(), &raw const limit);
    }
}

fn next_signal() -> i32 {
    // SAFETY: as in `block_signals`; a null pointer says that no details are wanted.
    unsafe {
        let mut all = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::sigwaitinfo(&raw const all, std::ptr::null_mut())
    }
}

/// One SIGCHLD may stand for many children.
fn reap(task: Pid) -> Option<i32> {
    let mut ended = None;
    while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
        if pid == task {
            ended = Some(status.as_raw());
        }
    }
    ended
}

fn forward(task: Pid, signal: i32) {
    if signal > 0 {
        // SAFETY: numbers only. The task is our child and not reaped yet, so the pid is its own. One that has just ended needs no signal.
        unsafe { libc::kill(task.as_raw_nonzero().get(), signal) };
    }
}
