//! Cases whose answer is known without any other compiler.

use meseta_spec::{SeccompCondition, SeccompProfile, SeccompRule};

use super::{
    super::compile,
    interpreter::{Call, Program, TOKEN_X86, TOKEN_X86_64, run},
};

const ALLOW: u32 = 0x7fff_0000;
const EPERM: u32 = 0x0005_0001;
const ENOSYS: u32 = 0x0005_0026;
const KILL: u32 = 0x8000_0000;

fn rule(names: &[&str], action: &str, conditions: Vec<SeccompCondition>) -> SeccompRule {
    SeccompRule { names: names.iter().map(|&name| name.to_owned()).collect(), action: action.to_owned(), errno: None, conditions }
}

fn condition(index: u32, operator: &str, value: u64, value_two: u64) -> SeccompCondition {
    SeccompCondition { index, operator: operator.to_owned(), value, value_two: Some(value_two) }
}

fn denying(rules: Vec<SeccompRule>) -> SeccompProfile {
    SeccompProfile { default_action: "SCMP_ACT_ERRNO".to_owned(), rules, ..Default::default() }
}

fn answer(profile: &SeccompProfile, token: u32, number: u32, arguments: [u64; 6]) -> u32 {
    run(&Program::read(&compile(profile).expect("compiles").program), &Call { token, number, arguments })
}

#[test]
fn what_is_allowed_is_allowed_and_the_rest_gets_the_default() {
    let profile = denying(vec![rule(&["read", "write", "no_such_call"], "SCMP_ACT_ALLOW", vec![])]);
    for (number, expected) in [(0, ALLOW), (1, ALLOW), (2, EPERM), (59, EPERM), (469, EPERM)] {
        assert_eq!(answer(&profile, TOKEN_X86_64, number, [0; 6]), expected, "{number}");
    }
}

#[test]
fn a_call_newer_than_the_table_is_unknown_rather_than_forbidden() {
    let profile = denying(vec![rule(&["read"], "SCMP_ACT_ALLOW", vec![])]);
    assert_eq!(answer(&profile, TOKEN_X86_64, 470, [0; 6]), ENOSYS);
    assert_eq!(answer(&profile, TOKEN_X86_64, u32::MAX, [0; 6]), EPERM);
    let deadly = SeccompProfile { default_action: "SCMP_ACT_KILL_PROCESS".to_owned(), ..profile };
    assert_eq!(answer(&deadly, TOKEN_X86_64, 470, [0; 6]), KILL);
}

#[test]
fn other_entries_are_killed_unless_the_profile_has_them_s44() {
    let mut profile = denying(vec![rule(&["read"], "SCMP_ACT_ALLOW", vec![])]);
    assert_eq!(answer(&profile, TOKEN_X86, 3, [0; 6]), KILL);
    assert_eq!(answer(&profile, TOKEN_X86_64, 0x4000_0000, [0; 6]), KILL);
    profile.architectures = vec!["SCMP_ARCH_X86".to_owned(), "SCMP_ARCH_X32".to_owned(), "SCMP_ARCH_ARM".to_owned()];
    assert_eq!(answer(&profile, TOKEN_X86, 3, [0; 6]), ALLOW);
    assert_eq!(answer(&profile, TOKEN_X86, 0, [0; 6]), EPERM);
    assert_eq!(answer(&profile, TOKEN_X86_64, 0x4000_0000, [0; 6]), ALLOW);
    assert_eq!(answer(&profile, TOKEN_X86_64, 0x4000_0001, [0; 6]), EPERM);
    assert_eq!(answer(&profile, 0xc000_00b7, 63, [0; 6]), KILL);
}

#[test]
fn every_operator_compares_all_64_bits() {
    const PIVOT: u64 = 0x1_0000_0002;
    type Holds = fn(u64) -> bool;
    let operators: [(&str, Holds); 6] = [
        ("SCMP_CMP_EQ", |value| value == PIVOT),
        ("SCMP_CMP_NE", |value| value != PIVOT),
        ("SCMP_CMP_GT", |value| value > PIVOT),
        ("SCMP_CMP_GE", |value| value >= PIVOT),
        ("SCMP_CMP_LT", |value| value < PIVOT),
        ("SCMP_CMP_LE", |value| value <= PIVOT),
    ];
    let values = [0, 1, 2, 3, PIVOT - 1, PIVOT, PIVOT + 1, 0x1_0000_0000, 0x2_0000_0000, 0xffff_ffff, 0x2_0000_0002, u64::MAX];
    for (operator, holds) in operators {
        let profile = denying(vec![rule(&["kill"], "SCMP_ACT_ALLOW", vec![condition(5, operator, PIVOT, 0)])]);
        for value in values {
            let expected = if holds(value) { ALLOW } else { EPERM };
            assert_eq!(answer(&profile, TOKEN_X86_64, 62, [9, 9, 9, 9, 9, value]), expected, "{operator} {value:#x}");
        }
    }
}

