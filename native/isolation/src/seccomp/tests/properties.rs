//! What must hold of every program, whatever the profile.

use meseta_spec::{Message, SeccompCondition, SeccompProfile};

use super::{
    super::{
        action,
        architecture::{self, Numbers},
        compile, install,
    },
    chance::{Chance, NAMES, profile, sampled_arguments},
    interpreter::{Call, Program, TOKEN_X86, TOKEN_X86_64, run},
};

/// What the rules say, read one after the other: slow and plain.
fn said(profile: &SeccompProfile, name: &str, arguments: [u64; 6]) -> u32 {
    let holds = |condition: &SeccompCondition| {
        let (argument, value) = (arguments[condition.index as usize], condition.value);
        match condition.operator.as_str() {
            "SCMP_CMP_EQ" => argument == value,
            "SCMP_CMP_NE" => argument != value,
            "SCMP_CMP_GT" => argument > value,
            "SCMP_CMP_GE" => argument >= value,
            "SCMP_CMP_LT" => argument < value,
            "SCMP_CMP_LE" => argument <= value,
            _ => argument & value == condition.value_two() & value,
        }
    };
    let mut rules = profile.rules.iter().filter(|rule| rule.names.iter().any(|known| known == name));
    let found = rules.find(|rule| rule.conditions.iter().all(holds));
    let (action, errno) = match found {
        Some(rule) => (&rule.action, rule.errno),
        None => (&profile.default_action, profile.default_errno),
    };
    action::value_of(action, errno).expect("known")
}

#[test]
fn every_program_decides_as_its_rules_read() {
    for seed in 0..600 {
        let mut chance = Chance::from(seed);
        let profile = profile(&mut chance);
        let program = Program::read(&compile(&profile).expect("compiles").program);
        let entries = [architecture::X86_64, architecture::X86, architecture::X32];
        for entry in entries.into_iter().take(if profile.architectures.is_empty() { 1 } else { 3 }) {
            let numbers = Numbers::of(entry);
            for name in NAMES {
                let number = numbers.get(name).expect("every architecture has it");
                for _ in 0..12 {
                    let arguments = sampled_arguments(&mut chance, &profile);
                    let answer = run(&program, &Call { token: entry.token, number, arguments });
                    assert_eq!(answer, said(&profile, name, arguments), "seed {seed}: {name} {arguments:x?} {profile:?}");
                }
            }
        }
    }
}

#[test]
fn every_call_of_every_entry_gets_an_answer_that_the_profile_knows() {
    for seed in 0..100 {
        let mut chance = Chance::from(seed);
        let profile = profile(&mut chance);
        let program = Program::read(&compile(&profile).expect("compiles").program);
        for number in (0..600).chain([0x4000_0000, 0x4000_0200, 0x7fff_ffff, u32::MAX]) {
            for token in [TOKEN_X86_64, TOKEN_X86, chance.number() as u32] {
                let answer = run(&program, &Call { token, number, arguments: [chance.value(); 6] });
                let known = [0x8000_0000, 0, 0x0003_0000, 0x0005_0000, 0x7ffc_0000, 0x7fff_0000];
                assert!(known.contains(&(answer & 0xffff_0000)), "seed {seed}: {answer:#x}");
            }
        }
    }
}

#[test]
fn arbitrary_bytes_never_harm_the_compiler() {
    for seed in 0..3000 {
        let mut chance = Chance::from(seed);
        let bytes = profile(&mut chance).encode_to_vec();
        let bytes = chance.damaged(&bytes);
        if let Ok(profile) = SeccompProfile::decode(bytes.as_slice()) {
            // Either is fine; that it comes back is what counts.
            let _ = compile(&profile);
        }
    }
}

#[test]
fn bytes_that_are_no_program_are_refused_before_the_kernel_sees_them() {
    for program in [vec![], vec![0; 7], vec![0; 8 * 65_536]] {
        let failure = install(&meseta_spec::Seccomp { program, flags: None }).expect_err("refused");
        assert_eq!(failure.errno, 0);
    }
}
