//! A network namespace that is made before anybody asks for it: of all that is new about a container, the kernel takes longest for this.

use std::os::fd::OwnedFd;

use meseta_spec::Namespaces;
use rustix::fs::{Mode, OFlags};

use super::{Entry, birth_flags, unshare};
use crate::{
    failure::{Result, Step},
    loopback,
};

/// Whether init is born into a network namespace of its own, and could as well enter one that is there. One that belongs to a user namespace cannot be
/// made before that.
pub fn can_be(wanted: &Namespaces) -> bool {
    birth_flags(wanted) & libc::CLONE_NEWNET as u64 != 0
}

/// By a process that has one thread and no socket. It comes back: where it cannot, it must not go on.
pub fn network() -> Result<Option<Entry>> {
    let host = Entry { kind: "net", flag: libc::CLONE_NEWNET, handle: own_network()? };
    if unshare(libc::CLONE_NEWNET).is_err() {
        // Who may not make one is told so when it is needed.
        return Ok(None);
    }
    // Once more by init, who would say why it fails.
    let _ = loopback::bring_up();
    let made = own_network();
    host.enter()?;
    Ok(made.ok().map(|handle| Entry { kind: "net", flag: libc::CLONE_NEWNET, handle }))
}

fn own_network() -> Result<OwnedFd> {
    const FILE: &str = "/proc/self/ns/net";
    rustix::fs::open(FILE, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).step_at("open the namespace", FILE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_user_namespace_owns_cannot_be_made_before_it() {
        let own = Namespaces { network: Some(true), pid: Some(true), ..Default::default() };
        assert!(can_be(&own));
        assert!(!can_be(&Namespaces { user: Some(true), ..own }));
        assert!(!can_be(&Namespaces::default()));
    }
}
