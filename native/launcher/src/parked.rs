//! Init, forked before there is a plan: what is new about every container is then there when one comes. It hears the plan when its supervisor does. If the
//! plan is for the namespaces that it has, it goes on as any init; if not, both see that, it leaves, and the supervisor forks another.

use std::os::fd::{AsFd, OwnedFd};

use meseta_isolation::{
    container::prepared::Prepared,
    failure::{Result, Step},
    namespace::{self, Forked},
    nursery::Manner,
    socket,
};
use meseta_spec::{Frames, LaunchPlan};
use rustix::process::{Signal, chdir, set_parent_process_death_signal};

use crate::{
    birth, fault,
    init::{self, Ends},
    link::{self, Outside},
    supervisor,
};

pub struct Parked {
    pub pid: i32,
    pub pidfd: OwnedFd,
    pub link: Outside,
    /// Ended without a plan, it leaves.
    socket: OwnedFd,
    /// That it has been born into.
    namespaces: u64,
    /// That it has been sent all there was to send, so far.
    told: bool,
}

impl Parked {
    /// `None`: there is nothing that it could have in advance. Why something cannot be made is told to the container that needs it.
    pub fn fork(manner: Manner) -> Option<Self> {
        if manner.namespaces == 0 {
            return None;
        }
        let (socket, theirs) = socket::pair().ok()?;
        let (link, inside) = link::make().ok()?;
        // SAFETY: this program never starts a thread.
        match unsafe { namespace::fork(manner.namespaces) }.ok()? {
            Forked::Child => {
                drop((socket, link));
                wait(&theirs, inside, manner)
            }
            Forked::Parent { pid, pidfd } => Some(Parked { pid, pidfd, link, socket, namespaces: manner.namespaces, told: true }),
        }
    }

    /// A piece of the plan.
    pub fn tell(&mut self, bytes: &[u8], overlay: Option<&OwnedFd>) {
        self.told &= socket::send_all(&self.socket, bytes, overlay.map(AsFd::as_fd)).is_ok();
    }

    /// Whether it is this plan's init. One that somebody had killed could not be told of it. Who was told and is gone has failed with it, and said why: another
    /// would find the overlay used up.
    pub fn suits(&self, plan: &LaunchPlan) -> bool {
        self.told && suits(self.namespaces, plan)
    }

    /// Waits until it is gone.
    pub fn see_off(self) {
        drop((self.socket, self.link));
        birth::reap(&self.pidfd);
    }
}

/// What it has and the plan has no use for cannot be given back, and what it has made to mount shows the namespaces that it is in.
fn suits(namespaces: u64, plan: &LaunchPlan) -> bool {
    plan.namespaces.as_ref().map_or(0, namespace::flags_in_advance) == namespaces
}

const STEP: &str = "wait for a plan";

fn wait(supervisor: &OwnedFd, link: link::Inside, manner: Manner) -> ! {
    // A supervisor that died before this has closed its end of the socket.
    let bound = set_parent_process_death_signal(Some(Signal::KILL)).and_then(|()| init::let_go_of_the_agent());
    let prepared = Prepared::make(manner.namespaces, manner.with_root);
    // Who is told the plan says what goes wrong, even if that was before.
    match supervisor::receive_plan(supervisor, &mut Frames::default(), |_, _| ()) {
        Some((plan, root)) if suits(manner.namespaces, &plan) => match bound.step(STEP).and_then(|()| catch_up(&plan, manner)) {
            Ok(()) => init::run(&plan, Ends { link, entries: Vec::new(), prepared: Prepared { root, ..prepared } }),
            Err(failure) => link::tell_failure(&link.progress, &failure),
        },
        _ => {}
    }
    init::leave()
}

/// With what a supervisor that forks init for a plan has done before.
fn catch_up(plan: &LaunchPlan, manner: Manner) -> Result<()> {
    fault::arm(plan.faults.clone());
    chdir(&plan.runtime_directory).step_at("enter", &plan.runtime_directory)?;
    let wanted = plan.namespaces.as_ref().map_or(0, namespace::birth_flags);
    // Among them the mount namespace: made earlier, it would not have what has been mounted since.
    namespace::unshare(wanted & !manner.namespaces).step("make namespaces")
}
