//! A network device of the host that becomes a container's: it moves with its addresses, and is up when it has arrived (`linux.netDevices`).

mod netlink;

use std::os::fd::{AsRawFd, BorrowedFd};

use rustix::io::Errno;

use crate::{
    failure::{Failure, Result, Step},
    namespace::Entry,
};

use netlink::{Answer, Body, Netlink, attributes, number};

const STEP: &str = "move the network device";

/// The kernel's `IFNAMSIZ`, less the zero at the end.
const LONGEST_NAME: usize = 15;

/// Sizes of the kernel's `ifinfomsg` and `ifaddrmsg`.
const LINK: usize = 16;
const ADDRESS: usize = 8;

/// What the kernel takes for a name, but for patterns with a `%`, of which nobody could tell what became of them.
pub fn check_name(name: &str) -> Result<()> {
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'/' | b':' | b'%');
    if !name.is_empty() && name.len() <= LONGEST_NAME && !matches!(name, "." | "..") && name.bytes().all(plain) {
        return Ok(());
    }
    Err(Failure::because(STEP, "this is no name of a network device").at(format!("{name:?}")))
}

/// Into the network namespace `to`, as `name`. What is wrong leaves the device where it was, unless it fails after the move.
pub fn give(device: &str, name: &str, to: &Entry) -> Result<()> {
    let here = Netlink::open().step(STEP)?;
    let there = open_inside(to)?;
    let index = index_of(&here, device).step_at(STEP, device)?;
    let addresses = addresses_of(&here, index).step_at(STEP, device)?;
    transfer(&here, index, to.handle(), name).map_err(|failure| explained(failure.at(device), name))?;
    let index = index_of(&there, name).step_at(STEP, device)?;
    for address in &addresses {
        add_address(&there, index, address).step_at("give its addresses back to the network device", name)?;
    }
    bring_up(&there, index).step_at("bring up the network device", name)
}

fn explained(failure: Failure, name: &str) -> Failure {
    if failure.is(Errno::EXIST) {
        let sentence = format!("its network namespace has a device {name} already");
        return Failure { sentence, ..failure };
    }
    failure
}

/// Only this thread goes there, and only for as long as it takes to make the socket.
fn open_inside(to: &Entry) -> Result<Netlink> {
    let own = Entry::of_own_network()?;
    to.enter()?;
    let opened = Netlink::open().step(STEP);
    own.enter()?;
    opened
}

fn link(index: i32, flags: u32) -> Body {
    let mut structure = [0; LINK];
    structure[4..8].copy_from_slice(&index.to_ne_bytes());
    structure[8..12].copy_from_slice(&flags.to_ne_bytes());
    // Which of the flags are meant.
    structure[12..16].copy_from_slice(&flags.to_ne_bytes());
    Body::of(&structure)
}

fn terminated(name: &str) -> Vec<u8> {
    [name.as_bytes(), &[0]].concat()
}

fn index_of(netlink: &Netlink, name: &str) -> std::result::Result<i32, Errno> {
    let answers = netlink.ask(libc::RTM_GETLINK.into(), 0, link(0, 0).with(libc::IFLA_IFNAME, &terminated(name)))?;
    let found = answers.iter().find(|answer| answer.kind == libc::RTM_NEWLINK);
    found.and_then(|answer| answer.body.get(4..8)).map(number).ok_or(Errno::NODEV)
}

fn transfer(netlink: &Netlink, index: i32, to: BorrowedFd<'_>, name: &str) -> Result<()> {
    let body =
        link(index, 0).with(libc::IFLA_NET_NS_FD, &to.as_raw_fd().to_ne_bytes()).with(libc::IFLA_IFNAME, &terminated(name));
    netlink.ask(libc::RTM_NEWLINK.into(), 0, body).map(drop).step(STEP)
}

fn bring_up(netlink: &Netlink, index: i32) -> std::result::Result<(), Errno> {
    netlink.ask(libc::RTM_NEWLINK.into(), 0, link(index, libc::IFF_UP as u32)).map(drop)
}

/// `ifaddrmsg` and attributes of one address, as the kernel tells them and takes them.
type Address = Answer;

/// Those that somebody has given it for good; what it got by itself (link-local, leases) it gets again.
fn addresses_of(netlink: &Netlink, index: i32) -> std::result::Result<Vec<Address>, Errno> {
    let mut all = netlink.ask(libc::RTM_GETADDR.into(), libc::NLM_F_DUMP, Body::of(&[0; ADDRESS]))?;
    all.retain(|Answer { kind, body }| {
        let (flags, scope) = (body.get(2).copied().unwrap_or(0), body.get(3).copied());
        *kind == libc::RTM_NEWADDR
            && body.get(4..8).map(number) == Some(index)
            && u32::from(flags) & libc::IFA_F_PERMANENT != 0
            && scope == Some(libc::RT_SCOPE_UNIVERSE)
    });
    Ok(all)
}

fn add_address(netlink: &Netlink, index: i32, address: &Address) -> std::result::Result<(), Errno> {
    // Its label would begin with the name that the device had.
    const KEPT: &[u16] = &[libc::IFA_ADDRESS, libc::IFA_LOCAL, libc::IFA_BROADCAST];
    let [family, prefix_length, ..] = address.body.first_chunk::<ADDRESS>().copied().ok_or(Errno::INVAL)?;
    let mut structure = [family, prefix_length, 0, libc::RT_SCOPE_UNIVERSE, 0, 0, 0, 0];
    structure[4..].copy_from_slice(&index.to_ne_bytes());
    let kept = attributes(&address.body, ADDRESS).into_iter().filter(|(kind, _)| KEPT.contains(kind));
    let body = kept.fold(Body::of(&structure), |body, (kind, value)| body.with(kind, value));
    netlink.ask(libc::RTM_NEWADDR.into(), libc::NLM_F_CREATE | libc::NLM_F_EXCL, body).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_the_kernel_takes() {
        for good in ["eth0", "a", "veth.100-x_y", "123456789012345"] {
            check_name(good).expect(good);
        }
        for bad in ["", ".", "..", "a/b", "a b", "a:1", "eth%d", "1234567890123456", "ü"] {
            assert!(check_name(bad).is_err(), "{bad:?}");
        }
    }
}
