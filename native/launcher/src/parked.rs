//! Init, forked before there is a plan: what is new about every container is then there when one comes. It waits at a socket for the plan, and for what it
//! would have inherited of its supervisor, and goes on as any init.

use std::{os::fd::OwnedFd, time::Duration};

use meseta_isolation::{
    failure::{Result, Step},
    loopback,
    namespace::{self, Forked},
    nursery::Manner,
    process,
    rootfs::Furniture,
    socket,
};
use meseta_spec::{Frames, LaunchPlan};
use rustix::{
    io::Errno,
    process::{Signal, chdir, set_parent_process_death_signal},
    stdio::dup2_stdin,
};

use crate::{
    birth, fault,
    init::{self, Ends},
    link, supervisor,
};

pub struct Parked {
    pid: i32,
    pidfd: OwnedFd,
    /// Ended without a plan, it leaves.
    socket: OwnedFd,
    /// That it has been born into.
    namespaces: u64,
}

impl Parked {
    /// `None`: there is nothing that it could have in advance. Why something cannot be made is told to the container that needs it.
    pub fn fork(manner: Manner) -> Option<Self> {
        if manner.namespaces == 0 {
            return None;
        }
        let (socket, theirs) = socket::pair().ok()?;
        // SAFETY: this program never starts a thread.
        match unsafe { namespace::fork(manner.namespaces) }.ok()? {
            Forked::Child => {
                drop(socket);
                wait(theirs, manner)
            }
            Forked::Parent { pid, pidfd } => Some(Parked { pid, pidfd, socket, namespaces: manner.namespaces }),
        }
    }

    /// What it has and the plan has no use for cannot be given back, and what it has mounted shows the namespaces that it is in. Somebody may have killed it.
    pub fn suits(&self, plan: &LaunchPlan) -> bool {
        let wanted = plan.namespaces.as_ref().map_or(0, namespace::flags_in_advance);
        self.namespaces == wanted && !process::wait_until_gone(&self.pidfd, Duration::ZERO)
    }

    pub fn bear(self, plan: &LaunchPlan, ends: Ends) -> Result<(i32, OwnedFd)> {
        link::hand_over(&self.socket, &ends.handles()).step(STEP)?;
        socket::send_whole_frame(&self.socket, plan).step(STEP)?;
        Ok((self.pid, self.pidfd))
    }

    /// Waits until it is gone.
    pub fn see_off(self) {
        drop(self.socket);
        birth::reap(&self.pidfd);
    }
}

const STEP: &str = "hand the plan to init";

fn wait(supervisor: OwnedFd, manner: Manner) -> ! {
    if detach().is_ok()
        && let Some((plan, ends)) = make_ready(&supervisor, manner)
    {
        drop(supervisor);
        match catch_up(&plan, manner) {
            Ok(()) => init::run(&plan, ends),
            Err(failure) => link::tell_failure(&ends.progress, &failure),
        }
    }
    init::leave()
}

/// A supervisor that died before this has closed its end of the socket.
fn detach() -> std::result::Result<(), Errno> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // The agent must see the end of the socket there when the supervisor ends. The number stays taken: what it is used for would be lost when the task gets its input.
    dup2_stdin(rustix::stdio::stdout())
}

fn make_ready(supervisor: &OwnedFd, manner: Manner) -> Option<(LaunchPlan, Ends)> {
    let has = |flag: libc::c_int| manner.namespaces & flag as u64 != 0;
    if has(libc::CLONE_NEWNET) {
        // Once more when there is a plan, and then it is told why it fails.
        let _ = loopback::bring_up();
    }
    let furniture = if manner.with_root { Furniture::make(has(libc::CLONE_NEWIPC)).ok() } else { None };
    let ends = Ends::of(link::wait_for_descriptors(supervisor)?, furniture)?;
    let plan = supervisor::receive_plan(supervisor, &mut Frames::default())?;
    Some((plan, ends))
}

/// With what a supervisor has done since it was forked, and init would have been born with.
fn catch_up(plan: &LaunchPlan, manner: Manner) -> Result<()> {
    fault::arm(plan.faults.clone());
    chdir(&plan.runtime_directory).step_at("enter", &plan.runtime_directory)?;
    let wanted = plan.namespaces.as_ref().map_or(0, namespace::birth_flags);
    // Among them the mount namespace: made earlier, it would not have what has been mounted since.
    namespace::unshare(wanted & !manner.namespaces).step("make namespaces")
}
