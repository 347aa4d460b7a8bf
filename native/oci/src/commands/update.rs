//! `update`: other limits for a container that runs.

use std::{io::Read, path::Path};

use meseta_isolation::{
    cgroup::world::{self, World},
    failure::{Failure, Result, Step},
};

use super::Context;
use crate::{
    command_line::{Arguments, Flag, value},
    config::{
        self,
        resources::{BlockIo, Cpu, Memory, Pids, Resources},
    },
    container::control_group,
    plan, size,
    state::Status,
};

pub const FLAGS: &[Flag] = &[
    value("resources", "r", "file of resources as in config.json, - for stdin; other options are ignored then"),
    value("blkio-weight", "", "10 to 1000"),
    value("cpu-period", "", "microseconds"),
    value("cpu-quota", "", "microseconds of each period, -1 for no limit"),
    value("cpu-burst", "", "microseconds of unused quota that may be saved up"),
    value("cpu-share", "", "weight against others"),
    value("cpu-rt-period", "", "microseconds"),
    value("cpu-rt-runtime", "", "microseconds"),
    value("cpu-idle", "", "1: only when nobody else wants the cpu"),
    value("cpuset-cpus", "", "cpus to use: 0-3,7"),
    value("cpuset-mems", "", "memory nodes to use"),
    value("memory", "", "bytes, also as 50M or 1g, -1 for no limit"),
    value("memory-reservation", "", "soft limit, as for --memory"),
    value("memory-swap", "", "memory and swap together, as for --memory"),
    value("pids-limit", "", "-1 for no limit"),
    value("kernel-memory", "", "ignored, as today's kernels do"),
    value("kernel-memory-tcp", "", "as for --memory"),
    value("l3-cache-schema", "", "not supported"),
    value("mem-bw-schema", "", "not supported"),
];

pub fn run(context: &Context, arguments: &Arguments) -> Result<u8> {
    let container = context.store.open(arguments.container_id()?)?;
    let _lock = container.lock()?;
    if container.status() == Status::Stopped {
        return Err(Failure::because("update the container", "it is stopped").at(&container.state.id));
    }
    for name in ["l3-cache-schema", "mem-bw-schema"] {
        if arguments.value(name).is_some() {
            return Err(Failure::because("read the option", "it is not supported").at(format!("--{name}")));
        }
    }
    let wanted = match arguments.value("resources") {
        Some("-") => from_stdin()?,
        Some(file) => config::read(Path::new(file))?,
        None => from_options(arguments)?,
    };
    // Rules about devices are given once: an update does not repeat them, and to drop them would open everything.
    let World { hierarchies, .. } = world::find("")?;
    let settings = plan::cgroups::settings(&Resources { devices: Vec::new(), ..wanted }, &hierarchies)?;
    control_group(&container)?.apply(&settings, false).map(|()| 0)
}

fn from_stdin() -> Result<Resources> {
    const STEP: &str = "read";
    let mut text = Vec::new();
    std::io::stdin().read_to_end(&mut text).step_at(STEP, "stdin")?;
    config::parse(&text).map_err(|error| Failure::because(STEP, error.to_string()).at("stdin"))
}

fn from_options(arguments: &Arguments) -> Result<Resources> {
    fn number<T: std::str::FromStr>(arguments: &Arguments, name: &str) -> Result<Option<T>> {
        let refuse = |_| Failure::because("read the option", "it is not a number").at(format!("--{name}"));
        arguments.value(name).filter(|text| !text.is_empty()).map(|text| text.parse().map_err(refuse)).transpose()
    }
    fn bytes(arguments: &Arguments, name: &str) -> Result<Option<i64>> {
        let refuse =
            || Failure::because("read the option", "it is no amount of memory (50M, 1g, 52428800, -1)").at(format!("--{name}"));
        arguments.value(name).filter(|text| !text.is_empty()).map(|text| size::parse(text).ok_or_else(refuse)).transpose()
    }
    let text = |name: &str| arguments.value(name).map(str::to_owned);
    Ok(Resources {
        block_io: Some(BlockIo { weight: number(arguments, "blkio-weight")?, ..Default::default() }),
        // Who types a zero wants nothing more to start, and not what a zero in a file has always meant, no limit.
        pids: Some(Pids { limit: number(arguments, "pids-limit")?.map(|limit: i64| if limit == 0 { 1 } else { limit }) }),
        cpu: Some(Cpu {
            shares: number(arguments, "cpu-share")?,
            quota: number(arguments, "cpu-quota")?,
            burst: number(arguments, "cpu-burst")?,
            period: number(arguments, "cpu-period")?,
            realtime_runtime: number(arguments, "cpu-rt-runtime")?,
            realtime_period: number(arguments, "cpu-rt-period")?,
            idle: number(arguments, "cpu-idle")?,
            cpus: text("cpuset-cpus"),
            mems: text("cpuset-mems"),
        }),
        memory: Some(Memory {
            limit: bytes(arguments, "memory")?,
            reservation: bytes(arguments, "memory-reservation")?,
            swap: bytes(arguments, "memory-swap")?,
            kernel_tcp: bytes(arguments, "kernel-memory-tcp")?,
            ..Default::default()
        }),
        ..Default::default()
    })
}
