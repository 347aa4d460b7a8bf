//! The border to Node: conversions and dispatch, nothing else. Bytes cross it (messages of proto/native), never object trees.

mod archives;
mod bytes;
mod user_files;

use std::{
    os::fd::{BorrowedFd, RawFd},
    path::PathBuf,
    sync::Arc,
};

use meseta_isolation::{
    cgroup::{
        perf,
        world::{self, World},
    },
    engine::{Deliver, Engine, Operation, orphan_cgroups},
    failure::{Failure, Result},
    file_lock::lock_exclusively,
    rootfs::overlay_works,
    seccomp,
};
use meseta_spec::{
    CgroupSettings, Cgroups, DiskUsageRequest, FoundContainer, FoundContainers, HostCompletion, HostConfig, Message,
    NativeFailure, PerfEvents, SeccompProfile,
};
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi_derive::napi;

use bytes::{Bytes, OnEvents};

/// → `Cgroups` of the root of this host, or of `base` in its v2 tree, with world and hierarchies. Needs no host.
#[napi(catch_unwind)]
pub fn find_cgroups(base: String) -> Bytes {
    let found = || {
        let World { kind, hierarchies, .. } = world::find(&base)?;
        Ok(Cgroups { path: base, world: Some(kind as i32), hierarchies, ..Default::default() }.encode_to_vec())
    };
    answer(found())
}

/// Whether the file of this descriptor is now locked by its opening, until that is closed. Needs no host.
#[napi(catch_unwind)]
pub fn lock_file(descriptor: RawFd) -> napi::Result<bool> {
    // SAFETY: the caller owns the descriptor and keeps it open during this call, which ends before it returns.
    let file = unsafe { BorrowedFd::borrow_raw(descriptor) };
    lock_exclusively(file).map_err(|errno| napi::Error::from_reason(errno.to_string()))
}

/// Every method answers with an encoded `HostCompletion`, its `operation` zero; only a defect throws.
#[napi]
pub struct NativeHost {
    engine: Engine,
}

#[napi]
impl NativeHost {
    /// `config` is a `HostConfig`; `on_events` is called with `HostEvents`. Throws the sentence of what went wrong.
    #[napi(constructor, catch_unwind)]
    pub fn new(config: &[u8], on_events: OnEvents) -> napi::Result<Self> {
        let deliver: Deliver = Arc::new(move |events| {
            on_events.call(Bytes::of(&events), ThreadsafeFunctionCallMode::NonBlocking);
        });
        let open = || Engine::new(&decoded::<HostConfig>(config)?, deliver);
        open().map(|engine| NativeHost { engine }).map_err(|failure| napi::Error::from_reason(failure.to_string()))
    }

    /// `LaunchPlan` → `Started`, when a supervisor was parked for it; else nothing, and `start_anew` does it.
    #[napi(catch_unwind)]
    pub fn start(&self, plan: &[u8]) -> Option<Bytes> {
        let started = self.engine.start_parked(plan)?;
        Some(answer(started.map(|started| started.encode_to_vec())))
    }

    /// `LaunchPlan` → `Started`, as a completion. Events of its handle may come first.
    #[napi(catch_unwind)]
    pub fn start_anew(&self, operation: u32, plan: &[u8]) {
        self.engine.begin(operation, Operation::Start { starter: self.engine.starter(), plan: plan.to_vec() });
    }

    /// `Cgroups` of the root path → `FoundContainers`.
    #[napi(catch_unwind)]
    pub fn find(&self, cgroup_root: Option<&[u8]>) -> Bytes {
        answer(self.found(cgroup_root).map(|found| found.encode_to_vec()))
    }

    /// `FoundContainer` → its handle, as four bytes, little endian.
    #[napi(catch_unwind)]
    pub fn attach(&self, found: &[u8]) -> Bytes {
        let attach = || self.engine.attach(&decoded::<FoundContainer>(found)?);
        answer(attach().map(|handle| handle.to_le_bytes().to_vec()))
    }

    #[napi(catch_unwind)]
    pub fn go(&self, handle: u32) -> Option<Bytes> {
        done(self.engine.go(handle))
    }

    /// The result follows as an event.
    #[napi(catch_unwind)]
    pub fn signal(&self, handle: u32, number: i32, to_group: bool) -> Option<Bytes> {
        done(self.engine.signal(handle, number, to_group))
    }

    #[napi(catch_unwind)]
    pub fn kill(&self, handle: u32) -> Option<Bytes> {
        done(self.engine.kill(handle))
    }

    #[napi(catch_unwind)]
    pub fn release(&self, handle: u32) {
        self.engine.release(handle);
    }

    /// Completes as an event under `operation`, like all below. `cgroups` is where they are if no record says so.
    #[napi(catch_unwind)]
    pub fn destroy(&self, operation: u32, container: String, scratch: Vec<String>, cgroups: Option<&[u8]>) {
        let (directory, scratch) = (self.engine.directory_of(&container), scratch.into_iter().map(PathBuf::from).collect());
        self.begin(operation, decoded_or_none(cgroups).map(|cgroups| Operation::Destroy { directory, scratch, cgroups }));
    }

    #[napi(catch_unwind)]
    pub fn settle(&self, operation: u32, container: String, cgroups: Option<&[u8]>) {
        let directory = self.engine.directory_of(&container);
        self.begin(operation, decoded_or_none(cgroups).map(|cgroups| Operation::Settle { directory, cgroups }));
    }

