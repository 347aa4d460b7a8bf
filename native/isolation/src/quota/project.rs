//! Project quotas as XFS has them (row 6-047): each directory belongs to a project by number, what is made in it does too, and the file system keeps
//! the account. All state is in the file system, so nothing has to be remembered: a project is free when nothing belongs to it.

use std::{
    fs,
    os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd},
    thread,
    time::Duration,
};

use meseta_spec::{ProjectAction, ProjectAnswer, ProjectRequest};
use rustix::{
    fs::{CWD, FileType, Mode, OFlags, fstatvfs, openat},
    io::Errno,
};

use crate::{
    descriptors::last_errno,
    failure::{Failure, Result, Step},
};

const GET_ATTRIBUTES: u64 = 0x801c_581f; // FS_IOC_FSGETXATTR
const SET_ATTRIBUTES: u64 = 0x401c_5820; // FS_IOC_FSSETXATTR
const INHERIT: u32 = 0x200; // FS_XFLAG_PROJINHERIT

const PROJECT_QUOTA: u32 = 2;
const GET_QUOTA: u32 = 0x5803; // Q_XGETQUOTA
const SET_LIMITS: u32 = 0x5804; // Q_XSETQLIM
const GET_STATE: u32 = 0x5808; // Q_XGETQSTATV
const ACCOUNTED_AND_ENFORCED: u16 = 1 << 4 | 1 << 5; // FS_QUOTA_PDQ_ACCT, FS_QUOTA_PDQ_ENFD
const SOFT_AND_HARD: u16 = 1 << 2 | 1 << 3; // FS_DQ_BSOFT, FS_DQ_BHARD

/// Of the accounts, whatever the blocks of the file system are.
const BLOCK: u64 = 512;
/// A fresh sandbox has no depth to speak of; a deeper one is nobody's that has not run yet.
const DEEPEST: usize = 32;

const LOOKS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(100);

/// `struct fsxattr`.
#[repr(C)]
#[derive(Default)]
struct Attributes {
    flags: u32,
    extent_size: u32,
    extents: u32,
    project: u32,
    copy_extent_size: u32,
    padding: [u8; 8],
}

/// `struct fs_disk_quota`.
#[repr(C)]
#[derive(Default)]
struct Account {
    version: i8,
    kind: i8,
    fields: u16,
    project: u32,
    hard_blocks: u64,
    soft_blocks: u64,
    hard_inodes: u64,
    soft_inodes: u64,
    blocks: u64,
    inodes: u64,
    later: [u64; 7],
}

/// `struct fs_quota_statv`.
#[repr(C)]
struct State {
    version: i8,
    padding: u8,
    flags: u16,
    rest: [u32; 39],
}

pub fn perform(request: &ProjectRequest) -> Result<ProjectAnswer> {
    let at = &request.directory;
    let directory = open(CWD, at, OFlags::DIRECTORY).step_at("open", at)?;
    let project = || request.project.ok_or_else(|| Failure::because("use project quotas", "no project is named").at(at));
    match request.action() {
        ProjectAction::Probe => probe(directory.as_fd()).map(|()| ProjectAnswer::default()),
        ProjectAction::Take => take(directory.as_fd(), request).map(answer),
        ProjectAction::Give => give(&directory, project()?, 0).map(|()| ProjectAnswer::default()),
        ProjectAction::Limit => limit(directory.as_fd(), project()?, request).map(|()| ProjectAnswer::default()),
        ProjectAction::Usage => {
            let used = account(directory.as_fd(), project()?)?.map_or(0, |account| account.blocks * BLOCK);
            Ok(ProjectAnswer { used_bytes: Some(used), ..Default::default() })
        }
        ProjectAction::Find => attributes(directory.as_fd()).map(|found| answer(found.project)),
    }
    .map_err(|failure| if failure.path.is_none() { failure.at(at) } else { failure })
}

fn answer(project: u32) -> ProjectAnswer {
    ProjectAnswer { project: Some(project), ..Default::default() }
}

fn probe(directory: BorrowedFd<'_>) -> Result<()> {
    const STEP: &str = "use project quotas on the file system of";
    let mut state = State { version: 1, padding: 0, flags: 0, rest: [0; 39] };
    // SAFETY: the kernel fills in a structure of the size that belongs to the command.
    let asked = unsafe { quotactl(directory, GET_STATE, 0, &mut state) };
    match asked {
        Ok(()) if state.flags & ACCOUNTED_AND_ENFORCED == ACCOUNTED_AND_ENFORCED => Ok(()),
        Ok(()) => Err(Failure::because(STEP, "it is mounted without them; mount it with the option prjquota")),
        Err(Errno::NOSYS) => Err(Failure::because(STEP, "that needs Linux 5.14 or newer, and one that was built with quotas")),
        Err(errno) => Err(errno).step(STEP),
    }
}

/// The first of the range that nothing belongs to. The directory itself makes it somebody's.
fn take(directory: BorrowedFd<'_>, request: &ProjectRequest) -> Result<u32> {
    probe(directory)?;
    for attempt in 0..LOOKS {
        if attempt > 0 {
            // What was removed is taken off the accounts a little later; being asked how full it is makes the file system hurry.
            fstatvfs(directory).step("look at the file system of")?;
            thread::sleep(PAUSE);
        }
        if let Some(project) = free(directory, request)? {
            let owned = directory.try_clone_to_owned().step("hold the directory")?;
            return give(&owned, project, 0).map(|()| project);
        }
    }
    Err(Failure::because("find a project for", "all of the range belong to somebody; enlarge it or remove old sandboxes"))
}

