//! Where complaints go: errors to stderr always, and to the file of `--log`, which callers read to learn why something failed.

use std::{fs::OpenOptions, io::Write, path::PathBuf};

use crate::clock;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
}

pub struct Log {
    pub file: Option<PathBuf>,
    pub format: Format,
}

impl Log {
    pub fn error(&self, sentence: &str) {
        eprintln!("meseta-oci: error: {sentence}");
        self.to_file("error", sentence);
    }

    /// Of what the configuration asks for and cannot be meant. Without a file it would be lost.
    pub fn warning(&self, sentence: &str) {
        if self.file.is_none() {
            eprintln!("meseta-oci: warning: {sentence}");
        }
        self.to_file("warning", sentence);
    }

    /// Of what this host lacks: for who looks for it.
    pub fn remark(&self, sentence: &str) {
        self.to_file("warning", sentence);
    }

    /// What cannot be logged must not fail what is done.
    fn to_file(&self, level: &str, sentence: &str) {
        let Some(path) = &self.file else { return };
        let Ok(mut file) = OpenOptions::new().append(true).create(true).open(path) else { return };
        let line = match self.format {
            Format::Json => serde_json::json!({ "level": level, "msg": sentence, "time": clock::now() }).to_string(),
            Format::Text => format!("time={:?} level={level} msg={sentence:?}", clock::now()),
        };
        let _ = file.write_all(format!("{line}\n").as_bytes());
    }
}
