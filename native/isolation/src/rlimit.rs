//! Resource limits of a task (row 6-020).

use meseta_spec::ResourceLimit;

use rustix::io::Errno;

use crate::{
    capabilities,
    descriptors::last_errno,
    failure::{Failure, Result, sentence_of},
};

const STEP: &str = "set the resource limit";

/// Sets limits of the calling process. What is absent on both sides is unlimited; one side alone is refused, as in Mesos (T151).
pub fn apply(limits: &[ResourceLimit]) -> Result<()> {
    for limit in limits {
        let number = number_of(&limit.kind).ok_or_else(|| Failure::because(STEP, "there is no such limit").at(&limit.kind))?;
        let (soft, hard) = match (limit.soft, limit.hard) {
            (None, None) => (libc::RLIM_INFINITY, libc::RLIM_INFINITY),
            (Some(soft), Some(hard)) => (soft, hard),
            _ => return Err(Failure::because(STEP, "it needs both a soft and a hard value, or neither").at(&limit.kind)),
        };
        let value = libc::rlimit { rlim_cur: soft, rlim_max: hard };
        // SAFETY: the pointer is to a value that lives across the call.
        if unsafe { libc::setrlimit(number, &raw const value) } != 0 {
            return Err(refusal(last_errno(), number, hard).at(&limit.kind));
        }
    }
    Ok(())
}

/// The kernel's one word for "too high" is EPERM; a user needs to know how high is possible and what is missing.
fn refusal(errno: Errno, number: libc::__rlimit_resource_t, wanted: u64) -> Failure {
    let plain = Failure { step: STEP, path: None, errno: errno.raw_os_error(), sentence: sentence_of(errno.raw_os_error()) };
    let mut present = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the pointer is to a value that lives across the call.
    let known = unsafe { libc::getrlimit(number, &raw mut present) } == 0;
    if errno != Errno::PERM || !known || wanted <= present.rlim_max || may_raise() {
        return plain;
    }
    let sentence = format!("above {} it needs CAP_SYS_RESOURCE, which the agent does not have", present.rlim_max);
    Failure { sentence, ..plain }
}

fn may_raise() -> bool {
    capabilities::current().is_ok_and(|sets| sets.effective & capabilities::SYS_RESOURCE != 0)
}

fn number_of(kind: &str) -> Option<libc::__rlimit_resource_t> {
    Some(match kind {
        "AS" => libc::RLIMIT_AS,
        "CORE" => libc::RLIMIT_CORE,
        "CPU" => libc::RLIMIT_CPU,
        "DATA" => libc::RLIMIT_DATA,
        "FSIZE" => libc::RLIMIT_FSIZE,
        "LOCKS" => libc::RLIMIT_LOCKS,
        "MEMLOCK" => libc::RLIMIT_MEMLOCK,
        "MSGQUEUE" => libc::RLIMIT_MSGQUEUE,
        "NICE" => libc::RLIMIT_NICE,
        "NOFILE" => libc::RLIMIT_NOFILE,
        "NPROC" => libc::RLIMIT_NPROC,
        "RSS" => libc::RLIMIT_RSS,
        "RTPRIO" => libc::RLIMIT_RTPRIO,
        "RTTIME" => libc::RLIMIT_RTTIME,
        "SIGPENDING" => libc::RLIMIT_SIGPENDING,
        "STACK" => libc::RLIMIT_STACK,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(kind: &str, soft: Option<u64>, hard: Option<u64>) -> ResourceLimit {
        ResourceLimit { kind: kind.to_owned(), soft, hard }
    }

    #[test]
    fn one_sided_and_unknown_limits_are_refused_by_name() {
        let one_sided = apply(&[limit("NOFILE", Some(10), None)]).expect_err("refused");
        assert_eq!(
            one_sided.to_string(),
            "could not set the resource limit NOFILE: it needs both a soft and a hard value, or neither"
        );
        assert!(apply(&[limit("NOPE", None, None)]).is_err());
    }

    #[test]
    fn what_is_lower_is_set() {
        apply(&[limit("CORE", Some(0), Some(0))]).expect("lowering is always allowed");
    }
}
