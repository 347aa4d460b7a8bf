//! One vocabulary for what goes wrong: a step, the path it was about, and the kernel's errno.

use std::{fmt, io, path::Path};

use meseta_spec::StepFailure;
use rustix::io::Errno;

/// A step that failed. Reads as `could not <step> <path>: <sentence>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub step: &'static str,
    pub path: Option<String>,
    /// Zero where no system call failed.
    pub errno: i32,
    pub sentence: String,
}

pub type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    /// For what is wrong without a system call having said so.
    pub fn because(step: &'static str, sentence: impl Into<String>) -> Self {
        Failure { step, path: None, errno: 0, sentence: sentence.into() }
    }

    pub fn at(mut self, path: impl AsRef<Path>) -> Self {
        self.path = Some(path.as_ref().display().to_string());
        self
    }

    pub fn is(&self, errno: Errno) -> bool {
        self.errno == errno.raw_os_error()
    }

    pub fn record(&self) -> StepFailure {
        StepFailure {
            step: self.step.to_owned(),
            path: self.path.clone(),
            errno: self.errno,
            detail: Some(self.sentence.clone()),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(out, "could not {} {}: {}", self.step, path, self.sentence),
            None => write!(out, "could not {}: {}", self.step, self.sentence),
        }
    }
}

impl std::error::Error for Failure {}

/// The kernel's words for an errno, as they stand inside a sentence: `no such file or directory`.
pub fn sentence_of(errno: i32) -> String {
    let text = io::Error::from_raw_os_error(errno).to_string();
    let words = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => text,
    }
}

/// Names the step in which an error happened.
pub trait Step<T> {
    fn step(self, step: &'static str) -> Result<T>;

    fn step_at(self, step: &'static str, path: impl AsRef<Path>) -> Result<T>
    where
        Self: Sized,
    {
        self.step(step).map_err(|failure| failure.at(path))
    }
}

impl<T> Step<T> for std::result::Result<T, Errno> {
    fn step(self, step: &'static str) -> Result<T> {
        self.map_err(|errno| Failure {
            step,
            path: None,
            errno: errno.raw_os_error(),
            sentence: sentence_of(errno.raw_os_error()),
        })
    }
}

impl<T> Step<T> for io::Result<T> {
    fn step(self, step: &'static str) -> Result<T> {
        self.map_err(|error| match error.raw_os_error() {
            Some(errno) => Failure { step, path: None, errno, sentence: sentence_of(errno) },
            None => Failure::because(step, error.to_string()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_reads_as_a_sentence() {
        let failure = Err::<(), _>(Errno::NOENT).step_at("mount", "/data/in").expect_err("failed");
        assert_eq!(failure.to_string(), "could not mount /data/in: no such file or directory");
        assert!(failure.is(Errno::NOENT));
    }
}
