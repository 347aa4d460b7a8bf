//! Files of tasks.

use std::sync::Arc;

use meseta_image::user_files::{Deliver, Operation, UserFiles, borrowed};
use meseta_isolation::failure::Result;
use meseta_spec::{Identity, UserPlace};
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi_derive::napi;

use crate::{
    bytes::{Bytes, OnEvents},
    decoded, decoded_or_none,
};

/// Every method completes as an event under `operation`. Descriptors in its arguments stay the caller's.
#[napi]
pub struct NativeUserFiles {
    files: UserFiles,
}

#[napi]
impl NativeUserFiles {
    /// `on_events` is called with `ArchiveEvents`.
    #[napi(constructor, catch_unwind)]
    pub fn new(on_events: OnEvents) -> Self {
        let deliver: Deliver = Arc::new(move |events| {
            on_events.call(Bytes::of(&events), ThreadsafeFunctionCallMode::NonBlocking);
        });
        NativeUserFiles { files: UserFiles::new(deliver) }
    }

    /// `Identity` or the agent's own → `UserFile`.
    #[napi(catch_unwind)]
    pub fn open(&self, operation: u32, path: String, user: Option<&[u8]>) {
        let user = decoded_or_none::<Identity>(user);
        self.files.begin(operation, user.map(|user| Operation::Open { path, user }));
    }

    /// `UserPlace` → `UserFile`.
    #[napi(catch_unwind)]
    pub fn create(&self, operation: u32, place: &[u8]) {
        self.files.begin(operation, decoded(place).map(Operation::Create));
    }

    /// Of at most so many bytes → their number, as eight bytes, little endian.
    #[napi(catch_unwind)]
    pub fn copy(&self, operation: u32, from: u32, to: u32, most: f64) {
        let both = || -> Result<_> { Ok(Operation::Copy { from: borrowed(from)?, to: borrowed(to)?, most: most as u64 }) };
        self.files.begin(operation, both());
    }

    /// `FinishRequest` →.
    #[napi(catch_unwind)]
    pub fn finish(&self, operation: u32, request: &[u8]) {
        let read = || -> Result<_> {
            let request: meseta_spec::FinishRequest = decoded(request)?;
            let file = request.descriptor.map(borrowed).transpose()?;
            Ok(Operation::Finish(request, file))
        };
        self.files.begin(operation, read());
    }

    /// `ExtractRequest` → `Extracted`.
    #[napi(catch_unwind)]
    pub fn extract(&self, operation: u32, request: &[u8]) {
        let read = || -> Result<_> {
            let request: meseta_spec::ExtractRequest = decoded(request)?;
            let file = borrowed(request.descriptor)?;
            Ok(Operation::Extract(request, file))
        };
        self.files.begin(operation, read());
    }

    /// To the `UserPlace` of a log file →.
    #[napi(catch_unwind)]
    pub fn append(&self, operation: u32, place: &[u8], text: &[u8]) {
        self.files.begin(operation, decoded::<UserPlace>(place).map(|place| Operation::Append { place, text: text.to_vec() }));
    }

    #[napi(catch_unwind)]
    pub fn abandon(&self, operation: u32) {
        self.files.abandon(operation);
    }

    /// May be called twice.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        self.files.close();
    }
}
