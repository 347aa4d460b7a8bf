//! `ps`: the processes of a container, by the host's pids.

use std::process::Command;

use meseta_isolation::failure::{Failure, Result, Step};

use super::Context;
use crate::{
    command_line::{Arguments, Flag, value},
    container::control_group,
    output,
};

pub const FLAGS: &[Flag] = &[value("format", "f", "table (default) or json")];

pub fn run(context: &Context, arguments: &Arguments) -> Result<u8> {
    let container = context.store.open(arguments.container_id()?)?;
    let pids = control_group(&container)?.members();
    match arguments.value("format").unwrap_or("table") {
        "json" => output::line(serde_json::json!(pids)),
        "table" => table(&pids, arguments.operands.get(1..).unwrap_or_default())?,
        _ => return Err(Failure::because("read the option", "it is table or json").at("--format")),
    }
    Ok(0)
}

/// What the host's own `ps` says, but of these processes only. Whatever its options, it has a column of pids.
fn table(pids: &[i32], options: &[String]) -> Result<()> {
    let options = if options.is_empty() { &["-ef".to_owned()][..] } else { options };
    let output = Command::new("ps").args(options).output().step_at("run", "ps")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines = text.lines();
    let head = lines.next().unwrap_or_default();
    let column = head.split_ascii_whitespace().position(|name| name == "PID");
    let column = column.ok_or_else(|| Failure::because("read the output of", "it has no column PID").at("ps"))?;
    output::line(head);
    let ours = |line: &&str| {
        line.split_ascii_whitespace().nth(column).and_then(|pid| pid.parse().ok()).is_some_and(|pid| pids.contains(&pid))
    };
    lines.filter(ours).for_each(output::line);
    Ok(())
}
