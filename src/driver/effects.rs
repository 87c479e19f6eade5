//! Carries out what the state machine asks for. Owns everything that must be closed some day.

mod media;

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use visavis_call::{
    Completion, ConnectionId, Input, Mark, Output, PeerEvent, PeerOp, Route, SignalingOp, SignalingState,
};
use visavis_protocol::id::PeerId;
use visavis_protocol::relay::ClientMessage;
use wasm_bindgen_futures::spawn_local;

use super::{Event, Inbox, StreamNews};
use crate::browser::certificate::Certificate;
use crate::browser::media::LocalStream;
use crate::browser::peer_connection::{OnEvent, PeerConnection};
use crate::browser::preferences::Chosen;
use crate::browser::{session, statistics, timing};
use crate::config::MediaConfig;
use crate::signaling::{Connection, Connector, Sink};

/// How long the last message on a data channel may take, in milliseconds.
const FLUSH_MS: u32 = 500;

pub(super) struct Effects {
    inbox: Inbox,
    relay: Way,
    without_relay: Way,
    media: MediaConfig,
    chosen: Chosen,
    certificate: Certificate,
    local: Option<LocalStream>,
    peers: Vec<(PeerId, ConnectionId, PeerConnection)>,
    /// Connections that are closed, except for data that may still be on its way over them.
    parting: Rc<RefCell<Vec<PeerConnection>>>,
    /// When all of them have had their time.
    parted: Option<Timeout>,
}

/// A signaling route, with its connection while there is one.
struct Way {
    connector: Box<dyn Connector>,
    connection: Option<Box<dyn Connection>>,
    /// Counts the connections: messages of an earlier one are dropped.
    opened: u32,
}

impl Effects {
    pub(super) fn new(
        inbox: Inbox,
        media: MediaConfig,
        relay: Box<dyn Connector>,
        without_relay: Box<dyn Connector>,
    ) -> Self {
        Self {
            inbox,
            relay: Way::new(relay),
            without_relay: Way::new(without_relay),
            media,
            chosen: Chosen::kept(),
            certificate: Certificate::make(),
            local: None,
            peers: Vec::new(),
            parting: Rc::default(),
            parted: None,
        }
    }

    pub(super) fn carry_out(&mut self, output: Output, news: &mut Vec<StreamNews>) {
        match output {
            Output::Signaling(route, op) => {
                let way = match route {
                    Route::Relay => &mut self.relay,
                    Route::ThisBrowser | Route::ByHand => &mut self.without_relay,
                };
                way.carry_out(route, op, &self.inbox);
            }
            Output::Media(op) => self.media(op, news),
            Output::Peer(peer, connection_id, op) => self.peer(peer, connection_id, op, news),
            Output::Mark(Mark::Call) => {
                timing::clear();
                timing::mark(timing::CALL);
            }
            Output::Mark(Mark::Connected) => timing::mark(timing::CONNECTED),
        }
    }

    /// Whether a connection is the one in use.
    pub(super) fn is_current(&self, route: Route, connection: u32) -> bool {
        let way = match route {
            Route::Relay => &self.relay,
            Route::ThisBrowser | Route::ByHand => &self.without_relay,
        };
        way.connection.is_some() && way.opened == connection
    }

    // ── Peer connections ───────────────────────────────────────────────────────────────────────────────────

