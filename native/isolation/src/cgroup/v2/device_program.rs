//! The rules as a program of the kernel's (row 6-059). It is asked for each open and mknod with the kind, the number and the wanted access of the
//! device, goes through the rules from the last to the first, and strikes out of the wanted access what has been decided.
//!
//! ```text
//! r2 = kind, r3 = access that is still undecided, r4 = major, r5 = minor
//! for each rule that matches kind, major and minor:
//!   allow: r3 &= ~access; if r3 == 0 return 1
//!   deny:  if r3 & access return 0
//! return 0
//! ```

use crate::{
    cgroup::device_rules::{Kind, Rule},
    failure::{Failure, Result},
};

/// The kernel's `struct bpf_insn`.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instruction {
    pub code: u8,
    /// Destination in the lower four bits, source in the upper ones.
    pub registers: u8,
    pub offset: i16,
    pub immediate: i32,
}

// Classes, sources and operations as the kernel encodes them.
pub const LOAD_WORD: u8 = 0x61; // BPF_LDX | BPF_MEM | BPF_W
pub const MOVE: u8 = 0xb7; // BPF_ALU64 | BPF_MOV | BPF_K
pub const MOVE_REGISTER: u8 = 0xbf; // BPF_ALU64 | BPF_MOV | BPF_X
pub const AND: u8 = 0x57; // BPF_ALU64 | BPF_AND | BPF_K
pub const SHIFT_RIGHT: u8 = 0x77; // BPF_ALU64 | BPF_RSH | BPF_K
pub const JUMP_UNLESS_EQUAL: u8 = 0x55; // BPF_JMP | BPF_JNE | BPF_K
pub const JUMP_IF_EQUAL: u8 = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
pub const EXIT: u8 = 0x95; // BPF_JMP | BPF_EXIT

const RESULT: u8 = 0;
const CONTEXT: u8 = 1;
const KIND: u8 = 2;
const ACCESS: u8 = 3;
const MAJOR: u8 = 4;
const MINOR: u8 = 5;
const SCRATCH: u8 = 6;

/// BPF_DEVCG_DEV_*.
pub const BLOCK: u32 = 1;
pub const CHARACTER: u32 = 2;

/// What the oldest kernels with such programs take (BPF_MAXINSNS).
const MOST_INSTRUCTIONS: usize = 4096;

pub fn program(rules: &[Rule]) -> Result<Vec<Instruction>> {
    let mut program = vec![
        load(KIND, 0),
        Instruction { code: MOVE_REGISTER, registers: KIND << 4 | ACCESS, offset: 0, immediate: 0 },
        operation(AND, KIND, 0xffff),
        operation(SHIFT_RIGHT, ACCESS, 16),
        load(MAJOR, 4),
        load(MINOR, 8),
    ];
    for rule in rules.iter().rev() {
        program.extend(part(rule));
    }
    program.extend(decide(false));
    if program.len() > MOST_INSTRUCTIONS {
        return Err(Failure::because("use the device rules", format!("{} are more than a kernel takes", rules.len())));
    }
    Ok(program)
}

fn part(rule: &Rule) -> Vec<Instruction> {
    let verdict = verdict(rule);
    let kind = rule.kind.map(|kind| (KIND, if kind == Kind::Block { BLOCK } else { CHARACTER }));
    let tests: Vec<(u8, u32)> =
        [kind, rule.major.map(|major| (MAJOR, major)), rule.minor.map(|minor| (MINOR, minor))].into_iter().flatten().collect();
    let count = tests.len();
    // A test that fails jumps over the tests after it and over the verdict.
    let tests = tests
        .into_iter()
        .enumerate()
        .map(|(index, (register, value))| jump(JUMP_UNLESS_EQUAL, register, value as i32, count - index - 1 + verdict.len()));
    tests.chain(verdict.iter().copied()).collect()
}

/// The access bits are small, so their complement keeps the upper half when the kernel extends its sign.
fn verdict(rule: &Rule) -> Vec<Instruction> {
    let decided = decide(rule.allow);
    let mut verdict = if rule.allow {
        vec![operation(AND, ACCESS, !(rule.access as i32)), jump(JUMP_UNLESS_EQUAL, ACCESS, 0, decided.len())]
    } else {
        vec![
            Instruction { code: MOVE_REGISTER, registers: ACCESS << 4 | SCRATCH, offset: 0, immediate: 0 },
            operation(AND, SCRATCH, rule.access as i32),
            jump(JUMP_IF_EQUAL, SCRATCH, 0, decided.len()),
        ]
    };
    verdict.extend(decided);
    verdict
}

fn decide(allow: bool) -> [Instruction; 2] {
    [operation(MOVE, RESULT, i32::from(allow)), Instruction { code: EXIT, registers: 0, offset: 0, immediate: 0 }]
}

fn load(register: u8, offset: i16) -> Instruction {
    Instruction { code: LOAD_WORD, registers: CONTEXT << 4 | register, offset, immediate: 0 }
}

fn operation(code: u8, register: u8, immediate: i32) -> Instruction {
    Instruction { code, registers: register, offset: 0, immediate }
}

fn jump(code: u8, register: u8, immediate: i32, over: usize) -> Instruction {
    Instruction { code, registers: register, offset: over as i16, immediate }
}

#[cfg(test)]
#[path = "device_program_tests.rs"]
mod tests;
