//! `delete`.

use meseta_isolation::failure::Result;

use super::Context;
use crate::{
    command_line::{Arguments, Flag, switch},
    container::destroy::destroy,
    state::{self, Status},
};

pub const FLAGS: &[Flag] = &[switch("force", "f", "kill what still lives; what does not exist is fine")];

pub fn run(context: &Context, arguments: &Arguments) -> Result<u8> {
    let (id, force) = (arguments.container_id()?, arguments.has("force"));
    let container = match context.store.open(id) {
        Ok(container) => container,
        Err(failure) if !force => return Err(failure),
        // Nothing but a name, taken by a `create` that was killed.
        Err(_) => return context.store.remains(id).map_or(Ok(0), |directory| state::remove(&directory).map(|()| 0)),
    };
    let _lock = container.lock()?;
    // What was never started has run nothing of its owner's, so nothing is lost: as others have it, and their callers rely on it.
    let force = force || container.status() == Status::Created;
    destroy(&container, force, &context.log).map(|()| 0)
}
