//! All of a file to another, by descriptor: shared where the file system can, else within the kernel, else by hand.

use std::{fs::File, os::unix::fs::FileExt, sync::atomic::Ordering};

use meseta_isolation::failure::{Failure, Result, Step};
use rustix::{
    fs::{copy_file_range, fstat, ioctl_ficlone},
    io::Errno,
};

use super::{ABANDONED, Stop};

const STEP: &str = "copy the file";
/// At once, between two looks whether it is still wanted.
const PIECE: usize = 8 << 20;

pub fn copy(from: &File, to: &File, most: u64, stop: &Stop) -> Result<u64> {
    let size = fstat(from).step(STEP)?.st_size as u64;
    refuse_more(size, most)?;
    if ioctl_ficlone(to, from).is_ok() {
        return Ok(size);
    }
    let mut at = 0;
    loop {
        if stop.load(Ordering::Relaxed) {
            return Err(Failure::because(STEP, ABANDONED));
        }
        let copied = match copy_file_range(from, Some(&mut { at }), to, Some(&mut { at }), PIECE) {
            Ok(count) => count,
            // Between file systems that cannot, or on a kernel that does not.
            Err(Errno::XDEV | Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => by_hand(from, to, at)?,
            Err(errno) => return Err(errno).step(STEP),
        };
        if copied == 0 {
            return Ok(at);
        }
        at += copied as u64;
        refuse_more(at, most)?;
    }
}

fn by_hand(from: &File, to: &File, at: u64) -> Result<usize> {
    let mut buffer = vec![0; 256 << 10];
    let count = from.read_at(&mut buffer, at).step(STEP)?;
    to.write_all_at(&buffer[..count], at).step(STEP)?;
    Ok(count)
}

/// It may grow while it is copied.
fn refuse_more(size: u64, most: u64) -> Result<()> {
    if size <= most { Ok(()) } else { Err(Failure::because(STEP, format!("it is larger than {most} bytes"))) }
}
