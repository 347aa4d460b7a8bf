//! Archives become directories in one streaming pass: bytes as they come, their digest, decompressed, the digest of that, entries on disk, each by descriptor
//! inside the directory. Whatever an archive says, nothing outside of its directory is touched.

mod adopt;
#[cfg(test)]
mod arbitrary_tests;
mod block;
#[cfg(test)]
mod breakout_tests;
#[cfg(test)]
#[path = "../../isolation/src/chance.rs"]
#[allow(dead_code, reason = "each crate uses its part")]
mod chance;
mod decompress;
mod digest;
mod engine;
mod extract;
mod failure;
mod feed;
mod file_source;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod incoming;
mod index;
mod inflate;
mod metadata;
mod names;
mod parents;
mod place;
mod progress;
mod raw;
mod tar;
#[cfg(any(test, fuzzing))]
#[cfg_attr(fuzzing, allow(dead_code, reason = "the fuzzer needs the place, and brings its own archives"))]
mod testing;
mod trail;
mod unpack;
pub mod user_files;
mod whiteout;
#[cfg(test)]
mod whiteout_tests;

pub use engine::{Archives, Deliver};
pub use whiteout::is_opaque_at as is_opaque;
