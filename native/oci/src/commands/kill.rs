//! `kill`: one signal to the container's process.

use meseta_isolation::{
    failure::{Failure, Result, Step},
    process,
};

use super::Context;
use crate::{
    command_line::{Arguments, Flag, switch},
    container::control_group,
    state::Status,
};

pub const FLAGS: &[Flag] = &[switch("all", "a", "to every process of the container")];

pub fn run(context: &Context, arguments: &Arguments) -> Result<u8> {
    const STEP: &str = "signal the container";
    let container = context.store.open(arguments.container_id()?)?;
    let number = number_of(arguments.operands.get(1).map_or("TERM", String::as_str))?;
    if arguments.has("all") {
        return signal_all(&control_group(&container)?.members(), number).step(STEP).map(|()| 0);
    }
    let status = container.status();
    let handle = container.process().filter(|_| status != Status::Stopped);
    let Some(handle) = handle else {
        return Err(Failure::because(STEP, format!("it is {}", status.name())).at(&container.state.id));
    };
    process::signal(&handle, number).step_at(STEP, &container.state.id)?;
    if number == libc::SIGKILL {
        // What is frozen would not die.
        control_group(&container)?.thaw();
    }
    Ok(0)
}

fn signal_all(pids: &[i32], number: i32) -> std::result::Result<(), rustix::io::Errno> {
    for &pid in pids {
        let handle = rustix::process::Pid::from_raw(pid)
            .and_then(|pid| rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).ok());
        match handle.map(|handle| process::signal(handle, number)) {
            // Gone meanwhile is what may happen to anyone.
            None | Some(Ok(()) | Err(rustix::io::Errno::SRCH)) => {}
            Some(Err(errno)) => return Err(errno),
        }
    }
    Ok(())
}

/// By number, or by name with or without SIG in any case.
fn number_of(text: &str) -> Result<i32> {
    let upper = text.to_ascii_uppercase();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    let by_name = NAMES.iter().find(|(known, _)| *known == name).map(|(_, number)| *number);
    let real_time = || {
        let (from, offset) = match name.strip_prefix("RTMIN") {
            Some(rest) => (libc::SIGRTMIN(), rest.strip_prefix('+').unwrap_or(rest)),
            None => (libc::SIGRTMAX(), name.strip_prefix("RTMAX")?),
        };
        if offset.is_empty() { Some(from) } else { offset.parse::<i32>().ok().map(|offset| from + offset) }
    };
    let number = text.parse().ok().or(by_name).or_else(real_time);
    number
        .filter(|number| (0..=libc::SIGRTMAX()).contains(number))
        .ok_or_else(|| Failure::because("signal the container", "there is no such signal").at(text))
}

const NAMES: &[(&str, i32)] = &[
    ("HUP", libc::SIGHUP),
    ("INT", libc::SIGINT),
    ("QUIT", libc::SIGQUIT),
    ("ILL", libc::SIGILL),
    ("TRAP", libc::SIGTRAP),
    ("ABRT", libc::SIGABRT),
    ("IOT", libc::SIGABRT),
    ("BUS", libc::SIGBUS),
    ("FPE", libc::SIGFPE),
    ("KILL", libc::SIGKILL),
    ("USR1", libc::SIGUSR1),
    ("SEGV", libc::SIGSEGV),
    ("USR2", libc::SIGUSR2),
    ("PIPE", libc::SIGPIPE),
    ("ALRM", libc::SIGALRM),
    ("TERM", libc::SIGTERM),
    ("STKFLT", libc::SIGSTKFLT),
    ("CHLD", libc::SIGCHLD),
    ("CONT", libc::SIGCONT),
    ("STOP", libc::SIGSTOP),
    ("TSTP", libc::SIGTSTP),
    ("TTIN", libc::SIGTTIN),
    ("TTOU", libc::SIGTTOU),
    ("URG", libc::SIGURG),
    ("XCPU", libc::SIGXCPU),
    ("XFSZ", libc::SIGXFSZ),
    ("VTALRM", libc::SIGVTALRM),
    ("PROF", libc::SIGPROF),
    ("WINCH", libc::SIGWINCH),
    ("IO", libc::SIGIO),
    ("PWR", libc::SIGPWR),
    ("SYS", libc::SIGSYS),
];

#[cfg(test)]
mod tests {
    use super::number_of;

    #[test]
    fn signals_have_numbers_and_names() {
        for text in ["15", "TERM", "SIGTERM", "sigterm"] {
            assert_eq!(number_of(text).expect("known"), libc::SIGTERM);
        }
        assert_eq!(number_of("RTMIN+3").expect("known"), libc::SIGRTMIN() + 3);
        assert!(number_of("NOPE").is_err() && number_of("-1").is_err() && number_of("65").is_err());
    }
}
