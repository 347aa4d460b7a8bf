//! What nobody waits for: supervisors are parked, and what nobody wants any more is removed. While a container runs, and not while one starts: beside this a
//! start takes half as long again.

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use super::{locked, spawn::Launcher};
use crate::{
    failure::{Result, Step},
    remove_tree::remove_tree,
    spares::Spares,
};

/// So long a removal waits for a container to run: the next is started at once, or it may take its time.
const NEXT_START: Duration = Duration::from_millis(10);
/// More do not wait to be removed: then whoever brings one does it.
const MOST: usize = 16;
/// How long what a host leaves behind may hold up its end.
const REMOVAL_PATIENCE: Duration = Duration::from_secs(2);

pub struct Chores {
    shared: Arc<Shared>,
}

struct Shared {
    to_do: Mutex<ToDo>,
    changed: Condvar,
    launcher: Arc<Launcher>,
    spares: Arc<Spares>,
}

struct ToDo {
    park: bool,
    removals: VecDeque<Removal>,
    /// That have been taken, and are not done.
    under_way: usize,
    /// When a container last began to run.
    lull: Instant,
    closed: bool,
}

struct Removal {
    since: Instant,
    directory: PathBuf,
}

enum Chore {
    Park,
    Remove(PathBuf),
}

impl ToDo {
    /// What is due, or else how long nothing will be; `None`: until something comes.
    fn next(&mut self) -> std::result::Result<Chore, Option<Duration>> {
        if std::mem::take(&mut self.park) {
            return Ok(Chore::Park);
        }
        let removal = self.removals.front().ok_or(None)?;
        let rest = removal.due(self.lull).saturating_duration_since(Instant::now());
        if !rest.is_zero() && !self.closed {
            return Err(Some(rest));
        }
        self.take_removal().map(Chore::Remove).ok_or(None)
    }

    fn take_removal(&mut self) -> Option<PathBuf> {
        let removal = self.removals.pop_front()?;
        self.under_way += 1;
        Some(removal.directory)
    }

    fn removals_are_done(&self) -> bool {
        self.removals.is_empty() && self.under_way == 0
    }
}

impl Removal {
    fn due(&self, lull: Instant) -> Instant {
        let latest = self.since + NEXT_START;
        if self.since <= lull { lull.min(latest) } else { latest }
    }
}

impl Chores {
    pub fn new(launcher: Arc<Launcher>, spares: Arc<Spares>) -> Result<Self> {
        let to_do = ToDo { park: true, removals: VecDeque::new(), under_way: 0, lull: Instant::now(), closed: false };
        let shared = Arc::new(Shared { to_do: Mutex::new(to_do), changed: Condvar::new(), launcher, spares });
        let inner = shared.clone();
        let thread = thread::Builder::new().name("meseta-chores".to_owned()).spawn(move || inner.run());
        thread.step("start the thread for chores").map(|_| Chores { shared })
    }

    pub fn a_container_runs(&self) {
        let mut to_do = locked(&self.shared.to_do);
        to_do.lull = Instant::now();
        to_do.park = true;
        self.shared.changed.notify_all();
    }

    /// Before who waits for the container is told: what `close` does not see has not begun.
    pub fn remove(&self, directories: Vec<PathBuf>) {
        if directories.is_empty() {
            return;
        }
        let since = Instant::now();
        locked(&self.shared.to_do).removals.extend(directories.into_iter().map(|directory| Removal { since, directory }));
        self.shared.changed.notify_all();
    }

    /// Afterwards. So no more is left to be removed than can be.
    pub fn help(&self) {
        while let Some(directory) = self.shared.surplus() {
            self.shared.remove(&directory);
        }
    }

    /// What stays is found by its name when the next agent recovers.
    pub fn close(&self) {
        let mut to_do = locked(&self.shared.to_do);
        to_do.closed = true;
        to_do.park = false;
        self.shared.changed.notify_all();
        let waited = self.shared.changed.wait_timeout_while(to_do, REMOVAL_PATIENCE, |to_do| !to_do.removals_are_done());
        drop(waited.map_err(PoisonError::into_inner));
    }
}

impl Drop for Chores {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn run(&self) {
        while let Some(chore) = self.next() {
            match chore {
                Chore::Park => self.launcher.park(),
                Chore::Remove(directory) => self.remove(&directory),
            }
        }
    }

    /// `None`: closed, and all is done.
    fn next(&self) -> Option<Chore> {
        let mut to_do = locked(&self.to_do);
        loop {
            to_do = match to_do.next() {
                Ok(chore) => return Some(chore),
                Err(_) if to_do.closed => return None,
                Err(None) => self.changed.wait(to_do).unwrap_or_else(PoisonError::into_inner),
                Err(Some(rest)) => self.changed.wait_timeout(to_do, rest).unwrap_or_else(PoisonError::into_inner).0,
            }
        }
    }

    fn surplus(&self) -> Option<PathBuf> {
        let mut to_do = locked(&self.to_do);
        let most = if to_do.closed { 0 } else { MOST };
        if to_do.removals.len() > most { to_do.take_removal() } else { None }
    }

    fn remove(&self, directory: &Path) {
        if !self.spares.give(directory) {
            let _ = remove_tree(directory);
        }
        locked(&self.to_do).under_way -= 1;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_removals(count: usize) -> ToDo {
        let since = Instant::now();
        let removals = (0..count).map(|index| Removal { since, directory: PathBuf::from(format!("/{index}")) });
        ToDo {
            park: false,
            removals: removals.collect(),
            under_way: 0,
            lull: since.checked_sub(NEXT_START).expect("up for long"),
            closed: false,
        }
    }

    fn is_removal(chore: &std::result::Result<Chore, Option<Duration>>) -> bool {
        matches!(chore, Ok(Chore::Remove(_)))
    }

    #[test]
    fn removals_wait_for_a_container_to_run() {
        let mut to_do = with_removals(2);
        to_do.removals[0].since += Duration::from_secs(60);
        to_do.removals[1].since += Duration::from_secs(60);
        assert!(matches!(to_do.next(), Err(Some(_))), "one is about to start");
        to_do.lull = to_do.removals[0].since;
        to_do.park = true;
        assert!(matches!(to_do.next(), Ok(Chore::Park)));
        to_do.closed = true;
        assert!(is_removal(&to_do.next()) && is_removal(&to_do.next()));
        assert!(matches!(to_do.next(), Err(None)) && !to_do.removals_are_done());
        to_do.under_way -= 2;
        assert!(to_do.removals_are_done());
    }

    #[test]
    fn removals_wait_no_longer_than_a_next_start_may_take() {
        let (removal, before) = (with_removals(1).removals.remove(0).expect("one"), Duration::from_secs(1));
        let long_ago = removal.since.checked_sub(before).expect("up for long");
        assert_eq!(removal.due(long_ago), removal.since + NEXT_START);
        assert_eq!(removal.due(removal.since), removal.since, "one runs now");
        assert_eq!(removal.due(removal.since + before), removal.since + NEXT_START);
    }
}
