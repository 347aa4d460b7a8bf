//! `process.scheduler`, `process.ioPriority`, `process.execCPUAffinity` and `linux.memoryPolicy`.

use meseta_isolation::{
    failure::Result,
    memory_policy::MemoryPolicy,
    scheduling::{IoPriority, Processors, Scheduler},
};

use crate::config;

/// What is to be set before capabilities go, and which processors before and after the cgroup is joined.
#[derive(Default)]
pub struct Scheduling {
    scheduler: Option<Scheduler>,
    io_priority: Option<IoPriority>,
    memory_policy: Option<MemoryPolicy>,
    pub initial: Option<Processors>,
    pub last: Option<Processors>,
}

impl Scheduling {
    pub fn of(wanted: &config::Process, linux: &config::Linux) -> Result<Self> {
        let processors = |list: &str| Some(list).filter(|list| !list.is_empty()).map(Processors::of).transpose();
        Ok(Scheduling {
            scheduler: wanted.scheduler.as_ref().map(scheduler).transpose()?,
            io_priority: wanted.io_priority.as_ref().map(|wanted| IoPriority::of(&wanted.class, wanted.priority)).transpose()?,
            memory_policy: linux.memory_policy.as_ref().map(memory_policy).transpose()?,
            initial: processors(&wanted.exec_cpu_affinity.initial)?,
            last: processors(&wanted.exec_cpu_affinity.last)?,
        })
    }

    pub fn set(&self) -> Result<()> {
        self.scheduler.as_ref().map_or(Ok(()), Scheduler::set)?;
        self.io_priority.map_or(Ok(()), IoPriority::set)?;
        self.memory_policy.as_ref().map_or(Ok(()), MemoryPolicy::set)
    }
}

fn memory_policy(wanted: &config::linux::MemoryPolicy) -> Result<MemoryPolicy> {
    MemoryPolicy::of(&wanted.mode, &wanted.nodes, &wanted.flags)
}

fn scheduler(wanted: &config::process::Scheduler) -> Result<Scheduler> {
    let mut made = Scheduler::of(&wanted.policy, &wanted.flags)?;
    (made.nice, made.priority) = (wanted.nice, wanted.priority);
    (made.runtime, made.deadline, made.period) = (wanted.runtime, wanted.deadline, wanted.period);
    Ok(made)
}
