//! What may block: done by a few threads of our own, so that neither the event loop nor libuv's small pool is held (design §4.11).

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, mpsc},
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use meseta_spec::{CgroupSettings, Cgroups, HostCompletion, HostEvents, Message, NativeFailure, Statistics};

use super::{Deliver, locked};
use crate::{
    cgroup::Cgroup,
    destroy,
    failure::{Failure, Result, Step},
    identity, usage,
};

pub enum Operation {
    /// Kills what is left and removes everything.
    Destroy {
        directory: PathBuf,
        cgroups: Option<Cgroups>,
    },
    /// Kills what a lost supervisor has left, and waits until it is gone.
    Settle {
        directory: PathBuf,
        cgroups: Option<Cgroups>,
    },
    Update {
        cgroups: Cgroups,
        settings: CgroupSettings,
    },
    /// From its cgroups, or without any from /proc.
    Statistics {
        directory: PathBuf,
        cgroups: Option<Cgroups>,
    },
    /// The result is empty when there is no such user.
    LookUpUser {
        name: String,
    },
}

const THREADS: usize = 4;

pub struct Workers {
    queue: Mutex<Option<mpsc::Sender<(u32, Operation)>>>,
    waiting: Arc<Mutex<mpsc::Receiver<(u32, Operation)>>>,
    started: Mutex<usize>,
    deliver: Deliver,
}

impl Workers {
    pub fn new(deliver: Deliver) -> Self {
        let (queue, waiting) = mpsc::channel();
        Workers { queue: Mutex::new(Some(queue)), waiting: Arc::new(Mutex::new(waiting)), started: Mutex::new(0), deliver }
    }

    /// Threads are started with the first operations, and stay.
    pub fn begin(&self, number: u32, operation: Operation) {
        let mut started = locked(&self.started);
        if *started < THREADS {
            let (waiting, deliver) = (self.waiting.clone(), self.deliver.clone());
            let spawned = thread::Builder::new().name("meseta-work".to_owned()).spawn(move || work(&waiting, &deliver));
            *started += usize::from(spawned.is_ok());
        }
        let refused = match locked(&self.queue).as_ref() {
            Some(queue) if *started > 0 => queue.send((number, operation)).is_err(),
            _ => true,
        };
        if refused {
            self.refuse(number, Failure::because("begin the operation", "the host was closed"));
        }
    }

    pub fn refuse(&self, number: u32, failure: Failure) {
        complete(&self.deliver, number, Err(failure));
    }

    /// What has begun is finished; the threads end by themselves.
    pub fn close(&self) {
        locked(&self.queue).take();
    }
}

fn work(waiting: &Mutex<mpsc::Receiver<(u32, Operation)>>, deliver: &Deliver) {
    loop {
        let next = locked(waiting).recv();
        let Ok((number, operation)) = next else { return };
        complete(deliver, number, perform(operation));
    }
}

fn complete(deliver: &Deliver, operation: u32, outcome: Result<Vec<u8>>) {
    let (result, failure) = match outcome {
        Ok(bytes) => (Some(bytes), None),
        Err(failure) => (None, Some(NativeFailure { code: "OPERATION_FAILED".to_owned(), cause: failure.record() })),
    };
    deliver(HostEvents { events: Vec::new(), completions: vec![HostCompletion { operation, failure, result }] });
}

fn perform(operation: Operation) -> Result<Vec<u8>> {
    match operation {
        Operation::Destroy { directory, cgroups } => destroy::destroy(&directory, cgroups.as_ref()).map(|()| Vec::new()),
        Operation::Settle { directory, cgroups } => destroy::settle(&directory, cgroups.as_ref()).map(|()| Vec::new()),
        Operation::Update { cgroups, settings } => {
            Cgroup::resolve(&cgroups).and_then(|cgroup| cgroup.apply(&settings, false)).map(|()| Vec::new())
        }
        Operation::Statistics { directory, cgroups } => {
            statistics(&directory, cgroups.as_ref()).map(|statistics| statistics.encode_to_vec())
        }
        Operation::LookUpUser { name } => Ok(identity::look_up(&name).map(|user| user.encode_to_vec()).unwrap_or_default()),
    }
}

fn statistics(directory: &Path, plan: Option<&Cgroups>) -> Result<Statistics> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(std::io::Error::other).step("read the clock")?;
    let timestamp_ms = now.as_millis() as u64;
    let Some(plan) = plan else { return Ok(usage::of_container(directory, timestamp_ms)) };
    let cgroup = Cgroup::resolve(plan)?;
    let counts = cgroup.counts();
    Ok(Statistics {
        timestamp_ms,
        cpu: cgroup.cpu_statistics(),
        memory: cgroup.memory_statistics(),
        processes: counts.map(|(processes, _)| processes),
        threads: counts.map(|(_, threads)| threads),
    })
}
