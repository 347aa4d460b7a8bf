//! `delete`.

use std::time::Duration;

use meseta_isolation::{failure::Result, process};

use super::Context;
use crate::{
    command_line::{Arguments, Flag, switch},
    container::destroy::destroy,
    state::{self, Status},
};

pub const FLAGS: &[Flag] = &[switch("force", "f", "kill what still lives; what does not exist is fine")];

/// How long what may be about to end has for it.
const ENDING: Duration = Duration::from_millis(100);

pub fn run(context: &Context, arguments: &Arguments) -> Result<u8> {
    let (id, force) = (arguments.container_id()?, arguments.has("force"));
    let container = match context.store.open(id) {
        Ok(container) => container,
        Err(failure) if !force => return Err(failure),
        // Nothing but a name, taken by a `create` that was killed.
        Err(_) => return context.store.remains(id).map_or(Ok(0), |directory| state::remove(&directory).map(|()| 0)),
    };
    let _lock = container.lock()?;
    if let (Status::Running, Some(process)) = (container.status(), container.process()) {
        // Whoever starts what is short and deletes it at once would be told so only if our `start` were slower.
        process::wait_until_gone(process, ENDING);
    }
    // What was never started has run nothing of its owner's, so nothing is lost: as others have it, and their callers rely on it.
    let force = force || container.status() == Status::Created;
    destroy(&container, force, &context.log).map(|()| 0)
}
