//! Users of this host, by name or number. Only the agent asks; a launcher never does (S28).

use std::{ffi::CStr, ffi::CString, mem::MaybeUninit};

use meseta_spec::{Identity, UserRecord};

/// By name first, as the host's databases have it; then as a plain decimal uid that a user of this host has. Anything else is nobody (S8).
pub fn look_up(name: &str) -> Option<UserRecord> {
    if name.is_empty() {
        return None;
    }
    let by_name = CString::new(name).ok().and_then(|text| {
        // SAFETY: the text is terminated and lives across the call; entry, buffer and result are valid for writing, as `entry` guarantees.
        entry(|entry, buffer, result| unsafe {
            libc::getpwnam_r(text.as_ptr(), entry, buffer.as_mut_ptr().cast(), buffer.len(), result)
        })
    });
    by_name.or_else(|| {
        let uid = decimal(name)?;
        // SAFETY: as above.
        entry(|entry, buffer, result| unsafe { libc::getpwuid_r(uid, entry, buffer.as_mut_ptr().cast(), buffer.len(), result) })
    })
}

/// Exactly the digits of a uid: no sign, no blanks, no leading zero, nothing above what a uid can be.
fn decimal(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok().filter(|&uid| uid != u32::MAX) } else { None }
}

type Ask<'a> = dyn FnMut(*mut libc::passwd, &mut [u8], *mut *mut libc::passwd) -> libc::c_int + 'a;

fn entry<'a>(
    mut ask: impl FnMut(*mut libc::passwd, &mut [u8], *mut *mut libc::passwd) -> libc::c_int + 'a,
) -> Option<UserRecord> {
    let ask: &mut Ask<'a> = &mut ask;
    let mut buffer = vec![0; 4096];
    loop {
        let mut entry = MaybeUninit::<libc::passwd>::uninit();
        let mut result = std::ptr::null_mut();
        match ask(entry.as_mut_ptr(), &mut buffer, &mut result) {
            libc::ERANGE if buffer.len() < 1 << 20 => buffer = vec![0; buffer.len() * 2],
            0 if !result.is_null() => {
                // SAFETY: zero with a result means that the entry was filled in; its strings point into `buffer`, which lives on.
                return Some(unsafe { record(&*result) });
            }
            _ => return None,
        }
    }
}

/// # Safety
/// The entry was filled in by libc, and the buffer it points into is alive.
unsafe fn record(entry: &libc::passwd) -> UserRecord {
    let text = |pointer: *const libc::c_char| {
        if pointer.is_null() {
            return None;
        }
        // SAFETY: each is a terminated string in the entry's buffer.
        Some(unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned())
    };
    UserRecord {
        name: text(entry.pw_name).unwrap_or_default(),
        identity: Identity { uid: entry.pw_uid, gid: entry.pw_gid, groups: groups_of(entry) },
        home: text(entry.pw_dir),
        shell: text(entry.pw_shell),
    }
}

fn groups_of(entry: &libc::passwd) -> Vec<u32> {
    let mut groups = vec![0; 64];
    loop {
        let mut count = groups.len() as libc::c_int;
        // SAFETY: the name is terminated; `count` says how much room the vector has.
        let result = unsafe { libc::getgrouplist(entry.pw_name, entry.pw_gid, groups.as_mut_ptr(), &raw mut count) };
        if result >= 0 {
            groups.truncate(count as usize);
            return groups;
        }
        if groups.len() > 1 << 16 {
            return vec![entry.pw_gid];
        }
        groups = vec![0; (count as usize).max(groups.len() * 2)];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_found_by_name_and_by_number() {
        for name in ["root", "0"] {
            let user = look_up(name).expect("every host has it");
            assert_eq!((user.name.as_str(), user.identity.uid), ("root", 0));
        }
    }

    #[test]
    fn odd_names_are_nobody() {
        for name in ["", "-1", "00", "root ", " 0", "0x0", "4294967296", "4294967295", "1000:0:0", "4294967296:0", "ro\0ot", "+0"]
        {
            assert!(look_up(name).is_none(), "{name:?}");
        }
    }
}
