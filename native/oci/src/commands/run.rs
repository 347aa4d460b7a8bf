//! `run`: create, start, and wait unless told otherwise.

use meseta_isolation::failure::Result;

use super::{Context, create, start};
use crate::{
    command_line::{Arguments, Flag, switch},
    config::Config,
    container::{console, destroy::destroy, foreground},
    state::Container,
};

/// Beside those of `create`.
pub const FLAGS: &[Flag] = &[
    switch("detach", "d", "do not wait for its end"),
    switch("keep", "", "do not delete the container at its end"),
    switch("no-subreaper", "", "accepted for the sake of callers"),
];

pub fn run(context: &Context, arguments: &Arguments) -> Result<u8> {
    let socket = arguments.value("console-socket").map(|path| console::connect(path.as_ref())).transpose()?;
    if arguments.has("detach") {
        let container = create::create(context, arguments, socket)?;
        return started(context, &container).map(|()| 0);
    }
    let signals = foreground::Signals::take()?;
    let (ours, theirs) = match socket {
        None if wants_terminal(arguments)? => console::pair().map(|(ours, theirs)| (Some(ours), Some(theirs)))?,
        socket => (None, socket),
    };
    let container = create::create(context, arguments, theirs)?;
    let master = ours.as_ref().map(console::receive).transpose()?;
    started(context, &container)?;
    let code = foreground::accompany(container.state.pid, &signals, master);
    if !arguments.has("keep") {
        destroy(&container, true, &context.log)?;
    }
    code
}

fn wants_terminal(arguments: &Arguments) -> Result<bool> {
    let bundle = arguments.value("bundle").unwrap_or(".");
    let config: Config = crate::config::read(&std::path::Path::new(bundle).join(crate::config::FILE))?;
    Ok(config.process.is_some_and(|process| process.terminal))
}

/// A container that could not be started is of no use to anybody.
fn started(context: &Context, container: &Container) -> Result<()> {
    start::start(context, container).inspect_err(|_| {
        // The first failure is the reason.
        let _ = destroy(container, true, &context.log);
    })
}
