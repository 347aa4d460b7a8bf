//! The user's program: where it runs, how it is found, and its start.

use std::{
    ffi::{CString, c_char},
    os::fd::OwnedFd,
    path::Path,
};

use meseta_spec::{Process, Seccomp};
use rustix::{
    fs::Access,
    io::Errno,
    process::{chdir, getcwd},
};

use crate::{
    descriptors,
    failure::{Failure, Result, Step},
    seccomp,
};

/// As the task's user, who may not be allowed everywhere. The kernel names a directory outside the root without a leading slash (S2).
pub fn enter_directory(path: &str) -> Result<()> {
    const STEP: &str = "enter the working directory";
    chdir(path).step_at(STEP, path)?;
    let inside = getcwd(Vec::new()).step_at(STEP, path)?.as_bytes().starts_with(b"/");
    if inside { Ok(()) } else { Err(Failure::because(STEP, "it is outside the container").at(path)) }
}

/// Neither what was ignored of these nor what was blocked before is passed on.
pub fn reset_signals(numbers: impl Iterator<Item = i32>) {
    // The kernel's sigaction: handler, flags, restorer and mask, all of them zero. The C library keeps signals 32 and 33 to itself, yet its
    // posix_spawn, by which the agent started us, leaves them ignored.
    const DEFAULT: [u64; 4] = [libc::SIG_DFL as u64; 4];
    // SAFETY: default actions run no code of ours; both arguments live on the stack. Signals that cannot be changed are refused without harm.
    unsafe {
        for signal in numbers {
            libc::syscall(libc::SYS_rt_sigaction, signal, DEFAULT.as_ptr(), std::ptr::null_mut::<u64>(), size_of::<u64>());
        }
        let mut none = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
    }
}

/// Made ready before *go*, so that only the exec itself comes after it.
pub struct Program {
    name: String,
    candidates: Vec<CString>,
    arguments: Vec<CString>,
    environment: Vec<CString>,
    filter: Option<Seccomp>,
}

impl Program {
    pub fn of(process: &Process) -> Result<Self> {
        let path = process.environment.iter().find_map(|entry| entry.strip_prefix("PATH="));
        Ok(Program {
            name: process.executable.clone(),
            candidates: strings(&candidates(&process.executable, path))?,
            arguments: strings(&process.arguments)?,
            environment: strings(&process.environment)?,
            filter: process.seccomp.clone(),
        })
    }

    /// Whether there is anything to execute, judged before it is too late to tell whoever makes the container.
    pub fn find(&self) -> Result<()> {
        let mut reason = Errno::NOENT;
        for candidate in &self.candidates {
            match rustix::fs::access(candidate.as_c_str(), Access::EXEC_OK) {
                Ok(()) => return Ok(()),
                Err(Errno::ACCESS) => reason = Errno::ACCESS,
                Err(_) => {}
            }
        }
        Err(reason).step_at("start the task", &self.name)
    }

    /// A filter to which somebody listens is loaded before the start, so that the listener can be handed over; any other comes with the exec.
    pub fn load_filter_with_listener(&mut self) -> Result<Option<OwnedFd>> {
        match self.filter.take_if(|filter| seccomp::has_listener(filter)) {
            Some(filter) => seccomp::install(&filter),
            None => Ok(None),
        }
    }

    /// Returns only with the reason why nothing could be executed.
    pub fn execute(&self) -> Failure {
        // Nothing of ours comes between the filter and the program, so a profile need not allow what only we do.
        if let Some(filter) = &self.filter
            && let Err(failure) = seccomp::install(filter)
        {
            return failure;
        }
        let mut reason = Errno::NOENT;
        for candidate in &self.candidates {
            match self.try_one(candidate) {
                // As a shell does: go on seeking, but a file that may not be executed is worth more as a reason than one that is not there.
                Errno::NOENT | Errno::NOTDIR => {}
                Errno::ACCESS => reason = Errno::ACCESS,
                other => {
                    reason = other;
                    break;
                }
            }
        }
        match Err::<(), _>(reason).step_at("start the task", &self.name) {
            Err(failure) => failure,
            Ok(()) => Failure::because("start the task", "exec returned"),
        }
    }

    fn try_one(&self, path: &CString) -> Errno {
        match execute(path, &self.arguments, &self.environment) {
            // A script without an interpreter line, which execvp hands to the shell (Mesos relies on it).
            Errno::NOEXEC => {
                let shell = c"/bin/sh".to_owned();
                let rest = self.arguments.iter().skip(1).cloned();
                let arguments: Vec<CString> = [shell.clone(), path.clone()].into_iter().chain(rest).collect();
                execute(&shell, &arguments, &self.environment)
            }
            errno => errno,
        }
    }
}

const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A bare name is sought in PATH; anything with a slash is taken as it is.
fn candidates(executable: &str, path: Option<&str>) -> Vec<String> {
    if executable.contains('/') {
        return vec![executable.to_owned()];
    }
    let directories = path.unwrap_or(DEFAULT_PATH).split(':').filter(|directory| !directory.is_empty());
    directories.map(|directory| Path::new(directory).join(executable).display().to_string()).collect()
}

fn strings(texts: &[String]) -> Result<Vec<CString>> {
    let convert = |text: &String| CString::new(text.as_str());
    let converted: std::result::Result<Vec<CString>, _> = texts.iter().map(convert).collect();
    converted.map_err(|_| Failure::because("prepare the command", "an argument or variable holds a NUL byte"))
}

fn execute(path: &CString, arguments: &[CString], environment: &[CString]) -> Errno {
    let (arguments, environment) = (pointers(arguments), pointers(environment));
    // SAFETY: all strings are terminated and alive, both lists end with null.
    unsafe { libc::execve(path.as_ptr(), arguments.as_ptr(), environment.as_ptr()) };
    descriptors::last_errno()
}

fn pointers(strings: &[CString]) -> Vec<*const c_char> {
    strings.iter().map(|text| text.as_ptr()).chain([std::ptr::null()]).collect()
}
