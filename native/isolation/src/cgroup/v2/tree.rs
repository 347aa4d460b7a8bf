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

/// Makes it, with what is missing above. What is read above tells of a controller as soon as anybody begins to hand it down, which is before its files are
/// everywhere below. Making a cgroup waits for the kernel's lock, so the new one is born with all its files; whoever finds one that is there already waits
/// for that lock by handing down once more.
pub fn make(directory: &Directory) -> Result<()> {
    let wanted: Vec<&str> = wanted(directory).collect();
    let Some(parent) = directory.path.parent() else { return Ok(()) };
    // Most often another container was here before.
    if !lacking(&parent.join(HANDED_DOWN), &wanted).is_empty() {
        directory::make(parent)?;
        for at in from_the_root(directory, parent) {
            hand_down(at, &lacking(&at.join(HANDED_DOWN), &wanted), may_be_rearranged(directory, at))?;
        }
    }
    if directory::make(&directory.path)? {
        return Ok(());
    }
    from_the_root(directory, parent).iter().try_for_each(|at| hand_down(at, &wanted, may_be_rearranged(directory, at)))
}

fn from_the_root<'a>(directory: &Directory, to: &'a Path) -> Vec<&'a Path> {
    let mut path: Vec<&Path> = to.ancestors().take_while(|at| at.starts_with(&directory.mount_point)).collect();
    path.reverse();
    path
}

/// Controllers that the container's cgroup ought to have and has not.
pub fn missing(directory: &Directory) -> Vec<&str> {
    lacking(&directory.path.join("cgroup.controllers"), &wanted(directory).collect::<Vec<_>>())
}

/// Those that this file does not list.
fn lacking<'a>(file: &Path, wanted: &[&'a str]) -> Vec<&'a str> {
    let present = files::read(file).unwrap_or_default();
    wanted.iter().filter(|name| !present.split_ascii_whitespace().any(|word| word == **name)).copied().collect()
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
fn hand_down(at: &Path, controllers: &[&str], may_be_rearranged: bool) -> Result<()> {
    if controllers.is_empty() {
        return Ok(());
    }
    let file = at.join(HANDED_DOWN);
    let line = controllers.iter().map(|name| format!("+{name}")).collect::<Vec<_>>().join(" ");
    for _ in 0..ROUNDS {
        if may_be_rearranged && !files::members(at).is_empty() {
            make_room(at)?;
            continue;
        }
        match files::write(&file, &line) {
            Err(failure) if failure.is(Errno::BUSY) && may_be_rearranged => {}
            outcome => return outcome.map_err(|failure| explained(failure, &file, controllers)),
        }
    }
    Err(Failure::because("make room for controllers", "its processes fork faster than they can be moved").at(at))
}

fn explained(failure: Failure, file: &Path, controllers: &[&str]) -> Failure {
    let sentence = match failure.errno {
        errno if errno == Errno::NOENT.raw_os_error() && file.exists() => {
            format!("not all of {} have been delegated to it", controllers.join(", "))
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
