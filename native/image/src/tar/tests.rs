//! The reader by itself: what it reads, what it refuses, and that nothing makes it panic, hang or allocate what has not come.

use super::*;
use crate::testing::{Part, archive, directory, file, hard_link, part, pax, record, sign, symlink};

pub struct Bytes<'a>(pub &'a [u8]);

impl Input for Bytes<'_> {
    fn available(&mut self) -> Result<&[u8]> {
        // In odd portions, as they may come.
        Ok(&self.0[..self.0.len().min(700)])
    }

    fn consume(&mut self, count: usize) {
        self.0 = &self.0[count..];
    }
}

pub fn entries(bytes: &[u8]) -> Result<Vec<(Entry, Vec<u8>)>> {
    let mut reader = Reader::new(Bytes(bytes));
    let mut entries = Vec::new();
    while let Some(entry) = reader.next()? {
        let mut content = Vec::new();
        loop {
            let part = reader.content()?.to_vec();
            if part.is_empty() {
                break;
            }
            reader.consume(part.len());
            content.extend(part);
        }
        entries.push((entry, content));
    }
    Ok(entries)
}

fn one(parts: &[Part]) -> Result<Entry> {
    entries(&archive(parts)).map(|mut entries| entries.remove(0).0)
}

fn refusal(parts: &[Part]) -> String {
    entries(&archive(parts)).expect_err("refused").sentence
}

#[test]
fn headers_before_an_entry_say_what_counts() {
    let long = "n".repeat(300);
    let entry = one(&[
        pax(&[("path", long.as_bytes()), ("size", b"3"), ("mtime", b"1.5"), ("uid", b"2000000"), ("SCHILY.xattr.user.a", b"v")]),
        Part { size: Some(*b"00000000000\0"), content: b"abc".to_vec(), ..file("short", "") },
    ])
    .expect("read");
    assert_eq!((entry.path, entry.size, entry.uid), (long.clone().into_bytes(), 3, 2_000_000));
    assert_eq!(entry.modified, Time { seconds: 1, nanoseconds: 500_000_000 });
    assert_eq!(entry.xattrs, [(b"user.a".to_vec(), b"v".to_vec())]);
    let gnu = |flag, text: &str| Part { content: format!("{text}\0").into(), gnu: true, ..part(flag, "././@LongLink") };
    let entry = one(&[gnu(b'K', &"t".repeat(200)), gnu(b'L', &long), symlink("short", "short")]).expect("read");
    assert_eq!((entry.path, entry.link), (long.into_bytes(), "t".repeat(200).into_bytes()));
}

/// CVE-2025-62518: with the header's size of zero the content is taken for headers.
#[test]
fn what_lies_in_content_is_never_an_entry() {
    let inner = archive(&[file("smuggled", "x")]);
    let size = inner.len().to_string();
    let outer = archive(&[
        pax(&[("size", size.as_bytes())]),
        Part { content: inner, size: Some(*b"00000000000\0"), ..file("inner.tar", "") },
        file("after", "y"),
    ]);
    let names: Vec<_> = entries(&outer).expect("read").into_iter().map(|(entry, _)| entry.path).collect();
    assert_eq!(names, [b"inner.tar".to_vec(), b"after".to_vec()]);
}

