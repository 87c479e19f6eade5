//! A WebSocket (WHATWG WebSockets), detached from its listeners and closed when it is dropped.

use std::cell::Cell;
use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BinaryType, WebSocket};

use crate::browser::property;

/// How many bytes may wait in the browser. More means that the network takes none.
const MOST_WAITING: u32 = 1 << 24;

/// What a socket reports.
#[derive(Debug, Clone, PartialEq)]
pub enum SocketEvent {
    /// It is open.
    Opened,
    /// A message that is text.
    Text(String),
    /// A message that is not.
    Bytes(JsValue),
    /// It is closed, or could not be opened. The last event.
    Closed {
        /// Whether it has ever been open.
        was_open: bool,
    },
}

/// A socket, open or being opened.
#[derive(Debug)]
pub struct Socket {
    raw: WebSocket,
    listeners: Vec<EventListener>,
}

impl Socket {
    /// Starts to open a socket. `None`: the browser refuses the address, for example an insecure one on a
    /// secure page.
    pub fn open(address: &str, on_event: impl Fn(SocketEvent) + Clone + 'static) -> Option<Self> {
        let raw = WebSocket::new(address).ok()?;
        let was_open = Rc::new(Cell::new(false));
        let (opened, on_open, on_message) = (Rc::clone(&was_open), on_event.clone(), on_event.clone());
        let listeners = vec![
            EventListener::new(&raw, "open", move |_| {
                opened.set(true);
                on_open(SocketEvent::Opened);
            }),
            EventListener::new(&raw, "message", move |event| {
                on_message(match property::string(event, "data") {
                    Some(text) => SocketEvent::Text(text),
                    None => SocketEvent::Bytes(property::get(event, "data")),
                });
            }),
            EventListener::new(&raw, "close", move |_| {
                on_event(SocketEvent::Closed {
                    was_open: was_open.get(),
                });
            }),
        ];
        Some(Self { raw, listeners })
    }

    /// Sends a text. It is lost if the socket is not open, or the network takes nothing.
    pub fn send(&self, text: &str) {
        if self.raw.buffered_amount() < MOST_WAITING {
            // Fails only before the socket is open.
            let _ = self.raw.send_with_str(text);
        }
    }

    /// Has bytes come as such, so that [`text_of`] can read them.
    pub fn take_bytes(&self) {
        self.raw.set_binary_type(BinaryType::Arraybuffer);
    }

    /// Closes it with a code of the application (RFC 6455, section 7.4.2).
    pub fn close_with(self, code: u16) {
        // Of two closes the first counts. One that is refused leaves it to the other.
        let _ = self.raw.close_with_code(code);
    }
}

/// The text that these bytes are, if they are one. The socket has to [take bytes](Socket::take_bytes).
#[must_use]
pub fn text_of(bytes: &JsValue) -> Option<String> {
    let bytes = Uint8Array::new(bytes.dyn_ref::<ArrayBuffer>()?);
    String::from_utf8(bytes.to_vec()).ok()
}

impl Drop for Socket {
    fn drop(&mut self) {
        // First: what a closing socket says concerns nobody.
        self.listeners.clear();
        // Fails only with a code that can't be.
        let _ = self.raw.close();
    }
}
