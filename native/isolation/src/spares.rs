//! A directory of changes whose container is gone serves the next one, emptied: to make and remove such directories takes some file systems longer than
//! all that is mounted. What a container could see of it, `upper`, is new each time: somebody may have been handed a file of the old one.

use std::{
    os::fd::{AsFd, OwnedFd},
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use rustix::{
    fs::{self, AtFlags, CWD, Mode, OFlags, RenameFlags, renameat_with},
    io::Errno,
    path::Arg,
};

use crate::{
    quota::project::project_of,
    remove_tree::{names, remove_below, remove_tree},
};

/// More than are ever wanted at once cost no more to make when they are.
const MOST: usize = 8;

/// What begins with this is removed by whoever finds it and has not made it.
const PREFIX: &str = ".spare-";

pub struct Spares {
    /// `None` once closed.
    waiting: Mutex<Option<Vec<PathBuf>>>,
    named: AtomicU64,
}

impl Default for Spares {
    fn default() -> Self {
        Spares { waiting: Mutex::new(Some(Vec::new())), named: AtomicU64::default() }
    }
}

impl Spares {
    /// Puts one where a container wants its directory of changes. Without one, or if something is there already, init makes what is missing.
    pub fn take(&self, wanted: &Path) {
        let mut waiting = self.waiting();
        let Some(waiting) = waiting.as_mut() else { return };
        let Some(index) = waiting.iter().rposition(|spare| spare.parent() == wanted.parent()) else { return };
        match renameat_with(CWD, &waiting[index], CWD, wanted, RenameFlags::NOREPLACE) {
            Err(Errno::EXIST) => {}
            // One that cannot be moved now could not be later.
            _ => drop(waiting.swap_remove(index)),
        }
    }

    /// Takes what nobody wants any more. False: there are enough, or it is not fit for another container.
    pub fn give(&self, directory: &Path) -> bool {
        let wanted = || self.waiting().as_ref().is_some_and(|waiting| waiting.len() < MOST);
        if !wanted() || renew(directory) != Ok(true) {
            return false;
        }
        match self.waiting().as_mut() {
            Some(waiting) if waiting.len() < MOST => {
                let spare = self.name_beside(directory);
                let renamed = renameat_with(CWD, directory, CWD, &spare, RenameFlags::NOREPLACE).is_ok();
                waiting.extend(renamed.then_some(spare));
                renamed
            }
            _ => false,
        }
    }

    fn name_beside(&self, directory: &Path) -> PathBuf {
        directory.with_file_name(format!("{PREFIX}{}-{}", std::process::id(), self.named.fetch_add(1, Ordering::Relaxed)))
    }

    pub fn close(&self) {
        for directory in self.waiting().take().unwrap_or_default() {
            // As everywhere: what stays is found by its name.
            let _ = remove_tree(&directory);
        }
    }

    /// Each entry is whole by itself.
    fn waiting(&self) -> MutexGuard<'_, Option<Vec<PathBuf>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// False: it is no overlay's, or a project of the file system owns it.
fn renew(directory: &Path) -> Result<bool, Errno> {
    let top = open(CWD, directory)?;
    let mut found = names(&top)?;
    found.sort();
    if found != [c"upper".to_owned(), c"work".to_owned()] || project_of(&top) != 0 {
        return Ok(false);
    }
    if fs::unlinkat(&top, c"upper", AtFlags::REMOVEDIR).is_err() {
        remove_below(top.as_fd(), c"upper")?;
    }
    let work = open(&top, "work")?;
    remove_marks(&work);
    for name in names(&work)? {
        remove_below(work.as_fd(), &name)?;
    }
    fs::mkdirat(&top, "upper", Mode::empty())?;
    // Whatever the agent's umask is.
    fs::chmodat(&top, "upper", Mode::from_raw_mode(0o755), AtFlags::empty())?;
    Ok(true)
}

/// What the kernel leaves there of a volatile overlay, and nobody else ever gets to: to look for it costs five times as much as to remove it.
fn remove_marks(work: &OwnedFd) {
    // What stays, for whatever reason, is looked for.
    let _ = fs::unlinkat(work, c"work/incompat/volatile/dirty", AtFlags::empty());
    for directory in [c"work/incompat/volatile", c"work/incompat", c"work"] {
        let _ = fs::unlinkat(work, directory, AtFlags::REMOVEDIR);
    }
}

fn open(at: impl AsFd, name: impl Arg) -> Result<OwnedFd, Errno> {
    fs::openat(at, name, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
}

#[cfg(test)]
mod tests {
    use std::{fs as files, os::unix::fs::PermissionsExt};

    use super::*;

    fn place(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("meseta-spares-{}-{name}", std::process::id()));
        files::create_dir_all(&path).expect("made");
        path
    }

    fn used(path: &Path) -> PathBuf {
        files::create_dir_all(path.join("upper/var/log")).expect("made");
        files::set_permissions(path.join("upper"), files::Permissions::from_mode(0o1777)).expect("changed");
        files::create_dir_all(path.join("work/work/incompat/volatile")).expect("made");
        files::write(path.join("work/work/incompat/volatile/dirty"), "").expect("written");
        path.to_owned()
    }

    fn below(path: &Path) -> Vec<String> {
        let mut all: Vec<_> = files::read_dir(path)
            .expect("read")
            .map(|entry| entry.expect("read").file_name().to_string_lossy().into_owned())
            .collect();
        all.sort();
        all
    }

    #[test]
    fn what_one_container_changed_is_gone_for_the_next() {
        let place = place("next");
        let spares = Spares::default();
        assert!(spares.give(&used(&place.join(".removed-c1"))));
        spares.take(&place.join("c2"));
        assert_eq!(below(&place), ["c2"]);
        assert_eq!(below(&place.join("c2")), ["upper", "work"]);
        assert!(below(&place.join("c2/upper")).is_empty() && below(&place.join("c2/work")).is_empty());
        assert_eq!(files::metadata(place.join("c2/upper")).expect("there").permissions().mode() & 0o7777, 0o755);
        spares.take(&place.join("c3"));
        assert_eq!(below(&place), ["c2"], "there was only one");
        files::remove_dir_all(&place).expect("removed");
    }

    #[test]
    fn what_is_no_overlays_or_too_much_is_not_kept() {
        let place = place("not-kept");
        let spares = Spares::default();
        files::create_dir_all(place.join(".removed-copy/copy")).expect("made");
        assert!(!spares.give(&place.join(".removed-copy")));
        let volumes = used(&place.join(".removed-volumes"));
        files::create_dir(volumes.join("image-0")).expect("made");
        assert!(!spares.give(&volumes));
        assert!(!spares.give(&place.join(".removed-gone")));
        for index in 0..MOST {
            assert!(spares.give(&used(&place.join(format!(".removed-c{index}")))));
        }
        assert!(!spares.give(&used(&place.join(".removed-last"))));
        spares.close();
        assert_eq!(below(&place), [".removed-copy", ".removed-last", ".removed-volumes"]);
        assert!(!spares.give(&place.join(".removed-last")), "it is closed");
        files::remove_dir_all(&place).expect("removed");
    }

    #[test]
    fn nothing_takes_the_place_of_what_is_there() {
        let place = place("place");
        let spares = Spares::default();
        assert!(spares.give(&used(&place.join(".removed-c1"))));
        files::create_dir(place.join("c2")).expect("made");
        spares.take(&place.join("c2"));
        let both = [format!("{PREFIX}{}-0", std::process::id()), "c2".to_owned()];
        assert_eq!(below(&place), both);
        spares.take(&place.join("elsewhere/c2"));
        assert_eq!(below(&place), both, "it may be another file system");
        files::remove_dir_all(&place).expect("removed");
    }
}
