//! The few instructions of classic BPF that filters are made of.

/// The kernel's `struct sock_filter`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instruction {
    pub code: u16,
    /// How many instructions are skipped if the comparison holds, and if it does not.
    pub when_true: u8,
    pub when_false: u8,
    pub operand: u32,
}

pub const LOAD: u16 = 0x20;
pub const AND: u16 = 0x54;
pub const JUMP: u16 = 0x05;
pub const EQUAL: u16 = 0x15;
pub const GREATER: u16 = 0x25;
pub const GREATER_OR_EQUAL: u16 = 0x35;
pub const RETURN: u16 = 0x06;

/// Offsets in the kernel's `struct seccomp_data`.
pub const NUMBER: u32 = 0;
pub const ARCHITECTURE: u32 = 4;
pub const ARGUMENTS: u32 = 16;

pub const fn plain(code: u16, operand: u32) -> Instruction {
    Instruction { code, when_true: 0, when_false: 0, operand }
}

pub const fn compare(code: u16, operand: u32, when_true: u8, when_false: u8) -> Instruction {
    Instruction { code, when_true, when_false, operand }
}

/// `met` if the comparison with the accumulator holds, else `unmet`; both end in returns. A conditional jump reaches 255 instructions, so a longer
/// way takes an unconditional one.
pub fn either(code: u16, operand: u32, met: Vec<Instruction>, unmet: Vec<Instruction>) -> Vec<Instruction> {
    let mut all = match u8::try_from(unmet.len()) {
        Ok(distance) => vec![compare(code, operand, distance, 0)],
        Err(_) => vec![compare(code, operand, 0, 1), plain(JUMP, unmet.len() as u32)],
    };
    all.extend(unmet);
    all.extend(met);
    all
}

pub fn encode(program: &[Instruction]) -> Vec<u8> {
    program.iter().flat_map(|instruction| instruction.bytes()).collect()
}

impl Instruction {
    /// In the order of this machine, as the kernel reads it.
    fn bytes(self) -> [u8; 8] {
        let mut bytes = [0; 8];
        bytes[..2].copy_from_slice(&self.code.to_ne_bytes());
        bytes[2] = self.when_true;
        bytes[3] = self.when_false;
        bytes[4..].copy_from_slice(&self.operand.to_ne_bytes());
        bytes
    }
}
