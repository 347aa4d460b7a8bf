//! Starting supervisors.

use std::{
    collections::VecDeque,
    fs,
    io::Read,
    os::fd::{AsFd, AsRawFd, OwnedFd},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use rustix::{
    fs::{MemfdFlags, Mode, OFlags, SealFlags, fcntl_add_seals, memfd_create},
    io::Errno,
    net::{AddressFamily, Shutdown, SocketFlags, SocketType, socketpair},
};

use meseta_spec::{LaunchPlan, LaunchPlanSupplement, Message};

use super::locked;
use crate::{
    durable::write_all,
    failure::{Failure, Result, Step},
    namespace,
    nursery::{self, Manner},
    priority, process, procfs, socket,
};

const STEP: &str = "start the supervisor";

/// How many supervisors wait for a plan in advance. They hold a few pages each, and spare a start the milliseconds of fork and exec.
const PARKED: usize = 4;
/// How long one that is not wanted any more may take to leave.
const PATIENCE: Duration = Duration::from_secs(1);

/// A supervisor that waits for its plan.
pub struct Newborn {
    pub pid: i32,
    pub pidfd: OwnedFd,
    pub start_time: u64,
    /// Our end of the socket it was born with. Dropped without a plan, it leaves.
    pub control: OwnedFd,
}

pub struct Launcher {
    /// The launcher's program in sealed memory: no container can reach or change the file that the next one is started from (S1).
    sealed: OwnedFd,
    /// Where supervisors are born; started with the first, and again should it have been killed.
    nursery: Mutex<Option<Nursery>>,
    /// Files of the cgroups in which supervisors are to live, where they shall not share the agent's fate.
    entrances: Vec<PathBuf>,
    /// Which namespaces the last container that was started could have had in advance, and whether it had a root of its own: the next may want the same.
    namespaces: AtomicU64,
    with_root: AtomicBool,
    /// `None` once closed: from then on nobody is parked.
    parked: Mutex<Option<VecDeque<Newborn>>>,
    /// Held by who parks: two would both see the same ones missing.
    parking: Mutex<()>,
}

impl Launcher {
    pub fn load(path: &Path, entrances: Vec<PathBuf>) -> Result<Self> {
        let mut program = Vec::new();
        fs::File::open(path).and_then(|mut file| file.read_to_end(&mut program)).step_at("read the launcher", path)?;
        Ok(Launcher {
            sealed: seal(&program).step_at("seal the launcher", path)?,
            nursery: Mutex::default(),
            entrances,
            namespaces: AtomicU64::new(0),
            with_root: AtomicBool::new(false),
            parked: Mutex::new(Some(VecDeque::new())),
            parking: Mutex::default(),
        })
    }

    /// The one that has waited longest: it is ready for certain, and what is expected changes. One that died meanwhile is passed over.
    pub fn take_parked(&self) -> Option<Newborn> {
        let mut parked = locked(&self.parked);
        let waiting = parked.as_mut()?;
        std::iter::from_fn(|| waiting.pop_front()).find(|newborn| !has_ended(newborn))
    }

    /// The next start would have to wait for one.
    pub fn has_none_parked(&self) -> bool {
        locked(&self.parked).as_ref().is_some_and(VecDeque::is_empty)
    }

    /// What those that are started in advance make ready is what this one wanted.
    pub fn expect_more_like(&self, plan: &LaunchPlan) {
        self.namespaces.store(plan.namespaces.as_ref().map_or(0, namespace::flags_in_advance), Ordering::Relaxed);
        self.with_root.store(plan.root.as_ref().is_some_and(|root| !root.bare()), Ordering::Relaxed);
    }

    /// Starts what is missing in advance. What cannot be started now is started when it is needed, and says then why not.
    pub fn park(&self) {
        let _alone = locked(&self.parking);
        let missing = locked(&self.parked).as_ref().map_or(0, |waiting| PARKED.saturating_sub(waiting.len()));
        if missing == 0 {
            return;
        }
        let born = self.spawn_many(missing).unwrap_or_default();
        match locked(&self.parked).as_mut() {
            Some(waiting) => waiting.extend(born),
            None => see_off(born),
        }
    }

    pub fn close(&self) {
        see_off(locked(&self.parked).take().unwrap_or_default());
        locked(&self.nursery).take();
    }

    /// A new one, which has nothing but its end of the socket.
    pub fn spawn(&self) -> Result<Newborn> {
        self.spawn_many(1)?.pop().ok_or(Errno::PIPE).step(STEP)
    }

    /// So many at once, which wakes the nursery, and us, only once.
    fn spawn_many(&self, count: usize) -> Result<Vec<Newborn>> {
        let manner = Manner {
            urgent: priority::host_is_busy(),
            namespaces: self.namespaces.load(Ordering::Relaxed),
            with_root: self.with_root.load(Ordering::Relaxed),
        };
        let mut nursery = locked(&self.nursery);
        for again in [true, false] {
            let open = match nursery.as_ref() {
                Some(open) => open,
                None => nursery.insert(self.open_nursery()?),
            };
            match open.bear(count, manner) {
                // It was killed: by an operator, or for want of memory.
                Err(Errno::PIPE | Errno::CONNRESET) if again => *nursery = None,
                outcome => return outcome.step(STEP),
            }
        }
        Err(Errno::PIPE).step(STEP)
    }

    fn open_nursery(&self) -> Result<Nursery> {
        const STEP: &str = "start the launcher";
        let (socket, theirs) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None).step(STEP)?;
        let process = Command::new(format!("/proc/self/fd/{}", self.sealed.as_raw_fd()))
            .arg0("meseta-launcher")
            .env_clear()
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .step(STEP)?;
        let nursery = Nursery { socket, process };
        for entrance in &self.entrances {
            // Before it is asked for anybody: who is born in it stays in it.
            fs::write(entrance, nursery.process.id().to_string()).step_at("move the launcher into", entrance)?;
        }
        Ok(nursery)
    }
}

