//! Blocks of decompressed bytes between an archive's two threads. Placing goes in leaps (a thousand small files take as long as one of 200 MiB), and neither thread
//! shall wait for the other: many blocks may be ahead. They are of one stock for all archives, so that many at a time take no more memory than one. Who comes when every
//! processor has its thread gets none: waiting costs nothing then, and a block that is read late has left the cache.

use std::{
    sync::{Mutex, MutexGuard, PoisonError, mpsc::Receiver},
    thread::available_parallelism,
};

pub const BLOCK: usize = 256 << 10;
/// What each archive has in any case: one is filled, one is read, and one lies between.
const OWN: usize = 3;
/// Of each archive.
const THREADS: usize = 2;
/// 8 MiB.
static STOCK: Stock = Stock::new(32);

/// Memory that was used once is kept as long as anybody uses any: allocators give what one thread took and another gave back to the system late or never.
struct Stock {
    size: usize,
    state: Mutex<State>,
}

struct State {
    archives: usize,
    taken: usize,
    kept: Vec<Vec<u8>>,
}

impl Stock {
    const fn new(size: usize) -> Self {
        Stock { size, state: Mutex::new(State { archives: 0, taken: 0, kept: Vec::new() }) }
    }

    fn take(&'static self, processors: usize) -> Option<Block> {
        let mut state = self.locked();
        if state.taken == self.size || state.archives * THREADS > processors {
            return None;
        }
        state.taken += 1;
        Some(Block { bytes: state.kept.pop().unwrap_or_default(), of: Some(self) })
    }

    fn give_back(&self, bytes: Vec<u8>) {
        let mut state = self.locked();
        state.taken -= 1;
        state.kept.push(bytes);
        if state.taken == 0 {
            state.kept = Vec::new();
        }
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        // Each change is whole by itself.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever drops it gives it back.
pub struct Block {
    pub bytes: Vec<u8>,
    of: Option<&'static Stock>,
}

impl Drop for Block {
    fn drop(&mut self) {
        if let Some(stock) = self.of {
            stock.give_back(std::mem::take(&mut self.bytes));
        }
    }
}

/// The blocks of one archive.
pub struct Blocks {
    own: usize,
    stock: &'static Stock,
    processors: usize,
    read: Receiver<Block>,
}

impl Drop for Blocks {
    fn drop(&mut self) {
        self.stock.locked().archives -= 1;
    }
}

impl Blocks {
    /// `read` brings back those that were read.
    pub fn new(read: Receiver<Block>) -> Self {
        Blocks::from(&STOCK, available_parallelism().map_or(1, usize::from), read)
    }

    fn from(stock: &'static Stock, processors: usize, read: Receiver<Block>) -> Self {
        stock.locked().archives += 1;
        Blocks { own: 0, stock, processors, read }
    }

    /// `BLOCK` bytes to be filled. Waits for one that was read when there may be no more; `None`: nobody reads them.
    pub fn next(&mut self) -> Option<Block> {
        let free = self.read.try_recv().ok().or_else(|| self.another());
        let mut block = free.or_else(|| self.read.recv().ok())?;
        block.bytes.resize(BLOCK, 0);
        Some(block)
    }

    fn another(&mut self) -> Option<Block> {
        if self.own < OWN {
            self.own += 1;
            return Some(Block { bytes: Vec::new(), of: None });
        }
        self.stock.take(self.processors)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn who_finds_the_stock_empty_waits_for_what_was_read() {
        static EMPTY: Stock = Stock::new(0);
        let (give_back, read) = mpsc::channel();
        let mut blocks = Blocks::from(&EMPTY, 2, read);
        let mut own: Vec<_> = (0..OWN).map(|_| blocks.next().expect("its own")).collect();
        assert!(own.iter().all(|block| block.bytes.len() == BLOCK));
        give_back.send(own.remove(0)).expect("it listens");
        assert!(blocks.next().is_some());
        drop(give_back);
        assert!(blocks.next().is_none());
    }

    #[test]
    fn what_is_dropped_is_in_the_stock_again_and_its_memory_serves_the_next() {
        static TWO: Stock = Stock::new(2);
        let mut both: Vec<_> = (0..2).map(|_| TWO.take(2).expect("there are two")).collect();
        assert!(TWO.take(2).is_none());
        both[0].bytes.push(7);
        both.remove(0);
        assert_eq!(TWO.take(2).expect("it is back").bytes, [7]);
        drop(both);
        assert!(TWO.take(2).expect("all are back").bytes.is_empty());
    }

    #[test]
    fn who_comes_when_every_processor_has_its_thread_gets_none() {
        static ONE: Stock = Stock::new(1);
        let (_, read) = mpsc::channel();
        let first = Blocks::from(&ONE, 3, read);
        assert!(ONE.take(2).is_some());
        let (_, read) = mpsc::channel();
        let second = Blocks::from(&ONE, 3, read);
        assert!(ONE.take(3).is_none() && ONE.take(4).is_some());
        drop((first, second));
        assert!(ONE.take(0).is_some());
    }
}