#[test]
fn what_readers_would_read_differently_is_refused() {
    let sized = |part: Part| Part { size: Some(*b"00000000010\0"), content: vec![b'x'; 8], ..part };
    let global = |records: &[(&str, &[u8])]| Part { flag: b'g', ..pax(records) };
    let long = Part { content: b"gnu\0".to_vec(), gnu: true, ..part(b'L', "././@LongLink") };
    let cases: Vec<(&str, Vec<Part>)> = vec![
        ("content", vec![sized(directory("d"))]),
        ("content", vec![sized(symlink("a", "l"))]),
        ("content", vec![file("a", ""), sized(hard_link("a", "h"))]),
        ("same of one entry", vec![pax(&[("path", b"a")]), pax(&[("path", b"b")]), file("c", "")]),
        ("two names", vec![pax(&[("path", b"a")]), long.clone(), file("c", "")]),
        ("same of one entry", vec![long.clone(), long.clone(), file("c", "")]),
        ("only an entry can say", vec![global(&[("path", b"a")]), file("c", "")]),
        ("only an entry can say", vec![global(&[("size", b"1")]), file("c", "")]),
        ("where an entry should", vec![pax(&[("path", b"a")]), global(&[("comment", b"x")]), file("c", "")]),
        ("an entry should follow", vec![pax(&[("path", b"a")])]),
        ("NUL", vec![pax(&[("path", b"a\0b")]), file("c", "")]),
        ("no number", vec![pax(&[("size", b"-1")]), file("c", "")]),
        ("negative", vec![Part { size: Some([0xff; 12]), ..file("c", "") }]),
        ("too large", vec![Part { size: Some(*b"\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), ..file("c", "") }]),
        ("breaks off", vec![Part { size: Some(*b"\x80\0\0\0\x7f\xff\xff\xff\0\0\0\0"), ..file("c", "") }]),
        ("too long", vec![Part { size: Some(*b"77777777777\0"), ..pax(&[]) }, file("c", "")]),
    ];
    for (sentence, parts) in cases {
        let refusal = refusal(&parts);
        assert!(refusal.contains(sentence), "{refusal} does not contain {sentence}");
    }
}

#[test]
fn a_global_header_counts_for_all_that_follow() {
    let global = Part { flag: b'g', ..pax(&[("mtime", b"7"), ("comment", b"of git")]) };
    let read = entries(&archive(&[global, file("a", ""), pax(&[("mtime", b"9")]), file("b", "")])).expect("read");
    assert_eq!(read.iter().map(|(entry, _)| entry.modified.seconds).collect::<Vec<_>>(), [7, 9]);
}

#[test]
fn damaged_headers_are_refused_and_old_ones_read() {
    let mut bytes = archive(&[file("a", "x")]);
    bytes[0] = b'b';
    assert!(entries(&bytes).expect_err("refused").sentence.contains("checksum"));
    let mut bytes = archive(&[file("a", "x")]);
    bytes[257..265].fill(0);
    sign(&mut bytes);
    assert_eq!(entries(&bytes).expect("read")[0].0.path, b"a");
    // The end may be missing, with the padding before it, but no part of an entry.
    let bytes = archive(&[file("a", "x")]);
    for length in [513, 1023, 1024] {
        assert_eq!(entries(&bytes[..length]).expect("read").len(), 1, "{length}");
    }
    for length in [1, 511, 512] {
        assert!(entries(&bytes[..length]).is_err(), "{length}");
    }
}

fn sparse_cases() -> Vec<(&'static str, Vec<Part>)> {
    let content = b"0123456789".to_vec();
    let file = |name: &str, content: &[u8]| Part { content: content.to_vec(), ..file(name, "") };
    let zero_zero = [
        record("GNU.sparse.size", b"100"),
        record("GNU.sparse.numblocks", b"2"),
        record("GNU.sparse.offset", b"10"),
        record("GNU.sparse.numbytes", b"4"),
        record("GNU.sparse.offset", b"50"),
        record("GNU.sparse.numbytes", b"6"),
    ];
    let mut with_map = b"2\n10\n4\n50\n6\n".to_vec();
    with_map.resize(BLOCK, 0);
    with_map.extend(&content);
    let map: &[(&str, &[u8])] = &[
        ("GNU.sparse.size", b"100"),
        ("GNU.sparse.numblocks", b"2"),
        ("GNU.sparse.map", b"10,4,50,6"),
        ("GNU.sparse.name", b"s"),
    ];
    let before: &[(&str, &[u8])] =
        &[("GNU.sparse.major", b"1"), ("GNU.sparse.minor", b"0"), ("GNU.sparse.name", b"s"), ("GNU.sparse.realsize", b"100")];
    vec![
        ("0.0", vec![Part { content: zero_zero.concat(), ..part(b'x', "pax") }, file("s", &content)]),
        ("0.1", vec![pax(map), file("GNUSparseFile.1/s", &content)]),
        ("1.0", vec![pax(before), file("GNUSparseFile.1/s", &with_map)]),
    ]
}

#[test]
fn sparse_files_are_read_in_all_versions() {
    for (version, parts) in sparse_cases() {
        let read = entries(&archive(&parts)).unwrap_or_else(|failure| panic!("{version}: {failure}"));
        let (entry, content) = &read[0];
        assert_eq!(entry.sparse, Some(Sparse { parts: vec![(10, 4), (50, 6)], size: 100 }), "{version}");
        assert_eq!((&entry.path[..], &content[..]), (&b"s"[..], &b"0123456789"[..]), "{version}");
    }
}

#[test]
fn sparse_maps_that_cannot_be_are_refused() {
    let content = Part { content: b"0123456789".to_vec(), ..file("s", "") };
    for map in ["10,4,5,6", "10,4,50,7", "10,4,96,6", "10,10,", "10", "9223372036854775807,10", "a,10", "10,4,50,6,60,0,0"] {
        let header = pax(&[("GNU.sparse.size", b"100"), ("GNU.sparse.map", map.as_bytes())]);
        assert!(entries(&archive(&[header, content.clone()])).is_err(), "{map}");
    }
    let huge = pax(&[("GNU.sparse.major", b"1"), ("GNU.sparse.minor", b"0"), ("GNU.sparse.realsize", b"1")]);
    for map in ["999999999999\n", "2\n1\n", "x\n", "-1\n"] {
        let content = Part { content: map.into(), ..file("s", "") };
        assert!(entries(&archive(&[huge.clone(), content])).is_err(), "{map}");
    }
}
