//! Kernel settings of the container's own namespaces, written through a /proc that was made for it and that nobody else can reach (S17).

use meseta_spec::{Namespaces, Sysctl};
use rustix::fs::{self, Mode, OFlags, ResolveFlags};

use crate::{
    durable::write_all,
    failure::{Failure, Result, Step},
    mount::detached::{NODEV, NOEXEC, NOSUID, new_filesystem},
};

const STEP: &str = "set the kernel parameter";

const OF_IPC: &[&str] = &[
    "kernel/msgmax",
    "kernel/msgmnb",
    "kernel/msgmni",
    "kernel/sem",
    "kernel/shmall",
    "kernel/shmmax",
    "kernel/shmmni",
    "kernel/shm_rmid_forced",
];

pub fn set(wanted: &[Sysctl], namespaces: &Namespaces) -> Result<()> {
    if wanted.is_empty() {
        return Ok(());
    }
    let parameters = wanted.iter().map(|sysctl| checked(sysctl, namespaces)).collect::<Result<Vec<_>>>()?;
    let proc = new_filesystem("proc", &[], NOSUID | NODEV | NOEXEC)?;
    for (path, value) in parameters {
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_XDEV;
        fs::openat2(&proc, format!("sys/{path}"), OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty(), resolve)
            .and_then(|file| write_all(file, value.as_bytes()))
            .step_at(STEP, &path)?;
    }
    Ok(())
}

/// The path below /proc/sys, and the value. What is not the container's own, or could be read as more than one value, is refused (S39).
pub(crate) fn checked<'a>(sysctl: &'a Sysctl, namespaces: &Namespaces) -> Result<(String, &'a str)> {
    let refuse = |why: &str| Err(Failure::because(STEP, why).at(&sysctl.name));
    let path = path_of(&sysctl.name);
    let plain = |part: &str| !part.is_empty() && part != "." && part != ".." && part.bytes().all(is_name);
    if !path.split('/').all(plain) {
        return refuse("its name holds what no name of a parameter holds");
    }
    if sysctl.value.is_empty() || !sysctl.value.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte)) {
        return refuse("its value is not one line of plain text");
    }
    if !is_own(&path, namespaces) {
        return refuse("it is not of a namespace that the container has of its own");
    }
    Ok((path, &sysctl.value))
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.".contains(&byte)
}

/// Whichever of dot and slash comes first separates; then the other one is part of a name, such as that of an interface.
fn path_of(name: &str) -> String {
    match name.find(['.', '/']) {
        Some(at) if name.as_bytes()[at] == b'.' => name
            .chars()
            .map(|letter| {
                if letter == '.' {
                    '/'
                } else if letter == '/' {
                    '.'
                } else {
                    letter
                }
            })
            .collect(),
        _ => name.to_owned(),
    }
}

fn is_own(path: &str, namespaces: &Namespaces) -> bool {
    let joined = |kind: &str| namespaces.joined.iter().any(|one| one.kind == kind);
    let has = |own: bool, kind: &str| own || joined(kind);
    (path.starts_with("net/") && has(namespaces.network(), "net"))
        || ((OF_IPC.contains(&path) || path.starts_with("fs/mqueue/")) && has(namespaces.ipc(), "ipc"))
        || (path == "kernel/domainname" && has(namespaces.uts(), "uts"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, value: &str) -> Result<String> {
        let own = Namespaces { ipc: Some(true), network: Some(true), uts: Some(true), ..Default::default() };
        let sysctl = Sysctl { name: name.to_owned(), value: value.to_owned() };
        checked(&sysctl, &own).map(|(path, _)| path)
    }

    #[test]
    fn names_are_written_with_dots_or_slashes() {
        assert_eq!(check("net.ipv4.ip_forward", "1").as_deref(), Ok("net/ipv4/ip_forward"));
        assert_eq!(check("net/ipv4/conf/eth0.1/forwarding", "1").as_deref(), Ok("net/ipv4/conf/eth0.1/forwarding"));
        assert_eq!(check("net.ipv4.conf.eth0/1.forwarding", "1").as_deref(), Ok("net/ipv4/conf/eth0.1/forwarding"));
    }

    #[test]
    fn what_is_the_hosts_is_refused() {
        for name in ["kernel.core_pattern", "vm.swappiness", "kernel.shm_rmid", "fs.file-max", "user.max_user_namespaces"] {
            assert!(check(name, "1").is_err(), "{name}");
        }
        let none = Namespaces::default();
        let sysctl = Sysctl { name: "net.ipv4.ip_forward".to_owned(), value: "1".to_owned() };
        assert!(checked(&sysctl, &none).is_err());
    }

    #[test]
    fn neither_name_nor_value_smuggles_another_in() {
        for name in ["net/../kernel/core_pattern", "net..x", "net.ipv4.a+b", "net.ipv4.a b", "net.ipv4.a\n", "", "/net/x"] {
            assert!(check(name, "1").is_err(), "{name:?}");
        }
        for value in ["", "1\nkernel.core_pattern=|/x", "1\0", "\u{1b}[0m", "é"] {
            assert!(check("net.ipv4.ip_forward", value).is_err(), "{value:?}");
        }
    }
}
