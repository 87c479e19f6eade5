//! Dictionaries of the browser's interfaces (Web IDL, section 2.7), made of Rust's structures.

use serde::Serialize;
use wasm_bindgen::JsValue;

/// Makes a dictionary; what is `None` is left out of it. `None`: the value has no form in JavaScript.
pub fn write(value: &impl Serialize) -> Option<JsValue> {
    serde_wasm_bindgen::to_value(value).ok()
}
