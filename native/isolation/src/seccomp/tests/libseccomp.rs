//! Z7: what we compile decides as what libseccomp compiles from the same rules, over all calls and sampled arguments. The library is LGPL C, so it
//! stays outside: a small program, compiled here, turns rules into its program.

use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Stdio},
};

use meseta_spec::{SeccompCondition, SeccompProfile};

use super::{
    super::{
        architecture::{self, Numbers},
        compile,
    },
    chance::{Chance, OPERATORS, profile, sampled_arguments},
    interpreter::{Call, Program, TOKEN_X86, TOKEN_X86_64, run},
};

const PROFILES: u64 = 100;

struct Oracle(PathBuf);

impl Oracle {
    /// `None`: nothing to compare with on this host.
    fn build() -> Option<Self> {
        let directory = std::env::temp_dir().join(format!("meseta-oracle-{}", std::process::id()));
        fs::create_dir_all(&directory).expect("made");
        let oracle = Oracle(directory);
        fs::write(oracle.0.join("oracle.c"), include_str!("oracle.c")).expect("written");
        let built = Command::new("cc").current_dir(&oracle.0).args(["-O1", "-o", "oracle", "oracle.c", "-lseccomp"]).output();
        built.is_ok_and(|output| output.status.success()).then_some(oracle)
    }

    fn compile(&self, profile: &SeccompProfile) -> Vec<u8> {
        let mut process = Command::new(self.0.join("oracle"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the oracle was built");
        process.stdin.take().expect("piped").write_all(text_of(profile).as_bytes()).expect("written");
        let output = process.wait_with_output().expect("runs");
        assert!(output.status.success(), "{}", text_of(profile));
        output.stdout
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// First line: default action and whether x86 and x32 are in; then a line for each name of each rule.
fn text_of(profile: &SeccompProfile) -> String {
    let action = |name: &str, errno: Option<u32>| match name {
        "SCMP_ACT_ALLOW" => 0x7fff_0000,
        "SCMP_ACT_ERRNO" => 0x0005_0000 | errno.unwrap_or(1),
        "SCMP_ACT_KILL_PROCESS" => 0x8000_0000,
        "SCMP_ACT_TRAP" => 0x0003_0000,
        _ => 0x7ffc_0000,
    };
    let mut text =
        format!("{} {}\n", action(&profile.default_action, profile.default_errno), u8::from(!profile.architectures.is_empty()));
    for rule in &profile.rules {
        for name in &rule.names {
            text += &format!("{name} {} {}", action(&rule.action, rule.errno), rule.conditions.len());
            for condition in &rule.conditions {
                let SeccompCondition { index, operator, value, value_two } = condition;
                let operator = OPERATORS.iter().position(|known| known == operator).expect("known");
                text += &format!(" {index} {operator} {value} {}", value_two.unwrap_or(0));
            }
            text.push('\n');
        }
    }
    text
}

/// Those of which more than one rule speaks.
fn ambiguous_numbers(profile: &SeccompProfile, token: u32) -> Vec<u32> {
    let numbers = Numbers::of(if token == TOKEN_X86 { architecture::X86 } else { architecture::X86_64 });
    let mut named: Vec<u32> = profile.rules.iter().flat_map(|rule| &rule.names).filter_map(|name| numbers.get(name)).collect();
    named.sort_unstable();
    named.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect()
}

#[test]
fn our_programs_decide_as_libseccomps_do_z7() {
    let Some(oracle) = Oracle::build() else {
        eprintln!("not judged: cc or libseccomp is missing (Debian: gcc libseccomp-dev)");
        return;
    };
    for seed in 0..PROFILES {
        let mut chance = Chance::from(seed);
        let profile = profile(&mut chance);
        let ours = Program::read(&compile(&profile).expect("compiles").program);
        let theirs = Program::read(&oracle.compile(&profile));
        // Up to what both tables know: what is newer is decided by whoever knows it. Not x32, of whose arguments libseccomp compares only the lower halves,
        // although its registers have 64 bits. And only what one rule decides: of alternatives that compare different arguments libseccomp 2.5.4 forgets
        // some (`arg2 < 2147483649` beside three others does not match a zero), as properties.rs, which reads the rules one by one, can tell.
        let entries = if profile.architectures.is_empty() { &[TOKEN_X86_64][..] } else { &[TOKEN_X86_64, TOKEN_X86] };
        for &token in entries {
            let ambiguous = ambiguous_numbers(&profile, token);
            for number in (0..=450).filter(|number| !ambiguous.contains(number)) {
                for _ in 0..8 {
                    let mut arguments = sampled_arguments(&mut chance, &profile);
                    if token == TOKEN_X86 {
                        arguments = arguments.map(|argument| argument & 0xffff_ffff);
                    }
                    let call = Call { token, number, arguments };
                    assert_eq!(run(&ours, &call), run(&theirs, &call), "seed {seed}: {call:x?}\n{}", text_of(&profile));
                }
            }
        }
    }
}
