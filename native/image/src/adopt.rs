//! Directories that a layer implies look like those of the layers below.

use std::os::fd::{AsFd, OwnedFd};

use meseta_isolation::failure::{Result, Step};
use rustix::{
    fs::{self, Gid, Mode, OFlags, Timespec, Timestamps, Uid, XattrFlags},
    io::Errno,
    process,
};

use crate::{
    failure::shown,
    metadata::is_kept,
    names::clean,
    trail::{Found, Trail},
};

const STEP: &str = "adopt what is below for";

/// `below` lowest first. One layer after the other, the topmost first, so that few descriptors are open however many there are.
pub fn adopt(directory: &str, implied: &[Vec<u8>], below: &[String]) -> Result<()> {
    let mut pending = implied.iter().map(|path| clean(path)).collect::<Result<Vec<_>>>()?;
    // Each directory comes before those in it.
    pending.sort();
    let mut targets = Trail::of(open_layer(directory)?);
    for path in below.iter().rev() {
        if pending.is_empty() {
            break;
        }
        let mut models = Trail::of(open_layer(path)?);
        let mut left = Vec::new();
        for path in pending {
            match models.follow(&path).step_at(STEP, shown(&path))? {
                Found::Directory(model) => {
                    if let Found::Directory(target) = targets.follow(&path).step_at(STEP, shown(&path))? {
                        copy(model, target).step_at(STEP, shown(&path))?;
                    }
                }
                Found::Hidden => {}
                Found::Nothing => left.push(path),
            }
        }
        pending = left;
    }
    Ok(())
}

fn open_layer(path: &str) -> Result<OwnedFd> {
    fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).step_at("open the layer", path)
}

fn copy(model: impl AsFd + Copy, target: impl AsFd + Copy) -> std::result::Result<(), Errno> {
    let (stat, now) = (fs::fstat(model)?, fs::fstat(target)?);
    // Mostly all is as it should be, and each change that is none costs the file system as much as one.
    let given = process::geteuid().is_root() && (stat.st_uid, stat.st_gid) != (now.st_uid, now.st_gid);
    if given {
        fs::fchown(target, Some(Uid::from_raw(stat.st_uid)), Some(Gid::from_raw(stat.st_gid)))?;
    }
    // A new owner takes the set-group bit away.
    if given || stat.st_mode & 0o7777 != now.st_mode & 0o7777 {
        fs::fchmod(target, Mode::from_raw_mode(stat.st_mode & 0o7777))?;
    }
    copy_xattrs(model, target)?;
    let modified = Timespec { tv_sec: stat.st_mtime, tv_nsec: stat.st_mtime_nsec as _ };
    fs::futimens(target, &Timestamps { last_access: modified, last_modification: modified })
}

fn copy_xattrs(model: impl AsFd + Copy, target: impl AsFd + Copy) -> std::result::Result<(), Errno> {
    /// The kernel's own bounds.
    const MOST: usize = 64 << 10;
    match fs::flistxattr(model, &mut [0_u8; 0][..]) {
        Ok(0) | Err(Errno::NOTSUP) => return Ok(()),
        length => length?,
    };
    let mut names = vec![0_u8; MOST];
    let length = fs::flistxattr(model, &mut names[..])?;
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
