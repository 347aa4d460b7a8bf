//! Which numbers the calls have. Facts of the kernel's headers, kept as a table beside this file.

use std::collections::HashMap;

use super::compile::invalid;
use crate::failure::Result;

const TABLE: &str = include_str!("syscalls.tsv");

/// How calls of one kind reach the kernel. x32 is not one of its own: it shares the token of x86_64, and has a bit in the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Architecture {
    /// `AUDIT_ARCH_*`.
    pub token: u32,
    column: usize,
    pub number_bit: u32,
}

impl Architecture {
    /// Numbers with x32's bit reach the same kernel entry.
    pub fn admits_x32(self) -> bool {
        self.token == X86_64.token
    }
}

pub const X32_BIT: u32 = 0x4000_0000;

pub const X86_64: Architecture = Architecture { token: 0xc000_003e, column: 1, number_bit: 0 };
pub const X86: Architecture = Architecture { token: 0x4000_0003, column: 2, number_bit: 0 };
pub const X32: Architecture = Architecture { token: X86_64.token, column: 3, number_bit: X32_BIT };
const AARCH64: Architecture = Architecture { token: 0xc000_00b7, column: 4, number_bit: 0 };

#[cfg(target_arch = "x86_64")]
const NATIVE: Architecture = X86_64;
#[cfg(target_arch = "aarch64")]
const NATIVE: Architecture = AARCH64;

/// The host's own first, then those of the profile that processes of this host can use.
pub fn chosen(names: &[String]) -> Result<Vec<Architecture>> {
    let mut all = vec![NATIVE];
    for name in names {
        let architecture = match name.as_str() {
            "SCMP_ARCH_X86_64" => X86_64,
            "SCMP_ARCH_X86" => X86,
            "SCMP_ARCH_X32" => X32,
            "SCMP_ARCH_AARCH64" => AARCH64,
            // Of machines that are not this one.
            other if other.starts_with("SCMP_ARCH_") => continue,
            other => return Err(invalid(format!("there is no architecture {other:?}"))),
        };
        let usable = architecture == NATIVE || (NATIVE == X86_64 && architecture != AARCH64);
        if usable && !all.contains(&architecture) {
            all.push(architecture);
        }
    }
    Ok(all)
}

/// Numbers by name, the architecture's bit included.
pub struct Numbers {
    by_name: HashMap<&'static str, u32>,
}

impl Numbers {
    pub fn of(architecture: Architecture) -> Self {
        let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
        let number = |row: &'static str| {
            let mut fields = row.split('\t');
            let name = fields.next()?;
            let number: u32 = fields.nth(architecture.column - 1)?.parse().ok()?;
            Some((name, number | architecture.number_bit))
        };
        Numbers { by_name: rows.filter_map(number).collect() }
    }

    pub fn get(&self, name: &str) -> Option<u32> {
        self.by_name.get(name).copied()
    }

    /// What is above was unknown when the table was written.
    pub fn highest(&self) -> u32 {
        self.by_name.values().copied().max().unwrap_or(0)
    }
}