/// The process that forks supervisors. It leaves when the socket is closed.
struct Nursery {
    socket: OwnedFd,
    process: Child,
}

impl Nursery {
    /// An error: not one. Whoever was asked for is told of, whatever becomes of the others: the next answer must be the next one's.
    fn bear(&self, count: usize, manner: Manner) -> std::result::Result<Vec<Newborn>, Errno> {
        let asked: Vec<_> = (0..count).map(|_| self.ask(manner)).collect();
        let told: Vec<_> = asked.into_iter().map(|control| self.told(control?)).collect();
        let failure = told.iter().find_map(|one| one.as_ref().err().copied());
        let born: Vec<Newborn> = told.into_iter().flatten().collect();
        failure.filter(|_| born.is_empty()).map_or(Ok(born), Err)
    }

    fn ask(&self, manner: Manner) -> std::result::Result<OwnedFd, Errno> {
        let (control, birth) = socket::pair()?;
        nursery::ask(&self.socket, birth.as_fd(), manner).map(|()| control)
    }

    fn told(&self, control: OwnedFd) -> std::result::Result<Newborn, Errno> {
        let (pid, pidfd) = nursery::told(&self.socket)?;
        Ok(Newborn { pid, pidfd, start_time: procfs::start_time(pid).unwrap_or(0), control })
    }
}

impl Drop for Nursery {
    fn drop(&mut self) {
        // Hangs up; closing alone would come only after this, and waiting for who still listens would not end.
        let _ = rustix::net::shutdown(&self.socket, Shutdown::Both);
        // An error would mean that it has been reaped already.
        let _ = self.process.wait();
    }
}

/// Lets them leave, all at once, and waits until they have.
fn see_off(newborns: impl IntoIterator<Item = Newborn>) {
    let pidfds: Vec<OwnedFd> = newborns.into_iter().map(|Newborn { pidfd, .. }| pidfd).collect();
    for pidfd in pidfds {
        process::wait_until_gone(&pidfd, PATIENCE);
    }
}

