//! Handing a text to another program of the device (W3C Web Share).

use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::{page, property};

#[wasm_bindgen]
extern "C" {
    // web-sys has this behind an unstable flag.
    #[wasm_bindgen(catch, js_namespace = navigator)]
    fn share(data: &Object) -> Result<Promise, JsValue>;
}

/// Whether the browser can: most on phones, some elsewhere.
#[must_use]
pub fn is_possible() -> bool {
    Reflect::has(&page::window().navigator(), &JsValue::from_str("share")).unwrap_or(false)
}

/// Lets the person choose a program, and hands the text to it.
pub fn text(text: &str) {
    let data = Object::new();
    property::set(&data, "text", &JsValue::from_str(text));
    if let Ok(shared) = share(&data) {
        spawn_local(async move {
            // Whoever changes their mind has shared nothing, which is no fault.
            let _ = JsFuture::from(shared).await;
        });
    }
}
