//! One thread that waits for all containers.

use std::{
    collections::{HashMap, VecDeque},
    os::fd::{AsFd, OwnedFd},
    path::PathBuf,
    sync::{Arc, Mutex, atomic::AtomicBool, atomic::Ordering},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use meseta_spec::{ControlEvent, Frames, HostEvent, HostEvents, SupervisorPhase, SupervisorState};
use rustix::{
    buffer::spare_capacity,
    event::{EventfdFlags, Timespec, epoll, eventfd},
    io::Errno,
};

use super::{Deliver, locked};
use crate::{
    cgroup::{Cgroup, Woken},
    failure::{Result, Step},
    runtime,
    socket::{Heard, hear},
};

/// What is watched of one container. A descriptor that is dropped leaves the epoll set by itself: nobody else holds it.
pub struct Watched {
    directory: PathBuf,
    control: Option<OwnedFd>,
    frames: Frames,
    pidfd: Option<OwnedFd>,
    cgroup: Option<Cgroup>,
    oom: Option<OwnedFd>,
    /// Events of this kind that the agent knows of already.
    told_oom: u64,
    ended: bool,
}

impl Watched {
    pub fn new(directory: PathBuf, control: Option<OwnedFd>, pidfd: Option<OwnedFd>, cgroup: Option<Cgroup>) -> Self {
        Watched { directory, control, frames: Frames::default(), pidfd, cgroup, oom: None, told_oom: 0, ended: false }
    }

    fn let_go(&mut self) {
        self.pidfd = None;
        self.control = None;
        self.oom = None;
    }
}

pub struct Watcher {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    epoll: OwnedFd,
    /// Wakes the thread: for containers that were dead before anybody looked, and to end it.
    wake: OwnedFd,
    state: Mutex<State>,
    closing: AtomicBool,
    deliver: Deliver,
    /// Called when a container has started to run, after that was told.
    on_running: Box<dyn Fn() + Send + Sync>,
}

#[derive(Default)]
struct State {
    next: u32,
    watched: HashMap<u32, Watched>,
    /// Nothing of these can become readable; their end is told in the next round.
    dead_on_arrival: Vec<u32>,
}

/// Which descriptor of a container an epoll event is about; the low two bits of its data.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    Oom = 0,
    Control = 1,
    Process = 2,
}

/// Who ends within it is not watched: the count at the end tells as well, and watching takes as much as a fiftieth of a short life. Of the others it is told
/// that much later.
const YOUTH: Duration = Duration::from_millis(20);
const WAKE: u64 = u64::MAX;
const BATCH: usize = 256;

