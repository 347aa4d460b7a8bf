//! The process that becomes the user's program.

use std::os::fd::{AsFd, OwnedFd};

use meseta_isolation::{
    cgroup,
    container::{
        privileges,
        program::{self, Program},
    },
    descriptors,
    failure::{Result, Step},
    namespace, priority,
    terminal::Pair,
};
use meseta_spec::LaunchPlan;
use rustix::{
    io::Errno,
    process::{Signal, set_parent_process_death_signal, setsid},
    stdio::{dup2_stderr, dup2_stdin, dup2_stdout},
};

use crate::{fault, init::Ends, link, nursery, stdio::Stdio};

/// What it has from init.
#[derive(Clone, Copy)]
pub struct Inherited {
    /// In a pid namespace of the container's own.
    pub own_pids: bool,
    /// In the container's cgroup of the v2 tree, which it need not join then.
    pub in_cgroup: bool,
}

pub fn run(plan: &LaunchPlan, ends: &Ends, terminal: Option<&Pair>, inherited: Inherited) -> ! {
    if let Err(failure) = become_task(plan, ends, terminal, inherited) {
        link::tell_failure(&ends.link.progress, &failure);
    }
    // SAFETY: ends this process at once; nothing of init, of which it is a copy, may be run or flushed a second time.
    unsafe { libc::_exit(127) }
}

/// Returns only when something failed, or when *go* will never come.
fn become_task(plan: &LaunchPlan, ends: &Ends, terminal: Option<&Pair>, inherited: Inherited) -> Result<()> {
    setsid().step("start a session")?;
    let Some((stdio, entrances)) = link::wait_for_hand_in(&ends.link.go) else { return Ok(()) };
    priority::wait_in_line()?;
    join_cgroups(plan, entrances, inherited.in_cgroup)?;
    terminal.map_or_else(|| take(&stdio), Pair::take)?;
    privileges::limit(plan)?;
    if !inherited.own_pids {
        // After the change of user, which would undo it.
        set_parent_process_death_signal(Some(Signal::KILL)).step("bind to init")?;
    }
    program::enter_directory(&plan.process.working_directory)?;
    let program = Program::of(&plan.process)?;
    program::reset_signals(nursery::IGNORED.into_iter());
    if !link::wait_for_go(&ends.link.go) {
        return Ok(());
    }
    fault::point("task.after-go")?;
    // All but stdio is closed by exec; what should not have been open at all is closed too.
    descriptors::close_from_on_exec(3).step("close what is not ours")?;
    Err(program.execute())
}

fn join_cgroups(plan: &LaunchPlan, entrances: Vec<OwnedFd>, born_in_v2: bool) -> Result<()> {
    fault::point("task.before-cgroups")?;
    cgroup::join(&entrances, born_in_v2)?;
    drop(entrances);
    fault::point("task.after-cgroups")?;
    // From inside: the cgroup that it is in becomes the root that it sees.
    if plan.namespaces.as_ref().is_some_and(|namespaces| namespaces.cgroup()) {
        namespace::enter_cgroup_namespace().step("make the cgroup namespace")?;
    }
    Ok(())
}

fn take(stdio: &Stdio) -> Result<()> {
    let connect = || -> std::result::Result<(), Errno> {
        dup2_stdin(stdio.input.as_fd())?;
        dup2_stdout(stdio.output.as_fd())?;
        dup2_stderr(stdio.errors.as_fd())
    };
    connect().step("connect the output")
}
