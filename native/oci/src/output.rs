//! What a command prints. A reader that has left is no failure.

use std::{fmt::Display, io::Write};

pub fn line(text: impl Display) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
