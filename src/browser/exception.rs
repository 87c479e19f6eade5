//! What the browser throws.

use wasm_bindgen::JsValue;

use crate::browser::property;

/// The name of an exception (`NotAllowedError`, `InvalidStateError`, …), which tells what happened; its
/// message is for developers, differs between browsers, and may hold addresses.
#[must_use]
pub fn name_of(thrown: &JsValue) -> String {
    property::string(thrown, "name").unwrap_or_else(|| "UnknownError".to_owned())
}
