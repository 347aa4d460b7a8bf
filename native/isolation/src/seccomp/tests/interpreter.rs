//! Does what the kernel does with a program: the judge of what we compile.

use super::super::bpf::{AND, EQUAL, GREATER, GREATER_OR_EQUAL, JUMP, LOAD, RETURN};

pub const TOKEN_X86_64: u32 = 0xc000_003e;
pub const TOKEN_X86: u32 = 0x4000_0003;

#[derive(Debug, Clone, Copy)]
pub struct Call {
    pub token: u32,
    pub number: u32,
    pub arguments: [u64; 6],
}

const BITWISE_SET: u16 = 0x45;

pub struct Program(Vec<(u16, u8, u8, u32)>);

impl Program {
    pub fn read(bytes: &[u8]) -> Self {
        let read = |bytes: &[u8]| {
            let operand = u32::from_ne_bytes(*bytes.last_chunk::<4>().expect("eight bytes"));
            (u16::from_ne_bytes([bytes[0], bytes[1]]), bytes[2], bytes[3], operand)
        };
        Program(bytes.chunks_exact(8).map(read).collect())
    }
}

/// The value that the program returns. Panics where the kernel would have refused to load it.
pub fn run(Program(code): &Program, call: &Call) -> u32 {
    let data = data_of(call);
    let (mut at, mut accumulator) = (0, 0u32);
    loop {
        let (operation, when_true, when_false, operand) = code[at];
        at += 1;
        let mut jump = |holds: bool| at += usize::from(if holds { when_true } else { when_false });
        match operation {
            LOAD => {
                assert!(operand % 4 == 0 && operand < 64, "loads from {operand}");
                accumulator = u32::from_ne_bytes(*data[operand as usize..].first_chunk().expect("aligned"));
            }
            AND => accumulator &= operand,
            JUMP => at += operand as usize,
            EQUAL => jump(accumulator == operand),
            GREATER => jump(accumulator > operand),
            GREATER_OR_EQUAL => jump(accumulator >= operand),
            BITWISE_SET => jump(accumulator & operand != 0),
            RETURN => return operand,
            other => panic!("no filter has operation {other:#x}"),
        }
    }
}

fn data_of(call: &Call) -> [u8; 64] {
    let mut data = [0; 64];
    data[..4].copy_from_slice(&call.number.to_ne_bytes());
    data[4..8].copy_from_slice(&call.token.to_ne_bytes());
    for (index, argument) in call.arguments.iter().enumerate() {
        data[16 + 8 * index..24 + 8 * index].copy_from_slice(&argument.to_ne_bytes());
    }
    data
}
