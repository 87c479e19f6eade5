//! Dictionaries of the browser's interfaces (Web IDL, section 2.7), to and from Rust.

use js_sys::JSON;
use serde::Serialize;
use serde::de::DeserializeOwned;
use visavis_protocol::json;
use wasm_bindgen::JsValue;

/// Makes a dictionary; what is `None` is left out of it. `None`: the value has no form in JavaScript.
pub fn write(value: &impl Serialize) -> Option<JsValue> {
    serde_wasm_bindgen::to_value(value).ok()
}

/// Reads a dictionary, or an object that turns itself into one (`toJSON`). `None`: it is no `T`.
#[must_use]
pub fn read<T: DeserializeOwned>(dictionary: &JsValue) -> Option<T> {
    // As text, since that is what the wire has, and the bundle has the code for it anyway.
    let text = JSON::stringify(dictionary).ok()?;
    json::from_text(&String::from(text)).ok()
}
