//! The first process of this program: forks a supervisor for each socket that the agent sends, and leaves with the agent. Supervisors stay.

use std::os::fd::{AsFd, FromRawFd, OwnedFd};

use meseta_isolation::{
    container::program,
    descriptors,
    namespace::{self, Forked},
    nursery::{self, Birth},
    priority, process, procfs,
};
use rustix::{
    fs::Mode,
    io::Errno,
    process::{chdir, setsid, umask},
    stdio::dup2_stdin,
};

use crate::supervisor;

/// By supervisors and init too; a task gets them back.
pub const IGNORED: [i32; 5] = [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM, libc::SIGPIPE];

pub fn run() {
    // SAFETY: whoever executed us put the socket to the agent there; nobody else in this fresh program owns it.
    let agent = unsafe { OwnedFd::from_raw_fd(0) };
    // Whatever else is open belongs to the agent.
    if descriptors::close_from(3).is_err() {
        return;
    }
    process::name_self("meseta-nursery");
    program::reset_signals(1..=libc::SIGRTMAX());
    leave_the_agents_session();
    // Files and tasks get the usual permissions, whatever the agent was started with.
    umask(Mode::from_raw_mode(0o022));
    let inherited = procfs::oom_score_adjustment();
    while let Some(birth) = nursery::next_birth(&agent) {
        // SAFETY: this program never starts a thread.
        let born = match unsafe { namespace::fork(0) } {
            Ok(Forked::Child) => return grow_up(birth, inherited),
            Ok(Forked::Parent { pid, pidfd }) => Ok((pid, pidfd)),
            Err(errno) => Err(errno),
        };
        if nursery::answer(&agent, born).is_err() {
            return;
        }
    }
}

/// Neither a terminal nor the agent's process group reaches us or our supervisors; what is meant for the agent must not end its containers.
fn leave_the_agents_session() {
    // Fails only for who leads a session already.
    let _ = setsid();
    // The agent's working directory is not ours to hold.
    let _ = chdir("/");
    for signal in IGNORED.into_iter().chain([libc::SIGCHLD]) {
        // Ignoring SIGCHLD also means that nobody has to reap a supervisor.
        // SAFETY: ignoring a signal runs no code of ours.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
}

/// What the nursery held is let go of; from here on this is a supervisor, with its own socket where the nursery's was.
fn grow_up(Birth { socket, manner }: Birth, oom_score: i32) {
    if manner.urgent {
        priority::go_first();
    }
    // SAFETY: the default action runs no code of ours. A supervisor reaps its init itself.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) };
    let moved: Result<(), Errno> = dup2_stdin(socket.as_fd());
    drop(socket);
    if moved.and_then(|()| descriptors::close_from(3)).and_then(|()| setsid().map(drop)).is_ok() {
        supervisor::run(oom_score, manner);
    }
}
