//! Who has the listener of a filter answers the calls that it leaves open.

use std::{
    os::fd::{AsRawFd, OwnedFd},
    sync::mpsc,
    thread,
};

use meseta_spec::{SeccompProfile, SeccompRule};

use super::super::{compile, compile_with_listener, has_listener, install};
use crate::credentials;

/// The kernel's `seccomp_notif`, as far as it matters, and `seccomp_notif_resp`.
#[repr(C)]
#[derive(Default)]
struct Question {
    id: u64,
    pid: u32,
    flags: u32,
    call: i32,
    architecture: u32,
    rest: [u64; 7],
}

#[repr(C)]
#[derive(Default)]
struct Answer {
    id: u64,
    value: i64,
    error: i32,
    flags: u32,
}

const RECEIVE: libc::Ioctl = 0xc050_2100_u32 as libc::Ioctl;
const SEND: libc::Ioctl = 0xc018_2101_u32 as libc::Ioctl;

fn asking_for(name: &str) -> SeccompProfile {
    let rule = SeccompRule { names: vec![name.to_owned()], action: "SCMP_ACT_NOTIFY".to_owned(), ..Default::default() };
    // The kernel would refuse this flag beside a listener.
    let flags = vec!["SECCOMP_FILTER_FLAG_TSYNC".to_owned()];
    SeccompProfile { default_action: "SCMP_ACT_ALLOW".to_owned(), rules: vec![rule], flags, ..Default::default() }
}

fn decide(listener: &OwnedFd, value: i64) -> i32 {
    let mut question = Question::default();
    // SAFETY: living structures of the sizes that are part of the requests' numbers.
    let heard = unsafe { libc::ioctl(listener.as_raw_fd(), RECEIVE, &raw mut question) };
    assert_eq!(heard, 0, "{}", std::io::Error::last_os_error());
    let answer = Answer { id: question.id, value, ..Default::default() };
    // SAFETY: as above.
    let told = unsafe { libc::ioctl(listener.as_raw_fd(), SEND, &raw const answer) };
    assert_eq!(told, 0, "{}", std::io::Error::last_os_error());
    question.call
}

#[test]
fn a_call_is_answered_by_who_has_the_listener() {
    let filter = compile_with_listener(&asking_for("getpgid")).expect("compiles");
    assert!(has_listener(&filter));
    let (hand_over, listeners) = mpsc::channel();
    // Filters are a thread's own.
    let filtered = thread::spawn(move || {
        credentials::forbid_new_privileges().expect("always possible");
        hand_over.send(install(&filter).expect("installed").expect("a listener")).expect("somebody waits");
        // SAFETY: takes a number, and reads nothing.
        unsafe { libc::syscall(libc::SYS_getpgid, 0) }
    });
    let listener = listeners.recv().expect("handed over");
    assert_eq!(i64::from(decide(&listener, 4242)), libc::SYS_getpgid);
    assert_eq!(filtered.join().expect("ended"), 4242);
}

#[test]
fn nobody_listens_to_a_task() {
    let failure = compile(&asking_for("getpgid")).expect_err("refused");
    assert!(failure.to_string().ends_with("SCMP_ACT_NOTIFY needs somebody who listens"), "{failure}");
}
