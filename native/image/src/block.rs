//! Blocks of decompressed bytes between an archive's two threads. Placing goes in leaps (a thousand small files take as long as one of 200 MiB), and neither thread
//! shall wait for the other: many blocks may be ahead. They are of one stock for all archives, so that many at a time take no more memory than one.

use std::sync::{
    atomic::{AtomicUsize, Ordering::Relaxed},
    mpsc::Receiver,
};

pub const BLOCK: usize = 256 << 10;
/// What each archive has in any case: one is filled, one is read, and one lies between.
const OWN: usize = 3;
/// 12 MiB.
static STOCK: Stock = Stock(AtomicUsize::new(48));

struct Stock(AtomicUsize);

impl Stock {
    fn take(&'static self) -> Option<Taken> {
        let taken = self.0.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1));
        taken.ok().map(|_| Taken(self))
    }
}

/// Counts as used until it is dropped.
struct Taken(&'static Stock);

impl Drop for Taken {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Relaxed);
    }
}

pub struct Block {
    pub bytes: Vec<u8>,
    _taken: Option<Taken>,
}

impl Block {
    fn new(taken: Option<Taken>) -> Self {
        Block { bytes: Vec::new(), _taken: taken }
    }
}

/// The blocks of one archive.
pub struct Blocks {
    own: usize,
    stock: &'static Stock,
    read: Receiver<Block>,
}

impl Blocks {
    /// `read` brings back those that were read.
    pub fn new(read: Receiver<Block>) -> Self {
        Blocks::from(&STOCK, read)
    }

    fn from(stock: &'static Stock, read: Receiver<Block>) -> Self {
        Blocks { own: 0, stock, read }
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
            return Some(Block::new(None));
        }
        self.stock.take().map(|taken| Block::new(Some(taken)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn who_finds_the_stock_empty_waits_for_what_was_read() {
        static EMPTY: Stock = Stock(AtomicUsize::new(0));
        let (give_back, read) = mpsc::channel();
        let mut blocks = Blocks::from(&EMPTY, read);
        for _ in 0..OWN {
            let block = blocks.next().expect("its own");
            assert_eq!(block.bytes.len(), BLOCK);
            give_back.send(block).expect("it listens");
        }
        let again: Vec<_> = (0..OWN).map(|_| blocks.next().expect("what was read")).collect();
        drop(give_back);
        assert!(blocks.next().is_none() && again.len() == OWN);
    }

    #[test]
    fn what_is_dropped_is_in_the_stock_again() {
        static ONE: Stock = Stock(AtomicUsize::new(1));
        let taken = ONE.take();
        assert!(taken.is_some() && ONE.take().is_none());
        drop(taken);
        assert!(ONE.take().is_some());
    }
}
