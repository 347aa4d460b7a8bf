//! `pause` and `resume`.

use meseta_isolation::failure::{Failure, Result};
use meseta_spec::CgroupSettings;

use super::Context;
use crate::{command_line::Arguments, container::control_group, state::Status};

pub fn pause(context: &Context, arguments: &Arguments) -> Result<u8> {
    freeze(context, arguments, "pause the container", &[Status::Created, Status::Running], true)
}

pub fn resume(context: &Context, arguments: &Arguments) -> Result<u8> {
    freeze(context, arguments, "resume the container", &[Status::Paused], false)
}

fn freeze(context: &Context, arguments: &Arguments, step: &'static str, from: &[Status], frozen: bool) -> Result<u8> {
    let container = context.store.open(arguments.container_id()?)?;
    let _lock = container.lock()?;
    let status = container.status();
    if !from.contains(&status) {
        return Err(Failure::because(step, format!("it is {}", status.name())).at(&container.state.id));
    }
    control_group(&container)?.apply(&CgroupSettings { frozen: Some(frozen), ..Default::default() }, false).map(|()| 0)
}
