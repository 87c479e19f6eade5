//! The check before a call: a page of its own, in a WebAssembly binary of its own (`src/bin/check.rs`), which is
//! loaded when somebody opens the address `?check`. It tries everything that a call needs, and says what works and
//! what to do about the rest.
//!
//! ```text
//! page ──► probes ──► browser, signaling      what there is
//!   └────► judgement                          what that means, in sentences (pure)
//! ```

use std::future::pending;
use std::rc::Rc;

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::PageTransitionEvent;

use crate::browser;

mod judgement;
mod page;
mod probes;

/// Shows the check, until the page goes.
pub async fn run() {
    let Some(page) = page::Page::show() else { return };
    let _clicks = page.listen();
    // The lights go out even if the browser keeps the page for a way back.
    let leaving = Rc::clone(&page);
    let _gone = EventListener::new(&browser::page::window(), "pagehide", move |_| leaving.stop());
    let _back = EventListener::new(&browser::page::window(), "pageshow", |event| {
        if event.unchecked_ref::<PageTransitionEvent>().persisted() {
            browser::page::reload();
        }
    });
    pending().await
}
