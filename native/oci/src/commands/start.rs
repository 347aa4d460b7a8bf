//! `start`: the program that was set up by `create` runs from here on.

use meseta_isolation::failure::Result;

use super::Context;
use crate::{
    command_line::Arguments,
    container, hooks,
    state::{Container, Status},
};

pub fn run(context: &Context, arguments: &Arguments) -> Result<u8> {
    let container = context.store.open(arguments.container_id()?)?;
    start(context, &container).map(|()| 0)
}

pub fn start(context: &Context, container: &Container) -> Result<()> {
    let _lock = container.lock()?;
    let config = container.config()?;
    container::start::start(container)?;
    let state = container.described(Status::Running);
    hooks::run_all("run the poststart hook", &config.hooks.poststart, &state, |failure| {
        context.log.warning(&failure.to_string());
    });
    Ok(())
}
