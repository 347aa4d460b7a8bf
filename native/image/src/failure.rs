//! What the room says when something is wrong, and how it passes through readers that know only `io::Error`.

use std::{io, path::Path};

use meseta_isolation::failure::{Failure, Result, Step};

pub const READ: &str = "read the archive";
pub const UNPACK: &str = "unpack";

/// Of an archive that is not as it should be.
pub fn malformed(sentence: impl Into<String>) -> Failure {
    Failure::because(READ, sentence)
}

/// Somebody does not want it any more; nobody reads the sentence.
pub fn abandoned() -> Failure {
    Failure::because(ABANDONED, "it was abandoned")
}

const ABANDONED: &str = "finish the archive";

pub fn is_abandoned(failure: &Failure) -> bool {
    failure.step == ABANDONED
}

pub fn through_io(failure: Failure) -> io::Error {
    io::Error::other(failure)
}

/// What a decoder says, or what came through it.
pub fn from_io(error: io::Error) -> Failure {
    if error.get_ref().is_some_and(|inner| inner.is::<Failure>()) {
        return match error.into_inner().map(|inner| inner.downcast::<Failure>()) {
            Some(Ok(failure)) => *failure,
            _ => malformed("its reason was lost"),
        };
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => malformed("it breaks off in the middle"),
        _ if error.raw_os_error().is_some() => Err::<(), _>(error).step(READ).expect_err("it is an error"),
        _ => malformed(format!("its compressed data is damaged ({error})")),
    }
}

/// Names the entry that could not be placed.
pub trait Named<T> {
    fn named(self, entry: &[u8]) -> Result<T>;
}

impl<T> Named<T> for std::result::Result<T, rustix::io::Errno> {
    fn named(self, entry: &[u8]) -> Result<T> {
        self.step_at(UNPACK, shown(entry))
    }
}

impl<T> Named<T> for std::io::Result<T> {
    fn named(self, entry: &[u8]) -> Result<T> {
        self.step_at(UNPACK, shown(entry))
    }
}

pub fn refused(entry: &[u8], sentence: impl Into<String>) -> Failure {
    Failure::because(UNPACK, sentence).at(shown(entry))
}

/// Names of an archive are anybody's; what is told of them is bounded and has no control characters.
pub fn shown(name: &[u8]) -> impl AsRef<Path> {
    const LONGEST: usize = 300;
    let text = String::from_utf8_lossy(&name[..name.len().min(LONGEST)]);
    let mut text: String = text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect();
    if name.len() > LONGEST {
        text.push('…');
    }
    if text.is_empty() { ".".to_owned() } else { text }
}
