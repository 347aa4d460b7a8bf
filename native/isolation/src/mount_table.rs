//! Lines of /proc/<pid>/mountinfo, as far as somebody needs them.

/// `id parent device root point options [tags] - kind source super-options`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub id: String,
    pub point: String,
    pub tags: Vec<String>,
    pub kind: String,
    /// Of the file system, not of the mount.
    pub options: Vec<String>,
}

/// Names are bytes, whatever others mounted; what is no line is passed over.
pub fn lines(table: &[u8]) -> impl Iterator<Item = Line> {
    table.split(|byte| *byte == b'\n').filter_map(|line| parse(&String::from_utf8_lossy(line)))
}

fn parse(line: &str) -> Option<Line> {
    let (before, after) = line.split_once(" - ")?;
    let mut before = before.split(' ');
    let (id, point) = (before.next()?, before.nth(3)?);
    let mut after = after.split(' ');
    let (kind, _, options) = (after.next()?, after.next()?, after.next()?);
    Some(Line {
        id: id.to_owned(),
        point: unescaped(point),
        tags: before.skip(1).map(str::to_owned).collect(),
        kind: kind.to_owned(),
        options: options.split(',').map(str::to_owned).collect(),
    })
}

/// Blanks, ends of lines and backslashes stand as three octal digits behind a backslash.
fn unescaped(text: &str) -> String {
    let mut pieces = text.split('\\');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |mut whole, piece| {
        match piece.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok()).filter(u8::is_ascii) {
            Some(byte) => {
                whole.push(byte.into());
                whole.push_str(&piece[3..]);
            }
            None => {
                whole.push('\\');
                whole.push_str(piece);
            }
        }
        whole
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart() {
        let table =
            b"36 35 98:0 /root /a\\040b\\134c\\x rw,noatime master:1 shared:7 - ext4 /dev/root rw,errors=continue\nno line\n";
        let found: Vec<Line> = lines(table).collect();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].id.as_str(), found[0].point.as_str(), found[0].kind.as_str()), ("36", "/a b\\c\\x", "ext4"));
        assert_eq!(found[0].tags, ["master:1", "shared:7"]);
        assert_eq!(found[0].options, ["rw", "errors=continue"]);
    }
}