#[test]
fn a_mask_comes_before_what_it_must_leave() {
    const NEW_USER: u64 = 0x1000_0000;
    let profile = denying(vec![rule(&["clone"], "SCMP_ACT_ALLOW", vec![condition(0, "SCMP_CMP_MASKED_EQ", NEW_USER, 0)])]);
    assert_eq!(answer(&profile, TOKEN_X86_64, 56, [0x11, 0, 0, 0, 0, 0]), ALLOW);
    assert_eq!(answer(&profile, TOKEN_X86_64, 56, [NEW_USER | 0x11, 0, 0, 0, 0, 0]), EPERM);
}

#[test]
fn rules_for_one_call_are_alternatives_and_conditions_of_one_rule_hold_together() {
    let rules = vec![
        rule(&["kill"], "SCMP_ACT_ALLOW", vec![condition(0, "SCMP_CMP_EQ", 1, 0), condition(1, "SCMP_CMP_EQ", 2, 0)]),
        rule(&["kill"], "SCMP_ACT_ALLOW", vec![condition(0, "SCMP_CMP_EQ", 3, 0)]),
    ];
    let profile = denying(rules);
    for (arguments, expected) in [([1, 2], ALLOW), ([1, 3], EPERM), ([3, 0], ALLOW), ([0, 2], EPERM)] {
        assert_eq!(answer(&profile, TOKEN_X86_64, 62, [arguments[0], arguments[1], 0, 0, 0, 0]), expected, "{arguments:?}");
    }
}

#[test]
fn two_conditions_on_one_argument_are_alternatives_as_in_docker() {
    let twice = vec![condition(0, "SCMP_CMP_EQ", 1, 0), condition(0, "SCMP_CMP_EQ", 3, 0)];
    let profile = denying(vec![rule(&["kill"], "SCMP_ACT_ALLOW", twice)]);
    assert_eq!(answer(&profile, TOKEN_X86_64, 62, [1, 0, 0, 0, 0, 0]), ALLOW);
    assert_eq!(answer(&profile, TOKEN_X86_64, 62, [3, 0, 0, 0, 0, 0]), ALLOW);
    assert_eq!(answer(&profile, TOKEN_X86_64, 62, [2, 0, 0, 0, 0, 0]), EPERM);
}

#[test]
fn a_rule_that_says_what_the_default_says_is_none() {
    let rules = vec![
        rule(&["kill"], "SCMP_ACT_ALLOW", vec![]),
        rule(&["kill"], "SCMP_ACT_TRAP", vec![condition(0, "SCMP_CMP_EQ", 1, 0)]),
    ];
    let profile = SeccompProfile { default_action: "SCMP_ACT_ALLOW".to_owned(), rules, ..Default::default() };
    assert_eq!(answer(&profile, TOKEN_X86_64, 62, [1, 0, 0, 0, 0, 0]), 0x0003_0000);
    assert_eq!(answer(&profile, TOKEN_X86_64, 62, [2, 0, 0, 0, 0, 0]), ALLOW);
}

#[test]
fn nonsense_is_refused_in_a_sentence() {
    let refused = |profile: SeccompProfile| compile(&profile).expect_err("refused").to_string();
    let bad = |name: &str| SeccompProfile { default_action: name.to_owned(), ..Default::default() };
    assert_eq!(refused(bad("SCMP_ACT_NO")), "could not compile the seccomp profile: there is no action \"SCMP_ACT_NO\"");
    let wrong = |condition| denying(vec![rule(&["kill"], "SCMP_ACT_ALLOW", vec![condition])]);
    assert!(refused(wrong(condition(6, "SCMP_CMP_EQ", 1, 0))).ends_with("there is no argument 6"));
    assert!(refused(wrong(condition(0, "==", 1, 0))).ends_with("there is no operator \"==\""));
    assert!(refused(SeccompProfile { default_errno: Some(4096), ..denying(vec![]) }).ends_with("errno 4096 is above 4095"));
    let flags = vec!["SECCOMP_FILTER_FLAG_NEW_LISTENER".to_owned()];
    assert!(refused(SeccompProfile { flags, ..denying(vec![]) }).ends_with("is not supported"));
}

#[test]
fn the_way_to_a_call_is_short() {
    let names: Vec<&str> = super::chance::NAMES.to_vec();
    let program = compile(&denying(vec![rule(&names, "SCMP_ACT_ALLOW", vec![])])).expect("compiles").program;
    assert!(program.len() / 8 < 4 * names.len(), "{} instructions", program.len() / 8);
}
