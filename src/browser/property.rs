//! Properties of JavaScript values that have no type of their own here, or that not every browser has.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// A property, `undefined` where there is none.
#[must_use]
pub fn get(value: &JsValue, name: &str) -> JsValue {
    // Only what is no object refuses.
    Reflect::get(value, &JsValue::from_str(name)).unwrap_or_default()
}

/// A property, which is `undefined` from then on.
#[must_use]
pub fn take(value: &JsValue, name: &str) -> JsValue {
    let taken = get(value, name);
    // Only what is no object refuses, and that has none.
    let _ = Reflect::set(value, &JsValue::from_str(name), &JsValue::UNDEFINED);
    taken
}

/// Sets a property. A browser that does not know it ignores it.
pub fn set(object: &JsValue, name: &str, value: &JsValue) {
    // Only what is no object refuses.
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}

/// A property, if it is a string with something in it.
#[must_use]
pub fn string(value: &JsValue, name: &str) -> Option<String> {
    get(value, name).as_string().filter(|text| !text.is_empty())
}

/// A property, if it is a number.
#[must_use]
pub fn number(value: &JsValue, name: &str) -> Option<f64> {
    get(value, name).as_f64()
}
