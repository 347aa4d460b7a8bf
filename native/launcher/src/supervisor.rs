//! The supervisor: outside of everything it supervises, in a session of its own, so that it lives on when the agent dies (design §4.5, §6).

use std::{
    os::fd::{FromRawFd, OwnedFd},
    time::Duration,
};

use meseta_isolation::{
    cgroup::Cgroup, descriptors, failure::Result, nursery::Manner, oom_score, process, procfs, relay::Relay, socket,
};
use meseta_spec::{
    ControlEvent, ControlRequest, Frames, LaunchPlan, PRESSURE_COUNTERS, PROTOCOL_VERSION, StepFailure, SupervisorPhase,
    SupervisorState,
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::chdir,
};

use crate::{
    connections::{BIRTH, Connections, Heeded, Origin},
    fault, init,
    link::{self, News},
    parked::Parked,
};

/// With the socket to the agent as descriptor 0, /dev/null as 1 and 2, and nothing else. `oom_score` is what was inherited from the agent.
pub fn run(oom_score: i32, manner: Manner) {
    // SAFETY: the nursery put it there for us; nobody else in this process owns it.
    let birth = unsafe { OwnedFd::from_raw_fd(0) };
    process::name_self("meseta-superv");
    let mut parked = Parked::fork(manner);
    let mut frames = Frames::default();
    let pass_on = |bytes: &[u8], overlay: Option<&OwnedFd>| parked.iter_mut().for_each(|parked| parked.tell(bytes, overlay));
    let Some((plan, overlay)) = receive_plan(&birth, &mut frames, pass_on) else {
        if let Some(parked) = parked {
            parked.see_off();
        }
        return;
    };
    fault::arm(plan.faults.clone());
    if let Some(mut supervisor) = Supervisor::new(plan, birth, frames, oom_score) {
        supervisor.parked = parked;
        supervisor.overlay = overlay;
        supervisor.supervise();
    }
}

/// With the overlay of its root, if that is there. `None`: who has it left without saying. `heard` is told what comes, as it comes.
pub fn receive_plan(
    from: &OwnedFd,
    frames: &mut Frames,
    mut heard: impl FnMut(&[u8], Option<&OwnedFd>),
) -> Option<(LaunchPlan, Option<OwnedFd>)> {
    let mut overlay = None;
    loop {
        match frames.take() {
            Ok(Some(plan)) => return Some((plan, overlay)),
            Ok(None) => {}
            Err(_) => return None,
        }
        socket::hear_handed(from, |bytes, handed| {
            heard(bytes, handed.as_ref());
            frames.push(bytes);
            overlay = overlay.take().or(handed);
        })?;
    }
}

/// Its place, if there is anything to wait for.
fn also<'a>(waited: &mut Vec<PollFd<'a>>, descriptor: Option<&'a OwnedFd>, flags: PollFlags) -> Option<usize> {
    descriptor.map(|descriptor| {
        waited.push(PollFd::new(descriptor, flags));
        waited.len() - 1
    })
}