fn has_ended(newborn: &Newborn) -> bool {
    process::wait_until_gone(&newborn.pidfd, Duration::ZERO)
}

/// So often a copy is made anew. Before the kernel refuses, it has waited for a tenth of a second itself.
const COPIES: usize = 20;

/// The kernel seals nothing of which it holds a page itself at that moment, as it does while it moves memory about.
fn seal(program: &[u8]) -> std::result::Result<OwnedFd, Errno> {
    unless_busy(|| sealed_copy(program))
}

fn unless_busy<T>(mut attempt: impl FnMut() -> std::result::Result<T, Errno>) -> std::result::Result<T, Errno> {
    for _ in 1..COPIES {
        match attempt() {
            Err(Errno::BUSY) => {}
            outcome => return outcome,
        }
    }
    attempt()
}

fn sealed_copy(program: &[u8]) -> std::result::Result<OwnedFd, Errno> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    // Kernels before 6.3 do not know EXEC, and need none.
    let memory = memfd_create("meseta-launcher", flags | MemfdFlags::EXEC).or_else(|_| memfd_create("meseta-launcher", flags))?;
    write_all(&memory, program)?;
    fcntl_add_seals(&memory, SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE)?;
    Ok(memory)
}

/// With what its supervisor need not find out, and the overlay of its root if that is there. Waits where the plan is larger than what a socket holds:
/// the supervisor reads it first thing.
pub fn send_plan(control: impl AsFd, plan: &[u8], start_time: u64, overlay: Option<&OwnedFd>) -> Result<()> {
    let found = LaunchPlanSupplement { supervisor_start_time: Some(start_time).filter(|&time| time != 0) }.encode_to_vec();
    let length = plan.len() + found.len();
    if length > meseta_spec::MAX_FRAME {
        return Err(Failure::because("send the launch plan", "it is larger than 16 MiB"));
    }
    let mut bytes = Vec::with_capacity(4 + length);
    bytes.extend_from_slice(&(length as u32).to_le_bytes());
    bytes.extend_from_slice(plan);
    bytes.extend_from_slice(&found);
    socket::send_all(control, &bytes, overlay.map(AsFd::as_fd)).step("send the launch plan")
}

/// By way of the directory's handle, so that only the name counts towards the length of a socket's path.
pub fn connect(directory: &Path, name: &str) -> std::result::Result<OwnedFd, Errno> {
    let handle = rustix::fs::open(directory, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    socket::connect_to(&format!("/proc/self/fd/{}/{name}", handle.as_raw_fd()))
}

#[cfg(test)]
mod tests {
    use rustix::pipe::{SpliceFlags, pipe, splice};

    use super::*;

    #[test]
    fn what_is_held_for_a_moment_is_sealed_nevertheless() {
        let memory = memfd_create("held", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING).expect("memory");
        write_all(&memory, &[1; 4096]).expect("written");
        // A pipe keeps the page itself.
        let (reader, writer) = pipe().expect("a pipe");
        splice(&memory, Some(&mut 0), &writer, None, 4096, SpliceFlags::empty()).expect("moved");
        let (mut pipe, mut attempts) = (Some((reader, writer)), 0);
        let sealed = unless_busy(|| {
            attempts += 1;
            if attempts == 3 {
                drop(pipe.take());
            }
            fcntl_add_seals(&memory, SealFlags::WRITE)
        });
        assert_eq!((sealed, attempts), (Ok(()), 3));
    }

    #[test]
    fn what_is_held_for_good_is_told() {
        let mut attempts = 0;
        let sealed: std::result::Result<(), Errno> = unless_busy(|| {
            attempts += 1;
            Err(Errno::BUSY)
        });
        assert_eq!((sealed, attempts), (Err(Errno::BUSY), COPIES));
    }
}
