//! The pages of this program, which its forks are to have in place.

use std::{ffi::c_void, fs::File, os::unix::fs::FileExt, slice};

// SAFETY: the linker defines both for every static program; they stand for addresses.
unsafe extern "C" {
    /// The first byte of what is read, and the first one behind the code, by the linker.
    static __executable_start: u8;
    static etext: u8;
}

/// A fork gets page tables only of mappings that have pages of their own; of others it looks up the same pages anew, fault by fault: half of all that a
/// start has. So each mapping gets one, by a byte that is written as it was, the way a debugger does it. Where that is forbidden all works as well.
pub fn hand_on() {
    let (start, end) = (&raw const __executable_start, &raw const etext);
    if let Ok(memory) = File::options().write(true).open("/proc/self/mem") {
        for byte in [start, (hand_on as fn()) as *const u8] {
            // SAFETY: a byte of the program itself, which nobody changes.
            let _ = memory.write_at(unsafe { slice::from_raw_parts(byte, 1) }, byte as u64);
        }
    }
    // SAFETY: only looks up what is mapped there. Its start is that of a page.
    unsafe { libc::madvise(start as *mut c_void, end as usize - start as usize, libc::MADV_POPULATE_READ) };
}
