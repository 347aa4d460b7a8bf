//! Reads arguments as the command lines of other OCI runtimes are read: global options, a command, its options, its operands.

use std::{collections::BTreeMap, fmt::Write as _};

use meseta_isolation::failure::{Failure, Result};

/// One option of a command.
pub struct Flag {
    pub name: &'static str,
    /// One letter, without the dash.
    pub short: &'static str,
    pub takes_value: bool,
    pub help: &'static str,
}

pub const fn switch(name: &'static str, short: &'static str, help: &'static str) -> Flag {
    Flag { name, short, takes_value: false, help }
}

pub const fn value(name: &'static str, short: &'static str, help: &'static str) -> Flag {
    Flag { name, short, takes_value: true, help }
}

/// What was given.
#[derive(Default, Debug)]
pub struct Arguments {
    given: BTreeMap<&'static str, Vec<String>>,
    pub operands: Vec<String>,
}

impl Arguments {
    pub fn has(&self, name: &str) -> bool {
        self.given.get(name).and_then(|values| values.last()).is_some_and(|value| value != "false")
    }

    /// The last one given.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.given.get(name).and_then(|values| values.last()).map(String::as_str)
    }

    pub fn values(&self, name: &str) -> &[String] {
        self.given.get(name).map_or(&[], Vec::as_slice)
    }

    /// The first operand, which most commands need and no other.
    pub fn container_id(&self) -> Result<&str> {
        match self.operands.as_slice() {
            [] => Err(Failure::because("read the arguments", "a container id is missing")),
            [id, ..] => Ok(id),
        }
    }
}

/// Where operands end the options: what follows belongs to somebody else.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Operands {
    Mixed,
    Last,
}

/// Takes words off `words`; with `Operands::Last` stops before the first that is no option, and leaves it there.
pub fn parse(flags: &[&[Flag]], operands: Operands, words: &mut std::vec::IntoIter<String>) -> Result<Arguments> {
    let mut arguments = Arguments::default();
    while let Some(word) = words.as_slice().first().cloned() {
        match word.strip_prefix('-') {
            Some(rest) if !rest.is_empty() => {
                words.next();
                if word == "--" {
                    break;
                }
                take(flags, &word, words, &mut arguments)?;
            }
            _ if operands == Operands::Last => return Ok(arguments),
            _ => arguments.operands.extend(words.next()),
        }
    }
    if operands == Operands::Mixed {
        arguments.operands.extend(words);
    }
    Ok(arguments)
}

fn take(flags: &[&[Flag]], word: &str, words: &mut std::vec::IntoIter<String>, arguments: &mut Arguments) -> Result<()> {
    let refuse = |why: &str| Err(Failure::because("read the option", why).at(word));
    let bare = word.trim_start_matches('-');
    let (name, attached) = match bare.split_once('=') {
        Some((name, value)) => (name, Some(value.to_owned())),
        None => (bare, None),
    };
    let Some(flag) =
        flags.iter().copied().flatten().find(|flag| flag.name == name || (!flag.short.is_empty() && flag.short == name))
    else {
        return refuse("there is no such option");
    };
    let value = match (flag.takes_value, attached) {
        (true, Some(value)) => value,
        (true, None) => match words.next() {
            Some(value) => value,
            None => return refuse("its value is missing"),
        },
        (false, attached) => attached.unwrap_or_else(|| "true".to_owned()),
    };
    arguments.given.entry(flag.name).or_default().push(value);
    Ok(())
}

pub fn help(flags: &[&[Flag]]) -> String {
    let mut text = String::new();
    for flag in flags.iter().copied().flatten() {
        let short = if flag.short.is_empty() { String::new() } else { format!(", -{}", flag.short) };
        let left = format!("--{}{short}{}", flag.name, if flag.takes_value { " VALUE" } else { "" });
        let _ = writeln!(text, "  {left:<34} {}", flag.help);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGS: &[Flag] = &[value("bundle", "b", ""), switch("force", "f", "")];

    fn words(text: &str) -> std::vec::IntoIter<String> {
        text.split(' ').map(str::to_owned).collect::<Vec<_>>().into_iter()
    }

    #[test]
    fn all_spellings_of_an_option_mean_the_same() {
        for text in ["--bundle /b id", "--bundle=/b id", "-b /b id", "-bundle /b id", "id --bundle /b"] {
            let arguments = parse(&[FLAGS], Operands::Mixed, &mut words(text)).expect("read");
            assert_eq!(
                (arguments.value("bundle"), arguments.operands.as_slice()),
                (Some("/b"), &["id".to_owned()][..]),
                "{text}"
            );
        }
    }

    #[test]
    fn what_belongs_to_somebody_else_is_left_alone() {
        let mut all = words("-f id --force");
        let arguments = parse(&[FLAGS], Operands::Last, &mut all).expect("read");
        assert!(arguments.has("force"));
        assert_eq!(all.collect::<Vec<_>>(), ["id", "--force"]);
    }

    #[test]
    fn the_unknown_and_the_unfinished_are_refused() {
        assert!(parse(&[FLAGS], Operands::Mixed, &mut words("--nope")).is_err());
        assert!(parse(&[FLAGS], Operands::Mixed, &mut words("--bundle")).is_err());
    }
}
