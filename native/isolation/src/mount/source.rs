//! What is to be mounted: a tree that is nowhere yet, for each kind of mount that a plan can hold.

use std::{
    os::fd::{AsFd, OwnedFd},
    path::Path,
};

use meseta_spec::{Mount, NewFilesystem, Tmpfs};
use rustix::{
    fs::{self, FileType, Mode, OFlags},
    io::Errno,
    mount::MountAttrFlags,
};

use super::{
    detached::{Change, NODEV, NOSUID, clone_of, new_filesystem},
    propagation::propagation_of,
};
use crate::{
    credentials,
    failure::{Failure, Result, Step},
    idmap::Ids,
    namespace::user::outside,
    resolve::{Kind, Links, make_below, open_below},
};

const STEP: &str = "mount volume";

/// Kinds that a container may get a new one of: what they show belongs to it alone.
const KINDS: &[&str] = &["proc", "sysfs", "devpts", "mqueue", "tmpfs", "overlay"];

pub fn tmpfs(wanted: &Tmpfs, attributes: MountAttrFlags) -> Result<OwnedFd> {
    let mode = format!("{:o}", wanted.mode.unwrap_or(0o1777));
    let size = wanted.size_bytes.unwrap_or(0).to_string();
    let options = [("mode", Some(mode.as_str())), ("size", Some(size.as_str()))];
    let options = if size == "0" { &options[..1] } else { &options[..] };
    new_filesystem("tmpfs", options, attributes)
}

pub fn tmpfs_volume(mount: &Mount, wanted: &Tmpfs) -> Result<OwnedFd> {
    tmpfs(wanted, NOSUID | NODEV | attributes_of(mount))
}

pub fn filesystem(mount: &Mount, wanted: &NewFilesystem, ids: Option<&Ids<'_>>) -> Result<OwnedFd> {
    if !KINDS.contains(&wanted.kind.as_str()) {
        return Err(Failure::because("make a file system of kind", "containers get no such").at(&wanted.kind));
    }
    let options: Vec<String> =
        wanted.options.iter().map(|option| ids.map_or_else(|| option.clone(), |ids| on_host(option, ids))).collect();
    let mut options: Vec<(&str, Option<&str>)> = options.iter().map(|option| option_of(option)).collect();
    if let Some(source) = &wanted.source {
        options.push(("source", Some(source)));
    }
    let tree = new_filesystem(&wanted.kind, &options, attributes_of(mount))?;
    let change = Change { propagation: mount.propagation.map(|_| mount.propagation()), ..Default::default() };
    change.apply(&tree).step_at(STEP, &mount.target)?;
    Ok(tree)
}

/// Whoever writes an option means an id of the container, but it is read with the host's power.
fn on_host(option: &str, ids: &Ids<'_>) -> String {
    let mappings = match option.split_once('=') {
        Some(("uid", id)) => Some(("uid", id, &ids.mappings.uid_mappings)),
        Some(("gid", id)) => Some(("gid", id, &ids.mappings.gid_mappings)),
        _ => None,
    };
    let mapped = mappings.and_then(|(key, id, mappings)| Some(format!("{key}={}", outside(mappings, id.parse().ok()?)?)));
    mapped.unwrap_or_else(|| option.to_owned())
}

fn option_of(option: &str) -> (&str, Option<&str>) {
    option.split_once('=').map_or((option, None), |(key, value)| (key, Some(value)))
}

/// Of a new file system, which has nothing to be cleared.
fn attributes_of(mount: &Mount) -> MountAttrFlags {
    let read_only = if mount.read_only() { libc::MOUNT_ATTR_RDONLY } else { 0 };
    MountAttrFlags::from_bits_retain((mount.set_attributes() | read_only) as u32)
}

/// A file or directory of the host. `peer` is what was held of it before the namespace was cut off.
pub fn bind(mount: &Mount, source: &str, peer: Option<OwnedFd>) -> Result<(OwnedFd, Kind)> {
    let tree = match peer {
        Some(peer) => peer,
        None => clone_of(open(mount, source)?, !mount.shallow()).step_at(STEP, source)?,
    };
    let read_only = if mount.read_only() { libc::MOUNT_ATTR_RDONLY } else { 0 };
    let change = Change {
        set: mount.set_attributes() | read_only,
        clear: mount.clear_attributes() & !read_only,
        // A peer of the host's stays one; what the host itself keeps private is shared with whoever joins the container.
        propagation: Some(propagation_of(mount)),
        recursive: !mount.shallow(),
    };
    let changes = if mount.attributes_shallow() { change.of_itself_alone() } else { vec![change] };
    changes.iter().try_for_each(|change| change.apply(&tree)).step_at(STEP, source)?;
    let kind = kind_of(&tree).step_at(STEP, source)?;
    Ok((tree, kind))
}

fn kind_of(handle: &OwnedFd) -> std::result::Result<Kind, Errno> {
    let mode = fs::fstat(handle)?.st_mode;
    Ok(if FileType::from_raw_mode(mode) == FileType::Directory { Kind::Directory } else { Kind::File })
}

/// A handle on the source of a bind. With `source_within` it cannot have left that directory (S24, S25).
pub fn open(mount: &Mount, source: &str) -> Result<OwnedFd> {
    match &mount.source_within {
        None => fs::open(source, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()),
        Some(base) => below(base, source, mount.make_source()),
    }
    .step_at(STEP, source)
}

fn below(base: &str, path: &str, make: bool) -> std::result::Result<OwnedFd, Errno> {
    let root = fs::open(base, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let relative = Path::new(path).strip_prefix(base).map_err(|_| Errno::XDEV)?;
    match open_below(&root, relative, Links::Beneath) {
        Err(Errno::NOENT) if make => make_owned(root, relative),
        found => found,
    }
}

/// Made as the owner of the directory would make it: so it is theirs without a change of owner, which could hit what somebody puts in its place (S32), and
/// only where they may write.
fn make_owned(root: OwnedFd, relative: &Path) -> std::result::Result<OwnedFd, Errno> {
    let owner = fs::fstat(&root)?;
    credentials::with_file_owner(owner.st_uid, owner.st_gid, || {
        make_below(root.as_fd(), relative, Links::Beneath, Kind::Directory)
    })
}
