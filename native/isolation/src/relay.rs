//! What stands between a task and those who watch it or talk to it: output goes to the log files and to every watcher, input comes from one. Containers
//! without it write straight into their files.

use std::os::fd::{AsFd, OwnedFd};

use meseta_spec::{Output, OutputStream, WindowSize};
use rustix::{
    io::{Errno, ioctl_fionbio, read, write},
    termios::{SpecialCodeIndex, tcgetattr},
};

use crate::{durable::write_all, terminal};

/// One way out of the container.
pub struct Source {
    pub stream: OutputStream,
    /// `None`: nobody holds the other end any more, or the terminal has not been made yet.
    from: Option<OwnedFd>,
    log: OwnedFd,
}

pub struct Relay {
    sources: Vec<Source>,
    /// Where input goes: a pipe or the terminal. `None`: it has ended, or the terminal has not been made yet.
    sink: Option<OwnedFd>,
    terminal: bool,
    /// Input that the task has not taken yet. While there is any, its giver is not read.
    pending: Vec<u8>,
    end_wanted: bool,
    input_ended: bool,
}

const CHUNK: usize = 64 << 10;

impl Relay {
    /// With pipes, whose ends on this side are given.
    pub fn of_pipes(input: OwnedFd, outputs: [(OutputStream, OwnedFd, OwnedFd); 2]) -> Result<Self, Errno> {
        ioctl_fionbio(&input, true)?;
        let mut sources = Vec::new();
        for (stream, from, log) in outputs {
            ioctl_fionbio(&from, true)?;
            sources.push(Source { stream, from: Some(from), log });
        }
        Ok(Relay { sources, sink: Some(input), terminal: false, pending: Vec::new(), end_wanted: false, input_ended: false })
    }

    /// With a terminal, which is made inside the container later.
    pub fn of_terminal(log: OwnedFd) -> Self {
        let source = Source { stream: OutputStream::Stdout, from: None, log };
        Relay { sources: vec![source], sink: None, terminal: true, pending: Vec::new(), end_wanted: false, input_ended: false }
    }

    pub fn take_terminal(&mut self, master: OwnedFd) -> Result<(), Errno> {
        ioctl_fionbio(&master, true)?;
        self.sink = Some(rustix::io::fcntl_dupfd_cloexec(&master, 3)?);
        if let Some(source) = self.sources.first_mut() {
            source.from = Some(master);
        }
        self.pour();
        Ok(())
    }

    /// What to wait for: output that can be read.
    pub fn outputs(&self) -> impl Iterator<Item = &OwnedFd> {
        self.sources.iter().filter_map(|source| source.from.as_ref())
    }

    /// What to wait for: room for input.
    pub fn thirsty(&self) -> Option<&OwnedFd> {
        self.sink.as_ref().filter(|_| !self.pending.is_empty())
    }

    /// True: no more input is wanted for now.
    pub fn is_full(&self) -> bool {
        !self.pending.is_empty()
    }

    /// At most one chunk of each source, written to its log and handed to `tell`. False: there was nothing.
    pub fn pass_on(&mut self, mut tell: impl FnMut(Output)) -> bool {
        let mut buffer = vec![0; CHUNK];
        let mut some = false;
        for source in &mut self.sources {
            let Some(from) = &source.from else { continue };
            match read(from, &mut buffer) {
                Ok(count) if count > 0 => {
                    some = true;
                    // A full disk loses what does not fit, and stops nobody.
                    let _ = write_all(&source.log, &buffer[..count]);
                    tell(Output { stream: source.stream as i32, data: buffer[..count].to_vec() });
                }
                Err(Errno::AGAIN | Errno::INTR) => {}
                // The end of a terminal is an error of its own (EIO).
                Ok(_) | Err(_) => source.from = None,
            }
        }
        some
    }

    /// To the task, or to wait for it.
    pub fn feed(&mut self, bytes: &[u8]) {
        if !self.input_ended && !self.end_wanted {
            self.pending.extend_from_slice(bytes);
            self.pour();
        }
    }

