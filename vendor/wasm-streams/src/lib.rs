//! Stands in for the crate `wasm-streams`, which leptos pulls in for the streams of server functions.
//!
//! That crate exports JavaScript classes, and what is exported stays in the bundle whether it is used or not: with
//! all that they need, some four kilobytes after compression. visavis has no server functions, so nothing here is
//! ever called. It has just what leptos needs to compile, and says so if it is called after all.

use futures_util::stream::{Empty, Stream};
use wasm_bindgen::JsValue;
use web_sys::ReadableStream as RawStream;

/// A stream of the browser.
#[derive(Debug)]
pub struct ReadableStream {
    raw: RawStream,
}

impl ReadableStream {
    /// Takes a stream of the browser.
    #[must_use]
    pub fn from_raw(raw: RawStream) -> Self {
        Self { raw }
    }

    /// Gives it back.
    #[must_use]
    pub fn into_raw(self) -> RawStream {
        self.raw
    }

    /// Would make a stream of the browser from one of Rust.
    ///
    /// # Panics
    /// Always.
    #[must_use]
    pub fn from_stream(_: impl Stream<Item = Result<JsValue, JsValue>> + 'static) -> Self {
        panic!("visavis is built without the streams of server functions: see vendor/wasm-streams")
    }

    /// Would make a stream of Rust from one of the browser.
    ///
    /// # Panics
    /// Always.
    pub fn into_stream(self) -> Empty<Result<JsValue, JsValue>> {
        panic!("visavis is built without the streams of server functions: see vendor/wasm-streams")
    }
}
