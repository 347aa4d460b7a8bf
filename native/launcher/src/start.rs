//! The outside half of a start. What it makes is named by the plan, so that whoever comes after a crash finds it.

use std::os::fd::OwnedFd;

use meseta_isolation::{
    cgroup::Cgroup,
    container::prepared::Prepared,
    durable::write_atomically,
    failure::{Result, Step},
    namespace::{Entry, join, user},
    procfs,
};
use meseta_spec::{Message, PROTOCOL_VERSION, RECORD_FILE, SupervisorRecord};
use rustix::fs::CWD;

use crate::{
    birth, fault,
    init::Ends,
    link::{self, Outside},
    parked::Parked,
    stdio::{self, Stdio},
    supervisor::{Container, Supervisor},
};

impl Supervisor {
    /// Init is born first, or goes on already: it mounts while we write, make cgroups and open files. Until the task is handed these it cannot go on, and
    /// until *go* nothing of the user's runs; if we die meanwhile, init and task die with us.
    pub fn set_up(&mut self) -> Result<()> {
        fault::point("supervisor.before-birth")?;
        self.give_birth()?;
        fault::point("supervisor.before-record")?;
        self.write_record()?;
        fault::point("supervisor.after-record")?;
        let entrances = self.make_cgroup()?;
        let stdio = self.open_stdio()?;
        self.container
            .as_ref()
            .and_then(|container| container.go.as_ref())
            .map_or(Ok(()), |go| link::hand_in(go, &stdio, &entrances))
    }

    fn give_birth(&mut self) -> Result<()> {
        if self.posix() {
            rustix::process::set_child_subreaper(Some(rustix::process::getpid())).step("adopt orphans")?;
        }
        // A parked init has got its own handle: ours would keep the root after it.
        let root = self.overlay.take();
        let (pid, pidfd, link) = match self.parked.take() {
            Some(parked) if parked.suits(&self.plan) => (parked.pid, parked.pidfd, parked.link),
            other => {
                let born = self.fork_init(root)?;
                other.into_iter().for_each(Parked::see_off);
                born
            }
        };
        self.state.init_pid = Some(pid);
        self.container =
            Some(Container { init: pidfd, progress: Some(link.progress), go: Some(link.go), report: link.report, task: None });
        Ok(())
    }

    fn fork_init(&self, root: Option<OwnedFd>) -> Result<(i32, OwnedFd, Outside)> {
        let entries = self.namespaces_to_enter()?;
        let (outside, inside) = link::make()?;
        let (pid, pidfd) =
            birth::of_init(&self.plan, Ends { link: inside, entries, prepared: Prepared { root, ..Default::default() } })?;
        Ok((pid, pidfd, outside))
    }

    fn open_stdio(&mut self) -> Result<Stdio> {
        let (stdio, relay) = stdio::open(&self.plan)?;
        self.relay = relay;
        Ok(stdio)
    }

    fn namespaces_to_enter(&self) -> Result<Vec<Entry>> {
        let Some(wanted) = &self.plan.namespaces else { return Ok(Vec::new()) };
        let mut entries = join::open_all(wanted)?;
        if wanted.user() {
            // SAFETY: this program never starts a thread.
            entries.extend(unsafe { user::make(wanted) }?);
        }
        Ok(entries)
    }

    fn write_record(&self) -> Result<()> {
        let pid = rustix::process::getpid().as_raw_nonzero().get();
        let record = SupervisorRecord {
            version: PROTOCOL_VERSION,
            container_id: self.plan.container_id.clone(),
            pid,
            start_time: self.plan.supervisor_start_time.or_else(|| procfs::start_time(pid)).unwrap_or(0),
            cgroups: self.plan.cgroups.clone(),
            pid_namespace: self.plan.namespaces.as_ref().map(|namespaces| namespaces.pid()),
            posix: Some(self.posix()),
            uid_mappings: self.plan.namespaces.as_ref().map(|namespaces| namespaces.uid_mappings.clone()).unwrap_or_default(),
            gid_mappings: self.plan.namespaces.as_ref().map(|namespaces| namespaces.gid_mappings.clone()).unwrap_or_default(),
        };
        write_atomically(CWD, RECORD_FILE, &record.encode_to_vec()).step_at("write", RECORD_FILE)
    }

    /// The ways into it.
    fn make_cgroup(&mut self) -> Result<Vec<OwnedFd>> {
        let (Some(plan), Some(go)) = (&self.plan.cgroups, self.container.as_ref().and_then(|container| container.go.as_ref()))
        else {
            return Ok(Vec::new());
        };
        let cgroup = Cgroup::resolve(plan)?;
        cgroup.create()?;
        // What init mounts, and where the task is born, are the directories; their limits are nobody's business before it is handed in.
        link::tell_cgroups(go, cgroup.birthplace().as_ref())?;
        if let Some(settings) = &plan.settings {
            cgroup.apply(settings, true)?;
        }
        let entrances = cgroup.entrances();
        self.cgroup = Some(cgroup);
        entrances
    }
}
