//! One command a file, and the table of all.

mod create;
mod delete;
mod events;
mod exec;
mod features;
mod kill;
mod list;
mod pause;
mod ps;
mod run;
mod spec;
mod start;
mod state;
mod update;

use std::path::{Path, PathBuf};

use meseta_isolation::failure::{Failure, Result};

use crate::{
    command_line::{self, Arguments, Flag, Operands, switch, value},
    config,
    log::{Format, Log},
    output,
    state::Store,
};

/// What holds for every command.
pub struct Context {
    pub store: Store,
    pub log: Log,
}

struct Command {
    name: &'static str,
    help: &'static str,
    flags: &'static [&'static [Flag]],
    operands: Operands,
    /// It makes processes inside containers, which must find nothing of ours that they could change.
    goes_inside: bool,
    run: fn(&Context, &Arguments) -> Result<u8>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "create",
        help: "creates a container, which waits to be started",
        flags: &[create::FLAGS],
        operands: Operands::Mixed,
        goes_inside: true,
        run: create::run,
    },
    Command {
        name: "start",
        help: "lets a created container's program run",
        flags: &[],
        operands: Operands::Mixed,
        goes_inside: false,
        run: start::run,
    },
    Command {
        name: "run",
        help: "creates and starts a container, and waits for its end",
        flags: &[create::FLAGS, run::FLAGS],
        operands: Operands::Mixed,
        goes_inside: true,
        run: run::run,
    },
    Command {
        name: "exec",
        help: "runs a program in a running container",
        flags: &[exec::FLAGS],
        operands: Operands::Last,
        goes_inside: true,
        run: exec::run,
    },
    Command {
        name: "state",
        help: "prints the state of a container",
        flags: &[],
        operands: Operands::Mixed,
        goes_inside: false,
        run: state::run,
    },
    Command {
        name: "list",
        help: "prints all containers of --root",
        flags: &[list::FLAGS],
        operands: Operands::Mixed,
        goes_inside: false,
        run: list::run,
    },
    Command {
        name: "ps",
        help: "prints the processes of a container",
        flags: &[ps::FLAGS],
        operands: Operands::Last,
        goes_inside: false,
        run: ps::run,
    },
    Command {
        name: "kill",
        help: "sends a signal (SIGTERM) to a container's process",
        flags: &[kill::FLAGS],
        operands: Operands::Mixed,
        goes_inside: false,
        run: kill::run,
    },
    Command {
        name: "delete",
        help: "removes what is left of a container",
        flags: &[delete::FLAGS],
        operands: Operands::Mixed,
        goes_inside: false,
        run: delete::run,
    },
    Command {
        name: "pause",
        help: "freezes all processes of a container",
        flags: &[],
        operands: Operands::Mixed,
        goes_inside: false,
        run: pause::pause,
    },
    Command {
        name: "resume",
        help: "lets the processes of a frozen container go on",
        flags: &[],
        operands: Operands::Mixed,
        goes_inside: false,
        run: pause::resume,
    },
    Command {
        name: "update",
        help: "changes the limits of a container",
        flags: &[update::FLAGS],
        operands: Operands::Mixed,
        goes_inside: false,
        run: update::run,
    },
    Command {
        name: "events",
        help: "prints usage and out-of-memory events of a container",
        flags: &[events::FLAGS],
        operands: Operands::Mixed,
        goes_inside: false,
        run: events::run,
    },
    Command {
        name: "features",
        help: "prints what this runtime can do",
        flags: &[],
        operands: Operands::Mixed,
        goes_inside: false,
        run: features::run,
    },
    Command {
        name: "spec",
        help: "writes a config.json to begin with",
        flags: &[spec::FLAGS],
        operands: Operands::Mixed,
        goes_inside: false,
        run: spec::run,
    },
];

const GLOBAL: &[Flag] = &[
    value("root", "", "directory of the containers' states (/run/meseta-oci)"),
    value("log", "", "file that complaints are appended to"),
    value("log-format", "", "text (default) or json"),
    switch("debug", "", "accepted for the sake of callers"),
    switch("systemd-cgroup", "", "refused: cgroups are made by their files"),
    value("rootless", "", "only false and auto are accepted"),
    switch("help", "h", "prints this"),
    switch("version", "v", "prints the version"),
];

const DEFAULT_ROOT: &str = "/run/meseta-oci";

pub fn run(words: Vec<String>) -> u8 {
    let mut words = words.into_iter();
    let global = match command_line::parse(&[GLOBAL], Operands::Last, &mut words) {
        Ok(global) => global,
        Err(failure) => return told(&Log { file: None, format: Format::Text }, &failure),
    };
    if global.has("version") {
        output::line(format_args!("meseta-oci version {}\nspec: {}", env!("CARGO_PKG_VERSION"), config::VERSION));
        return 0;
    }
    let Some(name) = words.next().filter(|_| !global.has("help")) else {
        output::line(usage());
        return u8::from(!global.has("help"));
    };
    let context = match context(&global) {
        Ok(context) => context,
        Err(failure) => return told(&Log { file: global.value("log").map(PathBuf::from), format: Format::Text }, &failure),
    };
    dispatch(&context, &name, words).unwrap_or_else(|failure| told(&context.log, &failure))
}

fn told(log: &Log, failure: &Failure) -> u8 {
    log.error(&failure.to_string());
    1
}

fn dispatch(context: &Context, name: &str, mut words: std::vec::IntoIter<String>) -> Result<u8> {
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        return Err(Failure::because("read the arguments", format!("there is no command {name:?}; --help lists them")));
    };
    if words.as_slice().iter().take_while(|word| word.starts_with('-')).any(|word| matches!(word.as_str(), "--help" | "-h")) {
        output::line(format_args!("meseta-oci {name}: {}\n\n{}", command.help, command_line::help(command.flags)));
        return Ok(0);
    }
    let mut arguments = command_line::parse(command.flags, command.operands, &mut words)?;
    arguments.operands.extend(words);
    if command.goes_inside {
        meseta_isolation::own_binary::protect()?;
    }
    (command.run)(context, &arguments)
}

fn usage() -> String {
    let commands: String = COMMANDS.iter().map(|command| format!("  {:<10} {}\n", command.name, command.help)).collect();
    format!(
        "meseta-oci [options] COMMAND [options] [operands]\n\nOptions:\n{}\nCommands:\n{commands}",
        command_line::help(&[GLOBAL])
    )
}

fn context(global: &Arguments) -> Result<Context> {
    const STEP: &str = "read the option";
    if global.has("systemd-cgroup") {
        let sentence =
            "cgroups are made by their files, never through systemd; leave it out (dockerd: native.cgroupdriver=cgroupfs)";
        return Err(Failure::because(STEP, sentence).at("--systemd-cgroup"));
    }
    if !matches!(global.value("rootless"), None | Some("false" | "auto")) || !rustix::process::geteuid().is_root() {
        return Err(Failure::because("run as this user", "containers without root are not supported"));
    }
    let format = match global.value("log-format") {
        None | Some("text") => Format::Text,
        Some("json") => Format::Json,
        Some(_) => return Err(Failure::because(STEP, "it is text or json").at("--log-format")),
    };
    Ok(Context {
        store: Store::new(Path::new(global.value("root").unwrap_or(DEFAULT_ROOT))),
        log: Log { file: global.value("log").map(PathBuf::from), format },
    })
}
