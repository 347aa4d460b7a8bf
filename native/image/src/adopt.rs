//! Directories that a layer implies look like those of the layers below.

use std::os::fd::{AsFd, OwnedFd};

use meseta_isolation::failure::{Result, Step};
use rustix::{
    fs::{self, Gid, Mode, OFlags, Timespec, Timestamps, Uid, XattrFlags},
    io::Errno,
    process,
};

use crate::{metadata::is_kept, names::clean, parents::open_directory, whiteout};

const STEP: &str = "adopt what is below for";

/// `below` lowest first.
pub fn adopt(directory: &str, implied: &[String], below: &[String]) -> Result<()> {
    let layer = open_layer(directory)?;
    let below = below.iter().rev().map(|path| open_layer(path)).collect::<Result<Vec<_>>>()?;
    for path in implied {
        let cleaned = clean(path.as_bytes())?;
        let target = match look_up(&layer, &cleaned).step_at(STEP, path)? {
            Found::Directory(target) => target,
            _ => continue,
        };
        if let Some(model) = topmost(&below, &cleaned).step_at(STEP, path)? {
            copy(&model, &target).step_at(STEP, path)?;
        }
    }
    Ok(())
}

fn open_layer(path: &str) -> Result<OwnedFd> {
    fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).step_at("open the layer", path)
}

enum Found {
    Directory(OwnedFd),
    /// And layers below count.
    Nothing,
    /// Whatever is below is hidden.
    Hidden,
}

/// Topmost first.
fn topmost(layers: &[OwnedFd], path: &[u8]) -> std::result::Result<Option<OwnedFd>, Errno> {
    for layer in layers {
        match look_up(layer, path)? {
            Found::Directory(directory) => return Ok(Some(directory)),
            Found::Hidden => return Ok(None),
            Found::Nothing => {}
        }
    }
    Ok(None)
}

/// Never through a link: where a layer has one, there is no directory of this path for those above to be merged with.
fn look_up(layer: &OwnedFd, path: &[u8]) -> std::result::Result<Found, Errno> {
    let mut at = open_directory(layer, b".")?;
    let mut opaque = is_opaque(&at);
    for name in path.split(|byte| *byte == b'/').filter(|name| !name.is_empty()) {
        at = match open_directory(&at, name) {
            Ok(directory) => directory,
            Err(Errno::NOENT) if !opaque => return Ok(Found::Nothing),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => return Ok(Found::Hidden),
            Err(errno) => return Err(errno),
        };
        opaque = opaque || is_opaque(&at);
    }
    Ok(Found::Directory(at))
}

fn is_opaque(directory: impl AsFd) -> bool {
    let mut value = [0_u8; 1];
    fs::fgetxattr(directory, whiteout::OPAQUE, &mut value[..]) == Ok(1) && &value == b"y"
}

fn copy(model: &OwnedFd, target: &OwnedFd) -> std::result::Result<(), Errno> {
    let stat = fs::fstat(model)?;
    if process::geteuid().is_root() {
        fs::fchown(target, Some(Uid::from_raw(stat.st_uid)), Some(Gid::from_raw(stat.st_gid)))?;
    }
    fs::fchmod(target, Mode::from_raw_mode(stat.st_mode & 0o7777))?;
    copy_xattrs(model, target)?;
    let modified = Timespec { tv_sec: stat.st_mtime, tv_nsec: stat.st_mtime_nsec as _ };
    fs::futimens(target, &Timestamps { last_access: modified, last_modification: modified })
}

fn copy_xattrs(model: &OwnedFd, target: &OwnedFd) -> std::result::Result<(), Errno> {
    /// The kernel's own bounds.
    const MOST: usize = 64 << 10;
    let mut names = vec![0_u8; MOST];
    let length = match fs::flistxattr(model, &mut names[..]) {
        Err(Errno::NOTSUP) => return Ok(()),
        length => length?,
    };
    let mut value = vec![0_u8; MOST];
    for name in names[..length].split(|byte| *byte == 0).filter(|name| is_kept(name)) {
        let length = fs::fgetxattr(model, name, &mut value[..])?;
        match fs::fsetxattr(target, name, &value[..length], XattrFlags::empty()) {
            Err(Errno::NOTSUP) => {}
            set => set?,
        }
    }
    Ok(())
}
