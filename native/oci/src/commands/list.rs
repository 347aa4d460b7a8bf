//! `list`.

use meseta_isolation::failure::{Failure, Result};

use super::Context;
use crate::{
    command_line::{Arguments, Flag, switch, value},
    output,
    state::Container,
};

pub const FLAGS: &[Flag] = &[value("format", "f", "table (default) or json"), switch("quiet", "q", "ids only")];

pub fn run(context: &Context, arguments: &Arguments) -> Result<u8> {
    let all = context.store.all();
    if arguments.has("quiet") {
        all.iter().for_each(|container| output::line(&container.state.id));
        return Ok(0);
    }
    match arguments.value("format").unwrap_or("table") {
        "table" => table(&all),
        "json" => output::line(serde_json::Value::from(all.iter().map(described).collect::<Vec<_>>())),
        _ => return Err(Failure::because("read the option", "it is table or json").at("--format")),
    }
    Ok(0)
}

fn described(container: &Container) -> serde_json::Value {
    container.described(container.status())
}

fn table(all: &[Container]) {
    let width = all.iter().map(|container| container.state.id.len()).max().unwrap_or(0).max(2);
    output::line(format_args!("{:<width$}  {:<8}  {:<8}  {:<30}  BUNDLE", "ID", "PID", "STATUS", "CREATED"));
    for container in all {
        let value = described(container);
        let status = container.status().name();
        let (pid, bundle) = (value["pid"].as_i64().unwrap_or(0), container.state.bundle.display());
        output::line(format_args!(
            "{:<width$}  {pid:<8}  {status:<8}  {:<30}  {bundle}",
            container.state.id, container.state.created
        ));
    }
}
