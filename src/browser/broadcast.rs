//! A `BroadcastChannel` between the tabs of this browser (WHATWG HTML, section 9.5), detached from its
//! listener and closed when it is dropped.

use gloo_events::EventListener;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, MessageEvent};

/// An open channel.
#[derive(Debug)]
pub struct Broadcast {
    raw: BroadcastChannel,
    listener: Option<EventListener>,
}

impl Broadcast {
    /// Opens the channel of this name. Texts of other tabs go to `on_text`. `None`: the browser has no such
    /// channels.
    pub fn open(name: &str, on_text: impl Fn(String) + 'static) -> Option<Self> {
        let raw = BroadcastChannel::new(name).ok()?;
        let listener = EventListener::new(&raw, "message", move |event| {
            if let Some(text) = event.unchecked_ref::<MessageEvent>().data().as_string() {
                on_text(text);
            }
        });
        Some(Self {
            raw,
            listener: Some(listener),
        })
    }

    /// Says something to all other tabs.
    pub fn post(&self, text: &str) {
        // Only a closed channel refuses, and ours is open for as long as we are here.
        let _ = self.raw.post_message(&JsValue::from_str(text));
    }
}

impl Drop for Broadcast {
    fn drop(&mut self) {
        self.listener.take();
        self.raw.close();
    }
}