fn free(directory: BorrowedFd<'_>, request: &ProjectRequest) -> Result<Option<u32>> {
    for project in (request.first().max(1)..=request.last()).filter(|project| !request.taken.contains(project)) {
        if account(directory, project)?.is_none_or(|account| account.inodes == 0) {
            return Ok(Some(project));
        }
    }
    Ok(None)
}

/// What cannot belong to a project by itself (links, pipes, devices) is as small as a name.
fn give(directory: &OwnedFd, project: u32, depth: usize) -> Result<()> {
    set_project(directory.as_fd(), project, INHERIT)?;
    if depth == DEEPEST {
        return Err(Failure::because("give directories to a project", "they are too deep"));
    }
    for entry in fs::read_dir(format!("/proc/self/fd/{}", directory.as_raw_fd())).step("list the directory")?.flatten() {
        let kind = FileType::from_raw_mode(entry.file_type().map_or(0, |kind| raw_mode(&kind)));
        // One that is gone again needs no project.
        match kind {
            FileType::Directory => match open(directory.as_fd(), entry.file_name(), OFlags::DIRECTORY) {
                Ok(below) => give(&below, project, depth + 1)?,
                Err(_) => continue,
            },
            FileType::RegularFile => match open(directory.as_fd(), entry.file_name(), OFlags::NONBLOCK) {
                Ok(file) => set_project(file.as_fd(), project, 0)?,
                Err(_) => continue,
            },
            _ => {}
        }
    }
    Ok(())
}

fn raw_mode(kind: &fs::FileType) -> u32 {
    if kind.is_dir() {
        libc::S_IFDIR
    } else if kind.is_file() {
        libc::S_IFREG
    } else {
        0
    }
}

fn set_project(of: BorrowedFd<'_>, project: u32, flags: u32) -> Result<()> {
    let mut found = attributes(of)?;
    found.project = project;
    found.flags |= flags;
    // SAFETY: the kernel reads a structure of the size that belongs to the command.
    let result = unsafe { libc::ioctl(of.as_raw_fd(), SET_ATTRIBUTES as _, &raw const found) };
    checked(result).step("give to a project")
}

fn attributes(of: BorrowedFd<'_>) -> Result<Attributes> {
    let mut found = Attributes::default();
    // SAFETY: the kernel fills in a structure of the size that belongs to the command.
    let result = unsafe { libc::ioctl(of.as_raw_fd(), GET_ATTRIBUTES as _, &raw mut found) };
    checked(result).step("ask for the project of").map(|()| found)
}

/// Zero: none, as where the file system keeps no accounts.
pub fn project_of(directory: impl AsFd) -> u32 {
    attributes(directory.as_fd()).map_or(0, |attributes| attributes.project)
}

/// `None`: nothing has ever belonged to it.
fn account(directory: BorrowedFd<'_>, project: u32) -> Result<Option<Account>> {
    let mut account = Account::default();
    // SAFETY: the kernel fills in a structure of the size that belongs to the command.
    match unsafe { quotactl(directory, GET_QUOTA, project, &mut account) } {
        Ok(()) => Ok(Some(account)),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno).step("read the account of a project on"),
    }
}

fn limit(directory: BorrowedFd<'_>, project: u32, request: &ProjectRequest) -> Result<()> {
    let mut account = Account {
        version: 1,
        kind: PROJECT_QUOTA as i8,
        fields: SOFT_AND_HARD,
        project,
        soft_blocks: request.soft_bytes().div_ceil(BLOCK),
        hard_blocks: request.hard_bytes().div_ceil(BLOCK),
        ..Default::default()
    };
    // SAFETY: the kernel reads a structure of the size that belongs to the command.
    unsafe { quotactl(directory, SET_LIMITS, project, &mut account) }.step("limit a project on")
}

/// # Safety
///
/// `T` is the structure that belongs to the command.
unsafe fn quotactl<T>(on: BorrowedFd<'_>, command: u32, project: u32, address: &mut T) -> std::result::Result<(), Errno> {
    let command = command << 8 | PROJECT_QUOTA;
    // SAFETY: as the caller promises; it outlives the call.
    let result = unsafe { libc::syscall(libc::SYS_quotactl_fd, on.as_raw_fd(), command, project, &raw mut *address) };
    if result == 0 { Ok(()) } else { Err(last_errno()) }
}

fn checked(result: i32) -> std::result::Result<(), Errno> {
    if result == 0 { Ok(()) } else { Err(last_errno()) }
}

fn open(directory: BorrowedFd<'_>, name: impl rustix::path::Arg, flags: OFlags) -> std::result::Result<OwnedFd, Errno> {
    openat(directory, name, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | flags, Mode::empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the kernel's headers have them.
    #[test]
    fn structures_have_the_kernels_sizes() {
        assert_eq!((size_of::<Attributes>(), size_of::<Account>(), size_of::<State>()), (28, 112, 160));
    }

    #[test]
    fn a_file_system_without_quotas_is_a_sentence() {
        let request = ProjectRequest { action: ProjectAction::Probe as i32, directory: "/proc".to_owned(), ..Default::default() };
        let failure = perform(&request).expect_err("no quotas");
        assert!(failure.to_string().starts_with("could not use project quotas on the file system of /proc: "), "{failure}");
    }
}
