//! Who the task is.

use meseta_spec::Identity;
use rustix::io::Errno;

use crate::{
    descriptors::last_errno,
    failure::{Failure, Result, Step},
};

/// The kernel reads these as "leave it as it is", so they would silently mean the agent's user (S8).
const UNCHANGED: u32 = u32::MAX;

/// Becomes the user: groups first, then gid, then uid, each with all of its saved forms.
pub fn assume(identity: &Identity) -> Result<()> {
    if identity.uid == UNCHANGED || identity.gid == UNCHANGED || identity.groups.contains(&UNCHANGED) {
        return Err(Failure::because("become the task's user", "4294967295 is not an id"));
    }
    if already(identity) {
        return Ok(());
    }
    let groups = &identity.groups;
    // SAFETY: pointer and length are those of one living slice; the other calls take numbers only. The process has one thread, so no other keeps old rights.
    unsafe {
        checked(libc::setgroups(groups.len(), groups.as_ptr())).step("set the supplementary groups")?;
        checked(libc::setresgid(identity.gid, identity.gid, identity.gid)).step("set the group")?;
        checked(libc::setresuid(identity.uid, identity.uid, identity.uid)).step("set the user")
    }
}

/// Without privilege nothing can be changed; the agent's own user needs no change.
fn already(identity: &Identity) -> bool {
    let (uid, gid) = (rustix::process::getuid(), rustix::process::getgid());
    !uid.is_root() && uid.as_raw() == identity.uid && gid.as_raw() == identity.gid
}

/// What `act` makes belongs to this user, who must be allowed to: the kernel judges files by these two ids alone, and puts the capabilities over files
/// aside for anyone but root.
pub fn with_file_owner<T>(uid: u32, gid: u32, act: impl FnOnce() -> T) -> T {
    // SAFETY: numbers only, here and below. They never fail for root; for anyone else they do nothing, and `act` is judged as who we are.
    let (old_gid, old_uid) = unsafe { (libc::setfsgid(gid), libc::setfsuid(uid)) };
    let made = act();
    // SAFETY: as above.
    unsafe {
        libc::setfsuid(old_uid as u32);
        libc::setfsgid(old_gid as u32);
    }
    made
}

pub fn forbid_new_privileges() -> Result<()> {
    // SAFETY: numbers only.
    checked(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }).step("forbid new privileges")
}

/// A session keyring that no other container shares (S12). A kernel without keyrings has nothing to separate, and where the call is forbidden to us
/// it is to the task.
pub fn join_new_keyring() -> Result<()> {
    const KEYCTL_JOIN_SESSION_KEYRING: libc::c_int = 1;
    // SAFETY: a null name asks for an anonymous keyring; nothing else is passed.
    let serial = unsafe { libc::syscall(libc::SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, std::ptr::null::<libc::c_char>()) };
    match if serial < 0 { Err(last_errno()) } else { Ok(()) } {
        Err(Errno::NOSYS | Errno::PERM | Errno::ACCESS) => Ok(()),
        joined => joined.step("join a session keyring"),
    }
}

/// Nobody without privilege may look into this process or trace it (S4).
pub fn forbid_tracing() -> Result<()> {
    // SAFETY: numbers only.
    checked(unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0) }).step("forbid tracing")
}

fn checked(result: libc::c_int) -> std::result::Result<(), Errno> {
    if result == 0 { Ok(()) } else { Err(last_errno()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_that_means_unchanged_is_refused() {
        let identity = Identity { uid: u32::MAX, gid: 1000, groups: vec![] };
        assert!(assume(&identity).is_err());
    }
}