impl Watcher {
    pub fn new(deliver: Deliver, on_running: impl Fn() + Send + Sync + 'static) -> Result<Self> {
        const STEP: &str = "watch containers";
        let shared = Arc::new(Shared {
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC).step(STEP)?,
            wake: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).step(STEP)?,
            state: Mutex::default(),
            closing: AtomicBool::new(false),
            deliver,
            on_running: Box::new(on_running),
        });
        epoll::add(&shared.epoll, &shared.wake, epoll::EventData::new_u64(WAKE), epoll::EventFlags::IN).step(STEP)?;
        let inner = shared.clone();
        let thread = thread::Builder::new().name("meseta-watch".to_owned()).spawn(move || inner.run()).step(STEP)?;
        Ok(Watcher { shared, thread: Mutex::new(Some(thread)) })
    }

    pub fn add(&self, watched: Watched) -> Result<u32> {
        let mut state = locked(&self.shared.state);
        state.next += 1;
        let handle = state.next;
        for (source, fd) in [(Source::Control, &watched.control), (Source::Process, &watched.pidfd)] {
            if let Some(fd) = fd {
                self.shared.watch(handle, source, fd)?;
            }
        }
        if watched.pidfd.is_none() {
            state.dead_on_arrival.push(handle);
            self.shared.wake_up();
        }
        state.watched.insert(handle, watched);
        Ok(handle)
    }

    pub fn remove(&self, handle: u32) {
        locked(&self.shared.state).watched.remove(&handle);
    }

    pub fn with_socket<T>(&self, handle: u32, act: impl FnOnce(Option<&OwnedFd>) -> T) -> T {
        act(locked(&self.shared.state).watched.get(&handle).and_then(|watched| watched.control.as_ref()))
    }

    pub fn close(&self) {
        self.shared.closing.store(true, Ordering::Release);
        self.shared.wake_up();
        if let Some(thread) = locked(&self.thread).take() {
            // A panic of the thread was its end already.
            let _ = thread.join();
        }
        locked(&self.shared.state).watched.clear();
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn run(&self) {
        let mut ready = Vec::with_capacity(BATCH);
        // Whose memory is to be watched, and from when on; the first of them first.
        let mut young: VecDeque<(Instant, u32)> = VecDeque::new();
        while !self.closing.load(Ordering::Acquire) {
            ready.clear();
            let patience = young.front().map(|(grown_up, _)| grown_up.saturating_duration_since(Instant::now()));
            let patience = patience.and_then(|patience| Timespec::try_from(patience).ok());
            match epoll::wait(&self.epoll, spare_capacity(&mut ready), patience.as_ref()) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(_) => return,
            }
            let mut keys: Vec<u64> = ready.iter().map(|event| event.data.u64()).collect();
            // By container, and in it what is said before how it ends.
            keys.sort_unstable();
            let events = self.look(&keys);
            // Whoever waits for the news does not wait for what else it means to us.
            let of = |is: fn(&HostEvent) -> bool| -> Vec<u32> {
                events.iter().filter(|&event| is(event)).map(|one| one.handle).collect()
            };
            let (begun, ended) = (of(is_up), of(is_end));
            let one_runs = events.iter().any(is_running);
            self.tell(events);
            if one_runs {
                (self.on_running)();
            }
            self.let_go_of(&ended);
            let now = Instant::now();
            young.extend(begun.iter().map(|&handle| (now + YOUTH, handle)));
            // Nobody wakes for them any more.
            young.retain(|(_, handle)| !ended.contains(handle));
            let due = young.partition_point(|&(grown_up, _)| grown_up <= now);
            let grown_up: Vec<u32> = young.drain(..due).map(|(_, handle)| handle).collect();
            self.tell(self.watch_memory_of(&grown_up));
        }
    }

    fn tell(&self, events: Vec<HostEvent>) {
        if !events.is_empty() {
            (self.deliver)(HostEvents { events, completions: Vec::new() });
        }
    }

    fn look(&self, keys: &[u64]) -> Vec<HostEvent> {
        let mut events = Vec::new();
        let mut state = locked(&self.state);
        for &key in keys {
            if key == WAKE {
                let _ = rustix::io::read(&self.wake, &mut [0; 8]);
                for handle in std::mem::take(&mut state.dead_on_arrival) {
                    if let Some(watched) = state.watched.get_mut(&handle) {
                        events.extend(gone(handle, watched));
                    }
                }
                continue;
            }
            let handle = (key >> 2) as u32;
            let Some(watched) = state.watched.get_mut(&handle) else { continue };
            match key & 3 {
                0 => events.extend(out_of_memory(handle, watched)),
                1 => listen(handle, watched, &mut events),
                _ => {
                    listen(handle, watched, &mut events);
                    events.extend(gone(handle, watched));
                }
            }
        }
        events
    }

    fn watch_memory_of(&self, begun: &[u32]) -> Vec<HostEvent> {
        let mut state = locked(&self.state);
        let mut watch = |&handle: &u32| {
            let watched = state.watched.get_mut(&handle).filter(|watched| watched.oom.is_none() && !watched.ended)?;
            self.watch_memory(handle, watched)
        };
        begun.iter().filter_map(&mut watch).collect()
    }

    /// That their supervisors leave now would say nothing new.
    fn let_go_of(&self, ended: &[u32]) {
        let mut state = locked(&self.state);
        for handle in ended {
            if let Some(watched) = state.watched.get_mut(handle) {
                watched.let_go();
            }
        }
    }

    /// From when the cgroup is there for certain, and has been for a while. Kills that happened before anybody watched are told at once.
    fn watch_memory(&self, handle: u32, watched: &mut Watched) -> Option<HostEvent> {
        let cgroup = watched.cgroup.as_ref()?;
        // Without the watch, the count at the end still tells.
        let event = cgroup.watch_oom().ok()??;
        self.watch(handle, Source::Oom, &event).ok()?;
        watched.oom = Some(event);
        cgroup.oom_kills().filter(|&kills| kills > 0)?;
        Some(HostEvent { handle, oom: Some(cgroup.pressure()?), ..Default::default() })
    }

    fn watch(&self, handle: u32, source: Source, fd: impl AsFd) -> Result<()> {
        let key = u64::from(handle) << 2 | source as u64;
        epoll::add(&self.epoll, fd, epoll::EventData::new_u64(key), epoll::EventFlags::IN).step("watch the container")
    }

    fn wake_up(&self) {
        // A counter that is full already wakes as well.
        let _ = rustix::io::write(&self.wake, &1u64.to_ne_bytes());
    }
}

