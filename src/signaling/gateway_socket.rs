//! A gateway over a WebSocket: how pages speak with the servers of other programs.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

use gloo_timers::callback::Timeout;
use visavis_call::{CloseCause, SignalingEvent};
use visavis_gateway::{Dialect, Gateway, Input, Output, Time};
use visavis_protocol::dialect::ServerKind;
use visavis_protocol::relay::ClientMessage;
use wasm_bindgen_futures::spawn_local;

use super::other_server::OtherServer;
use super::{Connection, Sink};
use crate::browser::page::{self, Scheme};
use crate::browser::socket::{Socket, SocketEvent, text_of};

/// How long a server may take to show what kind it is.
const PATIENCE_MS: i32 = 2000;

/// How often it is looked whether it has.
const LOOK_MS: i32 = 50;

/// Opens a connection to a server of another program.
pub(super) fn open(server: OtherServer, sink: Sink) -> Box<dyn Connection> {
    let wire = Rc::new(Wire {
        server,
        sink,
        socket: RefCell::default(),
        timer: RefCell::default(),
    });
    wire.server
        .gateway
        .borrow_mut()
        .get_or_insert_with(|| Box::new(Gateway::new(wire.server.dialect, wire.server.commons.clone())));
    let weak = Rc::downgrade(&wire);
    let address = page::resolve(&wire.server.endpoint(), Scheme::WebSocket);
    let socket = Socket::open(&address, move |event| {
        if let Some(wire) = weak.upgrade() {
            wire.heard(event);
        }
    });
    match &socket {
        Some(socket) => socket.take_bytes(),
        // Not a refusal of the server but of the browser.
        None => wire.close(CloseCause::Unreachable),
    }
    wire.socket.replace(socket);
    Box::new(GatewayConnection(wire))
}

struct GatewayConnection(Rc<Wire>);

impl Connection for GatewayConnection {
    fn send(&self, message: ClientMessage) {
        self.0.input(Input::Client(message));
    }
}

impl Drop for GatewayConnection {
    fn drop(&mut self) {
        self.0.input(Input::Closed);
        self.0.socket.take();
    }
}

/// Between a gateway and its socket.
struct Wire {
    server: OtherServer,
    sink: Sink,
    socket: RefCell<Option<Socket>>,
    timer: RefCell<Option<Timeout>>,
}

impl Wire {
    fn heard(self: &Rc<Self>, event: SocketEvent) {
        match event {
            SocketEvent::Opened => self.input(Input::Opened),
            SocketEvent::Text(text) => self.input(Input::Text(text)),
            SocketEvent::Bytes(bytes) => {
                if let Some(text) = text_of(&bytes) {
                    self.input(Input::Text(text));
                }
            }
            SocketEvent::Closed { was_open: true } => self.close(CloseCause::Unreachable),
            SocketEvent::Closed { was_open: false } => {
                spawn_local(find_out(Rc::downgrade(self)));
            }
        }
    }

    /// Hands it to the gateway, and carries out what that asks for.
    fn input(self: &Rc<Self>, input: Input) {
        let asked = self.with_gateway(|gateway| {
            gateway.handle(now(), input);
            let outputs: Vec<_> = std::iter::from_fn(|| gateway.poll()).collect();
            (outputs, gateway.next_timeout())
        });
        let Some((outputs, due)) = asked else { return };
        self.timer.replace(due.map(|due| self.timer(due)));
        for output in outputs {
            match output {
                Output::Reached => (self.sink)(SignalingEvent::Opened),
                Output::Relay(message) => (self.sink)(SignalingEvent::Message(message)),
                Output::Guest(peer, guest) => (self.sink)(SignalingEvent::Guest(peer, guest)),
                Output::Send(text) => {
                    if let Some(socket) = &*self.socket.borrow() {
                        // A failure to send shows as the socket's end.
                        socket.send(&text);
                    }
                }
                Output::Mistaken(kind) => return self.close(CloseCause::OtherKind(kind)),
                Output::Dead => return self.close(CloseCause::Unreachable),
            }
        }
    }

    fn timer(self: &Rc<Self>, due: Time) -> Timeout {
        let weak = Rc::downgrade(self);
        let wait = due.saturating_sub(now()).as_millis();
        // Browsers take no more.
        let wait = i32::try_from(wait).unwrap_or(i32::MAX).unsigned_abs();
        Timeout::new(wait, move || {
            if let Some(wire) = weak.upgrade() {
                wire.input(Input::Timeout);
            }
        })
    }

    /// What the socket still brings concerns nobody.
    fn close(&self, cause: CloseCause) {
        self.timer.take();
        self.with_gateway(|gateway| gateway.handle(now(), Input::Closed));
        (self.sink)(SignalingEvent::Closed(cause));
    }

    fn with_gateway<T>(&self, use_it: impl FnOnce(&mut Gateway) -> T) -> Option<T> {
        let mut kept = self.server.gateway.borrow_mut();
        kept.as_mut()?.downcast_mut().map(use_it)
    }
}

fn now() -> Time {
    Duration::from_millis(page::now().0)
}

// ── What kind of server there is ───────────────────────────────────────────────────────────────────────────

/// The socket did not open: there may be a server of another kind.
async fn find_out(wire: Weak<Wire>) {
    let Some(server) = wire.upgrade().map(|wire| wire.server.clone()) else {
        return;
    };
    let kind = identify(server.address).await;
    // It is slow, or comes only now.
    let kind = kind.filter(|kind| !server.dialect.fits(*kind));
    // The owner may have gone meanwhile.
    if let Some(wire) = wire.upgrade() {
        wire.close(kind.map_or(CloseCause::Unreachable, CloseCause::OtherKind));
    }
}

/// What kind of server is at this address, if it can be told.
pub(super) async fn identify(address: String) -> Option<ServerKind> {
    let found: Rc<Cell<Option<ServerKind>>> = Rc::default();
    let endpoints = [Dialect::SocketIo.endpoint(&address), address];
    let sockets = endpoints.map(|endpoint| {
        let found = Rc::clone(&found);
        Socket::open(
            &page::resolve(&endpoint, Scheme::WebSocket),
            move |event| match event {
                SocketEvent::Opened => found.set(found.get().or(Some(ServerKind::Silent))),
                SocketEvent::Text(text) => found.set(ServerKind::of(&text).or(found.get())),
                SocketEvent::Bytes(_) | SocketEvent::Closed { .. } => {}
            },
        )
    });
    let is_certain = |kind| kind != ServerKind::Silent;
    for _ in 0..PATIENCE_MS / LOOK_MS {
        if found.get().is_some_and(is_certain) {
            break;
        }
        page::sleep(LOOK_MS).await;
    }
    drop(sockets);
    found.get()
}
