//! The process that becomes the user's program.

use std::{
    ffi::{CString, c_char},
    os::fd::AsFd,
    path::Path,
};

use meseta_isolation::{
    credentials, descriptors,
    durable::write_all,
    failure::{Failure, Result, Step},
    namespace, rlimit,
};
use meseta_spec::{LaunchPlan, Process};
use rustix::{
    io::Errno,
    process::{Signal, chdir, getcwd, set_parent_process_death_signal, setsid},
    stdio::{dup2_stderr, dup2_stdin, dup2_stdout},
};

use crate::{fault, init::Ends, link};

pub fn run(plan: &LaunchPlan, ends: &Ends, own_pids: bool) -> ! {
    if let Err(failure) = become_task(plan, ends, own_pids) {
        link::tell_failure(&ends.progress, &failure);
    }
    // SAFETY: ends this process at once; nothing of init, of which it is a copy, may be run or flushed a second time.
    unsafe { libc::_exit(127) }
}

/// Returns only when something failed, or when *go* will never come.
fn become_task(plan: &LaunchPlan, ends: &Ends, own_pids: bool) -> Result<()> {
    setsid().step("start a session")?;
    join_cgroups(plan, ends)?;
    take_stdio(ends)?;
    rlimit::apply(&plan.resource_limits)?;
    if rustix::process::geteuid().is_root() {
        credentials::join_new_keyring();
    }
    if let Some(identity) = &plan.process.identity {
        credentials::assume(identity)?;
    }
    if plan.process.no_new_privileges() {
        credentials::forbid_new_privileges()?;
    }
    if !own_pids {
        // After the change of user, which would undo it.
        set_parent_process_death_signal(Some(Signal::KILL)).step("bind to init")?;
    }
    enter_directory(&plan.process.working_directory)?;
    let program = Program::of(&plan.process)?;
    reset_signals();
    link::tell_ready(&ends.progress)?;
    if !link::wait_for_go(&ends.go) {
        return Ok(());
    }
    fault::point("task.after-go")?;
    // All but stdio is closed by exec; what should not have been open at all is closed too.
    descriptors::close_from_on_exec(3).step("close what is not ours")?;
    Err(program.execute())
}

fn join_cgroups(plan: &LaunchPlan, ends: &Ends) -> Result<()> {
    fault::point("task.before-cgroups")?;
    for entrance in &ends.entrances {
        write_all(entrance, b"0").step("join the cgroup")?;
    }
    fault::point("task.after-cgroups")?;
    // From inside: the cgroup that it is in becomes the root that it sees.
    if plan.namespaces.as_ref().is_some_and(|namespaces| namespaces.cgroup()) {
        namespace::enter_cgroup_namespace().step("make the cgroup namespace")?;
    }
    Ok(())
}

fn take_stdio(ends: &Ends) -> Result<()> {
    let connect = || -> std::result::Result<(), Errno> {
        dup2_stdin(ends.stdio.input.as_fd())?;
        dup2_stdout(ends.stdio.output.as_fd())?;
        dup2_stderr(ends.stdio.errors.as_fd())
    };
    connect().step("connect the output")
}

/// As the task's user, who may not be allowed everywhere. The kernel names a directory outside the root without a leading slash (S2).
fn enter_directory(path: &str) -> Result<()> {
    const STEP: &str = "enter the working directory";
    chdir(path).step_at(STEP, path)?;
    let inside = getcwd(Vec::new()).step_at(STEP, path)?.as_bytes().starts_with(b"/");
    if inside { Ok(()) } else { Err(Failure::because(STEP, "it is outside the container").at(path)) }
}

/// Neither what the agent ignores nor what init blocks is passed on to the program.
fn reset_signals() {
    // The kernel's sigaction: handler, flags, restorer and mask, all of them zero. The C library keeps signals 32 and 33 to itself, yet its
    // posix_spawn, by which the agent started us, leaves them ignored.
    const DEFAULT: [u64; 4] = [libc::SIG_DFL as u64; 4];
    // SAFETY: default actions run no code of ours; both arguments live on the stack. Signals that cannot be changed are refused without harm.
    unsafe {
        for signal in 1..=libc::SIGRTMAX() {
            libc::syscall(libc::SYS_rt_sigaction, signal, DEFAULT.as_ptr(), std::ptr::null_mut::<u64>(), size_of::<u64>());
        }
        let mut none = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, std::ptr::null_mut());
    }
}

/// Made ready before *go*, so that only the exec itself comes after it.
struct Program {
    name: String,
    candidates: Vec<CString>,
    arguments: Vec<CString>,
    environment: Vec<CString>,
}

impl Program {
    fn of(process: &Process) -> Result<Self> {
        let path = process.environment.iter().find_map(|entry| entry.strip_prefix("PATH="));
        Ok(Program {
            name: process.executable.clone(),
            candidates: strings(&candidates(&process.executable, path))?,
            arguments: strings(&process.arguments)?,
            environment: strings(&process.environment)?,
        })
    }

    /// Returns only with the reason why nothing could be executed.
    fn execute(&self) -> Failure {
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
