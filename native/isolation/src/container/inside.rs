//! What the first process does inside the new namespaces, in order. A step that fails ends the start with its name, path and errno.

use std::os::fd::{AsFd, OwnedFd};

use meseta_spec::LaunchPlan;

use crate::{
    credentials,
    failure::{Result, Step},
    mount, rootfs,
};

/// What one step hands to the next.
#[derive(Default)]
struct Inside {
    /// The directory that will be, or is, the container's root.
    root: Option<OwnedFd>,
}

type Stage = fn(&LaunchPlan, &mut Inside) -> Result<()>;

const STAGES: &[Stage] = &[
    forbid_tracing,   // before the container can see us
    privatise_mounts, // before the first mount
    find_root,        // the image, or the host's own root
    furnish_root,     // /proc, /sys, /dev
    mount_volumes,    // every target by descriptor, inside the root
    mask_paths,       // after the volumes: nothing is mounted over a mask
    change_root,      // the old root is out of reach from here on
    set_host_name,
];

pub fn set_up(plan: &LaunchPlan) -> Result<()> {
    let mut inside = Inside::default();
    STAGES.iter().try_for_each(|stage| stage(plan, &mut inside))
}

fn forbid_tracing(_: &LaunchPlan, _: &mut Inside) -> Result<()> {
    credentials::forbid_tracing()
}

fn own_mounts(plan: &LaunchPlan) -> bool {
    plan.namespaces.as_ref().is_some_and(|namespaces| namespaces.mount())
}

fn privatise_mounts(plan: &LaunchPlan, _: &mut Inside) -> Result<()> {
    if own_mounts(plan) { mount::privatise() } else { Ok(()) }
}

fn find_root(plan: &LaunchPlan, inside: &mut Inside) -> Result<()> {
    if own_mounts(plan) {
        inside.root = Some(match &plan.root {
            Some(root) => rootfs::mount(root)?,
            None => mount::namespace_root()?,
        });
    }
    Ok(())
}

fn furnish_root(plan: &LaunchPlan, inside: &mut Inside) -> Result<()> {
    let (Some(root), Some(namespaces)) = (&inside.root, &plan.namespaces) else { return Ok(()) };
    if plan.root.is_some() {
        return rootfs::furnish(root.as_fd(), namespaces.ipc(), plan.shm_size);
    }
    if namespaces.pid() {
        mount::fresh_proc(root.as_fd())?;
    }
    plan.shm_size.map_or(Ok(()), |size| mount::shared_memory(root.as_fd(), size))
}

fn mount_volumes(plan: &LaunchPlan, inside: &mut Inside) -> Result<()> {
    let Some(root) = &inside.root else { return Ok(()) };
    plan.mounts.iter().try_for_each(|wanted| mount::perform(root.as_fd(), wanted))
}

fn mask_paths(plan: &LaunchPlan, inside: &mut Inside) -> Result<()> {
    match (&plan.root, &inside.root) {
        (Some(_), Some(root)) => rootfs::mask(root.as_fd()),
        _ => Ok(()),
    }
}

fn change_root(plan: &LaunchPlan, inside: &mut Inside) -> Result<()> {
    match (&plan.root, &inside.root) {
        (Some(wanted), Some(root)) => rootfs::change_root(root, wanted.read_only()),
        _ => Ok(()),
    }
}

fn set_host_name(plan: &LaunchPlan, _: &mut Inside) -> Result<()> {
    match (&plan.hostname, &plan.namespaces) {
        (Some(name), Some(namespaces)) if namespaces.uts() => {
            rustix::system::sethostname(name.as_bytes()).step_at("set the host name", name)
        }
        _ => Ok(()),
    }
}
