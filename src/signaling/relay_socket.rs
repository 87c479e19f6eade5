//! The relay, over a WebSocket.

use std::cell::Cell;
use std::rc::Rc;

use visavis_call::{CloseCause, SignalingEvent};
use visavis_protocol::CLOSE_LOST;
use visavis_protocol::dialect::native;
use visavis_protocol::relay::{ClientMessage, RelayMessage};
use wasm_bindgen_futures::spawn_local;

use super::attempt::{Attempt, Doubt};
use super::no_relay::doubt;
use super::{Connection, Connector, Sink};
use crate::browser::page::{self, Scheme};
use crate::browser::socket::{Socket, SocketEvent};

/// Where the relay is unless config.json says otherwise: beside the page.
pub(crate) const DEFAULT_RELAY: &str = "signal";

/// The relay at an address, which may be relative to the page.
#[derive(Debug, Clone)]
pub struct RelaySocket {
    address: String,
    /// See [`Attempt`].
    is_in_question: Rc<Cell<bool>>,
}

impl RelaySocket {
    /// The relay at this address.
    #[must_use]
    pub fn new(address: impl Into<String>) -> Self {
        let address = address.into();
        // Only a site that names its relay can have named another server.
        let is_in_question = Rc::new(Cell::new(address != DEFAULT_RELAY));
        Self {
            address,
            is_in_question,
        }
    }
}

impl Connector for RelaySocket {
    fn open(&self, sink: Sink) -> Box<dyn Connection> {
        let attempt = Rc::new(Attempt {
            address: self.address.clone(),
            is_in_question: Rc::clone(&self.is_in_question),
            sink,
        });
        let weak = Rc::downgrade(&attempt);
        let on_event = move |event| {
            if let Some(attempt) = weak.upgrade() {
                heard(&attempt, event);
            }
        };
        let socket = Socket::open(&page::resolve(&self.address, Scheme::WebSocket), on_event);
        if socket.is_none() {
            // Not a refusal of the server but of the browser.
            attempt.close(CloseCause::Unreachable);
        }
        Box::new(RelayConnection {
            socket,
            _attempt: attempt,
        })
    }
}

struct RelayConnection {
    socket: Option<Socket>,
    _attempt: Rc<Attempt>,
}

impl Connection for RelayConnection {
    fn send(&self, message: ClientMessage) {
        if let Some(socket) = &self.socket {
            // A failure to send shows as the socket's end.
            socket.send(&native::encode_client(&message));
        }
    }

    fn abandon(self: Box<Self>) {
        if let Some(socket) = self.socket {
            socket.close_with(CLOSE_LOST);
        }
    }
}

fn heard(attempt: &Rc<Attempt>, event: SocketEvent) {
    match event {
        SocketEvent::Text(text) => match native::decode_relay(&text) {
            // Not before: a proxy may open the socket without a relay behind it.
            Ok(RelayMessage::Welcome) => {
                attempt.is_in_question.set(false);
                (attempt.sink)(SignalingEvent::Opened);
            }
            Ok(message) => (attempt.sink)(SignalingEvent::Message(message)),
            // From a newer relay; what matters in this version can be read.
            Err(_) => {}
        },
        SocketEvent::Opened if attempt.is_in_question.get() => {
            spawn_local(doubt(Rc::downgrade(attempt), Doubt::NoWelcome));
        }
        SocketEvent::Opened | SocketEvent::Bytes(_) => {}
        SocketEvent::Closed { was_open: true } => attempt.close(CloseCause::Unreachable),
        SocketEvent::Closed { was_open: false } => {
            spawn_local(doubt(Rc::downgrade(attempt), Doubt::NotOpened));
        }
    }
}
