//! A root file system of the container's own: the image's files, a minimal /dev, /proc, /sys, and what in them is nobody's business.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use meseta_spec::Root;
use rustix::{
    fs::{self, CWD, FileType, Mode, OFlags, makedev},
    io::Errno,
    mount::{MountAttrFlags, MoveMountFlags, UnmountFlags, move_mount, unmount},
    process::{chdir, fchdir, pivot_root},
};

use crate::{
    failure::{Failure, Result, Step},
    idmap::Ids,
    mount::{attach, clone_of, new_filesystem, set_read_only},
    resolve::{Kind, Links, make_below, open_below},
};

const NOSUID: MountAttrFlags = MountAttrFlags::MOUNT_ATTR_NOSUID;
const NODEV: MountAttrFlags = MountAttrFlags::MOUNT_ATTR_NODEV;
const NOEXEC: MountAttrFlags = MountAttrFlags::MOUNT_ATTR_NOEXEC;

/// Below these the container reads nothing (S23, S52).
const MASKED: &[&str] = &[
    "proc/acpi",
    "proc/asound",
    "proc/interrupts",
    "proc/kcore",
    "proc/keys",
    "proc/latency_stats",
    "proc/sched_debug",
    "proc/scsi",
    "proc/timer_list",
    "proc/timer_stats",
    "sys/devices/virtual/powercap",
    "sys/firmware",
];

/// Below these the container changes nothing (S38).
const READ_ONLY: &[&str] = &["proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger"];

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

/// Mounts the image at `root` in the runtime directory (the working directory) and gives a handle on it.
pub fn mount(plan: &Root, ids: Option<&Ids<'_>>) -> Result<OwnedFd> {
    const STEP: &str = "mount root";
    let ids = ids.filter(|_| plan.id_mapped());
    let tree = if plan.overlay() { overlay(&plan.directory, ids)? } else { image_itself(&plan.directory, ids)? };
    make_directory("root")?;
    move_mount(&tree, "", CWD, "root", MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH).step_at(STEP, &plan.directory)?;
    fs::openat(CWD, "root", OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).step_at(STEP, &plan.directory)
}

