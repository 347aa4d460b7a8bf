//! The few things that only /proc tells.

use std::{fs, os::fd::AsFd};

use rustix::fs::{Mode, OFlags};

/// Clock ticks between boot and the start of this process; with the pid it names one process of this boot (design §6). `None`: no such process.
pub fn start_time(pid: i32) -> Option<u64> {
    field_after_name(&stat_line(pid)?, 22)?.parse().ok()
}

/// In one read, which is much of the cost: this stands on the way of every start.
fn stat_line(pid: i32) -> Option<String> {
    let file = rustix::fs::open(format!("/proc/{pid}/stat"), OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok()?;
    let mut line = [0; 1024];
    let length = rustix::io::read(&file, &mut line).ok()?;
    Some(String::from_utf8_lossy(&line[..length]).into_owned())
}

/// Which process a pidfd stands for, as our own pid namespace names it. `None`: it has ended and was reaped.
pub fn pid_of(pidfd: impl AsFd) -> Option<i32> {
    let path = format!("/proc/self/fdinfo/{}", std::os::fd::AsRawFd::as_raw_fd(&pidfd.as_fd()));
    let text = fs::read_to_string(path).ok()?;
    let pid: i32 = text.lines().find_map(|line| line.strip_prefix("Pid:"))?.trim().parse().ok()?;
    (pid > 0).then_some(pid)
}

/// A zombie has ended, whatever its entry in /proc suggests.
pub fn is_alive(pid: i32, start_time: u64) -> bool {
    let Some(stat) = stat_line(pid) else { return false };
    let same = field_after_name(&stat, 22).and_then(|text| text.parse().ok()) == Some(start_time);
    same && !matches!(field_after_name(&stat, 3), Some("Z" | "X"))
}

/// Field `number` of a stat line, counted from 1. The name (field 2) may hold spaces and brackets, so count from behind it.
fn field_after_name(stat: &str, number: usize) -> Option<&str> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_ascii_whitespace().nth(number.checked_sub(3)?)
}

/// What has been added up in an eventfd that another process holds; looking does not take it out. `None`: it has no such eventfd.
pub fn eventfd_count(pid: i32, descriptor: i32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/fdinfo/{descriptor}")).ok()?;
    let count = text.lines().find_map(|line| line.strip_prefix("eventfd-count:"))?;
    u64::from_str_radix(count.trim(), 16).ok()
}

/// Of this process; 0 is what a process has that nobody favoured.
pub fn oom_score_adjustment() -> i32 {
    fs::read_to_string("/proc/self/oom_score_adj").ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// Direct children of a process, of all its threads.
pub fn children(pid: i32) -> Vec<i32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    threads
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|text| text.split_ascii_whitespace().filter_map(|word| word.parse().ok()).collect::<Vec<i32>>())
        .collect()
}

/// All that descend from a process, parents before children. A snapshot: who forks meanwhile is missed.
pub fn descendants(pid: i32) -> Vec<i32> {
    let mut all = children(pid);
    let mut next = 0;
    while let Some(&member) = all.get(next) {
        all.extend(children(member));
        next += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_mislead() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4242 0";
        assert_eq!(field_after_name(stat, 22), Some("4242"));
        assert_eq!(field_after_name(stat, 3), Some("S"));
    }

    #[test]
    fn this_process_is_alive_under_its_own_start_time_only() {
        let pid = std::process::id() as i32;
        let start = start_time(pid).expect("own stat");
        assert!(is_alive(pid, start));
        assert!(!is_alive(pid, start + 1));
    }

    #[test]
    fn an_eventfd_is_looked_into_without_being_read() {
        use rustix::event::{EventfdFlags, eventfd};
        use std::os::fd::AsRawFd;
        let event = eventfd(0x1f, EventfdFlags::CLOEXEC).expect("an eventfd");
        let pid = std::process::id() as i32;
        assert_eq!(eventfd_count(pid, event.as_raw_fd()), Some(0x1f));
        assert_eq!(eventfd_count(pid, event.as_raw_fd()), Some(0x1f));
    }

    #[test]
    fn a_pidfd_tells_its_pid() {
        let own = rustix::process::getpid();
        let pidfd = rustix::process::pidfd_open(own, rustix::process::PidfdFlags::empty()).expect("alive");
        assert_eq!(pid_of(&pidfd), Some(own.as_raw_nonzero().get()));
    }

    #[test]
    fn a_child_is_among_the_descendants() {
        let mut child = std::process::Command::new("sleep").arg("10").spawn().expect("sleep");
        assert!(descendants(std::process::id() as i32).contains(&(child.id() as i32)));
        child.kill().expect("alive");
        child.wait().expect("ours");
    }

    #[test]
    fn a_line_that_is_none_has_no_fields_and_does_no_harm() {
        let line = b"7 (a) b (c) S 1 7 7 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4242 0";
        for seed in 0..2000 {
            let damaged = crate::chance::Chance::from(seed).damaged(line);
            let text = String::from_utf8_lossy(&damaged);
            for number in 0..60 {
                let field = field_after_name(&text, number);
                assert!(field.is_none_or(|field| !field.is_empty() && text.contains(field)));
            }
        }
    }
}
