//! A message on its way to Node. It becomes a copy that V8 owns: memory of ours, which V8 must tell us to free, costs several times as much as copying
//! the few hundred bytes that messages have.

use meseta_spec::Message;
use napi::{Result, Status, bindgen_prelude::ToNapiValue, check_status, sys, threadsafe_function::ThreadsafeFunction};

pub struct Bytes(Vec<u8>);

/// Weak: events that may still come do not keep the process alive.
pub type OnEvents = ThreadsafeFunction<Bytes, (), Bytes, Status, false, true>;

impl Bytes {
    pub fn of(message: &impl Message) -> Self {
        Bytes(message.encode_to_vec())
    }
}

impl ToNapiValue for Bytes {
    // SAFETY: the trait's own condition, which who calls it keeps: `env` is that of this thread.
    unsafe fn to_napi_value(env: sys::napi_env, Bytes(bytes): Self) -> Result<sys::napi_value> {
        let (mut copy, mut value) = (std::ptr::null_mut(), std::ptr::null_mut());
        // SAFETY: `env` as said above; the bytes live across the call, and both results are written to living places.
        let status =
            unsafe { sys::napi_create_buffer_copy(env, bytes.len(), bytes.as_ptr().cast(), &raw mut copy, &raw mut value) };
        check_status!(status, "cannot make a buffer")?;
        Ok(value)
    }
}
