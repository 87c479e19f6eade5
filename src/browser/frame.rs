//! When the page draws next.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use wasm_bindgen::prelude::*;

use crate::browser::page;

/// How many milliseconds a page waits for a frame. One in the background draws none.
const PATIENCE: u32 = 100;

/// The next frame, or the time when none is to be expected any more. Dropped, it calls back no longer.
pub struct NextFrame {
    handle: Option<i32>,
    _callback: Closure<dyn FnMut()>,
    _otherwise: Timeout,
}

impl NextFrame {
    /// Calls back right before the page draws; if it does not draw in time, without. It may call back twice.
    pub fn request(on_frame: impl Fn() + 'static) -> Self {
        let on_frame = Rc::new(on_frame);
        let callback = {
            let on_frame = Rc::clone(&on_frame);
            Closure::<dyn FnMut()>::new(move || on_frame())
        };
        let handle = page::window().request_animation_frame(callback.as_ref().unchecked_ref());
        Self {
            handle: handle.ok(),
            _callback: callback,
            _otherwise: Timeout::new(PATIENCE, move || on_frame()),
        }
    }
}

impl std::fmt::Debug for NextFrame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NextFrame")
    }
}

impl Drop for NextFrame {
    fn drop(&mut self) {
        if let Some(handle) = self.handle {
            // A frame that is over is none any more.
            let _ = page::window().cancel_animation_frame(handle);
        }
    }
}
