//! Numbers as headers have them: octal digits, or for large ones base 256.

use meseta_isolation::failure::Result;

use crate::failure::malformed;

/// Octal between blanks, as everybody writes it; empty is zero. With the highest bit set: big-endian, and negative if the next one is set too.
pub fn field(bytes: &[u8], what: &str) -> Result<i64> {
    if bytes[0] & 0x80 != 0 { binary(bytes, what) } else { octal(bytes, what) }
}

/// As `field`, of what cannot be negative.
pub fn natural(bytes: &[u8], what: &str) -> Result<u64> {
    u64::try_from(field(bytes, what)?).map_err(|_| malformed(format!("its {what} is negative")))
}

fn octal(bytes: &[u8], what: &str) -> Result<i64> {
    let is_blank = |byte: &&u8| matches!(byte, b' ' | 0);
    let begin = bytes.iter().take_while(|byte| **byte == b' ').count();
    let digits = bytes[begin..].iter().take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    let after = &bytes[begin + digits..];
    // What follows the first NUL does not count for anybody; before it there are blanks only.
    let counted = after.iter().take_while(|byte| **byte != 0).count();
    if !after[..counted].iter().all(|byte| is_blank(&byte)) {
        return Err(malformed(format!("its {what} is no number")));
    }
    // Twelve digits at most, so there is no overflow.
    Ok(bytes[begin..begin + digits].iter().fold(0, |value, digit| value * 8 + i64::from(digit - b'0')))
}

fn binary(bytes: &[u8], what: &str) -> Result<i64> {
    let negative = bytes[0] & 0x40 != 0;
    let mut value: i128 = if negative { -1 } else { 0 };
    for (index, byte) in bytes.iter().enumerate() {
        let byte = if index == 0 && !negative { byte & 0x7f } else { *byte };
        value = value << 8 | i128::from(byte);
        if i64::try_from(value).is_err() {
            return Err(malformed(format!("its {what} is too large")));
        }
    }
    i64::try_from(value).map_err(|_| malformed(format!("its {what} is too large")))
}

/// Decimal digits and nothing else.
pub fn decimal(text: &[u8], what: &str) -> Result<u64> {
    let number = std::str::from_utf8(text).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let value = number.and_then(|text| text.parse::<u64>().ok()).filter(|value| i64::try_from(*value).is_ok());
    value.ok_or_else(|| malformed(format!("its {what} is no number")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Option<i64> {
        field(bytes, "size").ok()
    }

    #[test]
    fn octal_is_read_as_everybody_writes_it() {
        assert_eq!(read(b"00000000017\0"), Some(15));
        assert_eq!(read(b"      17 \0\0\0"), Some(15));
        assert_eq!(read(b"777777777777"), Some(0o777_777_777_777));
        assert_eq!(read(b"\0\0\0\0\0\0\0\0\0\0\0\0"), Some(0));
        assert_eq!(read(b"17\0garbage\0\0"), Some(15));
        for bad in [
            &b"-0000000017\0"[..],
            b"0x000000017\0",
            b"8\0\0\0\0\0\0\0\0\0\0\0",
            b"1 7\0\0\0\0\0\0\0\0\0",
            b"+17\0\0\0\0\0\0\0\0\0",
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn base_256_is_signed_and_bounded() {
        assert_eq!(read(b"\x80\0\0\0\0\0\0\0\0\0\x01\x02"), Some(258));
        assert_eq!(read(&[0xff; 12]), Some(-1));
        assert_eq!(read(b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff"), Some(i64::MAX));
        assert_eq!(read(b"\x80\0\0\0\x80\0\0\0\0\0\0\0"), None);
        assert_eq!(read(b"\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), None);
        assert!(natural(&[0xff; 12], "size").is_err());
    }

    #[test]
    fn decimal_has_digits_only() {
        assert_eq!(decimal(b"12", "size").ok(), Some(12));
        for bad in [&b""[..], b"-1", b"+1", b" 1", b"1 ", b"0x1", b"9223372036854775808", b"99999999999999999999999", b"1\0"] {
            assert!(decimal(bad, "size").is_err(), "{bad:?}");
        }
    }
}
