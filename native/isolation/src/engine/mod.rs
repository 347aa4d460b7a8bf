//! The agent's side of all containers: starts supervisors, listens to them, and does what blocks on threads of its own. One thread waits for every
//! socket, pidfd and eventfd together; what it sees is delivered in batches.

mod chores;
mod operations;
mod samples;
mod spawn;
mod watch;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use meseta_spec::{
    CONTROL_SOCKET, Cgroups, ControlRequest, DiskUsageRequest, FoundContainer, HostConfig, HostEvents, LaunchPlan, Message,
    Started,
};
use rustix::io::Errno;

use crate::{
    cgroup::Cgroup,
    failure::{Failure, Result, Step},
    process,
    remove_tree::remove_tree,
    runtime, socket,
    spares::Spares,
};

use chores::Chores;
pub use operations::Operation;
use operations::{Crew, Workers};
use samples::Samples;
use spawn::{Launcher, Newborn};
use watch::{Watched, Watcher};

/// Takes batches of events; called from the engine's threads.
pub type Deliver = Arc<dyn Fn(HostEvents) + Send + Sync>;

pub struct Engine {
    runtime: PathBuf,
    starter: Arc<Starter>,
    workers: Workers,
    chores: Arc<Chores>,
    samples: Arc<Samples>,
    patient: Workers,
    /// Set when it is closed: what takes long ends early.
    stopped: Arc<AtomicBool>,
}

/// What a start needs, on whatever thread it happens.
pub struct Starter {
    launcher: Arc<Launcher>,
    watcher: Watcher,
    spares: Arc<Spares>,
}

impl Engine {
    pub fn new(config: &HostConfig, deliver: Deliver) -> Result<Self> {
        let entrances = config.supervisor_entrances.iter().map(PathBuf::from).collect();
        let launcher = Arc::new(Launcher::load(Path::new(&config.launcher), entrances)?);
        let spares = Arc::new(Spares::default());
        let chores = Arc::new(Chores::new(launcher.clone(), spares.clone())?);
        let patient = Workers::new(Crew::Patient, chores.clone(), deliver.clone());
        let workers = Workers::new(Crew::Quick, chores.clone(), deliver.clone());
        let on_running = {
            let chores = chores.clone();
            move || chores.a_container_runs()
        };
        let starter = Arc::new(Starter { launcher, watcher: Watcher::new(deliver, on_running)?, spares });
        let runtime = PathBuf::from(&config.runtime_directory);
        Ok(Engine { runtime, starter, workers, chores, samples: Arc::default(), patient, stopped: Arc::default() })
    }

    /// Starts a container with a supervisor that was parked for it; `None` when there is none, and `Operation::Start` must do it the long way.
    pub fn start_parked(&self, plan: &[u8]) -> Option<Result<Started>> {
        let launcher = &self.starter.launcher;
        let started = launcher.take_parked().map(|newborn| self.starter.start(plan, |_| Ok(newborn)));
        if launcher.has_none_parked() {
            self.workers.begin_silently(Operation::Park { launcher: launcher.clone() });
        }
        started
    }

    pub fn starter(&self) -> Arc<Starter> {
        self.starter.clone()
    }

    pub fn samples(&self) -> Arc<Samples> {
        self.samples.clone()
    }

    /// What earlier agents of this boot have left.
    pub fn find(&self) -> Result<Vec<FoundContainer>> {
        runtime::find_all(&self.runtime)
    }

    /// Watches a container that was found. Its state follows as an event, and `gone` at once if its supervisor is no more.
    pub fn attach(&self, found: &FoundContainer) -> Result<u32> {
        let record = found.record.as_ref();
        let pidfd = record.and_then(|record| process::open(record.pid, record.start_time));
        let directory = PathBuf::from(&found.directory);
        let control = match &pidfd {
            // One that is about to end hangs up; its end is then seen by the pidfd.
            Some(_) => spawn::connect(&directory, CONTROL_SOCKET).ok(),
            None => None,
        };
        let cgroup = record.and_then(|record| record.cgroups.as_ref()).map(found_cgroup).transpose()?;
        self.starter.watcher.add(Watched::new(directory, control, pidfd, cgroup))
    }

    pub fn go(&self, handle: u32) -> Result<()> {
        self.command(handle, "let the task start", &ControlRequest { go: Some(true), ..Default::default() })
    }

    /// The result follows as an event.
    pub fn signal(&self, handle: u32, number: i32, to_group: bool) -> Result<()> {
        let request = ControlRequest { signal_task: Some(number), to_group: Some(to_group), ..Default::default() };
        self.command(handle, "signal the task", &request)
    }

    pub fn kill(&self, handle: u32) -> Result<()> {
        self.command(handle, "kill the container", &ControlRequest { kill_all: Some(true), ..Default::default() })
    }

