//! A directory of changes whose container is gone serves the next one, emptied: to make and remove such directories takes some file systems longer than
//! all that is mounted. What a container could see of it, `upper`, is new each time: somebody may have been handed a file of the old one. With it waits an
//! overlay over the layers that the last container had, since the next is likely to want them.

use std::{
    os::fd::{AsFd, OwnedFd},
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use meseta_spec::Root;
use rustix::{
    fs::{self, AtFlags, CWD, Mode, OFlags, RenameFlags, renameat_with},
    io::Errno,
    path::Arg,
};

use crate::{
    failure::{Result, Step},
    quota::project::project_of,
    remove_tree::{names, remove_below, remove_tree},
    rootfs::ready_overlay::{Layers, ReadyOverlay},
};

/// More than are ever wanted at once cost no more to make when they are.
const MOST: usize = 8;

/// So many of them are made ready; the others fit any container.
const READY: usize = 4;

/// What begins with this is removed by whoever finds it and has not made it.
const PREFIX: &str = ".spare-";

pub struct Spares {
    /// `None` once closed.
    waiting: Mutex<Option<Vec<Spare>>>,
    /// What the last container that was started had, if that may be had in advance.
    expected: Mutex<Option<Layers>>,
    named: AtomicU64,
}

/// A directory in which an overlay was mounted serves no other.
struct Spare {
    directory: PathBuf,
    overlay: Option<ReadyOverlay>,
}

impl Default for Spares {
    fn default() -> Self {
        Spares { waiting: Mutex::new(Some(Vec::new())), expected: Mutex::default(), named: AtomicU64::default() }
    }
}

impl Spares {
    /// Puts one where a container wants its directory of changes, and answers the overlay in it. Without one, or if something is there already, init
    /// makes what is missing.
    pub fn take(&self, root: &Root) -> Option<OwnedFd> {
        let wanted = Path::new(root.scratch.as_ref()?);
        let layers = Layers::of(root);
        locked(&self.expected).clone_from(&layers);
        let mut waiting = locked(&self.waiting);
        let waiting = waiting.as_mut()?;
        let index = fitting(waiting, wanted, layers.as_ref())?;
        let moved = renameat_with(CWD, &waiting[index].directory, CWD, wanted, RenameFlags::NOREPLACE);
        if moved == Err(Errno::EXIST) {
            return None;
        }
        // One that cannot be moved now could not be later.
        let Spare { overlay, .. } = waiting.remove(index);
        overlay.filter(|_| moved.is_ok()).map(ReadyOverlay::into_tree)
    }

    /// Takes what nobody wants any more. False: there are enough, or it is not fit for another container.
    pub fn give(&self, directory: &Path) -> bool {
        let kept = self.keep(directory);
        self.catch_up();
        kept
    }

    fn keep(&self, directory: &Path) -> bool {
        let wanted = || locked(&self.waiting).as_ref().is_some_and(|waiting| waiting.len() < MOST);
        if !wanted() || renew(directory) != Ok(true) {
            return false;
        }
        let spare = self.name_beside(directory);
        let renamed = renameat_with(CWD, directory, CWD, &spare, RenameFlags::NOREPLACE).is_ok();
        if renamed {
            self.put(spare);
        }
        renamed
    }

    /// Where all that are ready are for others than expected, the one that has waited longest is made anew.
    fn catch_up(&self) {
        let Some(Spare { directory, overlay }) = self.take_outdated() else { return };
        // Before its directory is renewed.
        drop(overlay);
        match renew(&directory) {
            Ok(true) => self.put(directory),
            _ => discard(Spare { directory, overlay: None }),
        }
    }

    fn take_outdated(&self) -> Option<Spare> {
        let expected = locked(&self.expected).clone()?;
        let mut waiting = locked(&self.waiting);
        let waiting = waiting.as_mut()?;
        let all_for_others = ready(waiting).count() >= READY && !ready(waiting).any(|(_, overlay)| overlay.is_over(&expected));
        let (longest, _) = ready(waiting).next().filter(|_| all_for_others)?;
        Some(waiting.remove(longest))
    }

    fn overlay_in(&self, directory: &Path) -> Result<Option<ReadyOverlay>> {
        let enough = locked(&self.waiting).as_ref().is_none_or(|waiting| ready(waiting).count() >= READY);
        let expected = locked(&self.expected).clone().filter(|_| !enough);
        let mount = |layers| ReadyOverlay::mount(open(CWD, directory).step_at("open", directory)?, &layers);
        expected.map_or(Ok(None), mount)
    }

    /// One that nobody could use goes, and one that is not wanted any more.
    fn put(&self, directory: PathBuf) {
        let Ok(overlay) = self.overlay_in(&directory) else { return discard(Spare { directory, overlay: None }) };
        let mut surplus = Some(Spare { directory, overlay });
        if let Some(waiting) = locked(&self.waiting).as_mut().filter(|waiting| waiting.len() < MOST) {
            waiting.extend(surplus.take());
        }
        surplus.into_iter().for_each(discard);
    }

    fn name_beside(&self, directory: &Path) -> PathBuf {
        directory.with_file_name(format!("{PREFIX}{}-{}", std::process::id(), self.named.fetch_add(1, Ordering::Relaxed)))
    }

    pub fn close(&self) {
        locked(&self.waiting).take().unwrap_or_default().into_iter().for_each(discard);
    }
}

/// Rather one whose overlay is what is wanted, else one without.
fn fitting(waiting: &[Spare], wanted: &Path, layers: Option<&Layers>) -> Option<usize> {
    let beside = |index: &usize| waiting[*index].directory.parent() == wanted.parent();
    let over_layers = layers.and_then(|layers| {
        let mut those = ready(waiting).filter(|(_, overlay)| overlay.is_over(layers)).map(|(index, _)| index);
        those.find(beside)
    });
    over_layers.or_else(|| (0..waiting.len()).rev().filter(|&index| waiting[index].overlay.is_none()).find(beside))
}

/// Those with an overlay, by their index; who has waited longest first.
fn ready(waiting: &[Spare]) -> impl Iterator<Item = (usize, &ReadyOverlay)> {
    let each = waiting.iter().enumerate();
    each.filter_map(|(index, spare)| spare.overlay.as_ref().map(|overlay| (index, overlay)))
}

/// The overlay first, whose directory it is.
fn discard(Spare { directory, overlay }: Spare) {
    drop(overlay);
    // As everywhere: what stays is found by its name.
    let _ = remove_tree(&directory);
}

/// Each entry is whole by itself.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// False: it is no overlay's, or a project of the file system owns it.
fn renew(directory: &Path) -> std::result::Result<bool, Errno> {
    let top = open(CWD, directory)?;
    // On which an overlay of many layers was mounted.
    let _ = fs::unlinkat(&top, c"root", AtFlags::REMOVEDIR);
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

fn open(at: impl AsFd, name: impl Arg) -> std::result::Result<OwnedFd, Errno> {
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

    /// Whose layers nobody can mount.
    fn root(scratch: &Path) -> Root {
        let scratch = scratch.to_string_lossy().into_owned();
        Root { directory: "/nowhere".to_owned(), overlay: Some(true), scratch: Some(scratch), ..Default::default() }
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
        assert!(spares.take(&root(&place.join("c2"))).is_none());
        assert_eq!(below(&place), ["c2"]);
        assert_eq!(below(&place.join("c2")), ["upper", "work"]);
        assert!(below(&place.join("c2/upper")).is_empty() && below(&place.join("c2/work")).is_empty());
        assert_eq!(files::metadata(place.join("c2/upper")).expect("there").permissions().mode() & 0o7777, 0o755);
        assert!(spares.take(&root(&place.join("c3"))).is_none());
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
        assert!(spares.take(&root(&place.join("c2"))).is_none());
        let both = [format!("{PREFIX}{}-0", std::process::id()), "c2".to_owned()];
        assert_eq!(below(&place), both);
        assert!(spares.take(&root(&place.join("elsewhere/c2"))).is_none());
        assert_eq!(below(&place), both, "it may be another file system");
        files::remove_dir_all(&place).expect("removed");
    }
}
