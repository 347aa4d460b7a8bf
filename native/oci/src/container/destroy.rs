//! The end of a container: nothing of it is left afterwards.

use std::time::Duration;

use meseta_isolation::{
    cgroup::Cgroup,
    destroy as ends,
    failure::{Failure, Result, Step},
    namespace::{Entry, join},
    process,
};
use meseta_spec::{JoinedNamespace, Namespaces};
use rustix::{
    io::Errno,
    mount::{UnmountFlags, unmount},
};

use super::control_group;
use crate::{
    config::Config,
    hooks,
    log::Log,
    state::{Container, Status},
};

const PATIENCE: Duration = Duration::from_secs(10);

/// Kills what still lives when `force`; refuses otherwise.
pub fn destroy(container: &Container, force: bool, log: &Log) -> Result<()> {
    let status = container.status();
    if status != Status::Stopped && !force {
        let sentence = format!("it is {}; only what has stopped can be deleted", status.name());
        return Err(Failure::because("delete the container", sentence).at(&container.state.id));
    }
    let cgroup = control_group(container)?;
    if status != Status::Stopped {
        end_process(container, &cgroup)?;
    }
    // Without a pid namespace others may have outlived the first process.
    ends::empty(&cgroup)?;
    cgroup.remove()?;
    let config = container.config()?;
    unmount_from_others(container, &config)?;
    container.remove()?;
    tell_poststop(container, &config, log);
    Ok(())
}

fn end_process(container: &Container, cgroup: &Cgroup) -> Result<()> {
    let Some(handle) = container.process() else { return Ok(()) };
    // Gone already is what we want.
    let _ = process::signal(&handle, libc::SIGKILL);
    cgroup.thaw();
    if process::wait_until_gone(&handle, PATIENCE) {
        return Ok(());
    }
    Err(Failure::because("end the container", "it does not die; is one of its disks hung?").at(&container.state.id))
}

/// What was mounted in a namespace that is not the container's own does not go with it. With the lowest mount go all above.
fn unmount_from_others(container: &Container, config: &Config) -> Result<()> {
    const STEP: &str = "unmount the root file system";
    // Nobody was there who could have mounted it.
    if container.state.pid == 0 {
        return Ok(());
    }
    match config.linux.namespaces.iter().find(|namespace| namespace.kind == "mount") {
        Some(own) if own.path.as_deref().unwrap_or_default().is_empty() => return Ok(()),
        Some(joined) => {
            let entry = JoinedNamespace { kind: "mnt".to_owned(), path: joined.path.clone(), ..Default::default() };
            // A namespace that is gone has taken its mounts with it.
            let Ok(entries) = join::open_all(&Namespaces { joined: vec![entry], ..Default::default() }) else { return Ok(()) };
            entries.iter().try_for_each(Entry::enter)?;
        }
        None => {}
    }
    match unmount(&container.state.rootfs, UnmountFlags::DETACH | UnmountFlags::NOFOLLOW) {
        // Nothing is mounted there, or the directory itself is gone.
        Ok(()) | Err(Errno::INVAL | Errno::NOENT) => Ok(()),
        Err(errno) => Err(errno).step_at(STEP, &container.state.rootfs),
    }
}

fn tell_poststop(container: &Container, config: &Config, log: &Log) {
    let state = container.described(Status::Stopped);
    hooks::run_all("run the poststop hook", &config.hooks.poststop, &state, |failure| log.warning(&failure.to_string()));
}