    fn peer(&mut self, peer: PeerId, connection_id: ConnectionId, op: PeerOp, news: &mut Vec<StreamNews>) {
        match op {
            PeerOp::Create {
                role,
                ice_servers,
                purpose,
                policy,
            } => {
                let (inbox, id) = (self.inbox.clone(), peer.clone());
                let on_event: OnEvent =
                    Rc::new(move |event| inbox.input(Input::Peer(id.clone(), connection_id, event)));
                let (certificate, local) = (self.certificate.get(), self.local.as_ref());
                let made =
                    PeerConnection::new(role, &ice_servers, policy, purpose, certificate, local, &on_event);
                let result = made.map(|connection| self.keep(&peer, connection_id, connection, news));
                let (signaling, result) = match result {
                    Ok(()) => (SignalingState::Stable, Ok(Completion::Done)),
                    Err(error) => (SignalingState::Closed, Err(error)),
                };
                let done = PeerEvent::Done { signaling, result };
                self.inbox.input(Input::Peer(peer, connection_id, done));
            }
            PeerOp::Send => {
                if let Some(connection) = self.connection(&peer, connection_id) {
                    connection.start_sending(self.local.as_ref());
                }
            }
            PeerOp::SendShare(share) => {
                if let Some(connection) = self.connection(&peer, connection_id) {
                    connection.send_share(share, self.local.as_ref());
                }
            }
            PeerOp::Say(text) => {
                if let Some(connection) = self.connection(&peer, connection_id) {
                    connection.say(&text.0);
                }
            }
            PeerOp::Run(operation) => {
                self.spawn(peer, connection_id, |connection| connection.run(operation));
            }
            PeerOp::Configure { ice_servers, policy } => {
                if let Some(connection) = self.connection(&peer, connection_id) {
                    connection.configure(&ice_servers, policy);
                }
            }
            PeerOp::RestartIce { ice_servers, policy } => {
                if let Some(connection) = self.connection(&peer, connection_id) {
                    connection.restart_ice(&ice_servers, policy);
                }
            }
            PeerOp::CountBytes => self.spawn(peer, connection_id, |connection| {
                let received = statistics::received(connection.raw(), connection.waiting());
                async { PeerEvent::Received(received.await) }
            }),
            PeerOp::Watch => {
                if let Some(connection) = self.connection(&peer, connection_id) {
                    let inbox = self.inbox.clone();
                    connection.poll_later(move || inbox.put(Event::PollStats(peer, connection_id)));
                }
            }
            PeerOp::FindPath => self.spawn(peer, connection_id, |connection| {
                let path = statistics::path(connection.raw(), connection.waiting());
                async {
                    let (path, certificates) = path.await;
                    PeerEvent::Path(path, certificates)
                }
            }),
            PeerOp::Close { flush } => {
                let is_meant =
                    |(id, current, _): &(PeerId, ConnectionId, _)| (id, *current) == (&peer, connection_id);
                let Some(index) = self.peers.iter().position(is_meant) else {
                    return;
                };
                let (_, _, mut connection) = self.peers.remove(index);
                if flush {
                    connection.fall_silent();
                    self.parting.borrow_mut().push(connection);
                    let parting = Rc::clone(&self.parting);
                    self.parted = Some(Timeout::new(FLUSH_MS, move || parting.borrow_mut().clear()));
                }
                news.push(StreamNews::Remote(peer, None));
            }
        }
    }

    fn keep(
        &mut self,
        peer: &PeerId,
        connection_id: ConnectionId,
        connection: PeerConnection,
        news: &mut Vec<StreamNews>,
    ) {
        // As above: not the DOM's `clone()`.
        let remote = Clone::clone(connection.remote());
        news.push(StreamNews::Remote(peer.clone(), Some(remote)));
        self.peers.push((peer.clone(), connection_id, connection));
    }

    fn connection(&self, peer: &PeerId, connection_id: ConnectionId) -> Option<&PeerConnection> {
        let wanted = (peer, connection_id);
        let found = self
            .peers
            .iter()
            .find(|(id, current, _)| (id, *current) == wanted);
        found.map(|(_, _, connection)| connection)
    }

    /// Runs something asynchronous on a connection, and reports the result unless the connection is closed
    /// first.
    fn spawn<F>(
        &self,
        peer: PeerId,
        connection_id: ConnectionId,
        operation: impl FnOnce(&PeerConnection) -> F,
    ) where
        F: Future<Output = PeerEvent> + 'static,
    {
        let Some(connection) = self.connection(&peer, connection_id) else {
            return;
        };
        let (inbox, operation) = (
            self.inbox.clone(),
            connection.waiting().while_open(operation(connection)),
        );
        spawn_local(async move {
            if let Ok(event) = operation.await {
                inbox.input(Input::Peer(peer, connection_id, event));
            }
        });
    }
}

impl Way {
    fn new(connector: Box<dyn Connector>) -> Self {
        Self {
            connector,
            connection: None,
            opened: 0,
        }
    }

    fn carry_out(&mut self, route: Route, op: SignalingOp, inbox: &Inbox) {
        match op {
            SignalingOp::Open => {
                // The old connection first: two must not be open at once.
                self.connection = None;
                self.opened += 1;
                let (inbox, number) = (inbox.clone(), self.opened);
                let sink: Sink = Rc::new(move |event| inbox.put(Event::Signaling(route, number, event)));
                self.connection = Some(self.connector.open(sink));
            }
            SignalingOp::Send(message) => {
                // Not before: a page that is loaded anew at once would hide the seat of the one before from
                // the next.
                if let ClientMessage::Join { secret, .. } = &message {
                    session::keep(session::SEAT, secret.as_str());
                }
                if let Some(connection) = &self.connection {
                    connection.send(message);
                }
            }
            SignalingOp::Close => self.connection = None,
            SignalingOp::Abandon => {
                if let Some(connection) = self.connection.take() {
                    connection.abandon();
                }
            }
        }
    }
}
