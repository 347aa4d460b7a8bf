//! How a container ends: by itself, or because its agent died before anybody knew it.

use std::{
    os::fd::{AsFd, OwnedFd},
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use meseta_isolation::{cgroup::Cgroup, destroy, durable::write_atomically, process};
use meseta_spec::{ExitStatus, Message, STATUS_FILE, StepFailure, SupervisorPhase};
use rustix::{
    fs::CWD,
    io::Errno,
    process::{WaitId, WaitIdOptions, chdir, waitid},
};

use crate::{
    fault,
    link::{self, News},
    supervisor::Supervisor,
};

/// How long what a task left behind in posix mode may take to die.
const PATIENCE: Duration = Duration::from_secs(10);

impl Supervisor {
    /// The agent died before *go*: nobody knows this container, so nothing of it may stay.
    pub fn vanish(&mut self) {
        if let Some(container) = self.container.take() {
            let _ = process::signal(&container.init, libc::SIGKILL);
            reap(&container.init);
        }
        let _ = chdir("/");
        // Whoever recovers finds by name what could not be removed.
        let _ = destroy::remove_remains(Path::new(&self.plan.runtime_directory), self.plan.cgroups.as_ref());
        self.state.phase = SupervisorPhase::Ended as i32;
    }

    pub fn init_ended(&mut self) {
        let Some(container) = self.container.take() else { return };
        // What init or the task still had to say comes before how they ended.
        if let Some(progress) = &container.progress
            && let News::Failed(failure) = link::next_news(progress)
        {
            self.failure.get_or_insert(failure);
        }
        let told = link::told_status(&container.report);
        reap(&container.init);
        if self.posix() {
            process::kill_descendants(rustix::process::getpid().as_raw_nonzero().get(), PATIENCE);
        } else if let (false, Some(cgroup)) = (self.own_pids(), &self.cgroup) {
            // Without a pid namespace, whose end is the end of all in it, there may be more than init could see. Who cannot be killed is left to the
            // agent's destroy.
            let _ = destroy::empty(cgroup);
        }
        self.pass_on_the_rest();
        let failure = self.failure.take();
        self.end(Some(told.unwrap_or(libc::SIGKILL)), failure);
    }

    /// On disk first, then to whoever listens (design §6).
    pub fn end(&mut self, wait_status: Option<i32>, failure: Option<StepFailure>) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        let exit = ExitStatus {
            wait_status: if failure.is_some() { None } else { wait_status },
            failure,
            finished_at_ms: now,
            oom_kills: self.cgroup.as_ref().and_then(Cgroup::oom_kills),
        };
        // Errors of a fault point have nowhere to go here; the others act by themselves.
        let _ = fault::point("supervisor.before-status");
        // Without a status the agent reports the container as lost, which is the best that can then be said.
        let _ = write_atomically(CWD, STATUS_FILE, &exit.encode_to_vec());
        let _ = fault::point("supervisor.after-status");
        self.state.exit = Some(exit);
        self.change(SupervisorPhase::Ended);
    }
}

fn reap(child: &OwnedFd) {
    while waitid(WaitId::PidFd(child.as_fd()), WaitIdOptions::EXITED).err() == Some(Errno::INTR) {}
}
