//! Row 6-026: the lists of cgroup v1. The kernel keeps a default and a flat set of exceptions, so the rules are first brought into that form; what
//! has none (a device excepted from a wider permission) is refused rather than approximated.

use std::{fmt, path::Path};

use meseta_spec::DeviceAccess;

use crate::{
    cgroup::{
        device_rules::{self, EVERYTHING, Kind, MKNOD, READ, Rule, WRITE, refused},
        files::{read, write, write_each},
    },
    failure::Result,
};

pub const LIST: &str = "devices.list";
const ALLOW: &str = "devices.allow";
const DENY: &str = "devices.deny";

/// Brings the lists to what the rules say. Where both were closed before, what is allowed by old and new alike stays so at every moment.
pub fn apply(at: &Path, access: &DeviceAccess) -> Result<()> {
    let wanted = Table::of(&device_rules::read(access)?)?;
    let now = Table::listed(&read(&at.join(LIST)).unwrap_or_default());
    if wanted.open || now.open {
        write(&at.join(if wanted.open { ALLOW } else { DENY }), "a")?;
        return write_each(&at.join(wanted.exception_file()), &wanted.exceptions);
    }
    write_each(&at.join(ALLOW), &wanted.exceptions)?;
    for entry in &now.exceptions {
        let superfluous = entry.access & !wanted.access_of(entry);
        if superfluous != 0 {
            write(&at.join(DENY), &Entry { access: superfluous, ..*entry }.to_string())?;
        }
    }
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cgroup) struct Entry {
    pub kind: Kind,
    pub major: Option<u32>,
    pub minor: Option<u32>,
    pub access: u32,
}

/// `open`: everything is allowed but the exceptions; else nothing is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::cgroup) struct Table {
    pub open: bool,
    pub exceptions: Vec<Entry>,
}

impl Table {
    pub(in crate::cgroup) fn of(rules: &[Rule]) -> Result<Self> {
        let mut table = Table::default();
        for rule in rules {
            table.take(rule)?;
        }
        table.complete();
        Ok(table)
    }

    /// From the kernel's list. An open one does not tell its exceptions.
    fn listed(text: &str) -> Self {
        let mut table = Table::default();
        for line in text.lines() {
            if line.starts_with('a') {
                return Table { open: true, exceptions: Vec::new() };
            }
            table.exceptions.extend(Entry::parse(line));
        }
        table
    }

    fn take(&mut self, rule: &Rule) -> Result<()> {
        if rule.kind.is_none() && rule.major.is_none() && rule.minor.is_none() && rule.access == EVERYTHING {
            *self = Table { open: rule.allow, exceptions: Vec::new() };
            return Ok(());
        }
        let kinds = rule.kind.map_or(vec![Kind::Block, Kind::Character], |kind| vec![kind]);
        for kind in kinds {
            let entry = Entry { kind, major: rule.major, minor: rule.minor, access: rule.access };
            if rule.allow == self.open { self.subtract(&entry)? } else { self.add(entry) }
        }
        Ok(())
    }

    fn add(&mut self, entry: Entry) {
        match self.exceptions.iter_mut().find(|present| present.is_about(&entry)) {
            Some(present) => present.access |= entry.access,
            None => self.exceptions.push(entry),
        }
    }

    fn subtract(&mut self, entry: &Entry) -> Result<()> {
        for present in self.exceptions.iter_mut().filter(|present| present.overlaps(entry)) {
            if !entry.covers(present) && present.access & entry.access != 0 {
                return Err(refused(format!("cgroup v1 cannot except `{entry}` from `{present}`")));
            }
            present.access &= !entry.access;
        }
        self.exceptions.retain(|present| present.access != 0);
        Ok(())
    }

    /// The kernel wants all of a request to be in one exception, so each one also says what wider ones say of its devices, and where two of them
    /// meet there is one of its own.
    fn complete(&mut self) {
        let wider = self.exceptions.clone();
        for (index, one) in wider.iter().enumerate() {
            wider[index + 1..].iter().filter_map(|other| one.meet(other)).for_each(|meeting| self.add(meeting));
        }
        for entry in &mut self.exceptions {
            entry.access |= wider.iter().filter(|other| other.covers(entry)).fold(0, |bits, other| bits | other.access);
        }
    }

    fn access_of(&self, entry: &Entry) -> u32 {
        self.exceptions.iter().find(|present| present.is_about(entry)).map_or(0, |present| present.access)
    }

    fn exception_file(&self) -> &'static str {
        if self.open { DENY } else { ALLOW }
    }
}

impl Entry {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_ascii_whitespace();
        let kind = match words.next()? {
            "b" => Kind::Block,
            "c" => Kind::Character,
            _ => return None,
        };
        let (major, minor) = words.next()?.split_once(':')?;
        let access = device_rules::access_bits(words.next()?).ok()?;
        Some(Entry { kind, major: major.parse().ok(), minor: minor.parse().ok(), access })
    }

    fn is_about(&self, other: &Entry) -> bool {
        (self.kind, self.major, self.minor) == (other.kind, other.major, other.minor)
    }

    fn covers(&self, other: &Entry) -> bool {
        let number = |own: Option<u32>, others: Option<u32>| own.is_none() || own == others;
        self.kind == other.kind && number(self.major, other.major) && number(self.minor, other.minor)
    }

    fn overlaps(&self, other: &Entry) -> bool {
        let number = |own: Option<u32>, others: Option<u32>| own.is_none() || others.is_none() || own == others;
        self.kind == other.kind && number(self.major, other.major) && number(self.minor, other.minor)
    }

    /// The devices that both are about, where neither is about all of the other's.
    fn meet(&self, other: &Entry) -> Option<Entry> {
        if !self.overlaps(other) || self.covers(other) || other.covers(self) {
            return None;
        }
        let (major, minor) = (self.major.or(other.major), self.minor.or(other.minor));
        Some(Entry { kind: self.kind, major, minor, access: self.access | other.access })
    }
}

/// As the kernel reads it: `c 1:3 rwm`.
impl fmt::Display for Entry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.kind == Kind::Block { 'b' } else { 'c' };
        let number = |number: Option<u32>| number.map_or("*".to_owned(), |value| value.to_string());
        let letters = [(READ, 'r'), (WRITE, 'w'), (MKNOD, 'm')];
        let access: String = letters.iter().filter(|(bit, _)| self.access & bit != 0).map(|(_, letter)| letter).collect();
        write!(out, "{kind} {}:{} {access}", number(self.major), number(self.minor))
    }
}