fn wait_for(descriptors: &mut [PollFd<'_>], limit: Option<Duration>) {
    // A little later than asked, so that the time is over when it says so.
    let limit = limit.map(|limit| limit + Duration::from_millis(1));
    let limit = limit.map(|limit| Timespec { tv_sec: limit.as_secs() as i64, tv_nsec: i64::from(limit.subsec_nanos()) });
    while poll(descriptors, limit.as_ref()) == Err(Errno::INTR) {}
}

/// How long a watcher may take for what was written last.
const PATIENCE: Duration = Duration::from_secs(5);

/// Of what `wait` waits for, that which is not looked at in every round.
struct Woken {
    listener: bool,
    init: bool,
    progress: bool,
}

pub struct Supervisor {
    pub plan: LaunchPlan,
    pub connections: Connections,
    pub state: SupervisorState,
    pub cgroup: Option<Cgroup>,
    pub container: Option<Container>,
    /// For those who attach; without it the task writes straight into its files.
    pub relay: Option<Relay>,
    /// The first step that failed: the reason; what follows from it is not.
    pub failure: Option<StepFailure>,
    /// Forked in advance: init, if the plan is of the expected kind.
    pub parked: Option<Parked>,
    /// That the root is to be; until init has it.
    pub overlay: Option<OwnedFd>,
    /// Adjustment that this process and, so far, the task have.
    oom_score: i32,
    went: bool,
}

/// From the birth of init to its end.
pub struct Container {
    pub init: OwnedFd,
    /// `None` once the task has been executed, or will never be.
    pub progress: Option<OwnedFd>,
    pub go: Option<OwnedFd>,
    pub report: OwnedFd,
    pub task: Option<OwnedFd>,
}

impl Supervisor {
    /// `None`: not even listening was possible, which the agent sees by our end.
    fn new(plan: LaunchPlan, birth: OwnedFd, frames: Frames, oom_score: i32) -> Option<Self> {
        chdir(&plan.runtime_directory).ok()?;
        let connections = Connections::new(birth, frames).ok()?;
        let state = SupervisorState {
            phase: SupervisorPhase::SettingUp as i32,
            version: PROTOCOL_VERSION,
            init_pid: None,
            task_pid: None,
            exit: None,
        };
        Some(Supervisor {
            plan,
            connections,
            state,
            cgroup: None,
            container: None,
            relay: None,
            failure: None,
            parked: None,
            overlay: None,
            oom_score,
            went: false,
        })
    }

    fn supervise(&mut self) {
        if let Err(failure) = self.set_up() {
            // An agent that died meanwhile needs no reason, but a clean host.
            match (self.connections.heed(false).birth_ended, &self.container) {
                (true, _) => return self.vanish(),
                (false, None) => return self.end(None, Some(failure.record())),
                (false, Some(_)) => self.fail(failure.record()),
            }
        }
        while self.state.phase != SupervisorPhase::Ended as i32 {
            self.round();
        }
        self.connections.see_off(PATIENCE);
    }

    /// Waits until something happens, and lets it happen.
    fn round(&mut self) {
        let woken = self.wait();
        if woken.listener {
            self.connections.accept(&self.state);
        }
        if woken.progress {
            self.progress();
        }
        self.pass_on();
        // Before its end is judged: a *kill* or *go* that came first counts first.
        let full = self.relay.as_ref().is_some_and(Relay::is_full);
        let heeded = self.connections.heed(full);
        self.obey(heeded);
        if woken.init {
            self.init_ended();
        }
    }

    fn wait(&self) -> Woken {
        let full = self.relay.as_ref().is_some_and(Relay::is_full);
        let mut waited: Vec<PollFd<'_>> = self.connections.waits(full).collect();
        let container = self.container.as_ref();
        let init = also(&mut waited, container.map(|container| &container.init), PollFlags::IN);
        let progress = also(&mut waited, container.and_then(|container| container.progress.as_ref()), PollFlags::IN);
        let held_up = self.connections.holds_up_output();
        if let Some(relay) = &self.relay {
            waited.extend(relay.outputs().filter(|_| held_up.is_none()).map(|output| PollFd::new(output, PollFlags::IN)));
            also(&mut waited, relay.thirsty(), PollFlags::OUT);
        }
        wait_for(&mut waited, held_up);
        let happened = |index: Option<usize>| index.is_some_and(|index| !waited[index].revents().is_empty());
        Woken { listener: happened(Some(0)), init: happened(init), progress: happened(progress) }
    }

    fn progress(&mut self) {
        let Some(container) = &mut self.container else { return };
        let Some(progress) = &container.progress else { return };
        match link::next_news(progress) {
            News::Born { task } => self.ready(task),
            News::Failed(failure) => self.fail(failure),
            News::Terminal(master) => self.take_terminal(master),
            News::End => {
                container.progress = None;
                // Before *go* and after a failure, an end of file only means that init is on its way out.
                if self.went && self.failure.is_none() {
                    self.change(SupervisorPhase::Running);
                    self.count_pressure();
                }
            }
        }
    }

    fn ready(&mut self, task: OwnedFd) {
        // One that is gone already has said why, or its end will.
        let Some(task_pid) = procfs::pid_of(&task) else { return };
        match (self.adjust_oom_score(task_pid), &mut self.container) {
            (Ok(()), Some(container)) => {
                container.task = Some(task);
                self.state.task_pid = Some(task_pid);
                // Told to who asks, but not worth waking an agent for: it has nothing to do about it.
                self.state.phase = SupervisorPhase::Ready as i32;
                self.let_go();
            }
            (Err(failure), _) => self.fail(failure.record()),
            (Ok(()), None) => {}
        }
    }

    /// An agent is often protected; a task that inherited this could not be killed when the memory of its own cgroup runs out.
    fn adjust_oom_score(&self, task_pid: i32) -> Result<()> {
        oom_score::adjust(task_pid, self.plan.process.oom_score_adjustment.unwrap_or(0), self.oom_score)
    }

    pub fn fail(&mut self, failure: StepFailure) {
        self.failure.get_or_insert(failure);
        self.kill_all();
    }

    fn obey(&mut self, heeded: Heeded) {
        for (origin, request) in heeded.requests {
            self.obey_one(origin, &request);
        }
        if heeded.birth_ended && !self.went {
            self.vanish();
        }
    }

    fn obey_one(&mut self, origin: Origin, request: &ControlRequest) {
        if request.go() && origin == BIRTH {
            self.went = true;
            self.let_go();
        }
        if let Some(number) = request.signal_task {
            let result = self.signal_task(number, request.to_group()).err().map_or(0, |errno| errno.raw_os_error());
            self.connections.answer(origin, &ControlEvent { signal_result: Some(result), ..Default::default() });
        }
        if request.kill_all() {
            self.kill_all();
        }
        self.attach(origin, request);
    }

    /// Once the task is ready and *go* has come, in whatever order.
    fn let_go(&mut self) {
        let Some(container) = &mut self.container else { return };
        if self.went
            && container.task.is_some()
            && let Some(go) = container.go.take()
        {
            link::let_go(go);
        }
    }

    fn signal_task(&self, number: i32, to_group: bool) -> std::result::Result<(), Errno> {
        let task = self.container.as_ref().and_then(|container| container.task.as_ref()).ok_or(Errno::SRCH)?;
        match (self.state.task_pid, &self.container) {
            (Some(leader), Some(container)) if to_group => {
                process::signal(&container.init, init::asks_to_end())?;
                process::signal_group(task, leader, number)
            }
            _ => process::signal(task, number),
        }
    }

    /// The task first, so that init can say truthfully how it ended; then init and its pid namespace go by themselves. Before there is a task, and after it, init goes.
    fn kill_all(&self) {
        let Some(container) = &self.container else { return };
        if let Some(cgroup) = &self.cgroup {
            cgroup.thaw();
        }
        // With its group, for which init may be waiting; a session leader cannot leave it.
        let task_goes = match (&container.task, self.state.task_pid) {
            (Some(task), Some(leader)) => process::signal_group(task, leader, libc::SIGKILL).is_ok(),
            _ => false,
        };
        if !task_goes {
            // Gone already is what we want.
            let _ = process::signal(&container.init, libc::SIGKILL);
        }
    }

    /// Once there is nothing to wait for any more. Without them the container runs just as well.
    fn count_pressure(&self) {
        let wanted = self.plan.cgroups.as_ref().and_then(|plan| plan.settings.as_ref()?.memory.as_ref());
        if !wanted.is_some_and(|memory| memory.count_pressure()) {
            return;
        }
        let Some(Ok(Some(counters))) = self.cgroup.as_ref().map(Cgroup::count_pressure) else { return };
        for (counter, number) in counters.iter().zip(PRESSURE_COUNTERS) {
            // Held to our end under a number that agents know.
            let _ = descriptors::duplicate_to(counter, number);
        }
    }

    pub fn own_pids(&self) -> bool {
        self.plan.namespaces.as_ref().is_some_and(|namespaces| namespaces.pid())
    }

    pub fn posix(&self) -> bool {
        self.plan.namespaces.is_none() && self.plan.cgroups.is_none()
    }

    pub fn change(&mut self, phase: SupervisorPhase) {
        self.state.phase = phase as i32;
        self.connections.broadcast(&self.state);
    }
}
