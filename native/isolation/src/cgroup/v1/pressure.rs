//! Row 6-023: how often reclaim was light, costly, and close to out of memory. The kernel counts into eventfds, for as long as somebody holds them.

use std::{os::fd::OwnedFd, path::Path};

use super::memory::subscribe;
use crate::failure::Result;

const FILE: &str = "memory.pressure_level";

pub fn count(at: &Path) -> Result<[OwnedFd; 3]> {
    Ok([subscribe(at, FILE, "low")?, subscribe(at, FILE, "medium")?, subscribe(at, FILE, "critical")?])
}
