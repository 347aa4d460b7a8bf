//! A shared library that is opened at run time.

use std::{
    ffi::{CStr, CString, c_void},
    ptr::NonNull,
};

use crate::failure::{Failure, Result};

pub struct Library {
    name: String,
    handle: NonNull<c_void>,
}

impl Library {
    pub fn open(name: &str) -> Result<Self> {
        let text = CString::new(name).map_err(|_| Failure::because("load", "its name holds a NUL byte").at(name))?;
        // SAFETY: the name is terminated. What a library does when it is loaded is its own business; the operator names it.
        let handle = unsafe { libc::dlopen(text.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        match NonNull::new(handle) {
            Some(handle) => Ok(Library { name: name.to_owned(), handle }),
            None => Err(Failure::because("load", last_error()).at(name)),
        }
    }

    /// # Safety
    ///
    /// `F` is the type of a C function pointer, and the one that the library's function of that name has. It is not called after the library is closed.
    pub unsafe fn function<F: Copy>(&self, name: &CStr) -> Result<F> {
        assert_eq!(size_of::<F>(), size_of::<*mut c_void>(), "a function pointer");
        // SAFETY: handle and name are valid.
        let address = unsafe { libc::dlsym(self.handle.as_ptr(), name.as_ptr()) };
        if address.is_null() {
            let sentence = format!("it has no function {}", name.to_string_lossy());
            return Err(Failure::because("use", sentence).at(&self.name));
        }
        // SAFETY: of the same size, and of the right type as the caller promises.
        Ok(unsafe { std::mem::transmute_copy(&address) })
    }

    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        // SAFETY: it was opened once and is closed once; functions do not outlive it, as `function` asks.
        unsafe { libc::dlclose(self.handle.as_ptr()) };
    }
}

fn last_error() -> String {
    // SAFETY: the text is the thread's own, and copied before the next call.
    unsafe {
        let text = libc::dlerror();
        if text.is_null() { "no reason is given".to_owned() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
    }
}