/// Everything that the supervisor has said so far.
fn listen(handle: u32, watched: &mut Watched, events: &mut Vec<HostEvent>) {
    while let Some(control) = &watched.control {
        let heard = hear(control, &mut watched.frames);
        let understood = understand(handle, watched, events);
        match heard {
            Heard::Something if understood => {}
            Heard::Nothing if understood => return,
            _ => watched.control = None,
        }
    }
}

fn understand(handle: u32, watched: &mut Watched, events: &mut Vec<HostEvent>) -> bool {
    loop {
        match watched.frames.take::<ControlEvent>() {
            Ok(Some(event)) => {
                if let Some(state) = &event.state {
                    watched.ended |= state.phase() == SupervisorPhase::Ended;
                }
                events.push(HostEvent { handle, state: event.state, signal_result: event.signal_result, ..Default::default() });
            }
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
}

/// Says that the container's cgroups are there.
fn is_up(event: &HostEvent) -> bool {
    event.state.as_ref().is_some_and(|state| matches!(state.phase(), SupervisorPhase::Ready | SupervisorPhase::Running))
}

fn is_running(event: &HostEvent) -> bool {
    event.state.as_ref().is_some_and(|state| state.phase() == SupervisorPhase::Running)
}

fn is_end(event: &HostEvent) -> bool {
    event.state.as_ref().is_some_and(|state| state.phase() == SupervisorPhase::Ended)
}

fn out_of_memory(handle: u32, watched: &mut Watched) -> Option<HostEvent> {
    let event = watched.oom.as_ref()?;
    if rustix::io::read(event, &mut [0; 4096]).is_err() {
        return None;
    }
    match watched.cgroup.as_ref().map_or(Woken::Gone, |cgroup| cgroup.woken(&mut watched.told_oom)) {
        Woken::OutOfMemory(pressure) => Some(HostEvent { handle, oom: Some(pressure), ..Default::default() }),
        Woken::InVain => None,
        Woken::Gone => {
            // Its removal wakes us too, and would do so for ever.
            watched.oom = None;
            None
        }
    }
}

/// Reads from disk what the socket could not tell any more. The process itself is reaped by the kernel, or by whoever adopts it.
fn gone(handle: u32, watched: &mut Watched) -> Option<HostEvent> {
    watched.let_go();
    if watched.ended {
        return None;
    }
    let exit = runtime::look_at(&watched.directory).and_then(|found| found.exit);
    let state = exit.map(|exit| SupervisorState {
        phase: SupervisorPhase::Ended as i32,
        version: meseta_spec::PROTOCOL_VERSION,
        exit: Some(exit),
        ..Default::default()
    });
    Some(HostEvent { handle, state, gone: Some(true), ..Default::default() })
}
