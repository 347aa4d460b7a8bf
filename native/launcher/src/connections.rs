//! Agents that listen: the one that gave birth to this supervisor, and those that came back over control.sock. Each connection may also watch the output
//! or give the input. None of them is ever waited for.

use std::{
    os::fd::OwnedFd,
    time::{Duration, Instant},
};

use meseta_isolation::failure::{Result, Step};
use meseta_isolation::socket::{Heard, accept_trusted, hear, listen_here};
use meseta_spec::{CONTROL_SOCKET, ControlEvent, ControlRequest, Frames, Output, SupervisorState, frame};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    net::{SendFlags, send},
};

struct Connection {
    id: u32,
    socket: OwnedFd,
    frames: Frames,
    /// What it has not taken yet, from the middle of a message on.
    unsent: Vec<u8>,
    watches: bool,
    /// Since when it has been too far behind.
    behind: Option<Instant>,
    gives_input: bool,
    /// To be hung up on as soon as it has taken what there is.
    closing: bool,
}

pub struct Connections {
    listener: OwnedFd,
    /// The first is the one that this supervisor was born with: while it waits for *go*, its end means that the agent died.
    all: Vec<Connection>,
    next: u32,
}

/// What a round of listening brought.
#[derive(Default)]
pub struct Heeded {
    /// In the order of arrival, with the connection that wants an answer.
    pub requests: Vec<(Origin, ControlRequest)>,
    pub birth_ended: bool,
}

pub type Origin = u32;

pub const BIRTH: Origin = 0;

/// What a connection may leave unread, beside what its socket holds. When a watcher is further behind, output waits for it …
const PATIENCE_BYTES: usize = 1 << 20;
/// … for so long. Who reads is never cut off, who has stopped reading costs the task this much once.
const PATIENCE: Duration = Duration::from_secs(1);

impl Connections {
    /// Listens in the working directory. `frames` holds what came on the birth socket behind the plan.
    pub fn new(birth: OwnedFd, frames: Frames) -> Result<Self> {
        let listener = listen_here(CONTROL_SOCKET).step_at("listen on", CONTROL_SOCKET)?;
        Ok(Connections { listener, all: vec![Connection::new(BIRTH, birth, frames)], next: BIRTH + 1 })
    }

