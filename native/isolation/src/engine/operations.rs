//! What may block: done by a few threads of our own, so that neither the event loop nor libuv's small pool is held (design §4.11).

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, PoisonError, atomic::AtomicBool},
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use meseta_spec::{
    CgroupSettings, Cgroups, DiskUsageRequest, HostCompletion, HostEvents, Message, NativeFailure, PerfEvents, ProjectRequest,
    Statistics,
};

use super::{Deliver, Starter, chores::Chores, locked, samples::Samples, spawn::Launcher};
use crate::{
    cgroup::Cgroup,
    destroy, discard,
    failure::{Failure, Result, Step},
    gpu, identity, priority, quota,
    remove_tree::remove_tree,
    usage,
};

pub enum Operation {
    /// Starts a container; the result is `Started`.
    Start {
        starter: Arc<Starter>,
        plan: Vec<u8>,
    },
    /// Starts supervisors in advance.
    Park {
        launcher: Arc<Launcher>,
    },
    /// Kills what is left and removes everything. `scratch` is only put out of the way until that is told, and then removed.
    Destroy {
        directory: PathBuf,
        scratch: Vec<PathBuf>,
        cgroups: Option<Cgroups>,
    },
    /// Kills what a lost supervisor has left, and waits until it is gone.
    Settle {
        directory: PathBuf,
        cgroups: Option<Cgroups>,
    },
    Update {
        cgroups: Cgroups,
        settings: Box<CgroupSettings>,
    },
    /// Begins to count perf events; the result is the number of the sample, as four bytes, little endian.
    CountEvents {
        samples: Arc<Samples>,
        cgroups: Cgroups,
        events: PerfEvents,
    },
    /// Ends a sample; the result is `Statistics` with its counters.
    EndCount {
        samples: Arc<Samples>,
        sample: u32,
    },
    /// From its cgroups, or without any from /proc.
    Statistics {
        directory: PathBuf,
        cgroups: Option<Cgroups>,
    },
    /// The result is empty when there is no such user.
    RemoveTree {
        path: PathBuf,
    },
    LookUpUser {
        name: String,
    },
    /// Of project quotas; the result is a `ProjectAnswer`.
    Project {
        request: ProjectRequest,
    },
    /// Asks the management library, which may take seconds.
    ListGpus {
        library: String,
    },
    /// May take minutes, so it is for the patient only.
    MeasureDisk {
        request: DiskUsageRequest,
        stop: Arc<AtomicBool>,
    },
}

/// Who does what.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Crew {
    /// What somebody waits for.
    Quick,
    /// What may take long: one after the other, behind everybody else's work.
    Patient,
}

impl Crew {
    fn threads(self) -> usize {
        if self == Crew::Quick { 4 } else { 1 }
    }
}

pub struct Workers {
    crew: Crew,
    queue: Arc<Queue>,
    started: Mutex<usize>,
    chores: Arc<Chores>,
    deliver: Deliver,
}

/// `None`: nobody waits for its completion.
type Job = (Option<u32>, Operation);

/// Jobs in the order in which they came. One that comes wakes one thread: of those that wait on a channel of the standard library behind a lock, each that
/// takes a job wakes the next to wait in its place.
#[derive(Default)]
struct Queue {
    jobs: Mutex<Jobs>,
    more: Condvar,
}

#[derive(Default)]
struct Jobs {
    waiting: VecDeque<Job>,
    closed: bool,
}

impl Queue {
    /// False: nothing new begins any more.
    fn push(&self, job: Job) -> bool {
        let mut jobs = locked(&self.jobs);
        if !jobs.closed {
            jobs.waiting.push_back(job);
            self.more.notify_one();
        }
        !jobs.closed
    }

    /// `None`: closed, and all is done.
    fn next(&self) -> Option<Job> {
        let idle = |jobs: &mut Jobs| jobs.waiting.is_empty() && !jobs.closed;
        let jobs = self.more.wait_while(locked(&self.jobs), idle);
        jobs.unwrap_or_else(PoisonError::into_inner).waiting.pop_front()
    }

    fn close(&self) {
        locked(&self.jobs).closed = true;
        self.more.notify_all();
    }
}

impl Workers {
    pub fn new(crew: Crew, chores: Arc<Chores>, deliver: Deliver) -> Self {
        Workers { crew, queue: Arc::default(), started: Mutex::new(0), chores, deliver }
    }

    pub fn begin(&self, number: u32, operation: Operation) {
        if !self.enqueue((Some(number), operation)) {
            self.refuse(number, Failure::because("begin the operation", "the host was closed"));
        }
    }

