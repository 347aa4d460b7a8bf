//! How far an operation is. Counted by two threads, told at most every tenth of a second.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    time::Instant,
};

use meseta_isolation::failure::Result;
use meseta_spec::{ArchiveEvents, UnpackProgress};

use crate::{engine::Deliver, failure::abandoned};

const EVERY_MS: u64 = 100;

pub struct Progress {
    operation: u32,
    deliver: Deliver,
    begun: Instant,
    told_ms: AtomicU64,
    pub bytes_in: AtomicU64,
    pub unpacked_bytes: AtomicU64,
    pub entries: AtomicU64,
    stopped: AtomicBool,
}

impl Progress {
    pub fn new(operation: u32, deliver: Deliver) -> Self {
        Progress {
            operation,
            deliver,
            begun: Instant::now(),
            told_ms: AtomicU64::new(0),
            bytes_in: AtomicU64::new(0),
            unpacked_bytes: AtomicU64::new(0),
            entries: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
        }
    }

    pub fn stop(&self) {
        self.stopped.store(true, Relaxed);
    }

    /// To be asked wherever an operation may be left.
    pub fn go_on(&self) -> Result<()> {
        if self.stopped.load(Relaxed) { Err(abandoned()) } else { Ok(()) }
    }

    pub fn tell(&self) {
        let now = self.begun.elapsed().as_millis() as u64;
        let told = self.told_ms.load(Relaxed);
        if now >= told + EVERY_MS && self.told_ms.compare_exchange(told, now, Relaxed, Relaxed).is_ok() {
            self.deliver(None);
        }
    }

    /// The caller may feed again.
    pub fn drained(&self) {
        self.deliver(Some(true));
    }

    fn deliver(&self, drained: Option<bool>) {
        let progress = UnpackProgress {
            operation: self.operation,
            bytes_in: self.bytes_in.load(Relaxed),
            unpacked_bytes: self.unpacked_bytes.load(Relaxed),
            entries: self.entries.load(Relaxed),
            drained,
        };
        (self.deliver)(ArchiveEvents { progress: vec![progress], completions: Vec::new() });
    }
}
