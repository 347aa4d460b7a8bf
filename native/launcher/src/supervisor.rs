//! The supervisor: outside of everything it supervises, in a session of its own, so that it lives on when the agent dies (design §4.5, §6).

use std::{
    os::fd::{AsFd, FromRawFd, OwnedFd},
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use meseta_isolation::{
    cgroup::Cgroup,
    descriptors, destroy,
    durable::write_atomically,
    failure::{Result, Step},
    namespace::{self, Forked},
    process, procfs, socket,
};
use meseta_spec::{
    ControlEvent, ControlRequest, ExitStatus, Frames, LaunchPlan, Message, PROTOCOL_VERSION, RECORD_FILE, STATUS_FILE,
    StepFailure, SupervisorPhase, SupervisorRecord, SupervisorState,
};
use rustix::{
    event::{PollFd, PollFlags, poll},
    fs::CWD,
    io::Errno,
    process::{WaitId, WaitIdOptions, chdir, setsid, waitid},
};

use crate::{
    connections::{Connections, Heeded, Origin},
    fault,
    init::{self, Ends},
    link::{self, Go, News, Progress, Report},
    stdio::Stdio,
};

pub fn run() {
    // SAFETY: whoever executed us put the socket to the agent there; nobody else in this fresh program owns it.
    let birth = unsafe { OwnedFd::from_raw_fd(0) };
    // Whatever else is open belongs to the agent.
    if descriptors::close_from(3).is_err() {
        return;
    }
    leave_the_agents_session();
    process::name_self("meseta-superv");
    let mut frames = Frames::default();
    let Some(plan) = receive_plan(&birth, &mut frames) else { return };
    fault::arm(plan.faults.clone());
    if let Some(mut supervisor) = Supervisor::new(plan, birth, frames) {
        supervisor.supervise();
    }
}

/// Neither a terminal nor the agent's process group reaches us; what is meant for the agent must not end its containers.
fn leave_the_agents_session() {
    // Fails only for who leads a session already.
    let _ = setsid();
    // The agent's working directory is not ours to hold.
    let _ = chdir("/");
    for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM, libc::SIGPIPE] {
        // SAFETY: ignoring a signal runs no code of ours.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
}

/// `None`: the agent left without a plan.
fn receive_plan(birth: &OwnedFd, frames: &mut Frames) -> Option<LaunchPlan> {
    loop {
        match frames.take() {
            Ok(Some(plan)) => return Some(plan),
            Ok(None) => {}
            Err(_) => return None,
        }
        wait_for(&mut [PollFd::new(birth, PollFlags::IN)]);
        if matches!(socket::hear(birth, frames), socket::Heard::End) {
            return None;
        }
    }
}

fn wait_for(descriptors: &mut [PollFd<'_>]) {
    while poll(descriptors, None) == Err(Errno::INTR) {}
}

struct Supervisor {
    plan: LaunchPlan,
    connections: Connections,
    state: SupervisorState,
    cgroup: Option<Cgroup>,
    container: Option<Container>,
    /// The first step that failed: the reason; what follows from it is not.
    failure: Option<StepFailure>,
    went: bool,
}

/// From the birth of init to its end.
struct Container {
    init: OwnedFd,
    /// `None` once the task has been executed, or will never be.
    progress: Option<OwnedFd>,
    go: Option<OwnedFd>,
    report: OwnedFd,
    task: Option<OwnedFd>,
}

impl Supervisor {
    /// `None`: not even listening was possible, which the agent sees by our end.
    fn new(plan: LaunchPlan, birth: OwnedFd, frames: Frames) -> Option<Self> {
        chdir(&plan.runtime_directory).ok()?;
        let connections = Connections::new(birth, frames).ok()?;
        let state = SupervisorState {
            phase: SupervisorPhase::SettingUp as i32,
            version: PROTOCOL_VERSION,
            init_pid: None,
            task_pid: None,
            exit: None,
        };
        Some(Supervisor { plan, connections, state, cgroup: None, container: None, failure: None, went: false })
    }

    fn supervise(&mut self) {
        if let Err(failure) = self.set_up() {
            // An agent that died meanwhile needs no reason, but a clean host.
            return if self.connections.heed().birth_ended { self.vanish() } else { self.end(None, Some(failure.record())) };
        }
        while self.state.phase != SupervisorPhase::Ended as i32 {
            self.round();
        }
    }

    /// The outside half of a start. What it makes is named by the plan, so that whoever comes after a crash finds it.
    fn set_up(&mut self) -> Result<()> {
        fault::point("supervisor.before-record")?;
        self.write_record()?;
        fault::point("supervisor.after-record")?;
        let entrances = self.make_cgroup()?;
        let stdio = Stdio::open(&self.plan.process)?;
        if self.posix() {
            rustix::process::set_child_subreaper(Some(rustix::process::getpid())).step("adopt orphans")?;
        }
        let (progress, go, report) = (Progress::new()?, Go::new()?, Report::new()?);
        let flags = self.plan.namespaces.as_ref().map_or(Ok(0), namespace::birth_flags)?;
        // SAFETY: this program never starts a thread.
        match unsafe { namespace::fork(flags) }.step("make namespaces")? {
            Forked::Child => {
                let ends = Ends { progress: progress.inside, go: go.task, report: report.init, stdio, entrances };
                init::run(&self.plan, ends)
            }
            Forked::Parent { pid, pidfd } => {
                self.state.init_pid = Some(pid);
                self.container = Some(Container {
                    init: pidfd,
                    progress: Some(progress.supervisor),
                    go: Some(go.supervisor),
                    report: report.supervisor,
                    task: None,
                });
                Ok(())
            }
        }
    }

    fn own_pids(&self) -> bool {
        self.plan.namespaces.as_ref().is_some_and(|namespaces| namespaces.pid())
    }

    fn posix(&self) -> bool {
        self.plan.namespaces.is_none() && self.plan.cgroups.is_none()
    }

    fn write_record(&self) -> Result<()> {
        let pid = rustix::process::getpid().as_raw_nonzero().get();
        let record = SupervisorRecord {
            version: PROTOCOL_VERSION,
            container_id: self.plan.container_id.clone(),
            pid,
            start_time: procfs::start_time(pid).unwrap_or(0),
            cgroups: self.plan.cgroups.clone(),
            pid_namespace: self.plan.namespaces.as_ref().map(|namespaces| namespaces.pid()),
            posix: Some(self.posix()),
        };
        write_atomically(CWD, RECORD_FILE, &record.encode_to_vec()).step_at("write", RECORD_FILE)
    }

    fn make_cgroup(&mut self) -> Result<Vec<OwnedFd>> {
        let Some(plan) = &self.plan.cgroups else { return Ok(Vec::new()) };
        let cgroup = Cgroup::resolve(plan)?;
        cgroup.create()?;
        if let Some(settings) = &plan.settings {
            cgroup.apply(settings, true)?;
        }
        let entrances = cgroup.entrances();
        self.cgroup = Some(cgroup);
        entrances
    }

    /// Waits until something happens, and lets it happen.
    fn round(&mut self) {
        let (accept, progressed, ended) = self.wait();
        if accept {
            self.connections.accept(&self.state);
        }
        if progressed {
            self.progress();
        }
        // Before its end is judged: a *kill* or *go* that came first counts first.
        let heeded = self.connections.heed();
        self.obey(heeded);
        if ended {
            self.init_ended();
        }
    }

    fn wait(&self) -> (bool, bool, bool) {
        let mut waited: Vec<PollFd<'_>> = vec![PollFd::new(self.connections.listener(), PollFlags::IN)];
        let container = self.container.as_ref();
        let init = container.map(|container| PollFd::new(&container.init, PollFlags::IN));
        let has_init = init.is_some();
        waited.extend(init);
        let progress = container.and_then(|container| container.progress.as_ref());
        let has_progress = progress.is_some();
        waited.extend(progress.map(|fd| PollFd::new(fd, PollFlags::IN)));
        waited.extend(self.connections.sockets().map(|fd| PollFd::new(fd, PollFlags::IN)));
        wait_for(&mut waited);
        let happened = |index: usize| !waited[index].revents().is_empty();
        (happened(0), has_progress && happened(1 + usize::from(has_init)), has_init && happened(1))
    }

    fn progress(&mut self) {
        let Some(container) = &mut self.container else { return };
        let Some(progress) = &container.progress else { return };
        match link::next_news(progress) {
            News::Ready { task_pid } => self.ready(task_pid),
            News::Failed(failure) => self.fail(failure),
            News::End => {
                container.progress = None;
                // Before *go* and after a failure, an end of file only means that init is on its way out.
                if self.went && self.failure.is_none() {
                    self.change(SupervisorPhase::Running);
                }
            }
        }
    }

    fn ready(&mut self, task_pid: i32) {
        let adjusted = self.adjust_oom_score(task_pid);
        let handle = rustix::process::Pid::from_raw(task_pid)
            .ok_or(Errno::SRCH)
            .and_then(|pid| rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()))
            .step("hold the task");
        match (adjusted.and(handle), &mut self.container) {
            (Ok(handle), Some(container)) => {
                container.task = Some(handle);
                self.state.task_pid = Some(task_pid);
                // Told to who asks, but not worth waking an agent for: it has nothing to do about it.
                self.state.phase = SupervisorPhase::Ready as i32;
                self.let_go();
            }
            (Err(failure), _) => self.fail(failure.record()),
            (Ok(_), None) => {}
        }
    }

    /// From here, where /proc is the real one (S17).
    fn adjust_oom_score(&self, task_pid: i32) -> Result<()> {
        let Some(score) = self.plan.process.oom_score_adjustment else { return Ok(()) };
        let path = format!("/proc/{task_pid}/oom_score_adj");
        std::fs::write(&path, score.to_string()).step_at("set", &path)
    }

    fn fail(&mut self, failure: StepFailure) {
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
        if request.go() && origin == Origin::Birth {
            self.went = true;
            self.let_go();
        }
        if let Some(number) = request.signal_task {
            let result = self.signal_task(number, request.to_group()).err().map_or(0, |errno| errno.raw_os_error());
            self.connections.answer(origin, &ControlEvent { state: None, signal_result: Some(result) });
        }
        if request.kill_all() {
            self.kill_all();
        }
    }

    /// Once the task is ready and *go* has come, in whatever order.
    fn let_go(&mut self) {
        let Some(container) = &mut self.container else { return };
        if self.went
            && container.task.is_some()
            && let Some(go) = container.go.take()
        {
            // A task that has just been killed needs no go.
            let _ = rustix::io::write(go, &[1]);
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

    /// The agent died before *go*: nobody knows this container, so nothing of it may stay.
    fn vanish(&mut self) {
        if let Some(container) = self.container.take() {
            let _ = process::signal(&container.init, libc::SIGKILL);
            reap(&container.init);
        }
        let _ = chdir("/");
        // Whoever recovers finds by name what could not be removed.
        let _ = destroy::remove_remains(Path::new(&self.plan.runtime_directory), self.plan.cgroups.as_ref());
        self.state.phase = SupervisorPhase::Ended as i32;
    }

    fn init_ended(&mut self) {
        let Some(container) = self.container.take() else { return };
        // What init or the task still had to say comes before how they ended.
        if let Some(progress) = &container.progress
            && let News::Failed(failure) = link::next_news(progress)
        {
            self.failure.get_or_insert(failure);
        }
        let told = link::told_status(&container.report);
        reap(&container.init);
        if self.posix() {
            process::kill_descendants(rustix::process::getpid().as_raw_nonzero().get(), std::time::Duration::from_secs(10));
        } else if let (false, Some(cgroup)) = (self.own_pids(), &self.cgroup) {
            // Without a pid namespace, whose end is the end of all in it, there may be more than init could see. Who cannot be killed is left to the
            // agent's destroy.
            let _ = destroy::empty(cgroup);
        }
        let failure = self.failure.take();
        self.end(Some(told.unwrap_or(libc::SIGKILL)), failure);
    }

    /// On disk first, then to whoever listens (design §6).
    fn end(&mut self, wait_status: Option<i32>, failure: Option<StepFailure>) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        let exit = ExitStatus {
            wait_status: if failure.is_some() { None } else { wait_status },
            failure,
            finished_at_ms: now,
            oom_kills: self.cgroup.as_ref().and_then(Cgroup::oom_kills),
        };
        // Errors of a fault point have nowhere to go here; the others act by themselves.
        let _ = fault::point("supervisor.before-status");
        // Without a status the agent reports the container as lost, which is the best that can then be said.
        let _ = write_atomically(CWD, STATUS_FILE, &exit.encode_to_vec());
        let _ = fault::point("supervisor.after-status");
        self.state.exit = Some(exit);
        self.change(SupervisorPhase::Ended);
    }

    fn change(&mut self, phase: SupervisorPhase) {
        self.state.phase = phase as i32;
        self.connections.broadcast(&self.state);
    }
}

fn reap(child: &OwnedFd) {
    while waitid(WaitId::PidFd(child.as_fd()), WaitIdOptions::EXITED).err() == Some(Errno::INTR) {}
}
