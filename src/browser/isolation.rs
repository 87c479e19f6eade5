//! What may panic without ending the page.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::prelude::*;

/// Runs what may panic. `None`: it has. What it held is lost then, so it should not be run again and again.
///
/// A panic ends in a trap here, which JavaScript takes for an exception: one that goes through a function of
/// JavaScript can be caught there.
pub fn isolated<T: 'static>(run: impl FnOnce() -> T + 'static) -> Option<T> {
    let result = Rc::new(RefCell::new(None));
    let place = Rc::clone(&result);
    let run = Closure::once_into_js(move || {
        let value = run();
        place.replace(Some(value));
    });
    run.unchecked_ref::<Function>().call0(&JsValue::UNDEFINED).ok()?;
    result.take()
}