    /// When all before it has been taken.
    pub fn end_input(&mut self) {
        if self.terminal {
            let end =
                self.sink.as_ref().and_then(|sink| tcgetattr(sink).ok()).map(|modes| modes.special_codes[SpecialCodeIndex::VEOF]);
            self.feed(&[end.unwrap_or(END_OF_TRANSMISSION)]);
        } else {
            self.end_wanted = true;
            self.pour();
        }
    }

    /// Why nobody may give input, if so.
    pub fn input_refusal(&self) -> Option<Errno> {
        (self.input_ended || self.end_wanted).then_some(Errno::PIPE)
    }

    pub fn pour(&mut self) {
        while let (Some(sink), false) = (&self.sink, self.pending.is_empty()) {
            match write(sink, &self.pending) {
                Ok(count) => drop(self.pending.drain(..count)),
                Err(Errno::AGAIN) => return,
                Err(Errno::INTR) => {}
                // Nobody reads any more.
                Err(_) => self.close_input(),
            }
        }
        if self.end_wanted {
            self.close_input();
        }
    }

    fn close_input(&mut self) {
        self.pending = Vec::new();
        self.sink = None;
        self.input_ended = true;
    }

    pub fn resize(&self, size: WindowSize) -> Result<(), Errno> {
        match &self.sink {
            Some(sink) if self.terminal => terminal::set_size(sink.as_fd(), size.rows, size.columns),
            _ => Err(Errno::NOTTY),
        }
    }
}

/// Ctrl-D: what a terminal takes for the end of input unless it was told otherwise.
const END_OF_TRANSMISSION: u8 = 4;

#[cfg(test)]
mod tests {
    use rustix::pipe::{PipeFlags, pipe_with};

    use super::*;

    struct Ends {
        relay: Relay,
        input: OwnedFd,
        output: OwnedFd,
        log: OwnedFd,
    }

    fn relay() -> Ends {
        let pipe = || pipe_with(PipeFlags::CLOEXEC).expect("a pipe");
        let ((input, to_task), (from_task, output), (log, to_log)) = (pipe(), pipe(), pipe());
        let (nothing, _) = pipe();
        let null = rustix::fs::open("/dev/null", rustix::fs::OFlags::RDWR, rustix::fs::Mode::empty()).expect("null");
        let outputs = [(OutputStream::Stdout, from_task, to_log), (OutputStream::Stderr, nothing, null)];
        Ends { relay: Relay::of_pipes(to_task, outputs).expect("pipes"), input, output, log }
    }

    #[test]
    fn output_reaches_log_and_watchers() {
        let Ends { mut relay, output, log, .. } = relay();
        write(&output, b"said").expect("room");
        let mut heard = Vec::new();
        assert!(relay.pass_on(|output| heard.extend(output.data)));
        let mut logged = [0; 8];
        assert_eq!((heard.as_slice(), read(&log, &mut logged)), (&b"said"[..], Ok(4)));
        assert!(!relay.pass_on(|_| {}));
    }

    #[test]
    fn input_waits_for_a_task_that_does_not_read_and_its_end_waits_behind_it() {
        let Ends { mut relay, input, .. } = relay();
        relay.feed(&vec![7; 100_000]);
        assert!(relay.is_full());
        relay.end_input();
        assert_eq!(relay.input_refusal(), Some(Errno::PIPE));
        let mut taken = 0;
        let mut buffer = vec![0; CHUNK];
        while let Ok(count @ 1..) = read(&input, &mut buffer) {
            taken += count;
            relay.pour();
        }
        assert_eq!(taken, 100_000);
    }

    #[test]
    fn a_task_that_closed_its_input_holds_nobody_up() {
        let Ends { mut relay, input, .. } = relay();
        drop(input);
        // What the test runner ignores too, as every supervisor does: SIGPIPE.
        relay.feed(b"in vain");
        assert!(!relay.is_full());
        assert_eq!(relay.resize(WindowSize { rows: 1, columns: 1 }), Err(Errno::NOTTY));
    }
}
