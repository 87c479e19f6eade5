//! When the network may be back, or another one: signs that what seemed lost is worth another try.

use std::rc::Rc;

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{Event, EventTarget};

use crate::browser::{page, property};

/// Calls back at each sign, for as long as the listeners live.
pub fn listen(on_wake: &Rc<dyn Fn()>) -> Vec<EventListener> {
    let (window, document) = (page::window(), page::document());
    let connection = property::get(&window.navigator(), "connection");
    // `resume` is of the Page Lifecycle API, `change` of the Network Information API: in Chromium only.
    let signs: [(&EventTarget, &[&'static str]); 3] = [
        (&window, &["online", "pageshow"]),
        (&document, &["visibilitychange", "resume"]),
        (connection.unchecked_ref(), &["change"]),
    ];
    let mut listeners = Vec::new();
    for (target, events) in signs {
        for &event in events.iter().filter(|_| target.is_object()) {
            let on_wake = Rc::clone(on_wake);
            listeners.push(EventListener::new(target, event, move |event| {
                if is_sign(event) {
                    on_wake();
                }
            }));
        }
    }
    listeners
}

fn is_sign(event: &Event) -> bool {
    match event.type_().as_str() {
        "visibilitychange" => !page::is_hidden(),
        // Else the page is new.
        "pageshow" => property::get(event, "persisted").is_truthy(),
        _ => true,
    }
}
