//! The relay, over a WebSocket.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;

use futures_channel::mpsc;
use futures_util::future::{Either, select};
use futures_util::{Sink as _, SinkExt, StreamExt};
use gloo_net::http::Request;
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, State};
use visavis_call::{CloseCause, SignalingEvent};
use visavis_protocol::CLOSE_LOST;
use visavis_protocol::dialect::native;
use visavis_protocol::relay::{ClientMessage, RelayMessage};
use wasm_bindgen_futures::spawn_local;

use super::{Connection, Connector, Sink};
use crate::browser::page::{self, Scheme};

/// How many messages wait for the socket. More means that it takes none.
const MOST_QUEUED: usize = 256;

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
        let (outgoing, queue) = mpsc::channel(MOST_QUEUED);
        let abandoned = Rc::new(Cell::new(false));
        spawn_local(run(self.address.clone(), queue, Rc::clone(&abandoned), sink));
        Box::new(Socket {
            outgoing: RefCell::new(outgoing),
            abandoned,
        })
    }
}

/// The sending end. When it is dropped the queue ends, and with it the task that owns the socket.
struct Socket {
    outgoing: RefCell<mpsc::Sender<ClientMessage>>,
    /// Whether the end of the queue is no goodbye.
    abandoned: Rc<Cell<bool>>,
}

impl Connection for Socket {
    fn send(&self, message: ClientMessage) {
        // A full queue means a socket that takes nothing: the relay's pings find that out.
        let _ = self.outgoing.borrow_mut().try_send(message);
    }

    fn abandon(self: Box<Self>) {
        self.abandoned.set(true);
    }
}

async fn run(
    address: String,
    mut queue: mpsc::Receiver<ClientMessage>,
    abandoned: Rc<Cell<bool>>,
    sink: Sink,
) {
    let Ok(mut socket) = WebSocket::open(&page::resolve(&address, Scheme::WebSocket)) else {
        // Not a refusal of the server but of the browser: an insecure address on a secure page, for one.
        sink(SignalingEvent::Closed(CloseCause::Unreachable));
        return;
    };
    let opened = {
        let ready = poll_fn(|context| Pin::new(&mut socket).poll_ready(context));
        match select(ready, queue.next()).await {
            // Ready also means failed: a closed socket takes messages and loses them.
            Either::Left(_) => true,
            Either::Right((_closed, _)) => false,
        }
    };
    if !opened {
        return;
    }
    if !matches!(socket.state(), State::Open) {
        let cause = why_not(&address).await;
        // The owner may have gone meanwhile.
        if !matches!(queue.try_recv(), Err(error) if error.is_closed()) {
            sink(SignalingEvent::Closed(cause));
        }
        return;
    }
    loop {
        match select(socket.next(), queue.next()).await {
            Either::Left((Some(Ok(Message::Text(text))), _)) => {
                match native::decode_relay(&text) {
                    // Not before: a proxy may open the socket without a relay behind it.
                    Ok(RelayMessage::Welcome) => sink(SignalingEvent::Opened),
                    Ok(message) => sink(SignalingEvent::Message(message)),
                    // From a newer relay; what matters in this version can be read.
                    Err(_) => {}
                }
            }
            Either::Left((Some(Ok(Message::Bytes(_))), _)) => {}
            Either::Left((Some(Err(_)) | None, _)) => {
                sink(SignalingEvent::Closed(CloseCause::Unreachable));
                return;
            }
            Either::Right((Some(message), _)) => {
                // A failure to send shows as the socket's end.
                let _ = socket.send(Message::Text(native::encode_client(&message))).await;
            }
            Either::Right((None, _)) => {
                if abandoned.get() {
                    // A socket that refuses to be closed is closed already.
                    let _ = socket.close(Some(CLOSE_LOST), None);
                }
                return;
            }
        }
    }
}

/// A failed WebSocket tells nothing; a plain request tells a relay from a static host.
async fn why_not(address: &str) -> CloseCause {
    match Request::get(&page::resolve(address, Scheme::Http)).send().await {
        Ok(response) => match response.status() {
            UPGRADE_REQUIRED | BAD_REQUEST | 500.. => CloseCause::Unreachable,
            _ => CloseCause::NoRelayHere,
        },
        Err(_) => CloseCause::Unreachable,
    }
}
