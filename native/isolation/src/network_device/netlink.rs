//! As much of rtnetlink(7) as a device needs to move: requests, their answers, attributes.

use std::os::fd::OwnedFd;

use rustix::{
    io::Errno,
    net::{AddressFamily, Protocol, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socket_with},
};

/// `NETLINK_ROUTE`, which is zero.
const ROUTE: Option<Protocol> = None;
const HEADER: usize = 16;
/// What a dump brings at once; the kernel fits its answers to it.
const CHUNK: usize = 32 << 10;

/// A socket to the network namespace in which it was made, wherever its owner goes.
pub struct Netlink {
    socket: OwnedFd,
}

pub struct Answer {
    pub kind: u16,
    pub body: Vec<u8>,
}

/// What follows a request's header: a structure of the kernel's, then attributes.
pub struct Body(Vec<u8>);

impl Body {
    pub fn of(structure: &[u8]) -> Self {
        Body(structure.to_vec())
    }

    pub fn with(mut self, kind: u16, value: &[u8]) -> Self {
        self.0.extend_from_slice(&(4 + value.len() as u16).to_ne_bytes());
        self.0.extend_from_slice(&kind.to_ne_bytes());
        self.0.extend_from_slice(value);
        self.0.resize(aligned(self.0.len()), 0);
        self
    }
}

impl Netlink {
    pub fn open() -> Result<Self, Errno> {
        let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, ROUTE)?;
        Ok(Netlink { socket })
    }

    /// Until the kernel has said that it is done, or why not.
    pub fn ask(&self, kind: libc::c_int, flags: libc::c_int, body: Body) -> Result<Vec<Answer>, Errno> {
        let flags = (flags | libc::NLM_F_REQUEST | libc::NLM_F_ACK) as u16;
        let mut request = Vec::with_capacity(HEADER + body.0.len());
        request.extend_from_slice(&((HEADER + body.0.len()) as u32).to_ne_bytes());
        request.extend_from_slice(&(kind as u16).to_ne_bytes());
        request.extend_from_slice(&flags.to_ne_bytes());
        // One request at a time: neither a sequence number nor a port is needed to know whose answer it is.
        request.extend_from_slice(&[0; 8]);
        request.extend_from_slice(&body.0);
        send(&self.socket, &request, SendFlags::empty())?;
        self.answers()
    }

    fn answers(&self) -> Result<Vec<Answer>, Errno> {
        let mut answers = Vec::new();
        let mut chunk = vec![0; CHUNK];
        loop {
            let count = match recv(&self.socket, chunk.as_mut_slice(), RecvFlags::empty()) {
                Err(Errno::INTR) => continue,
                received => received?.0,
            };
            let mut rest = &chunk[..count];
            while let Some((kind, body, behind)) = first_message(rest) {
                match libc::c_int::from(kind) {
                    libc::NLMSG_DONE => return Ok(answers),
                    libc::NLMSG_ERROR => return verdict(body).map(|()| answers),
                    _ => answers.push(Answer { kind, body: body.to_vec() }),
                }
                rest = behind;
            }
        }
    }
}

/// Zero is how it says that all went well.
fn verdict(body: &[u8]) -> Result<(), Errno> {
    match number(body) {
        0 => Ok(()),
        errno => Err(Errno::from_raw_os_error(-errno)),
    }
}

fn first_message(bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
    let length = number(bytes.get(..4)?) as usize;
    let kind = u16::from_ne_bytes(*bytes.get(4..)?.first_chunk()?);
    let body = bytes.get(HEADER..length)?;
    Some((kind, body, bytes.get(aligned(length)..).unwrap_or_default()))
}

/// The attributes behind a structure of so many bytes.
pub fn attributes(body: &[u8], structure: usize) -> Vec<(u16, &[u8])> {
    let mut rest = body.get(structure..).unwrap_or_default();
    let mut all = Vec::new();
    while let Some((length, kind)) = rest.first_chunk::<4>().map(|[a, b, c, d]| ([*a, *b], [*c, *d])) {
        let length = usize::from(u16::from_ne_bytes(length));
        let Some(value) = rest.get(4..length) else { break };
        all.push((u16::from_ne_bytes(kind), value));
        rest = rest.get(aligned(length)..).unwrap_or_default();
    }
    all
}

/// The first four bytes.
pub fn number(bytes: &[u8]) -> i32 {
    bytes.first_chunk().map_or(0, |bytes| i32::from_ne_bytes(*bytes))
}

const fn aligned(length: usize) -> usize {
    length.next_multiple_of(4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let Body(body) = Body::of(&[1; 8]).with(3, b"eth0\0").with(28, &7_u32.to_ne_bytes());
        assert_eq!(attributes(&body, 8), [(3, &b"eth0\0"[..]), (28, &7_u32.to_ne_bytes()[..])]);
    }

    #[test]
    fn what_is_cut_off_ends_it() {
        for length in 0..24 {
            let Body(body) = Body::of(&[]).with(1, &[9; 8]).with(2, &[9; 8]);
            assert!(attributes(&body[..length], 0).len() <= length / 12);
            assert!(first_message(&body[..length.min(3)]).is_none());
        }
    }

    #[test]
    fn a_device_that_does_not_exist_is_told_by_the_kernel() {
        let netlink = Netlink::open().expect("every kernel has it");
        let body = Body::of(&[0; 16]).with(libc::IFLA_IFNAME, b"nothing-of-it\0");
        assert_eq!(netlink.ask(libc::RTM_GETLINK.into(), 0, body).err(), Some(Errno::NODEV));
    }
}
