//! What of root's power a task keeps (row 6-035). The order is the kernel's: the bounding set goes while we still may change it, the user changes
//! while the permitted set is kept, and ambient ones, which that change would clear, come last.

use meseta_spec::Capabilities;
use rustix::io::Errno;

use crate::{
    descriptors::last_errno,
    failure::{Failure, Result, Step},
};

const STEP: &str = "set the capabilities";

pub const SYS_ADMIN: u64 = 1 << 21;
pub const SYS_RESOURCE: u64 = 1 << 24;

/// By number, without `CAP_`.
pub const NAMES: [&str; 41] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
];

/// Names of a set, for sentences: `CAP_NET_RAW, CAP_SYS_ADMIN`.
pub fn names_of(set: u64) -> String {
    let name = |number: u32| NAMES.get(number as usize).map_or_else(|| format!("number {number}"), |name| format!("CAP_{name}"));
    let names: Vec<String> = (0..64).filter(|number| set >> number & 1 == 1).map(name).collect();
    names.join(", ")
}

/// The three sets that capset(2) knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sets {
    pub effective: u64,
    pub permitted: u64,
    pub inheritable: u64,
}

#[repr(C)]
struct Header {
    version: u32,
    pid: libc::c_int,
}

/// Two of these hold 64 bits: the low ones first.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Half {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

const VERSION_3: u32 = 0x2008_0522;

/// Of the calling process.
pub fn current() -> std::result::Result<Sets, Errno> {
    let mut header = Header { version: VERSION_3, pid: 0 };
    let mut halves = [Half::default(); 2];
    // SAFETY: both pointers are to living values of the layout that this version of the call has; two halves are what it writes.
    checked(unsafe { libc::syscall(libc::SYS_capget, &raw mut header, halves.as_mut_ptr()) })?;
    let [low, high] = halves;
    let joined = |low: u32, high: u32| u64::from(high) << 32 | u64::from(low);
    Ok(Sets {
        effective: joined(low.effective, high.effective),
        permitted: joined(low.permitted, high.permitted),
        inheritable: joined(low.inheritable, high.inheritable),
    })
}

fn set(sets: Sets) -> std::result::Result<(), Errno> {
    let mut header = Header { version: VERSION_3, pid: 0 };
    let half = |shift: u32| Half {
        effective: (sets.effective >> shift) as u32,
        permitted: (sets.permitted >> shift) as u32,
        inheritable: (sets.inheritable >> shift) as u32,
    };
    let halves = [half(0), half(32)];
    // SAFETY: as in `current`; the call only reads.
    checked(unsafe { libc::syscall(libc::SYS_capset, &raw mut header, halves.as_ptr()) })
}

/// Refuses what the kernel does not know, and sets that cannot be had together; the sentence names them.
pub fn check(wanted: &Capabilities) -> Result<()> {
    let refuse = |set: u64, why: &str| Err(Failure::because(STEP, format!("{} {why}", names_of(set))));
    let permitted = permitted(wanted);
    let all = wanted.bounding | wanted.effective | permitted | wanted.inheritable() | wanted.ambient();
    if all != 0 && in_bounding_set(63 - all.leading_zeros()).is_err() {
        return refuse(1 << (63 - all.leading_zeros()), "is unknown to this kernel");
    }
    // The kernel would refuse these, too, without a word of which.
    let refuse = |set: u64, why: &str| {
        let sentence = format!("operation not permitted: {} {why}", names_of(set));
        Err(Failure { errno: Errno::PERM.raw_os_error(), ..Failure::because(STEP, sentence) })
    };
    let beyond = |set: u64, of: u64| Some(set & !of).filter(|&rest| rest != 0);
    if let Some(rest) = beyond(wanted.effective, wanted.bounding) {
        return refuse(rest, "is not in the bounding set");
    }
    if let Some(rest) = beyond(permitted, wanted.bounding) {
        return refuse(rest, "is permitted but not in the bounding set");
    }
    if let Some(rest) = beyond(wanted.effective, permitted) {
        return refuse(rest, "is effective but not permitted");
    }
    if let Some(rest) = beyond(wanted.inheritable(), wanted.bounding) {
        return refuse(rest, "is inheritable but not in the bounding set");
    }
    match beyond(wanted.ambient(), permitted & wanted.inheritable()) {
        Some(rest) => refuse(rest, "cannot be ambient: it is not permitted and inheritable"),
        None => Ok(()),
    }
}

fn permitted(wanted: &Capabilities) -> u64 {
    wanted.permitted.unwrap_or(wanted.effective)
}

