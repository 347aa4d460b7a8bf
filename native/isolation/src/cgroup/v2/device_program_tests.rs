//! The generated programs, run by an interpreter of our own and held against the rules in their plain meaning; and on a real cgroup.

use super::*;
use crate::cgroup::{
    device_rules::{EVERYTHING, Kind, MKNOD, READ, WRITE},
    device_tests::{Chance, Request, means, some_request, some_rules},
};

/// What the verifier promises, checked as we go: only forward jumps, only registers that were set, an end.
fn run(program: &[Instruction], request: &Request) -> bool {
    let kind = if request.kind == Kind::Block { BLOCK } else { CHARACTER };
    let context = [request.access << 16 | kind, request.major, request.minor];
    let mut registers: [Option<u64>; 11] = [None; 11];
    let mut at = 0;
    loop {
        let Instruction { code, registers: pair, offset, immediate } = program[at];
        let (to, from) = ((pair & 0xf) as usize, (pair >> 4) as usize);
        let value = |register: usize, registers: &[Option<u64>; 11]| registers[register].expect("set before it is read");
        let extended = immediate as i64 as u64;
        at += 1;
        let jumps = match code {
            LOAD_WORD => {
                assert_eq!(from, 1, "only the context is read");
                registers[to] = Some(u64::from(context[offset as usize / 4]));
                false
            }
            MOVE => {
                registers[to] = Some(extended);
                false
            }
            MOVE_REGISTER => {
                registers[to] = Some(value(from, &registers));
                false
            }
            AND => {
                registers[to] = Some(value(to, &registers) & extended);
                false
            }
            SHIFT_RIGHT => {
                registers[to] = Some(value(to, &registers) >> extended);
                false
            }
            JUMP_UNLESS_EQUAL => value(to, &registers) != extended,
            JUMP_IF_EQUAL => value(to, &registers) == extended,
            EXIT => return value(0, &registers) == 1,
            other => panic!("unknown instruction {other:#x}"),
        };
        if jumps {
            assert!(offset >= 0, "only forward");
            at += offset as usize;
        }
    }
}

#[test]
fn programs_decide_as_the_rules_mean() {
    let mut chance = Chance(0x5eed);
    for round in 0..20_000 {
        let rules = some_rules(&mut chance);
        let program = program(&rules).expect("small enough");
        for _ in 0..8 {
            let request = some_request(&mut chance);
            assert_eq!(run(&program, &request), means(&rules, &request), "round {round}: {request:?} by {rules:?}");
        }
    }
}

#[test]
fn nothing_is_allowed_without_rules() {
    let program = program(&[]).expect("small enough");
    assert!(!run(&program, &Request { kind: Kind::Character, major: 1, minor: 3, access: READ }));
}

#[test]
fn what_one_rule_grants_and_another_completes_is_allowed() {
    let rule = |access| Rule { allow: true, kind: Some(Kind::Character), major: Some(1), minor: Some(3), access };
    let program = program(&[rule(READ), rule(WRITE)]).expect("small enough");
    assert!(run(&program, &Request { kind: Kind::Character, major: 1, minor: 3, access: READ | WRITE }));
    assert!(!run(&program, &Request { kind: Kind::Character, major: 1, minor: 3, access: READ | MKNOD }));
}

#[test]
fn more_rules_than_a_kernel_takes_are_refused() {
    let rule = Rule { allow: true, kind: Some(Kind::Block), major: Some(8), minor: Some(0), access: EVERYTHING };
    let failure = program(&vec![rule; 1000]).expect_err("refused");
    assert!(failure.to_string().contains("1000 are more than a kernel takes"), "{failure}");
}