    #[napi(catch_unwind)]
    pub fn update(&self, operation: u32, cgroups: &[u8], settings: &[u8]) {
        let read =
            || Ok(Operation::Update { cgroups: decoded(cgroups)?, settings: Box::new(decoded::<CgroupSettings>(settings)?) });
        self.begin(operation, read());
    }

    #[napi(catch_unwind)]
    pub fn statistics(&self, operation: u32, container: String, cgroups: Option<&[u8]>) {
        let directory = self.engine.directory_of(&container);
        self.begin(operation, decoded_or_none(cgroups).map(|cgroups| Operation::Statistics { directory, cgroups }));
    }

    /// `SeccompProfile` → `Seccomp`. Some 0.2 ms; callers keep what they get.
    #[napi(catch_unwind)]
    pub fn compile_seccomp(&self, profile: &[u8]) -> Bytes {
        let compile = || seccomp::compile(&decoded::<SeccompProfile>(profile)?);
        answer(compile().map(|filter| filter.encode_to_vec()))
    }

    /// `Cgroups`, `PerfEvents` → the number of the sample, as four bytes, little endian.
    #[napi(catch_unwind)]
    pub fn count_events(&self, operation: u32, cgroups: &[u8], events: &[u8]) {
        let samples = self.engine.samples();
        let read = || Ok(Operation::CountEvents { samples, cgroups: decoded(cgroups)?, events: decoded(events)? });
        self.begin(operation, read());
    }

    /// A number of `count_events` → `Statistics` with its counters.
    #[napi(catch_unwind)]
    pub fn end_count(&self, operation: u32, sample: u32) {
        self.begin(operation, Ok(Operation::EndCount { samples: self.engine.samples(), sample }));
    }

    /// `PerfEvents` → those of them that this machine cannot count. At once, unlike the others.
    #[napi(catch_unwind)]
    pub fn uncountable(&self, events: &[u8]) -> Bytes {
        let names = || Ok(perf::unsupported(&decoded::<PerfEvents>(events)?.names));
        answer(names().map(|names| PerfEvents { names }.encode_to_vec()))
    }

    /// Whatever others wrote there.
    #[napi(catch_unwind)]
    pub fn remove_tree(&self, operation: u32, path: String) {
        self.begin(operation, Ok(Operation::RemoveTree { path: path.into() }));
    }

    /// Whether containers can have overlays whose changes lie below this directory.
    #[napi(catch_unwind)]
    pub fn overlay_works(&self, directory: String) -> bool {
        overlay_works(directory.as_ref())
    }

    /// Whether a directory of a layer hides those below it.
    #[napi(catch_unwind)]
    pub fn is_opaque(&self, directory: String) -> bool {
        meseta_image::is_opaque(&directory)
    }

    #[napi(catch_unwind)]
    pub fn look_up_user(&self, operation: u32, name: String) {
        self.begin(operation, Ok(Operation::LookUpUser { name }));
    }

    /// → `Gpus`. `library` is the management library's name or path.
    #[napi(catch_unwind)]
    pub fn list_gpus(&self, operation: u32, library: String) {
        self.begin(operation, Ok(Operation::ListGpus { library }));
    }

    /// `ProjectRequest` → `ProjectAnswer`.
    #[napi(catch_unwind)]
    pub fn project(&self, operation: u32, request: &[u8]) {
        self.begin(operation, decoded(request).map(|request| Operation::Project { request }));
    }

    /// `DiskUsageRequest` → `DiskUsage`.
    #[napi(catch_unwind)]
    pub fn measure_disk(&self, operation: u32, request: &[u8]) {
        match decoded::<DiskUsageRequest>(request) {
            Ok(request) => self.engine.measure_disk(operation, request),
            Err(failure) => self.engine.refuse(operation, failure),
        }
    }

    /// Containers run on. May be called twice.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        self.engine.close();
    }

    fn found(&self, cgroup_root: Option<&[u8]>) -> Result<FoundContainers> {
        let containers = self.engine.find()?;
        let root = decoded_or_none::<Cgroups>(cgroup_root)?;
        let orphan_cgroups = root.map(|root| orphan_cgroups(&root, &containers)).unwrap_or_default();
        Ok(FoundContainers { containers, orphan_cgroups })
    }

    fn begin(&self, number: u32, operation: Result<Operation>) {
        match operation {
            Ok(operation) => self.engine.begin(number, operation),
            Err(failure) => self.engine.refuse(number, failure),
        }
    }
}

fn decoded<M: Message + Default>(bytes: &[u8]) -> Result<M> {
    M::decode(bytes).map_err(|error| Failure::because("read a message of the agent", error.to_string()))
}

fn decoded_or_none<M: Message + Default>(bytes: Option<&[u8]>) -> Result<Option<M>> {
    bytes.map(decoded).transpose()
}

/// Nothing, when it went well.
fn done(outcome: Result<()>) -> Option<Bytes> {
    outcome.err().map(|failure| answer(Err(failure)))
}

fn answer(outcome: Result<Vec<u8>>) -> Bytes {
    let (result, failure) = match outcome {
        Ok(bytes) => (Some(bytes), None),
        Err(failure) => (None, Some(NativeFailure { code: "OPERATION_FAILED".to_owned(), cause: failure.record() })),
    };
    Bytes::of(&HostCompletion { operation: 0, failure, result })
}
