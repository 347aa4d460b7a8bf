//! Agents that listen: the one that gave birth to this supervisor, and those that came back over control.sock.

use std::os::fd::{AsFd, OwnedFd};

use meseta_isolation::failure::{Result, Step};
use meseta_isolation::socket::{Heard, accept_trusted, hear, listen_here, send_frame};
use meseta_spec::{CONTROL_SOCKET, ControlEvent, ControlRequest, Frames, SupervisorState};

pub struct Connection {
    socket: OwnedFd,
    frames: Frames,
}

pub struct Connections {
    listener: OwnedFd,
    /// The connection that this supervisor was born with: while it waits for *go*, its end means that the agent died.
    birth: Option<Connection>,
    others: Vec<Connection>,
}

/// What a round of listening brought.
#[derive(Default)]
pub struct Heeded {
    /// In the order of arrival, with the index of the connection that wants an answer.
    pub requests: Vec<(Origin, ControlRequest)>,
    pub birth_ended: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Birth,
    Other(usize),
}

impl Connections {
    /// Listens in the working directory. `frames` holds what came on the birth socket behind the plan.
    pub fn new(birth: OwnedFd, frames: Frames) -> Result<Self> {
        let listener = listen_here(CONTROL_SOCKET).step_at("listen on", CONTROL_SOCKET)?;
        Ok(Connections { listener, birth: Some(Connection { socket: birth, frames }), others: Vec::new() })
    }

    pub fn listener(&self) -> &OwnedFd {
        &self.listener
    }

    pub fn sockets(&self) -> impl Iterator<Item = &OwnedFd> {
        self.birth.iter().chain(&self.others).map(|connection| &connection.socket)
    }

    /// Takes a new connection, and tells it where the container stands.
    pub fn accept(&mut self, state: &SupervisorState) {
        // One that is gone already, or may not command, is no loss.
        let Ok(Some(socket)) = accept_trusted(&self.listener) else { return };
        if send_frame(&socket, &event_of(state)).is_ok() {
            self.others.push(Connection { socket, frames: Frames::default() });
        }
    }

    /// Reads what has arrived everywhere; drops who is gone or does not speak the protocol.
    pub fn heed(&mut self) -> Heeded {
        let mut heeded = Heeded::default();
        if let Some(birth) = &mut self.birth
            && !birth.take(Origin::Birth, &mut heeded.requests)
        {
            self.birth = None;
            heeded.birth_ended = true;
        }
        let requests = &mut heeded.requests;
        let mut index = 0;
        self.others.retain_mut(|connection| {
            let stays = connection.take(Origin::Other(index), requests);
            index += usize::from(stays);
            stays
        });
        heeded
    }

    pub fn answer(&mut self, origin: Origin, event: &ControlEvent) {
        let connection = match origin {
            Origin::Birth => self.birth.as_ref(),
            Origin::Other(index) => self.others.get(index),
        };
        if let Some(connection) = connection {
            // Who does not read gets no answer; its end is seen in the next round.
            let _ = send_frame(&connection.socket, event);
        }
    }

    pub fn broadcast(&mut self, state: &SupervisorState) {
        let event = event_of(state);
        if let Some(birth) = &self.birth {
            let _ = send_frame(&birth.socket, &event);
        }
        self.others.retain(|connection| send_frame(connection.socket.as_fd(), &event).is_ok());
    }
}

impl Connection {
    /// False: the connection is over.
    fn take(&mut self, origin: Origin, requests: &mut Vec<(Origin, ControlRequest)>) -> bool {
        let stays = !matches!(hear(&self.socket, &mut self.frames), Heard::End);
        loop {
            match self.frames.take() {
                Ok(Some(request)) => requests.push((origin, request)),
                Ok(None) => return stays,
                Err(_) => return false,
            }
        }
    }
}

fn event_of(state: &SupervisorState) -> ControlEvent {
    ControlEvent { state: Some(state.clone()), ..Default::default() }
}