    fn command(&self, handle: u32, step: &'static str, request: &ControlRequest) -> Result<()> {
        self.starter.watcher.with_socket(handle, |control| match control {
            Some(control) => socket::send_frame_after_others(control, request).step(step),
            None => Err(Errno::PIPE).step(step),
        })
    }

    /// Lets go of a container without touching it.
    pub fn release(&self, handle: u32) {
        self.starter.watcher.remove(handle);
    }

    /// Begins what may block; its completion follows as an event under `number`.
    pub fn begin(&self, number: u32, operation: Operation) {
        self.workers.begin(number, operation);
    }

    /// One measurement at a time; its completion follows as an event under `number`.
    pub fn measure_disk(&self, number: u32, request: DiskUsageRequest) {
        self.patient.begin(number, Operation::MeasureDisk { request, stop: self.stopped.clone() });
    }

    /// Completes an operation that could not even begin.
    pub fn refuse(&self, number: u32, failure: Failure) {
        self.workers.refuse(number, failure);
    }

    /// Containers run on, and operations that have begun are finished; nothing new begins. May be called twice.
    pub fn close(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.patient.close();
        self.workers.close();
        self.chores.close();
        self.starter.spares.close();
        self.starter.watcher.close();
        self.starter.launcher.close();
    }

    pub fn directory_of(&self, container: &str) -> PathBuf {
        self.runtime.join(container)
    }
}

impl Starter {
    /// Makes the runtime directory and gives a supervisor its plan, so that it sets the container up and waits for *go*. What fails leaves nothing behind.
    fn start(&self, plan_bytes: &[u8], newborn: impl FnOnce(&Launcher) -> Result<Newborn>) -> Result<Started> {
        let plan = LaunchPlan::decode(plan_bytes).map_err(|error| Failure::because("read the launch plan", error.to_string()))?;
        self.launcher.expect_more_like(&plan);
        let directory = PathBuf::from(&plan.runtime_directory);
        rustix::fs::mkdir(&directory, rustix::fs::Mode::from_raw_mode(0o700))
            .step_at("make the runtime directory", &directory)?;
        let started = newborn(&self.launcher).and_then(|newborn| self.hand_over(newborn, &directory, &plan, plan_bytes));
        if started.is_err() {
            // Empty, since no supervisor got a plan. If it stays all the same, recovery finds it.
            let _ = rustix::fs::rmdir(&directory);
        }
        started
    }

    /// The long way: with a supervisor that is started only now.
    pub fn start_anew(&self, plan: &[u8]) -> Result<Started> {
        self.start(plan, Launcher::spawn)
    }

    fn hand_over(&self, newborn: Newborn, directory: &Path, plan: &LaunchPlan, plan_bytes: &[u8]) -> Result<Started> {
        let Newborn { pid, pidfd, start_time, control } = newborn;
        let overlay = plan.root.as_ref().filter(|root| root.overlay()).and_then(|root| self.spares.take(root));
        spawn::send_plan(&control, plan_bytes, start_time, overlay.as_ref())
            .inspect_err(|_| overlay.iter().for_each(|_| remove_scratch(plan)))?;
        let cgroup = plan.cgroups.as_ref().map(Cgroup::resolve).transpose()?;
        let handle = self.watcher.add(Watched::new(directory.to_owned(), Some(control), Some(pidfd), cgroup))?;
        Ok(Started { handle, pid, start_time })
    }
}

/// In which an overlay was mounted that nobody got: another would be refused there.
fn remove_scratch(plan: &LaunchPlan) {
    if let Some(scratch) = plan.root.as_ref().and_then(|root| root.scratch.as_ref()) {
        // What stays is found by whoever recovers.
        let _ = remove_tree(Path::new(scratch));
    }
}

/// Of a container that an earlier agent started. Controllers that were taken away from it since, and its limits with them, are set again (row 9-055).
fn found_cgroup(plan: &Cgroups) -> Result<Cgroup> {
    let cgroup = Cgroup::resolve(plan)?;
    if cgroup.lacks_controllers() {
        let settings = |settings| cgroup.apply(settings, true);
        // What cannot be had back is missing; the container is held all the same.
        let _ = cgroup.create().and_then(|()| plan.settings.as_ref().map_or(Ok(()), settings));
    }
    Ok(cgroup)
}

/// A thread that panicked while it held a lock has not left anything half done that would matter: each entry is whole by itself.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Cgroups of the root path that no runtime directory owns: what a crash between making the one and the other has left, or a directory that somebody
/// removed by hand.
pub fn orphan_cgroups(plan: &Cgroups, owned: &[FoundContainer]) -> Vec<String> {
    let Ok(root) = Cgroup::resolve(plan) else { return Vec::new() };
    let mut names = root.children();
    names.retain(|name| !owned.iter().any(|found| found.container_id == *name));
    names
}
