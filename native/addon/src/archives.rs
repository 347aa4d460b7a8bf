//! Archives across the border: messages of proto/native in, `ArchiveEvents` out.

use std::sync::Arc;

use meseta_image::{Archives, Deliver};
use meseta_spec::UnpackRequest;
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi_derive::napi;

use crate::{
    bytes::{Bytes, OnEvents},
    decoded,
};

/// Every operation completes as an event under its number.
#[napi]
pub struct NativeArchives {
    archives: Archives,
}

#[napi]
impl NativeArchives {
    /// `on_events` is called with `ArchiveEvents`.
    #[napi(constructor, catch_unwind)]
    pub fn new(on_events: OnEvents) -> Self {
        let deliver: Deliver = Arc::new(move |events| {
            on_events.call(Bytes::of(&events), ThreadsafeFunctionCallMode::NonBlocking);
        });
        NativeArchives { archives: Archives::new(deliver) }
    }

    /// `UnpackRequest` → `Unpacked`.
    #[napi(catch_unwind)]
    pub fn unpack(&self, operation: u32, request: &[u8]) {
        match decoded::<UnpackRequest>(request) {
            Ok(request) => self.archives.unpack(operation, request),
            Err(failure) => self.archives.refuse(operation, failure),
        }
    }

    /// False: progress says `drained` when more may come.
    #[napi(catch_unwind)]
    pub fn feed(&self, operation: u32, bytes: &[u8]) -> bool {
        self.archives.feed(operation, bytes)
    }

    #[napi(catch_unwind)]
    pub fn end_feed(&self, operation: u32) {
        self.archives.end_feed(operation);
    }

    #[napi(catch_unwind)]
    pub fn abandon(&self, operation: u32) {
        self.archives.abandon(operation);
    }

    /// → `ArchiveIndex`.
    #[napi(catch_unwind)]
    pub fn index(&self, operation: u32, path: String) {
        self.archives.index(operation, path);
    }

    #[napi(catch_unwind)]
    pub fn adopt(&self, operation: u32, directory: String, implied: Vec<&[u8]>, below: Vec<String>) {
        let implied = implied.iter().map(|path| path.to_vec()).collect();
        self.archives.adopt(operation, directory, implied, below);
    }

    #[napi(catch_unwind)]
    pub fn flush(&self, operation: u32, directory: String) {
        self.archives.flush(operation, directory);
    }

    /// May be called twice.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        self.archives.close();
    }
}
