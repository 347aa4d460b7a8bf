//! Digests of a stream: always sha256, and the one that was asked for.

use meseta_isolation::failure::{Failure, Result};
use sha2::{Digest, Sha256, Sha512};

pub struct Digests {
    sha256: Sha256,
    sha512: Option<Sha512>,
    expected: Option<String>,
}

pub const DIGEST: &str = "verify the digest of";

impl Digests {
    /// `expected` as `sha256:<hex>` or `sha512:<hex>`.
    pub fn new(expected: Option<&str>) -> Result<Self> {
        let sha512 = match expected.and_then(|text| text.split_once(':')) {
            Some(("sha256", hex)) if is_hex(hex, 64) => None,
            Some(("sha512", hex)) if is_hex(hex, 128) => Some(Sha512::new()),
            None if expected.is_none() => None,
            _ => return Err(Failure::because("verify a digest", "only sha256: and sha512: in lower case hex are known")),
        };
        Ok(Digests { sha256: Sha256::new(), sha512, expected: expected.map(str::to_owned) })
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        if let Some(sha512) = &mut self.sha512 {
            sha512.update(bytes);
        }
    }

    /// The sha256. Another digest than the expected one is an error; `what` names the stream.
    pub fn finish(self, what: &str) -> Result<String> {
        let sha256 = format!("sha256:{}", hex(&self.sha256.finalize()));
        let got = match self.sha512 {
            Some(sha512) => format!("sha512:{}", hex(&sha512.finalize())),
            None => sha256.clone(),
        };
        match self.expected {
            Some(expected) if expected != got => {
                Err(Failure::because(DIGEST, format!("it is {got}, and {expected} was expected")).at(what))
            }
            _ => Ok(sha256),
        }
    }
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|letter| matches!(letter, b'0'..=b'9' | b'a'..=b'f'))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn the_digest_of_nothing_is_known() {
        assert_eq!(Digests::new(Some(EMPTY)).expect("known").finish("x").expect("equal"), EMPTY);
        let sha512 = format!("sha512:{}", hex(&Sha512::digest(b"abc")));
        let mut digests = Digests::new(Some(&sha512)).expect("known");
        digests.update(b"abc");
        assert!(digests.finish("x").expect("equal").starts_with("sha256:ba7816bf"));
    }

    #[test]
    fn another_digest_is_named() {
        let mut digests = Digests::new(Some(EMPTY)).expect("known");
        digests.update(b"x");
        let failure = digests.finish("the archive").expect_err("differs").to_string();
        assert!(failure.contains(EMPTY) && failure.contains("sha256:2d711642"), "{failure}");
    }

    #[test]
    fn what_is_no_digest_is_refused() {
        for text in ["", "sha256:", "sha256:E3", "md5:d41d8cd98f00b204e9800998ecf8427e", "sha512:e3b0", &EMPTY.to_uppercase()] {
            assert!(Digests::new(Some(text)).is_err(), "{text}");
        }
    }
}
