//! Rules in their plain meaning, by chance, and the lists of v1 held against it.

use meseta_spec::{DeviceAccess, DeviceRule};

use super::{
    device_rules::{self, EVERYTHING, Kind, MKNOD, READ, Rule, WRITE},
    v1::devices::Table,
};

/// Reproducible chance (xorshift).
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

#[derive(Debug)]
pub struct Request {
    pub kind: Kind,
    pub major: u32,
    pub minor: u32,
    pub access: u32,
}

/// The last rule that speaks of a bit decides about it; all wanted bits must be allowed.
pub fn means(rules: &[Rule], request: &Request) -> bool {
    [MKNOD, READ, WRITE].into_iter().filter(|bit| request.access & bit != 0).all(|bit| {
        let speaks = |rule: &&Rule| {
            rule.access & bit != 0
                && rule.kind.is_none_or(|kind| kind == request.kind)
                && rule.major.is_none_or(|major| major == request.major)
                && rule.minor.is_none_or(|minor| minor == request.minor)
        };
        rules.iter().rev().find(speaks).is_some_and(|rule| rule.allow)
    })
}

fn some_kind(chance: &mut Chance) -> Kind {
    if chance.below(2) == 0 { Kind::Block } else { Kind::Character }
}

/// Few numbers, so that rules meet.
fn some_number(chance: &mut Chance) -> u32 {
    chance.below(3) as u32
}

pub fn some_rules(chance: &mut Chance) -> Vec<Rule> {
    let rule = |chance: &mut Chance| Rule {
        allow: chance.below(3) > 0,
        kind: (chance.below(5) > 0).then(|| some_kind(chance)),
        major: (chance.below(4) > 0).then(|| some_number(chance)),
        minor: (chance.below(3) > 0).then(|| some_number(chance)),
        access: 1 + chance.below(7) as u32,
    };
    (0..chance.below(9)).map(|_| rule(chance)).collect()
}

pub fn some_request(chance: &mut Chance) -> Request {
    Request {
        kind: some_kind(chance),
        major: some_number(chance),
        minor: some_number(chance),
        access: 1 + chance.below(7) as u32,
    }
}

/// How the kernel judges by a list (security/device_cgroup.c): with a closed one an exception must hold the whole request, with an open one none may
/// hold any of it.
fn judged(table: &Table, request: &Request) -> bool {
    let mut about = table.exceptions.iter().filter(|entry| {
        entry.kind == request.kind
            && entry.major.is_none_or(|major| major == request.major)
            && entry.minor.is_none_or(|minor| minor == request.minor)
    });
    if table.open {
        !about.any(|entry| entry.access & request.access != 0)
    } else {
        about.any(|entry| request.access & !entry.access == 0)
    }
}

#[test]
fn lists_decide_as_the_rules_mean_or_are_refused() {
    let mut chance = Chance(0xca7);
    let mut refused = 0;
    for round in 0..20_000 {
        let rules = some_rules(&mut chance);
        let Ok(table) = Table::of(&rules) else {
            refused += 1;
            continue;
        };
        for _ in 0..8 {
            let request = some_request(&mut chance);
            assert_eq!(judged(&table, &request), means(&rules, &request), "round {round}: {request:?} by {rules:?}: {table:?}");
        }
    }
    assert!((1..15_000).contains(&refused), "{refused}");
}

#[test]
fn a_device_cannot_be_excepted_from_a_wider_permission_on_v1() {
    let allow = Rule { allow: true, kind: Some(Kind::Character), major: Some(1), minor: None, access: EVERYTHING };
    let deny = Rule { allow: false, minor: Some(3), access: WRITE, ..allow };
    let failure = Table::of(&[allow, deny]).expect_err("refused");
    assert_eq!(failure.to_string(), "could not use the device rule: cgroup v1 cannot except `c 1:3 w` from `c 1:* rwm`");
}

#[test]
fn rules_that_make_no_sense_are_refused() {
    let good = DeviceRule { allow: true, kind: "c".to_owned(), major: Some(1), minor: Some(3), access: "rw".to_owned() };
    let read = |rule: DeviceRule| device_rules::read(&DeviceAccess { rules: vec![rule] });
    assert_eq!(read(good.clone()).expect("good")[0].access, READ | WRITE);
    for bad in [
        DeviceRule { kind: "u".to_owned(), ..good.clone() },
        DeviceRule { access: String::new(), ..good.clone() },
        DeviceRule { access: "x".to_owned(), ..good.clone() },
        DeviceRule { major: Some(1 << 12), ..good.clone() },
        DeviceRule { minor: Some(1 << 20), ..good },
    ] {
        assert!(read(bad.clone()).is_err(), "{bad:?}");
    }
}
