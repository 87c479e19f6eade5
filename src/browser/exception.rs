//! What the browser throws.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// The name of an exception (`NotAllowedError`, `InvalidStateError`, …), which tells what happened; its message
/// is for developers, differs between browsers, and may hold addresses.
#[must_use]
pub fn name_of(thrown: &JsValue) -> String {
    string_property(thrown, "name").unwrap_or_else(|| "UnknownError".to_owned())
}

/// A property of a thrown value, if it is a string with something in it.
#[must_use]
pub fn string_property(value: &JsValue, property: &str) -> Option<String> {
    let text = Reflect::get(value, &JsValue::from_str(property))
        .ok()?
        .as_string()?;
    (!text.is_empty()).then_some(text)
}
