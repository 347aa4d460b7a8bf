//! Bytes that the caller feeds: a bounded queue between the event loop, which never waits, and the thread that reads.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

/// Above it the caller shall wait, and below half of it may go on.
const BOUND: usize = 2 << 20;

#[derive(Default)]
pub struct Feed {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    chunks: VecDeque<Vec<u8>>,
    held: usize,
    /// The caller was told to wait.
    full: bool,
    ended: bool,
    stopped: bool,
}

pub struct Taken {
    /// `None`: all has come.
    pub chunk: Option<Vec<u8>>,
    /// The caller waits, and need not any more.
    pub drained: bool,
}

impl Feed {
    /// False: the caller shall wait until it is drained. What nobody reads any more is dropped.
    pub fn push(&self, bytes: &[u8]) -> bool {
        let mut state = self.locked();
        if state.stopped || state.ended || bytes.is_empty() {
            return true;
        }
        state.chunks.push_back(bytes.to_vec());
        state.held += bytes.len();
        state.full |= state.held > BOUND;
        self.changed.notify_all();
        !state.full
    }

    pub fn end(&self) {
        self.locked().ended = true;
        self.changed.notify_all();
    }

    /// Nobody reads any more.
    pub fn stop(&self) {
        let mut state = self.locked();
        state.stopped = true;
        state.chunks.clear();
        self.changed.notify_all();
    }

    /// Waits for more.
    pub fn take(&self) -> Taken {
        let mut state = self.locked();
        while state.chunks.is_empty() && !state.ended && !state.stopped {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let chunk = state.chunks.pop_front();
        state.held -= chunk.as_ref().map_or(0, Vec::len).min(state.held);
        let drained = state.full && state.held <= BOUND / 2;
        state.full &= !drained;
        Taken { chunk, drained }
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        // Each change is whole by itself.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_feeds_too_much_waits_until_half_is_taken() {
        let feed = Feed::default();
        let chunk = vec![7; BOUND / 4];
        for _ in 0..4 {
            assert!(feed.push(&chunk));
        }
        assert!(!feed.push(&chunk));
        assert!(!feed.take().drained && !feed.take().drained);
        assert!(feed.take().drained);
        assert!(!feed.take().drained);
        assert!(feed.push(&chunk));
    }

    #[test]
    fn what_comes_after_the_end_or_a_stop_is_dropped() {
        let feed = Feed::default();
        feed.push(b"a");
        feed.end();
        feed.push(b"b");
        assert_eq!(feed.take().chunk.as_deref(), Some(&b"a"[..]));
        assert!(feed.take().chunk.is_none());
        feed.stop();
        assert!(feed.push(&vec![0; 2 * BOUND]));
        assert!(feed.take().chunk.is_none());
    }
}
