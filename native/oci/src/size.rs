//! Amounts of memory as people write them on command lines: `52428800`, `50M`, `1.5g`, `64 MiB`. Every unit is a power of 1024.

const UNITS: &str = "kmgtp";

/// In bytes; -1 stands for no limit.
pub fn parse(text: &str) -> Option<i64> {
    if text == "-1" {
        return Some(-1);
    }
    let split = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let unit = scale(&unit.strip_prefix(' ').unwrap_or(unit).to_ascii_lowercase())?;
    match number.parse::<i64>() {
        Ok(whole) => whole.checked_mul(unit),
        Err(_) => fraction(number).map(|number| (number * unit as f64) as i64),
    }
}

fn fraction(text: &str) -> Option<f64> {
    text.starts_with(|first: char| first.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn scale(unit: &str) -> Option<i64> {
    let letter = match unit {
        "" | "b" => return Some(1),
        _ => unit.strip_suffix("ib").or(unit.strip_suffix('b')).unwrap_or(unit),
    };
    let power = UNITS.find(letter).filter(|_| letter.len() == 1)?;
    Some(1 << (10 * (power + 1)))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn units_are_powers_of_1024_in_any_spelling() {
        let mebibytes = 64 << 20;
        for text in ["64m", "64M", "64mb", "64MiB", "64 MB", "64 m", "65536k", "67108864", "67108864b", "0.0625g"] {
            assert_eq!(parse(text), Some(mebibytes), "{text}");
        }
        assert_eq!(["-1", "0", "1p", "1.5k"].map(parse), [Some(-1), Some(0), Some(1 << 50), Some(1536)]);
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in
            ["", "m", "-2", "-1m", "1x", "1kk", "1ibm", "1  m", "1ib", "1.2.3", ".5m", "9000000p", "0x10", "1e3", "nan", "inf"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