fn image_itself(directory: &str, ids: Option<&Ids<'_>>) -> Result<OwnedFd> {
    let handle = fs::open(directory, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
    let tree = handle.and_then(|handle| clone_of(handle, true)).step_at("mount root", directory)?;
    ids.map_or(Ok(()), |ids| ids.map(&tree, true)).step_at("map the ids of", directory)?;
    Ok(tree)
}

/// Changes go beside the record, and go with it.
fn overlay(directory: &str, ids: Option<&Ids<'_>>) -> Result<OwnedFd> {
    make_directory("upper")?;
    make_directory("work")?;
    let lower = match ids {
        Some(ids) => {
            take_after(directory, ids)?;
            ids.layer(0, directory)?
        }
        None => directory.to_owned(),
    };
    let here = rustix::process::getcwd(Vec::new()).step("find the runtime directory")?;
    let here = here.to_string_lossy();
    let options = [
        ("lowerdir", escaped(&lower)),
        ("upperdir", format!("{here}/upper")),
        ("workdir", format!("{here}/work")),
        // An index or a log that outlives a crash is of no use to a layer that is thrown away.
        ("metacopy", "off".to_owned()),
    ];
    let options: Vec<(&str, &str)> = options.iter().map(|(key, value)| (*key, value.as_str())).collect();
    new_filesystem("overlay", &options, MountAttrFlags::empty()).map_err(|failure| failure.at(directory))
}

/// The directory of changes is what the container sees as its `/`, so it belongs to whom the image's belongs.
fn take_after(directory: &str, ids: &Ids<'_>) -> Result<()> {
    const STEP: &str = "make the directory";
    let stat = fs::stat(directory).step_at(STEP, "upper")?;
    let upper =
        fs::openat(CWD, "upper", OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty()).step_at(STEP, "upper")?;
    ids.give(&upper, stat.st_uid, stat.st_gid).step_at(STEP, "upper")
}

/// In a list of lower layers `:` separates and `\` escapes.
fn escaped(directory: &str) -> String {
    directory.replace('\\', "\\\\").replace(':', "\\:")
}

fn make_directory(name: &str) -> Result<()> {
    match fs::mkdirat(CWD, name, Mode::from_raw_mode(0o755)) {
        Err(Errno::EXIST) => Ok(()),
        made => made.step_at("make the directory", name),
    }
}

/// What a root needs besides the image. A /proc, /sys or /dev that is a symbolic link is refused (S17, S18, S19).
pub fn furnish(root: BorrowedFd<'_>, own_ipc: bool, shm_size: Option<u64>, ids: Option<&Ids<'_>>) -> Result<()> {
    put(root, "proc", new_filesystem("proc", &[], NOSUID | NODEV | NOEXEC)?)?;
    put(root, "sys", new_filesystem("sysfs", &[], NOSUID | NODEV | NOEXEC | MountAttrFlags::MOUNT_ATTR_RDONLY)?)?;
    let devices = device_directory()?;
    ids.map_or(Ok(()), |ids| ids.give_to_root(&devices)).step_at("make", "/dev")?;
    put(root, "dev", devices)?;
    put(root, "dev/pts", new_filesystem("devpts", &[("ptmxmode", "0666"), ("mode", "0620")], NOSUID | NOEXEC)?)?;
    let size = shm_size.filter(|&size| size > 0).unwrap_or(64 << 20).to_string();
    put(root, "dev/shm", new_filesystem("tmpfs", &[("mode", "1777"), ("size", &size)], NOSUID | NODEV | NOEXEC)?)?;
    if own_ipc {
        put(root, "dev/mqueue", new_filesystem("mqueue", &[], NOSUID | NODEV | NOEXEC)?)?;
    }
    Ok(())
}

fn put(root: BorrowedFd<'_>, path: &str, tree: OwnedFd) -> Result<()> {
    let absolute = format!("/{path}");
    let target = make_below(root, path, Links::Refused, Kind::Directory).step_at("mount", &absolute)?;
    attach(tree, target).step_at("mount", &absolute)
}

/// Filled while it is detached: nobody else can reach it, so no name in it can be a trap.
fn device_directory() -> Result<OwnedFd> {
    let tree = new_filesystem("tmpfs", &[("mode", "755"), ("size", "65536")], NOSUID | NOEXEC)?;
    for directory in ["pts", "shm", "mqueue"] {
        fs::mkdirat(&tree, directory, Mode::from_raw_mode(0o755)).step_at("make /dev", directory)?;
    }
    for &(name, major, minor) in DEVICES {
        fs::mknodat(&tree, name, FileType::CharacterDevice, Mode::from_raw_mode(0o666), makedev(major, minor))
            .step_at("make the device", name)?;
    }
    for (target, name) in LINKS {
        fs::symlinkat(*target, &tree, *name).step_at("make /dev", name)?;
    }
    Ok(tree)
}

/// Hides and protects parts of /proc and /sys. The device that hides is ours, and it is checked to be the real one (S15).
pub fn mask(root: BorrowedFd<'_>) -> Result<()> {
    let null = open_below(root, "dev/null", Links::Refused).step_at("open", "/dev/null")?;
    let stat = fs::fstat(&null).step_at("open", "/dev/null")?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::CharacterDevice || stat.st_rdev != makedev(1, 3) {
        return Err(Failure::because("mask paths", "it is not the null device").at("/dev/null"));
    }
    for path in MASKED {
        each_present(root, path, |target, is_directory| {
            let cover = if is_directory { empty_directory()? } else { clone_of(&null, false).step_at("mask", path)? };
            attach(cover, target).step_at("mask", path)
        })?;
    }
    for path in READ_ONLY {
        each_present(root, path, |target, _| {
            let own = clone_of(&target, true).step_at("protect", path)?;
            set_read_only(&own, true).and_then(|()| attach(&own, &target)).step_at("protect", path)
        })?;
    }
    Ok(())
}

fn empty_directory() -> Result<OwnedFd> {
    new_filesystem("tmpfs", &[("mode", "555"), ("size", "4096")], NOSUID | NODEV | NOEXEC | MountAttrFlags::MOUNT_ATTR_RDONLY)
}

fn each_present(root: BorrowedFd<'_>, path: &str, act: impl FnOnce(OwnedFd, bool) -> Result<()>) -> Result<()> {
    match open_below(root, path, Links::Refused) {
        Ok(target) => {
            let stat = fs::fstat(&target).step_at("mask", path)?;
            act(target, FileType::from_raw_mode(stat.st_mode) == FileType::Directory)
        }
        Err(Errno::NOENT | Errno::NOTDIR | Errno::ACCESS) => Ok(()),
        Err(errno) => Err(errno).step_at("mask", path),
    }
}

/// Makes the handle's directory the root of this mount namespace; the old root is out of reach afterwards.
pub fn change_root(root: impl AsFd, read_only: bool) -> Result<()> {
    const STEP: &str = "change root";
    if read_only {
        set_read_only(&root, false).step("make the root read-only")?;
    }
    fchdir(&root).step(STEP)?;
    pivot_root(".", ".").step(STEP)?;
    unmount(".", UnmountFlags::DETACH).step(STEP)?;
    chdir("/").step(STEP)
}
