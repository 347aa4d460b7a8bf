//! The program; all else is in the library, so that tests and the fuzzer reach it.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(meseta_oci::run(std::env::args().skip(1).collect()))
}