    /// For what may as well not be done.
    pub fn begin_silently(&self, operation: Operation) {
        self.enqueue((None, operation));
    }

    /// Threads are started with the first operations, and stay.
    fn enqueue(&self, job: Job) -> bool {
        let mut started = locked(&self.started);
        if *started < self.crew.threads() {
            let (crew, queue, chores, deliver) = (self.crew, self.queue.clone(), self.chores.clone(), self.deliver.clone());
            let work = move || work(crew, &queue, &chores, &deliver);
            let thread = thread::Builder::new().name("meseta-work".to_owned()).spawn(work);
            *started += usize::from(thread.is_ok());
        }
        *started > 0 && self.queue.push(job)
    }

    pub fn refuse(&self, number: u32, failure: Failure) {
        complete(&self.deliver, number, Err(failure));
    }

    /// What has begun is finished; the threads end by themselves.
    pub fn close(&self) {
        self.queue.close();
    }
}

fn work(crew: Crew, queue: &Queue, chores: &Chores, deliver: &Deliver) {
    if crew == Crew::Patient {
        priority::step_back();
    }
    while let Some((number, operation)) = queue.next() {
        let mut aside = Vec::new();
        let outcome = perform(operation, &mut aside);
        chores.remove(aside);
        if let Some(number) = number {
            complete(deliver, number, outcome);
        }
        chores.help();
    }
}

fn complete(deliver: &Deliver, operation: u32, outcome: Result<Vec<u8>>) {
    let (result, failure) = match outcome {
        Ok(bytes) => (Some(bytes), None),
        Err(failure) => (None, Some(NativeFailure { code: "OPERATION_FAILED".to_owned(), cause: failure.record() })),
    };
    deliver(HostEvents { events: Vec::new(), completions: vec![HostCompletion { operation, failure, result }] });
}

/// `aside` gets what may be removed when the outcome has been told.
fn perform(operation: Operation, aside: &mut Vec<PathBuf>) -> Result<Vec<u8>> {
    match operation {
        Operation::Start { starter, plan } => starter.start_anew(&plan).map(|started| started.encode_to_vec()),
        Operation::Park { launcher } => {
            launcher.park();
            Ok(Vec::new())
        }
        Operation::Destroy { directory, scratch, cgroups } => {
            destroy::destroy(&directory, cgroups.as_ref())?;
            for directory in &scratch {
                aside.extend(discard::put_aside(directory)?);
            }
            Ok(Vec::new())
        }
        Operation::Settle { directory, cgroups } => destroy::settle(&directory, cgroups.as_ref()).map(|()| Vec::new()),
        Operation::Update { cgroups, settings } => {
            Cgroup::resolve(&cgroups).and_then(|cgroup| cgroup.apply(&settings, false)).map(|()| Vec::new())
        }
        Operation::CountEvents { samples, cgroups, events } => {
            samples.begin(&cgroups, &events).map(|sample| sample.to_le_bytes().to_vec())
        }
        Operation::EndCount { samples, sample } => {
            let perf = samples.end(sample);
            Ok(Statistics { timestamp_ms: now_ms()?, perf, ..Default::default() }.encode_to_vec())
        }
        Operation::Statistics { directory, cgroups } => {
            statistics(&directory, cgroups.as_ref()).map(|statistics| statistics.encode_to_vec())
        }
        Operation::Project { request } => quota::project::perform(&request).map(|answer| answer.encode_to_vec()),
        Operation::ListGpus { library } => gpu::list(&library).map(|gpus| gpus.encode_to_vec()),
        Operation::MeasureDisk { request, stop } => quota::walk::measure(&request, &stop).map(|usage| usage.encode_to_vec()),
        Operation::RemoveTree { path } => remove_tree(&path).map(|()| Vec::new()),
        Operation::LookUpUser { name } => Ok(identity::look_up(&name).map(|user| user.encode_to_vec()).unwrap_or_default()),
    }
}

fn statistics(directory: &Path, plan: Option<&Cgroups>) -> Result<Statistics> {
    let timestamp_ms = now_ms()?;
    let Some(plan) = plan else { return Ok(usage::of_container(directory, timestamp_ms)) };
    let mut statistics = Cgroup::resolve(plan)?.statistics(timestamp_ms);
    let counted =
        plan.settings.as_ref().and_then(|settings| settings.memory.as_ref()).is_some_and(|memory| memory.count_pressure());
    if let (true, Some(memory)) = (counted, &mut statistics.memory) {
        usage::add_pressure(directory, memory);
    }
    Ok(statistics)
}

fn now_ms() -> Result<u64> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(std::io::Error::other).step("read the clock")?;
    Ok(now.as_millis() as u64)
}
