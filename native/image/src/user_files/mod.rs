//! Files of tasks, touched with the rights of the task's user: each operation on a thread of its own, which has given up all others.

mod copy;
mod place;

use std::{
    collections::HashMap,
    fs::File,
    os::fd::{AsFd, BorrowedFd, IntoRawFd, OwnedFd, RawFd},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use meseta_isolation::{
    failure::{Failure, Result, Step},
    file_rights::give_up_for,
};
use meseta_spec::{
    ArchiveEvents, ExtractRequest, FinishRequest, HostCompletion, Identity, Message, NativeFailure, UserFile, UserPlace,
};

use crate::extract::extract;
pub use place::{Place, directory_below, open_sandbox, temporary_name};

/// Takes completions; called from the threads of the operations.
pub type Deliver = Arc<dyn Fn(ArchiveEvents) + Send + Sync>;

/// Set when an operation shall give up.
pub type Stop = Arc<AtomicBool>;

pub const ABANDONED: &str = "it was abandoned";

pub enum Operation {
    /// A regular file, to be read → `UserFile`.
    Open { path: String, user: Option<Identity> },
    /// A new file in a sandbox, to be written and read → `UserFile`.
    Create(UserPlace),
    /// All of one file to another, at once where the file system can share it → its size, as eight bytes, little endian.
    Copy { from: OwnedFd, to: OwnedFd, most: u64 },
    /// A new file gets its name, or is removed.
    Finish(FinishRequest, Option<OwnedFd>),
    /// → `Extracted`.
    Extract(ExtractRequest, OwnedFd),
    /// More lines for a log file.
    Append { place: UserPlace, text: Vec<u8> },
}

pub struct UserFiles {
    deliver: Deliver,
    running: Arc<Mutex<HashMap<u32, Stop>>>,
}

impl UserFiles {
    pub fn new(deliver: Deliver) -> Self {
        UserFiles { deliver, running: Arc::default() }
    }

    /// Completes as an event under `number`.
    pub fn begin(&self, number: u32, operation: Result<Operation>) {
        let stop = Stop::default();
        locked(&self.running).insert(number, stop.clone());
        let (running, deliver) = (self.running.clone(), self.deliver.clone());
        let work = move || {
            let outcome = operation.and_then(|operation| perform_or_tell(operation, &stop));
            locked(&running).remove(&number);
            complete(&deliver, number, outcome);
        };
        if let Err(error) = thread::Builder::new().name("meseta-files".to_owned()).spawn(work) {
            locked(&self.running).remove(&number);
            complete(&self.deliver, number, Err(error).step("start a thread"));
        }
    }

    /// It fails as soon as nothing is left of it, unless it was done already.
    pub fn abandon(&self, number: u32) {
        if let Some(stop) = locked(&self.running).get(&number) {
            stop.store(true, Ordering::Relaxed);
        }
    }

    pub fn close(&self) {
        for stop in locked(&self.running).values() {
            stop.store(true, Ordering::Relaxed);
        }
    }
}

/// A descriptor of the caller's, as one of our own.
pub fn borrowed(number: u32) -> Result<OwnedFd> {
    const STEP: &str = "take the descriptor";
    let number = RawFd::try_from(number).map_err(|_| Failure::because(STEP, "it is none"))?;
    // SAFETY: it is used within this expression only, and the caller keeps it open across the call; a number that is no descriptor is an error of dup.
    rustix::io::fcntl_dupfd_cloexec(unsafe { BorrowedFd::borrow_raw(number) }, 3).step(STEP)
}

fn handed_over(file: OwnedFd, size: u64, temporary: Option<String>) -> Vec<u8> {
    UserFile { descriptor: file.into_raw_fd() as u32, size, temporary }.encode_to_vec()
}

/// A defect of ours must not leave somebody waiting for ever.
fn perform_or_tell(operation: Operation, stop: &Stop) -> Result<Vec<u8>> {
    let performed = catch_unwind(AssertUnwindSafe(|| perform(operation, stop)));
    performed.unwrap_or_else(|_| Err(Failure::because("finish the operation", "of a defect in this program")))
}

fn perform(operation: Operation, stop: &Stop) -> Result<Vec<u8>> {
    match operation {
        Operation::Open { path, user } => {
            take_rights(user.as_ref())?;
            let (file, size) = place::open_regular(&path)?;
            Ok(handed_over(file, size, None))
        }
        Operation::Create(place) => {
            let (file, temporary) = Place::find(&place)?.create()?;
            Ok(handed_over(file, 0, Some(temporary)))
        }
        Operation::Copy { from, to, most } => {
            copy::copy(&File::from(from), &File::from(to), most, stop).map(|size| size.to_le_bytes().to_vec())
        }
        Operation::Finish(request, file) => {
            let place = Place::find(&request.place)?;
            match file {
                Some(file) => place.finish(&request.temporary, file.as_fd(), request.executable())?,
                None => place.remove(&request.temporary)?,
            }
            Ok(Vec::new())
        }
        Operation::Extract(request, file) => extract(&request, File::from(file), stop).map(|done| done.encode_to_vec()),
        Operation::Append { place, text } => Place::find(&place)?.append(&text).map(|()| Vec::new()),
    }
}

fn take_rights(user: Option<&Identity>) -> Result<()> {
    user.map_or(Ok(()), give_up_for)
}

fn complete(deliver: &Deliver, operation: u32, outcome: Result<Vec<u8>>) {
    let (result, failure) = match outcome {
        Ok(bytes) => (Some(bytes), None),
        Err(failure) => (None, Some(NativeFailure { code: "OPERATION_FAILED".to_owned(), cause: failure.record() })),
    };
    deliver(ArchiveEvents { progress: Vec::new(), completions: vec![HostCompletion { operation, failure, result }] });
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
