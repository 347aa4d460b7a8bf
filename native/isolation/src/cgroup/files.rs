//! Reading and writing the small files of a cgroup.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::failure::{Failure, Result, Step};

const MOST_ARE_SMALLER: usize = 4096;

/// Cgroup files are written with one write of the whole value; a file that does not exist is not made.
pub fn write(file: &Path, value: &str) -> Result<()> {
    write_each(file, &[value])
}

/// Of a file that takes one value after the other.
pub fn write_each(file: &Path, values: &[impl ToString]) -> Result<()> {
    use std::io::Write;
    let mut open = fs::OpenOptions::new().write(true).open(file).step_at("open", file)?;
    values.iter().try_for_each(|value| open.write_all(value.to_string().as_bytes())).step_at("write", file)
}

/// A limit where -1 means none, spelled `max`.
pub fn write_limit(file: &Path, value: Option<i64>) -> Result<()> {
    match value {
        None => Ok(()),
        Some(number) if number < 0 => write(file, "max"),
        Some(number) => write(file, &number.to_string()),
    }
}

/// Whether writing that limit changes anything: none (-1) is what a kernel without such a file has anyway.
pub fn has_effect(at: &Path, name: &str, value: i64) -> bool {
    value >= 0 || at.join(name).exists()
}

pub fn write_if_some(file: &Path, value: Option<impl ToString>) -> Result<()> {
    value.map_or(Ok(()), |value| write(file, &value.to_string()))
}

/// For a setting that only the other version of cgroups has: asked for in vain is an error, not asked for is none.
pub fn refuse(asked: bool, step: &'static str, why: &str) -> Result<()> {
    if asked { Err(Failure::because(step, why)) } else { Ok(()) }
}

/// They are small and do not say how small, so nobody is asked for their size.
pub fn read(file: &Path) -> Option<String> {
    use std::io::Read;
    let mut text = String::with_capacity(MOST_ARE_SMALLER);
    fs::File::open(file).ok()?.take(u64::MAX).read_to_string(&mut text).ok()?;
    Some(text)
}

pub fn read_number(file: &Path) -> Option<u64> {
    read(file)?.trim().parse().ok()
}

/// The number behind `key` in a file of `key number` lines.
pub fn value_of(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once(' ')?;
        if name == key { value.trim().parse().ok() } else { None }
    })
}

pub fn count_lines(file: &Path) -> u64 {
    read(file).map_or(0, |text| text.lines().count() as u64)
}

/// Pids directly in a cgroup.
pub fn members(directory: &Path) -> Vec<i32> {
    let text = read(&directory.join("cgroup.procs")).unwrap_or_default();
    text.lines().filter_map(|line| line.parse().ok()).collect()
}

/// All pids in a cgroup and in those below it.
pub fn members_below(directory: &Path) -> Vec<i32> {
    let mut pids = members(directory);
    for child in children(directory) {
        pids.extend(members_below(&child));
    }
    pids
}

/// The cgroups directly below.
pub fn children(directory: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path()).collect()
}

pub fn kill_each(pids: &[i32]) {
    for pid in pids.iter().filter_map(|&pid| Pid::from_raw(pid)) {
        // One that is gone already is what we want.
        let _ = kill_process(pid, Signal::KILL);
    }
}
