//! The container's /dev. It is filled while it is detached: nobody else can reach it, so no name in it can be a trap (S19).

use std::{
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::Path,
};

use meseta_spec::DeviceNode;
use rustix::{
    fs::{self, AtFlags, FileType, Gid, Mode, OFlags, Uid, makedev},
    io::Errno,
};

use crate::{
    failure::{Failure, Result, Step},
    mount::detached::{NOEXEC, NOSUID, new_filesystem},
    resolve::{Kind, Links, make_below},
};

const STEP: &str = "make the device";

/// Character devices that every program expects (row 6-026), by major and minor number.
const DEVICES: &[(&str, u32, u32)] =
    &[("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0)];

const LINKS: &[(&str, &str)] = &[
    ("/proc/self/fd", "fd"),
    ("/proc/self/fd/0", "stdin"),
    ("/proc/self/fd/1", "stdout"),
    ("/proc/self/fd/2", "stderr"),
    ("pts/ptmx", "ptmx"),
];

pub fn directory() -> Result<OwnedFd> {
    let tree = new_filesystem("tmpfs", &[("mode", Some("755")), ("size", Some("65536"))], NOSUID | NOEXEC)?;
    for directory in ["pts", "shm", "mqueue"] {
        fs::mkdirat(&tree, directory, Mode::from_raw_mode(0o755)).step_at("make /dev", directory)?;
    }
    fill(tree.as_fd())?;
    Ok(tree)
}

/// To such a directory, while it is detached.
pub fn add(tree: &OwnedFd, wanted: &[DeviceNode]) -> Result<()> {
    wanted.iter().try_for_each(|device| {
        let name = below_dev(&device.path).ok_or_else(|| Failure::because(STEP, "it is not below /dev").at(&device.path))?;
        place(tree.as_fd(), name, device)
    })
}

/// For a bare root, after the mounts of the plan: its /dev is whatever they made it. What is there already stays.
pub fn make(root: BorrowedFd<'_>, wanted: &[DeviceNode]) -> Result<()> {
    let directory = make_below(root, "dev", Links::Refused, Kind::Directory).step_at("make /dev", "/dev")?;
    fill(directory.as_fd())?;
    wanted.iter().try_for_each(|device| match below_dev(&device.path) {
        Some(name) => place(directory.as_fd(), name, device),
        None => place(root, Path::new(&device.path), device),
    })
}

fn below_dev(path: &str) -> Option<&Path> {
    Path::new(path).strip_prefix("/dev").ok().filter(|name| !name.as_os_str().is_empty())
}

fn fill(directory: BorrowedFd<'_>) -> Result<()> {
    for &(name, major, minor) in DEVICES {
        existing_is_fine(fs::mknodat(
            directory,
            name,
            FileType::CharacterDevice,
            Mode::from_raw_mode(0o666),
            makedev(major, minor),
        ))
        .step_at(STEP, name)?;
    }
    for (target, name) in LINKS {
        existing_is_fine(fs::symlinkat(*target, directory, *name)).step_at("make /dev", name)?;
    }
    Ok(())
}

fn existing_is_fine(made: std::result::Result<(), Errno>) -> std::result::Result<(), Errno> {
    if made == Err(Errno::EXIST) { Ok(()) } else { made }
}

/// One of the plan's, in place of what the default has under its name.
fn place(root: BorrowedFd<'_>, path: &Path, device: &DeviceNode) -> Result<()> {
    let (Some(name), parent) = (path.file_name(), path.parent().unwrap_or(Path::new(""))) else {
        return Err(Failure::because(STEP, "it has no name").at(path));
    };
    let (kind, number) = kind_of(device)?;
    let put = || -> std::result::Result<(), Errno> {
        let directory = make_below(root, parent, Links::Refused, Kind::Directory)?;
        match fs::unlinkat(&directory, name, AtFlags::empty()) {
            Err(Errno::NOENT) => {}
            removed => removed?,
        }
        fs::mknodat(&directory, name, kind, Mode::from_raw_mode(device.mode.unwrap_or(0o666) & 0o7777), number)?;
        own(&directory, name.as_ref(), device)
    };
    put().step_at(STEP, &device.path)
}

fn own(directory: &OwnedFd, name: &Path, device: &DeviceNode) -> std::result::Result<(), Errno> {
    let (uid, gid) = (device.uid.unwrap_or(0), device.gid.unwrap_or(0));
    if (uid, gid) == (0, 0) {
        return Ok(());
    }
    let node = fs::openat(directory, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
    fs::chownat(node, "", Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)), AtFlags::EMPTY_PATH)
}

fn kind_of(device: &DeviceNode) -> Result<(FileType, fs::Dev)> {
    let number = makedev(device.major.unwrap_or(0), device.minor.unwrap_or(0));
    match device.kind.as_str() {
        "c" | "u" => Ok((FileType::CharacterDevice, number)),
        "b" => Ok((FileType::BlockDevice, number)),
        "p" => Ok((FileType::Fifo, 0)),
        other => Err(Failure::because(STEP, format!("{other} is not a kind of device")).at(&device.path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_named_by_where_they_are_below_dev() {
        assert_eq!(below_dev("/dev/nvidia-caps/cap1"), Some(Path::new("nvidia-caps/cap1")));
        assert_eq!(below_dev("/devious"), None);
        assert_eq!(below_dev("/dev"), None);
    }

    #[test]
    fn an_unknown_kind_is_refused() {
        let device = DeviceNode { path: "/dev/x".to_owned(), kind: "s".to_owned(), ..Default::default() };
        assert!(kind_of(&device).is_err());
    }
}
