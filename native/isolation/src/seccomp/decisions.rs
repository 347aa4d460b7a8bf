//! From rules to ranges of numbers that are decided alike, and from those to a search tree.

use std::collections::BTreeMap;

use meseta_spec::{SeccompCondition, SeccompRule};

use super::{
    action,
    architecture::{Architecture, Numbers, X32_BIT},
    arguments::{Check, Condition, first_that_holds},
    bpf::{GREATER_OR_EQUAL, Instruction, RETURN, either, plain},
};
use crate::failure::Result;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Decision {
    Always(u32),
    ByArguments(Vec<Check>),
}

/// From this number to the next range's.
struct Range {
    start: u32,
    decision: Decision,
}

/// What is done with calls of one kernel entry: the architectures share a token and differ by the bit of their numbers.
pub fn tree_of(entry: &[Architecture], rules: &[SeccompRule], default: u32) -> Result<Vec<Instruction>> {
    let mut by_number: BTreeMap<u32, Vec<Check>> = BTreeMap::new();
    let mut limits = BTreeMap::new();
    let mut foreign = None;
    for &architecture in entry {
        foreign = foreign.or(architecture.admits_x32().then_some(X32_BIT));
        let numbers = Numbers::of(architecture);
        limits.insert(architecture.number_bit, numbers.highest() + 1);
        for rule in rules {
            let action = action::value_of(&rule.action, rule.errno)?;
            let alternatives = alternatives_of(&rule.conditions)?;
            // To do what is done anyway is no rule: it does not win over another one.
            let known = rule.names.iter().filter(|_| action != default).filter_map(|name| numbers.get(name));
            for number in known {
                let checks = by_number.entry(number).or_default();
                checks.extend(alternatives.iter().map(|conditions| Check { conditions: conditions.clone(), action }));
            }
        }
    }
    let decided = by_number.into_iter().map(|(number, checks)| (number, decision_of(checks))).collect();
    let foreign = foreign.filter(|bit| !limits.contains_key(bit));
    Ok(search(&ranges_of(&decided, &limits, foreign, default), default))
}

/// Usually one: all conditions together. Where two look at one argument each stands alone, which is how Docker and runc read a profile.
fn alternatives_of(conditions: &[SeccompCondition]) -> Result<Vec<Vec<Condition>>> {
    let each: Vec<Condition> = conditions.iter().map(Condition::of).collect::<Result<_>>()?;
    let twice = |at: usize, condition: &SeccompCondition| conditions[..at].iter().any(|before| before.index == condition.index);
    if conditions.iter().enumerate().any(|(at, condition)| twice(at, condition)) {
        return Ok(each.into_iter().map(|condition| vec![condition]).collect());
    }
    Ok(vec![each])
}

/// A rule without conditions wins over those with some, the first over the later ones.
fn decision_of(checks: Vec<Check>) -> Decision {
    match checks.iter().find(|check| check.conditions.is_empty()) {
        Some(check) => Decision::Always(check.action),
        None => Decision::ByArguments(checks),
    }
}

/// Covers every number. `limits` says for each bit from where on calls are newer than our table; from `foreign` on they are of an architecture that
/// the profile does not have (S44).
fn ranges_of(decided: &BTreeMap<u32, Decision>, limits: &BTreeMap<u32, u32>, foreign: Option<u32>, default: u32) -> Vec<Range> {
    // A program that tries a new call goes on without it when it hears ENOSYS; EPERM makes it give up.
    let newer = if default == action::errno(libc::EPERM) { action::errno(libc::ENOSYS) } else { default };
    let mut starts: BTreeMap<u32, Decision> = BTreeMap::new();
    for (&bit, &limit) in limits {
        starts.insert(bit, Decision::Always(default));
        starts.insert(limit, Decision::Always(newer));
    }
    if let Some(bit) = foreign {
        starts.insert(bit, Decision::Always(action::KILL_PROCESS));
    }
    // What a tracer writes to skip a call.
    starts.insert(u32::MAX, Decision::Always(default));
    for (&number, decision) in decided {
        starts.insert(number, decision.clone());
        starts.entry(number + 1).or_insert(Decision::Always(default));
    }
    let mut ranges: Vec<Range> = Vec::new();
    for (start, decision) in starts {
        if ranges.last().is_none_or(|last| last.decision != decision) {
            ranges.push(Range { start, decision });
        }
    }
    ranges
}

/// Invariant: the accumulator holds the number, and it is not below the first range.
fn search(ranges: &[Range], default: u32) -> Vec<Instruction> {
    let middle = ranges.len() / 2;
    match ranges {
        [] => vec![plain(RETURN, default)],
        [only] => match &only.decision {
            Decision::Always(action) => vec![plain(RETURN, *action)],
            Decision::ByArguments(checks) => first_that_holds(checks, default),
        },
        _ => {
            let (lower, upper) = ranges.split_at(middle);
            either(GREATER_OR_EQUAL, upper[0].start, search(upper, default), search(lower, default))
        }
    }
}
