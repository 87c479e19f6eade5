//! The relay, over a WebSocket.

use std::rc::{Rc, Weak};

use visavis_call::{CloseCause, SignalingEvent};
use visavis_protocol::CLOSE_LOST;
use visavis_protocol::dialect::native;
use visavis_protocol::relay::{ClientMessage, RelayMessage};
use wasm_bindgen_futures::spawn_local;
use web_sys::RequestCache;

use super::{Connection, Connector, Sink};
use crate::browser::page::{self, Scheme};
use crate::browser::request;
use crate::browser::socket::{Socket, SocketEvent};

/// What a relay answers to a request that is no WebSocket (RFC 9110, section 15.5.22).
const UPGRADE_REQUIRED: u16 = 426;

/// What some proxies in front of a relay answer to it.
const BAD_REQUEST: u16 = 400;

/// The relay at an address, which may be relative to the page.
#[derive(Debug, Clone)]
pub struct RelaySocket {
    address: String,
}

impl RelaySocket {
    /// The relay at this address.
    #[must_use]
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
        }
    }
}

impl Connector for RelaySocket {
    fn open(&self, sink: Sink) -> Box<dyn Connection> {
        let owner = Rc::new(Owner);
        let (address, weak, events) = (self.address.clone(), Rc::downgrade(&owner), Rc::clone(&sink));
        let on_event = move |event| match event {
            SocketEvent::Text(text) => hear(&text, &events),
            SocketEvent::Closed { was_open: true } => unreachable(&events),
            SocketEvent::Closed { was_open: false } => {
                spawn_local(find_out(address.clone(), Weak::clone(&weak), Rc::clone(&events)));
            }
        };
        let socket = Socket::open(&page::resolve(&self.address, Scheme::WebSocket), on_event);
        if socket.is_none() {
            // Not a refusal of the server but of the browser.
            unreachable(&sink);
        }
        Box::new(RelayConnection {
            socket,
            _owner: owner,
        })
    }
}

struct RelayConnection {
    socket: Option<Socket>,
    _owner: Rc<Owner>,
}

/// There for as long as somebody wants to hear of the connection.
struct Owner;

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

fn unreachable(sink: &Sink) {
    sink(SignalingEvent::Closed(CloseCause::Unreachable));
}

fn hear(text: &str, sink: &Sink) {
    match native::decode_relay(text) {
        // Not before: a proxy may open the socket without a relay behind it.
        Ok(RelayMessage::Welcome) => sink(SignalingEvent::Opened),
        Ok(message) => sink(SignalingEvent::Message(message)),
        // From a newer relay; what matters in this version can be read.
        Err(_) => {}
    }
}

/// A failed WebSocket tells nothing; a plain request tells a relay from a static host.
async fn find_out(address: String, owner: Weak<Owner>, sink: Sink) {
    let cause = match request::get(&page::resolve(&address, Scheme::Http), RequestCache::Default).await {
        Ok(response) => match response.status() {
            UPGRADE_REQUIRED | BAD_REQUEST | 500.. => CloseCause::Unreachable,
            _ => CloseCause::NoRelayHere,
        },
        Err(_) => CloseCause::Unreachable,
    };
    // The owner may have gone meanwhile.
    if owner.strong_count() > 0 {
        sink(SignalingEvent::Closed(cause));
    }
}
