//! What the first process does inside the new namespaces, in order. A step that fails ends the start with its name, path and errno.

use std::{
    os::fd::{AsFd, OwnedFd},
    path::{Component, Path},
};

use meseta_spec::{LaunchPlan, Namespaces, Propagation};
use rustix::{fs::Mode, process::umask};

use super::prepared::Prepared;
use crate::{
    credentials,
    failure::{Result, Step},
    idmap::Ids,
    loopback,
    mount::{self, propagation},
    namespace::{self, Entry, time, user},
    resolve::{Kind, Links, make_below},
    rootfs::{self, OldRoot, kernel_trees::KernelTrees},
    sysctl,
};

/// What one step hands to the next.
struct Inside<'a> {
    /// The directory that will be, or is, the container's root.
    root: Option<OwnedFd>,
    /// For each mount of the plan that needs it, its source as the host has it. Shorter than the list of mounts if none does.
    peers: Vec<Option<OwnedFd>>,
    /// Its /proc, /sys and /dev.
    trees: KernelTrees,
    /// The user namespace, entered last.
    user: Option<&'a Entry>,
    prepared: Prepared,
    old_root: Option<OldRoot>,
    callbacks: Callbacks<'a>,
}

/// What the caller has to say in the middle of it.
pub struct Callbacks<'a> {
    /// Returns when the container's cgroups exist; called only if something of them is mounted.
    pub cgroups_are_there: &'a dyn Fn() -> Result<()>,
    /// Called where the container's mounts are, while the host's files are still in sight.
    pub before_change_of_root: &'a dyn Fn() -> Result<()>,
}

impl Inside<'_> {
    fn ids<'b>(&'b self, plan: &'b LaunchPlan) -> Option<Ids<'b>> {
        let mappings = plan.namespaces.as_ref()?;
        self.user.map(|entry| Ids { namespace: entry.handle(), mappings })
    }

    fn leave_old_root(&mut self) -> Result<()> {
        self.old_root.take().map_or(Ok(()), OldRoot::leave)
    }
}

