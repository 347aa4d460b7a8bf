//! Those who attach: they see what the task writes, one of them gives it input, and the terminal has the size of their window (rows 6-070, 6-071).

use std::os::fd::OwnedFd;

use meseta_isolation::failure::Step;
use meseta_spec::{ControlEvent, ControlRequest};
use rustix::io::Errno;

use crate::{connections::Origin, supervisor::Supervisor};

impl Supervisor {
    /// One round of both directions. False: the task has said nothing.
    pub fn pass_on(&mut self) -> bool {
        let Some(relay) = &mut self.relay else { return false };
        relay.pour();
        self.connections.give_up_on_idle();
        if self.connections.holds_up_output().is_some() {
            return false;
        }
        relay.pass_on(|output| self.connections.tell_watchers(output))
    }

    /// What the task has said comes before how it ended. No pipe holds more than this, should somebody write for ever who could not be killed.
    pub fn pass_on_the_rest(&mut self) {
        const ROUNDS: usize = 64;
        for _ in 0..ROUNDS {
            let Some(relay) = &mut self.relay else { return };
            if !relay.pass_on(|output| self.connections.tell_watchers(output)) {
                return;
            }
        }
    }

    pub fn take_terminal(&mut self, master: OwnedFd) {
        let taken = self.relay.as_mut().map_or(Ok(()), |relay| relay.take_terminal(master));
        if let Err(failure) = taken.step("hold the terminal") {
            self.fail(failure.record());
        }
    }

    pub fn attach(&mut self, origin: Origin, request: &ControlRequest) {
        if request.attach_output() || request.attach_input() || request.window_size.is_some() {
            let errno = self.try_attach(origin, request).err().map_or(0, Errno::raw_os_error);
            self.connections.answer(origin, &ControlEvent { attach_result: Some(errno), ..Default::default() });
        }
        self.take_input(origin, request);
    }

    fn try_attach(&mut self, origin: Origin, request: &ControlRequest) -> Result<(), Errno> {
        let relay = self.relay.as_ref().ok_or(Errno::NOTTY)?;
        if request.attach_output() {
            self.connections.watch(origin);
        }
        if request.attach_input() {
            relay.input_refusal().map_or(Ok(()), Err)?;
            self.connections.give_input(origin)?;
        }
        request.window_size.map_or(Ok(()), |size| relay.resize(size))
    }

    fn take_input(&mut self, origin: Origin, request: &ControlRequest) {
        let Some(relay) = self.relay.as_mut().filter(|_| self.connections.gives_input(origin)) else { return };
        if let Some(bytes) = &request.input {
            relay.feed(bytes);
        }
        if request.input_end() {
            relay.end_input();
        }
    }
}
