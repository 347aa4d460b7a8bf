//! `start`: the program that was set up by `create` runs from here on.

use meseta_isolation::failure::Result;

use super::Context;
use crate::{
    command_line::Arguments,
    container::{self, init::START_HOOK},
    hooks,
    state::{Container, Status},
};

pub fn run(context: &Context, arguments: &Arguments) -> Result<u8> {
    let container = context.store.open(arguments.container_id()?)?;
    start(context, &container).map(|()| 0)
}

pub fn start(context: &Context, container: &Container) -> Result<()> {
    let _lock = container.lock()?;
    let config = container.config()?;
    let started = container::start::start(container);
    // Other runtimes do not wait for the hooks inside, so those outside may rely on being called even when one of those fails.
    if started.as_ref().err().is_none_or(|failure| failure.step == START_HOOK) {
        let state = container.described(Status::Running);
        hooks::run_all("run the poststart hook", &config.hooks.poststart, &state, |failure| {
            context.log.warning(&failure.to_string());
        });
    }
    started
}
