//! `state`.

use meseta_isolation::failure::Result;

use super::Context;
use crate::{command_line::Arguments, output};

pub fn run(context: &Context, arguments: &Arguments) -> Result<u8> {
    let container = context.store.open(arguments.container_id()?)?;
    output::line(format_args!("{:#}", container.described(container.status())));
    Ok(0)
}
