//! Archives become directories in one streaming pass: bytes as they come, their digest, decompressed, the digest of that, entries on disk, each by descriptor
//! inside the directory. Whatever an archive says, nothing outside of its directory is touched.
