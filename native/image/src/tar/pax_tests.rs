use super::*;
use crate::testing::record;

fn parsed(bytes: &[u8]) -> Result<Pax> {
    Pax::parse(bytes)
}

#[test]
fn records_are_read_in_order_and_the_last_counts() {
    let all = [record("path", b"a"), record("path", b"b"), record("uid", b"7"), record("size", b"123")].concat();
    let pax = parsed(&all).expect("read");
    assert_eq!((pax.path, pax.uid, pax.size), (Some(b"b".to_vec()), Some(7), Some(123)));
    assert_eq!(parsed(&[record("path", b"a"), record("path", b"")].concat()).expect("read").path, None);
}

#[test]
fn malformed_records_are_refused() {
    let bad: [&[u8]; 12] = [
        b"path=a\n",
        b"9path=aa\n",
        b"-9 path=a\n",
        b"+9 path=a\n",
        b"99 path=a\n",
        b"9 path=ab",
        b"5 =a\n",
        b"7 patha\n",
        b"10 path=\0a\n",
        b"11 size=-12\n",
        b"99999999999999999999 path=a\n",
        b"0 path=a\n",
    ];
    for bytes in bad {
        assert!(parsed(bytes).is_err(), "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn times_have_decimals_and_signs() {
    let read = |text: &[u8]| time(text).map(|time| (time.seconds, time.nanoseconds)).ok();
    assert_eq!(read(b"12"), Some((12, 0)));
    assert_eq!(read(b"12.5"), Some((12, 500_000_000)));
    assert_eq!(read(b"12.0000000019"), Some((12, 1)));
    assert_eq!(read(b"-1.25"), Some((-2, 750_000_000)));
    assert_eq!(read(b"-3"), Some((-3, 0)));
    for bad in [&b"1.-2"[..], b"--1", b"1e5", b".", b"1.2.3"] {
        assert_eq!(read(bad), None, "{bad:?}");
    }
}

#[test]
fn attributes_come_in_two_spellings() {
    let all = [
        record("SCHILY.xattr.user.a", b"\0\n\x01"),
        record("LIBARCHIVE.xattr.user.%61", b"eHl6"),
        record("LIBARCHIVE.xattr.user%2Eb", b"eHl6eA=="),
    ];
    let pax = parsed(&all.concat()).expect("read");
    assert_eq!(pax.xattrs, [(b"user.a".to_vec(), vec![0, b'\n', 1]), (b"user.b".to_vec(), b"xyzx".to_vec())]);
}
