//! Controllers are handed down from the root of the tree to the container (T139, row 9-054).
//!
//! A container's processes are directly in its cgroup, so that what it sees of its own limits inside (its cgroup namespace begins there) is true. Only
//! when a container nested in it gets limits of its own do they move to a leaf beside that (row 6-055): a cgroup that hands controllers down holds none.

use std::path::{Path, PathBuf};

use rustix::io::Errno;

use crate::{
    cgroup::{
        directory::{self, Directory},
        files,
    },
    failure::{Failure, Result},
};

const LEAF: &str = "leaf";
const HANDED_DOWN: &str = "cgroup.subtree_control";
/// A process that forks while it is moved leaves a child behind, which the next round moves.
const ROUNDS: u32 = 1000;

pub fn prepare(directory: &Directory) -> Result<()> {
    // Most often another container was here before.
    if missing(directory).is_empty() {
        return Ok(());
    }
    let wanted: Vec<&str> = wanted(directory).collect();
    let relative = directory.path.strip_prefix(&directory.mount_point).unwrap_or(Path::new(""));
    let mut at = directory.mount_point.clone();
    for component in relative.components() {
        hand_down(&at, &wanted, may_be_rearranged(directory, &at))?;
        at.push(component);
    }
    Ok(())
}

/// Controllers that the container's cgroup ought to have and has not.
pub fn missing(directory: &Directory) -> Vec<&str> {
    let present = files::read(&directory.path.join("cgroup.controllers")).unwrap_or_default();
    wanted(directory).filter(|name| !present.split_ascii_whitespace().any(|word| word == *name)).collect()
}

/// Where its processes are.
pub fn home(at: &Path) -> PathBuf {
    let leaf = at.join(LEAF);
    if leaf.is_dir() { leaf } else { at.to_owned() }
}

/// Plans use the names of v1, and some of what they name is part of every v2 cgroup, or a program attached to it.
fn wanted(directory: &Directory) -> impl Iterator<Item = &str> {
    let real =
        directory.controllers.iter().filter(|name| !matches!(name.as_str(), "freezer" | "cpuacct" | "devices" | "perf_event"));
    real.map(|name| if name == "blkio" { "io" } else { name })
}

fn may_be_rearranged(directory: &Directory, at: &Path) -> bool {
    directory.shared.as_ref().is_some_and(|shared| at != shared && at.starts_with(shared))
}

/// All in one write: cpu alone could be handed down past processes, and would make a tree of threads of it, in which there is no memory.
fn hand_down(at: &Path, wanted: &[&str], may_be_rearranged: bool) -> Result<()> {
    let file = at.join(HANDED_DOWN);
    let present = files::read(&file).unwrap_or_default();
    let lacking: Vec<&str> =
        wanted.iter().filter(|name| !present.split_ascii_whitespace().any(|word| word == **name)).copied().collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let line = lacking.iter().map(|name| format!("+{name}")).collect::<Vec<_>>().join(" ");
    for _ in 0..ROUNDS {
        if may_be_rearranged && !files::members(at).is_empty() {
            make_room(at)?;
            continue;
        }
        match files::write(&file, &line) {
            Err(failure) if failure.is(Errno::BUSY) && may_be_rearranged => {}
            outcome => return outcome.map_err(|failure| explained(failure, &file, &lacking)),
        }
    }
    Err(Failure::because("make room for controllers", "its processes fork faster than they can be moved").at(at))
}

fn explained(failure: Failure, file: &Path, lacking: &[&str]) -> Failure {
    let sentence = match failure.errno {
        errno if errno == Errno::NOENT.raw_os_error() && file.exists() => {
            format!("not all of {} have been delegated to it", lacking.join(", "))
        }
        errno if errno == Errno::BUSY.raw_os_error() => {
            "it has processes of its own, so it cannot hand controllers down".to_owned()
        }
        _ => return failure,
    };
    Failure { sentence, ..failure }
}

fn make_room(at: &Path) -> Result<()> {
    let leaf = at.join(LEAF);
    directory::make(&leaf)?;
    for pid in files::members(at) {
        match files::write(&leaf.join("cgroup.procs"), &pid.to_string()) {
            Err(failure) if !failure.is(Errno::SRCH) => return Err(failure),
            // Moved, or ended meanwhile.
            _ => {}
        }
    }
    Ok(())
}
