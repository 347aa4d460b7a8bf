//! Comparisons of arguments. They are 64 bits wide and BPF's words are 32, so each is done in halves.

use meseta_spec::SeccompCondition;

use super::{
    bpf::{self, AND, EQUAL, GREATER, GREATER_OR_EQUAL, Instruction, LOAD, RETURN, compare, plain},
    compile::invalid,
};
use crate::failure::Result;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    index: u32,
    operator: Operator,
    value: u64,
    mask: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// All of its conditions together lead to the action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub conditions: Vec<Condition>,
    pub action: u32,
}

impl Condition {
    pub fn of(condition: &SeccompCondition) -> Result<Self> {
        if condition.index > 5 {
            return Err(invalid(format!("there is no argument {}", condition.index)));
        }
        let (operator, value, mask) = match condition.operator.as_str() {
            "SCMP_CMP_EQ" => (Operator::Equal, condition.value, u64::MAX),
            "SCMP_CMP_NE" => (Operator::NotEqual, condition.value, u64::MAX),
            "SCMP_CMP_GT" => (Operator::Greater, condition.value, u64::MAX),
            "SCMP_CMP_GE" => (Operator::GreaterOrEqual, condition.value, u64::MAX),
            "SCMP_CMP_LT" => (Operator::Less, condition.value, u64::MAX),
            "SCMP_CMP_LE" => (Operator::LessOrEqual, condition.value, u64::MAX),
            // The mask comes first, as in Docker's profiles.
            "SCMP_CMP_MASKED_EQ" => (Operator::Equal, condition.value_two() & condition.value, condition.value),
            other => return Err(invalid(format!("there is no operator {other:?}"))),
        };
        Ok(Condition { index: condition.index, operator, value, mask })
    }

    /// Falls through if it holds, else skips `rest` instructions behind its own.
    fn instructions(&self, rest: usize) -> Vec<Instruction> {
        let (high, low) = ((self.value >> 32) as u32, self.value as u32);
        let (high_mask, low_mask) = ((self.mask >> 32) as u32, self.mask as u32);
        let away = |skipped: usize| u8::try_from(rest + skipped).unwrap_or(u8::MAX);
        let high_word = || load(self.index, true, high_mask);
        let low_word = || load(self.index, false, low_mask);
        let below = low_word().len() + 1;
        let over = below as u8;
        let mut code = high_word();
        match self.operator {
            Operator::Equal => {
                code.push(compare(EQUAL, high, 0, away(below)));
                code.extend(low_word());
                code.push(compare(EQUAL, low, 0, away(0)));
            }
            Operator::NotEqual => {
                code.push(compare(EQUAL, high, 0, over));
                code.extend(low_word());
                code.push(compare(EQUAL, low, away(0), 0));
            }
            Operator::Greater | Operator::GreaterOrEqual => {
                code.push(compare(GREATER, high, over + 1, 0));
                code.push(compare(EQUAL, high, 0, away(below)));
                code.extend(low_word());
                let last = if self.operator == Operator::Greater { GREATER } else { GREATER_OR_EQUAL };
                code.push(compare(last, low, 0, away(0)));
            }
            Operator::Less | Operator::LessOrEqual => {
                code.push(compare(GREATER, high, away(below + 1), 0));
                code.push(compare(EQUAL, high, 0, over));
                code.extend(low_word());
                let last = if self.operator == Operator::Less { GREATER_OR_EQUAL } else { GREATER };
                code.push(compare(last, low, away(0), 0));
            }
        }
        code
    }
}

/// One half of an argument into the accumulator.
fn load(index: u32, high: bool, mask: u32) -> Vec<Instruction> {
    let upper = if cfg!(target_endian = "little") { 4 } else { 0 };
    let offset = bpf::ARGUMENTS + 8 * index + if high { upper } else { 4 - upper };
    let mut code = vec![plain(LOAD, offset)];
    if mask != u32::MAX {
        code.push(plain(AND, mask));
    }
    code
}

/// The first check that holds decides; if none does, `otherwise`.
pub fn first_that_holds(checks: &[Check], otherwise: u32) -> Vec<Instruction> {
    let mut code: Vec<Instruction> = checks.iter().flat_map(instructions_of).collect();
    code.push(plain(RETURN, otherwise));
    code
}

/// From the last condition to the first, since each must know how far the end is.
fn instructions_of(check: &Check) -> Vec<Instruction> {
    let mut code = vec![plain(RETURN, check.action)];
    for condition in check.conditions.iter().rev() {
        let mut longer = condition.instructions(code.len());
        longer.append(&mut code);
        code = longer;
    }
    code
}