type Stage = fn(&LaunchPlan, &mut Inside<'_>) -> Result<()>;

const STAGES: &[Stage] = &[
    forbid_tracing, // before the container can see us
    bring_up_network,
    make_clocks,                // while the host's /proc is in sight
    hold_peers,                 // before the namespace is cut off from the host's
    cut_off_mounts,             // before the first mount
    find_root,                  // the image, or the host's own root
    furnish_root,               // /proc, /sys, /dev
    show_cgroups_to_be_covered, // by volumes and masks
    mount_volumes,              // every target by descriptor, inside the root
    make_directory,             // that the task starts in, if nothing has it
    make_devices,               // of a bare root, whose /dev the mounts have made
    mask_paths,                 // after the volumes: nothing is mounted over a mask
    show_cgroups_apart,         // as late as may be: somebody outside has been making them meanwhile
    set_parameters,
    call_back,
    change_root, // no path leads out of it from here on
    set_host_name,
    enter_user_namespace, // last: the steps above need power over the host
];

/// In namespaces that were just made or joined, all but the user namespace: `user` is where the container will live. Gives back what is to be left
/// before anything of the user's runs, which takes a while: the caller may have something to do meanwhile.
pub fn set_up(plan: &LaunchPlan, user: Option<&Entry>, prepared: Prepared, callbacks: Callbacks<'_>) -> Result<Option<OldRoot>> {
    let trees = KernelTrees::default();
    let mut inside = Inside { root: None, peers: Vec::new(), trees, user, prepared, old_root: None, callbacks };
    // Modes are meant as they are written here.
    let mask = umask(Mode::empty());
    let outcome = STAGES.iter().try_for_each(|stage| stage(plan, &mut inside));
    umask(mask);
    outcome.map(|()| inside.old_root)
}

fn forbid_tracing(_: &LaunchPlan, _: &mut Inside<'_>) -> Result<()> {
    credentials::forbid_tracing()
}

fn bring_up_network(plan: &LaunchPlan, inside: &mut Inside<'_>) -> Result<()> {
    let own = plan.namespaces.as_ref().is_some_and(|namespaces| namespaces.network());
    if own && !inside.prepared.network_is_up { loopback::bring_up() } else { Ok(()) }
}

fn make_clocks(plan: &LaunchPlan, _: &mut Inside<'_>) -> Result<()> {
    match &plan.namespaces {
        Some(namespaces) if namespaces.time() => time::make(namespaces.time_offsets.as_ref()),
        _ => Ok(()),
    }
}

fn own_mounts(plan: &LaunchPlan) -> bool {
    plan.namespaces.as_ref().is_some_and(|namespaces| namespaces.mount())
}

fn hold_peers(plan: &LaunchPlan, inside: &mut Inside<'_>) -> Result<()> {
    if own_mounts(plan) {
        inside.peers = propagation::hold_peers(&plan.mounts)?;
    }
    Ok(())
}

fn cut_off_mounts(plan: &LaunchPlan, _: &mut Inside<'_>) -> Result<()> {
    if own_mounts(plan) { propagation::cut_off(root_propagation(plan)) } else { Ok(()) }
}

fn root_propagation(plan: &LaunchPlan) -> Propagation {
    let root = plan.root.as_ref().filter(|root| root.propagation.is_some());
    root.map_or(Propagation::HostToContainer, |root| root.propagation())
}

/// A bare root is its owner's, who may want it mounted in a namespace that others see, too.
fn find_root(plan: &LaunchPlan, inside: &mut Inside<'_>) -> Result<()> {
    inside.root = match &plan.root {
        Some(root) if own_mounts(plan) || root.bare() => {
            let ready = inside.prepared.root.take();
            Some(rootfs::mount(root, inside.ids(plan).as_ref(), ready)?)
        }
        None if own_mounts(plan) => Some(mount::namespace_root()?),
        _ => None,
    };
    Ok(())
}

/// A task that sees the host's files sees the host's cgroups.
pub fn looks_at_cgroups(plan: &LaunchPlan) -> bool {
    plan.root.is_some() && plan.cgroups.is_some()
}

const CGROUPS: &str = "/sys/fs/cgroup";

/// Nothing that the plan names leads there, is there or in there, so that it makes no difference what is mounted first.
fn cgroups_are_apart(plan: &LaunchPlan) -> bool {
    let masked = plan.masking.iter().flat_map(|masking| masking.hidden.iter().chain(&masking.read_only));
    let made = plan.root.iter().filter_map(|root| root.made_directory.as_ref());
    let mut named = plan.mounts.iter().map(|mount| &mount.target).chain(masked).chain(made);
    !named.any(|path| may_meet(Path::new(path), Path::new(CGROUPS)))
}

fn may_meet(path: &Path, other: &Path) -> bool {
    path.starts_with(other) || other.starts_with(path) || path.components().any(|component| component == Component::ParentDir)
}

fn show_cgroups_to_be_covered(plan: &LaunchPlan, inside: &mut Inside<'_>) -> Result<()> {
    if cgroups_are_apart(plan) { Ok(()) } else { show_cgroups(plan, inside) }
}

fn show_cgroups_apart(plan: &LaunchPlan, inside: &mut Inside<'_>) -> Result<()> {
    if cgroups_are_apart(plan) { show_cgroups(plan, inside) } else { Ok(()) }
}

fn furnish_root(plan: &LaunchPlan, inside: &mut Inside<'_>) -> Result<()> {
    let furniture = inside.prepared.furniture.take();
    let (Some(root), Some(namespaces)) = (&inside.root, &plan.namespaces) else { return Ok(()) };
    let not_the_hosts = |kind: &str| namespaces.joined.iter().any(|joined| joined.kind == kind);
    match &plan.root {
        Some(wanted) if wanted.bare() => return Ok(()),
        Some(_) => {
            inside.trees = rootfs::furnish(root.as_fd(), plan, inside.ids(plan).as_ref(), furniture)?;
            return Ok(());
        }
        None => {}
    }
    if namespaces.pid() || not_the_hosts("pid") {
        mount::fresh_proc(root.as_fd())?;
    }
    plan.shm_size.map_or(Ok(()), |size| mount::shared_memory(root.as_fd(), size))
}

fn show_cgroups(plan: &LaunchPlan, inside: &mut Inside<'_>) -> Result<()> {
    if looks_at_cgroups(plan) {
        (inside.callbacks.cgroups_are_there)()?;
    }
    match (&plan.root, &inside.root, &plan.namespaces) {
        (Some(wanted), Some(root), Some(_)) if !wanted.bare() && plan.cgroups.is_some() => {
            rootfs::view_cgroups(root.as_fd(), &inside.trees, plan)
        }
        _ => Ok(()),
    }
}

fn mount_volumes(plan: &LaunchPlan, inside: &mut Inside<'_>) -> Result<()> {
    let mut peers = std::mem::take(&mut inside.peers).into_iter();
    let mut trees = std::mem::take(&mut inside.trees);
    let (Some(root), ids) = (&inside.root, inside.ids(plan)) else { return Ok(()) };
    let place = mount::Place { root: root.as_fd(), plan, ids };
    for wanted in &plan.mounts {
        if let Some(tree) = place.perform(wanted, peers.next().flatten())? {
            trees.keep_mount(wanted, tree);
        }
    }
    inside.trees = trees;
    Ok(())
}

fn make_directory(plan: &LaunchPlan, inside: &mut Inside<'_>) -> Result<()> {
    let wanted = plan.root.as_ref().and_then(|root| root.made_directory.as_ref());
    let (Some(path), Some(root)) = (wanted, &inside.root) else { return Ok(()) };
    let made = make_below(root, path, Links::InRoot, Kind::Directory);
    made.map(drop).step_at("make the working directory", path)
}

fn make_devices(plan: &LaunchPlan, inside: &mut Inside<'_>) -> Result<()> {
    match (&plan.root, &inside.root) {
        (Some(wanted), Some(root)) if wanted.bare() => rootfs::make_devices(root.as_fd(), &plan.devices),
        _ => Ok(()),
    }
}

fn mask_paths(plan: &LaunchPlan, inside: &mut Inside<'_>) -> Result<()> {
    match (&plan.root, &inside.root) {
        (Some(_), Some(root)) => rootfs::mask(root.as_fd(), &inside.trees, plan.masking.as_ref()),
        _ => Ok(()),
    }
}

fn set_parameters(plan: &LaunchPlan, _: &mut Inside<'_>) -> Result<()> {
    plan.namespaces.as_ref().map_or(Ok(()), |namespaces| sysctl::set(&plan.sysctls, namespaces))
}

fn call_back(_: &LaunchPlan, inside: &mut Inside<'_>) -> Result<()> {
    (inside.callbacks.before_change_of_root)()
}

fn change_root(plan: &LaunchPlan, inside: &mut Inside<'_>) -> Result<()> {
    match (&plan.root, &inside.root) {
        (Some(wanted), Some(root)) if !own_mounts(plan) => rootfs::confine(root, wanted),
        (Some(wanted), Some(root)) => {
            inside.old_root = rootfs::change_root(root, wanted)?;
            if wanted.propagation.is_some() {
                inside.leave_old_root()?;
            }
            propagation::set_of_root(root_propagation(plan))
        }
        _ => Ok(()),
    }
}

fn set_host_name(plan: &LaunchPlan, _: &mut Inside<'_>) -> Result<()> {
    if !plan.namespaces.as_ref().is_some_and(Namespaces::uts) {
        return Ok(());
    }
    if let Some(name) = &plan.hostname {
        rustix::system::sethostname(name.as_bytes()).step_at("set the host name", name)?;
    }
    match &plan.domain_name {
        Some(name) => rustix::system::setdomainname(name.as_bytes()).step_at("set the domain name", name),
        None => Ok(()),
    }
}

/// Afterwards nothing of the set-up can be undone from inside: a mount namespace that belongs to the user namespace is a copy in which all is locked.
fn enter_user_namespace(plan: &LaunchPlan, inside: &mut Inside<'_>) -> Result<()> {
    let Some(entry) = inside.user else { return Ok(()) };
    inside.leave_old_root()?;
    user::become_root(entry)?;
    if own_mounts(plan) { namespace::enter_mount_namespace().step("make the mount namespace") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use meseta_spec::{Masking, Mount};

    use super::*;

    #[test]
    fn what_is_mounted_or_masked_where_cgroups_are_seen_comes_after_them() {
        let mounted = |target: &str| LaunchPlan {
            mounts: vec![Mount { target: target.to_owned(), ..Default::default() }],
            ..Default::default()
        };
        let masked = |path: &str| LaunchPlan {
            masking: Some(Masking { hidden: vec![path.to_owned()], ..Default::default() }),
            ..Default::default()
        };
        for path in ["/mnt/sandbox", "/sys/firmware", "/proc/kcore", "/sys/fs/cgroups"] {
            assert!(cgroups_are_apart(&mounted(path)) && cgroups_are_apart(&masked(path)), "{path}");
        }
        for path in ["/sys/fs/cgroup/memory", "/sys/fs/cgroup", "/sys/fs/", "/sys", "/", "/mnt/../sys/fs/cgroup"] {
            assert!(!cgroups_are_apart(&mounted(path)) && !cgroups_are_apart(&masked(path)), "{path}");
        }
    }
}