    /// What to wait for. Who gives input is not read while the task does not take it.
    pub fn waits(&self, input_is_full: bool) -> impl Iterator<Item = PollFd<'_>> {
        let listener = PollFd::new(&self.listener, PollFlags::IN);
        let all = self.all.iter().filter_map(move |connection| {
            let heard = if connection.gives_input && input_is_full { PollFlags::empty() } else { PollFlags::IN };
            let taken = if connection.unsent.is_empty() { PollFlags::empty() } else { PollFlags::OUT };
            // Without a flag a hang-up would be told all the same, again and again.
            let flags = Some(heard | taken).filter(|flags| !flags.is_empty())?;
            Some(PollFd::new(&connection.socket, flags))
        });
        std::iter::once(listener).chain(all)
    }

    /// Takes a new connection, if there is one, and tells it where the container stands.
    pub fn accept(&mut self, state: &SupervisorState) {
        // One that is gone already, or may not command, is no loss.
        let Ok(Some(socket)) = accept_trusted(&self.listener) else { return };
        let mut connection = Connection::new(self.next, socket, Frames::default());
        self.next += 1;
        connection.send(&event_of(state));
        self.all.push(connection);
    }

    /// Reads what has arrived everywhere, sends what can be sent; drops who is gone or does not speak the protocol.
    pub fn heed(&mut self, input_is_full: bool) -> Heeded {
        let mut heeded = Heeded::default();
        self.all.retain_mut(|connection| {
            let heard = (connection.gives_input && input_is_full) || connection.take(&mut heeded.requests);
            connection.flush();
            let stays = heard && !connection.is_done();
            heeded.birth_ended |= !stays && connection.id == BIRTH;
            stays
        });
        heeded
    }

    pub fn answer(&mut self, origin: Origin, event: &ControlEvent) {
        if let Some(connection) = self.find(origin) {
            connection.send(event);
        }
    }

    pub fn broadcast(&mut self, state: &SupervisorState) {
        let event = event_of(state);
        self.all.iter_mut().for_each(|connection| connection.send(&event));
    }

    pub fn watch(&mut self, origin: Origin) {
        if let Some(connection) = self.find(origin) {
            connection.watches = true;
        }
    }

    /// EBUSY: somebody else gives it.
    pub fn give_input(&mut self, origin: Origin) -> std::result::Result<(), Errno> {
        if self.all.iter().any(|connection| connection.gives_input && connection.id != origin) {
            return Err(Errno::BUSY);
        }
        if let Some(connection) = self.find(origin) {
            connection.gives_input = true;
        }
        Ok(())
    }

    pub fn gives_input(&self, origin: Origin) -> bool {
        self.all.iter().any(|connection| connection.gives_input && connection.id == origin)
    }

    pub fn tell_watchers(&mut self, output: Output) {
        if !self.all.iter().any(|connection| connection.watches) {
            return;
        }
        let event = ControlEvent { output: Some(output), ..Default::default() };
        self.all.iter_mut().filter(|connection| connection.watches).for_each(|connection| connection.show(&event));
    }

    /// How long output may have to wait for a watcher yet. `None`: it need not.
    pub fn holds_up_output(&self) -> Option<Duration> {
        let now = Instant::now();
        let until = self.all.iter().filter_map(|connection| connection.behind).max()? + PATIENCE;
        Some(until.saturating_duration_since(now))
    }

    /// Output goes on without those for whom it has waited long enough.
    pub fn give_up_on_idle(&mut self) {
        self.all
            .iter_mut()
            .filter(|one| one.behind.is_some_and(|since| since.elapsed() >= PATIENCE))
            .for_each(Connection::fall_behind);
    }

    /// Lets those that are behind take what is theirs.
    pub fn see_off(&mut self, limit: Duration) {
        let end = Instant::now() + limit;
        loop {
            self.all.iter_mut().for_each(Connection::flush);
            self.all.retain(|connection| !connection.unsent.is_empty());
            let left = end.saturating_duration_since(Instant::now());
            if self.all.is_empty() || left.is_zero() {
                return;
            }
            let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) };
            let mut waited: Vec<_> = self.all.iter().map(|connection| PollFd::new(&connection.socket, PollFlags::OUT)).collect();
            // Whatever it says, the next round looks again.
            let _ = poll(&mut waited, Some(&timeout));
        }
    }

    fn find(&mut self, origin: Origin) -> Option<&mut Connection> {
        self.all.iter_mut().find(|connection| connection.id == origin)
    }
}

impl Connection {
    fn new(id: u32, socket: OwnedFd, frames: Frames) -> Self {
        Connection { id, socket, frames, unsent: Vec::new(), watches: false, behind: None, gives_input: false, closing: false }
    }

    /// False: the connection is over.
    fn take(&mut self, requests: &mut Vec<(Origin, ControlRequest)>) -> bool {
        let stays = !matches!(hear(&self.socket, &mut self.frames), Heard::End);
        loop {
            match self.frames.take() {
                Ok(Some(request)) => requests.push((self.id, request)),
                Ok(None) => return stays,
                Err(_) => return false,
            }
        }
    }

    /// Who does not even take answers is hung up on.
    fn send(&mut self, event: &ControlEvent) {
        self.unsent.extend(frame(event));
        self.flush();
        self.closing |= !self.watches && self.unsent.len() > PATIENCE_BYTES;
    }

    fn show(&mut self, event: &ControlEvent) {
        self.unsent.extend(frame(event));
        self.flush();
    }

    fn fall_behind(&mut self) {
        self.watches = false;
        self.closing = true;
        self.behind = None;
        self.unsent.extend(frame(&ControlEvent { fell_behind: Some(true), ..Default::default() }));
    }

    fn flush(&mut self) {
        self.send_what_fits();
        let too_much = self.watches && self.unsent.len() > PATIENCE_BYTES;
        self.behind = if too_much { self.behind.or_else(|| Some(Instant::now())) } else { None };
    }

    fn send_what_fits(&mut self) {
        while !self.unsent.is_empty() {
            match send(&self.socket, &self.unsent, SendFlags::NOSIGNAL | SendFlags::DONTWAIT) {
                Ok(count) => drop(self.unsent.drain(..count)),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return,
                Err(_) => {
                    self.unsent.clear();
                    self.closing = true;
                }
            }
        }
    }

    fn is_done(&self) -> bool {
        self.closing && self.unsent.is_empty()
    }
}

fn event_of(state: &SupervisorState) -> ControlEvent {
    ControlEvent { state: Some(state.clone()), ..Default::default() }
}