/// Takes out of the bounding set, for good, whatever is not wanted. Needs CAP_SETPCAP where there is something to take.
pub fn bound(wanted: &Capabilities) -> Result<()> {
    for number in (0..64).filter(|number| wanted.bounding >> number & 1 == 0) {
        // SAFETY: numbers only.
        match checked(unsafe { libc::prctl(libc::PR_CAPBSET_DROP, libc::c_ulong::from(number), 0, 0, 0) }.into()) {
            Ok(()) => {}
            refused => match in_bounding_set(number) {
                // Neither are there any after it.
                Err(_) => break,
                // Who may not take anything out need not take out what is not there.
                Ok(false) => {}
                Ok(true) => return refused.step_at("drop the capability", names_of(1 << number)),
            },
        }
    }
    Ok(())
}

/// An error: the kernel has no capability of this number.
fn in_bounding_set(number: u32) -> std::result::Result<bool, Errno> {
    // SAFETY: numbers only.
    match unsafe { libc::prctl(libc::PR_CAPBSET_READ, libc::c_ulong::from(number), 0, 0, 0) } {
        -1 => Err(last_errno()),
        present => Ok(present == 1),
    }
}

/// The change of user that follows leaves the permitted set alone. Ends with exec.
pub fn keep_across_change_of_user() -> Result<()> {
    // SAFETY: numbers only.
    checked(unsafe { libc::prctl(libc::PR_SET_KEEPCAPS, 1, 0, 0, 0) }.into()).step("keep the capabilities")
}

/// The sets of the task, after the change of user. `meanwhile` is had until exec only: what is neither inheritable, ambient nor in the bounding set
/// does not survive it (capabilities(7)).
pub fn assume(wanted: &Capabilities, meanwhile: u64) -> Result<()> {
    let now = current().step(STEP)?;
    let lacking = permitted(wanted) & !now.permitted;
    if lacking != 0 {
        return Err(Failure::because(STEP, format!("the agent itself does not have {}", names_of(lacking))));
    }
    let meanwhile = meanwhile & now.permitted;
    let (effective, permitted) = (wanted.effective | meanwhile, permitted(wanted) | meanwhile);
    set(Sets { effective, permitted, inheritable: wanted.inheritable() }).step(STEP)?;
    clear_ambient();
    let raise = |number: u32| {
        // SAFETY: numbers only.
        let raised = unsafe { libc::prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_RAISE, libc::c_ulong::from(number), 0, 0) };
        checked(raised.into()).step_at("make ambient the capability", names_of(1 << number))
    };
    (0..64).filter(|number| wanted.ambient() >> number & 1 == 1).try_for_each(raise)
}

/// Of a task that keeps what the agent has: nothing goes to its programs by inheritance, whatever the agent was started with (S5, S6).
pub fn inherit_nothing() -> Result<()> {
    clear_ambient();
    let now = current().step(STEP)?;
    if now.inheritable == 0 { Ok(()) } else { set(Sets { inheritable: 0, ..now }).step(STEP) }
}

/// A kernel without ambient capabilities (before 4.3) has none to clear.
fn clear_ambient() {
    // SAFETY: numbers only.
    unsafe { libc::prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) };
}

fn checked(result: libc::c_long) -> std::result::Result<(), Errno> {
    if result == 0 { Ok(()) } else { Err(last_errno()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(wanted: &Capabilities) -> String {
        check(wanted).expect_err("refused").to_string()
    }

    #[test]
    fn what_cannot_be_had_is_refused_by_name() {
        let none = Capabilities::default();
        check(&none).expect("nothing is always to be had");
        assert_eq!(
            sentence(&Capabilities { bounding: 1 << 63, ..none }),
            "could not set the capabilities: number 63 is unknown to this kernel"
        );
        assert_eq!(
            sentence(&Capabilities { effective: SYS_ADMIN, ..none }),
            "could not set the capabilities: operation not permitted: CAP_SYS_ADMIN is not in the bounding set"
        );
        assert_eq!(
            sentence(&Capabilities { bounding: 3, effective: 3, inheritable: Some(1), ambient: Some(3), permitted: None }),
            "could not set the capabilities: operation not permitted: CAP_DAC_OVERRIDE cannot be ambient: it is not permitted and inheritable"
        );
    }

    #[test]
    fn the_names_are_those_of_the_kernel() {
        let known = (0..64).take_while(|&number| in_bounding_set(number).is_ok()).count();
        assert!(known <= NAMES.len(), "this kernel knows {known} capabilities");
        assert_eq!((NAMES[21], NAMES[24], NAMES[40]), ("SYS_ADMIN", "SYS_RESOURCE", "CHECKPOINT_RESTORE"));
    }

    #[test]
    fn setting_what_is_there_already_changes_nothing() {
        let before = current().expect("readable");
        set(before).expect("allowed");
        assert_eq!(current().expect("readable"), before);
    }
}
