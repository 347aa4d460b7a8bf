//! Perf events that are being counted. They end with the agent, whose descriptors they are.

use std::{collections::HashMap, sync::Mutex};

use meseta_spec::{Cgroups, PerfCounter, PerfEvents};

use super::locked;
use crate::{
    cgroup::{Cgroup, perf::Sample},
    failure::Result,
};

#[derive(Default)]
pub struct Samples {
    counting: Mutex<(u32, HashMap<u32, Sample>)>,
}

impl Samples {
    pub fn begin(&self, cgroups: &Cgroups, events: &PerfEvents) -> Result<u32> {
        let sample = Sample::begin(&Cgroup::resolve(cgroups)?, &events.names)?;
        let mut counting = locked(&self.counting);
        counting.0 += 1;
        let number = counting.0;
        counting.1.insert(number, sample);
        Ok(number)
    }

    /// Nothing, if there is no such sample (any more).
    pub fn end(&self, number: u32) -> Vec<PerfCounter> {
        let sample = locked(&self.counting).1.remove(&number);
        sample.map(|sample| sample.read()).unwrap_or_default()
    }
}
