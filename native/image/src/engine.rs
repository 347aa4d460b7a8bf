//! What goes on at a time: each operation on threads of its own, found by its number until it is complete.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use meseta_isolation::failure::{Failure, Result, Step};
use meseta_spec::{ArchiveEvents, HostCompletion, Message, NativeFailure, UnpackRequest};

use crate::{
    adopt::adopt,
    digest::DIGEST,
    failure::{abandoned, is_abandoned},
    feed::Feed,
    index::index,
    progress::Progress,
    unpack::{flush, unpack},
};

/// Takes progress and completions; called from the threads of operations.
pub type Deliver = Arc<dyn Fn(ArchiveEvents) + Send + Sync>;

pub struct Archives {
    deliver: Deliver,
    running: Arc<Mutex<Running>>,
}

#[derive(Default)]
struct Running {
    operations: HashMap<u32, Operation>,
    closed: bool,
}

struct Operation {
    progress: Arc<Progress>,
    feed: Option<Arc<Feed>>,
}

impl Operation {
    fn stop(&self) {
        self.progress.stop();
        if let Some(feed) = &self.feed {
            feed.stop();
        }
    }
}

impl Archives {
    pub fn new(deliver: Deliver) -> Self {
        Archives { deliver, running: Arc::default() }
    }

    /// The result is `Unpacked`.
    pub fn unpack(&self, number: u32, request: UnpackRequest) {
        let feed = request.source.is_none().then(|| Arc::new(Feed::default()));
        self.begin(number, feed.clone(), move |progress| {
            let unpacked = unpack(&request, feed.clone(), progress);
            // What still comes is dropped, and the thread that waits for it ends.
            if let Some(feed) = feed {
                feed.stop();
            }
            unpacked.map(|unpacked| unpacked.encode_to_vec())
        });
    }

    /// False: wait until it is drained. For one that is over it does nothing.
    pub fn feed(&self, number: u32, bytes: &[u8]) -> bool {
        self.feed_of(number).is_none_or(|feed| feed.push(bytes))
    }

    pub fn end_feed(&self, number: u32) {
        if let Some(feed) = self.feed_of(number) {
            feed.end();
        }
    }

    fn feed_of(&self, number: u32) -> Option<Arc<Feed>> {
        locked(&self.running).operations.get(&number)?.feed.clone()
    }

    /// Its completion follows when nothing is left of it.
    pub fn abandon(&self, number: u32) {
        if let Some(operation) = locked(&self.running).operations.get(&number) {
            operation.stop();
        }
    }

    /// The result is an `ArchiveIndex`.
    pub fn index(&self, number: u32, path: String) {
        self.begin(number, None, move |progress| index(&path, progress).map(|index| index.encode_to_vec()));
    }

    pub fn adopt(&self, number: u32, directory: String, implied: Vec<Vec<u8>>, below: Vec<String>) {
        self.begin(number, None, move |_| adopt(&directory, &implied, &below).map(|()| Vec::new()));
    }

    pub fn flush(&self, number: u32, directory: String) {
        self.begin(number, None, move |_| flush(&directory).map(|()| Vec::new()));
    }

    /// Completes an operation that could not even begin.
    pub fn refuse(&self, number: u32, failure: Failure) {
        complete(&self.deliver, number, Err(failure));
    }

    /// All that goes on is abandoned, and nothing new begins. May be called twice.
    pub fn close(&self) {
        let mut running = locked(&self.running);
        running.closed = true;
        running.operations.values().for_each(Operation::stop);
    }

    fn begin(
        &self,
        number: u32,
        feed: Option<Arc<Feed>>,
        operation: impl FnOnce(&Arc<Progress>) -> Result<Vec<u8>> + Send + 'static,
    ) {
        let progress = Arc::new(Progress::new(number, self.deliver.clone()));
        {
            let mut running = locked(&self.running);
            if running.closed {
                return self.refuse(number, abandoned());
            }
            running.operations.insert(number, Operation { progress: progress.clone(), feed });
        }
        let (deliver, running) = (self.deliver.clone(), self.running.clone());
        let thread = thread::Builder::new().name("meseta-archive".to_owned()).spawn(move || {
            let outcome = catch_unwind(AssertUnwindSafe(|| operation(&progress)));
            locked(&running).operations.remove(&number);
            complete(
                &deliver,
                number,
                outcome.unwrap_or_else(|_| Err(Failure::because("handle the archive", "a defect of Meseta"))),
            );
        });
        if let Err(failure) = thread.map(drop).step("start a thread") {
            locked(&self.running).operations.remove(&number);
            self.refuse(number, failure);
        }
    }
}

fn complete(deliver: &Deliver, operation: u32, outcome: Result<Vec<u8>>) {
    let (result, failure) = match outcome {
        Ok(bytes) => (Some(bytes), None),
        Err(failure) => (None, Some(NativeFailure { code: code_of(&failure).to_owned(), cause: failure.record() })),
    };
    deliver(ArchiveEvents { progress: Vec::new(), completions: vec![HostCompletion { operation, failure, result }] });
}

fn code_of(failure: &Failure) -> &'static str {
    match failure.step {
        _ if is_abandoned(failure) => "ABANDONED",
        DIGEST => "DIGEST_WRONG",
        _ => "OPERATION_FAILED",
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each entry is whole by itself.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
