//! A page around the state machine: a browser that does what it is asked, or refuses. It panics where the
//! state machine breaks the contract of [`Call::handle`].

use std::collections::{BTreeMap, VecDeque};

use visavis_call::{
    Call, CallConfig, CloseCause, Completion, ConnectionId, DescriptionKind, Device, Entropy, Fingerprints,
    IceTransportPolicy, Input, MediaError, MediaEvent, MediaOp, Operation, OperationError, Output, Path,
    PeerEvent, PeerOp, PreConnection, Reception, Route, RouteChoice, SignalingEvent, SignalingOp,
    SignalingState, Time,
};
use visavis_protocol::dialect::native::{decode_peer, encode_client};
use visavis_protocol::id::{PeerId, RoomId, SeatSecret};
use visavis_protocol::name::PersonName;
use visavis_protocol::peer::PeerBody;
use visavis_protocol::relay::{ClientMessage, PeerText, RelayMessage};

mod choices;

use choices::command;
pub use choices::event;

const SECRET: &str = "correct-horse-battery-staple";
const ROOM: &str = "unguessable-quiet-river";
const SDP: &str = "v=0\r\nm=audio 9\r\na=ice-ufrag:ours\r\na=setup:actpass\r\na=fingerprint:sha-256 \
    00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F\r\n";

/// What all that was said to others may take, beside a multiple of the input: each of a few people can have
/// 256 kB repeated.
const MOST_SAID: usize = 2 << 20;

/// A connection, as far as the state machine can tell.
struct Connection {
    state: SignalingState,
    is_busy: bool,
}

/// Something that the browser was asked for, and has not done.
enum Due {
    Event(Input),
    Operation(PeerId, ConnectionId, Option<Operation>),
}

/// A page in a room.
pub struct Page {
    call: Call,
    now: Time,
    due: VecDeque<Due>,
    connections: BTreeMap<(PeerId, ConnectionId), Connection>,
    said: usize,
    /// Operations don't end for now.
    pub is_held: bool,
    /// The next operation fails.
    pub refuses: bool,
}

fn room(name: &str) -> RoomId {
    RoomId::new(name).expect("it is a name")
}

/// Somebody else: `a` or `b`.
#[must_use]
pub fn person(name: char) -> PeerId {
    let name = if name == 'a' { "abe" } else { "bob" };
    PeerId::new(name).expect("it is a name")
}

fn us() -> PeerId {
    PeerId::new("ada").expect("it is a name")
}

impl Default for Page {
    fn default() -> Self {
        Self::new()
    }
}

impl Page {
    /// One that has done nothing yet.
    #[must_use]
    pub fn new() -> Self {
        let call = Call::new(CallConfig {
            room: room(ROOM).into(),
            secret: SeatSecret::new(SECRET).expect("it is a secret"),
            name: PersonName::default(),
            replaces: None,
            written: Vec::new(),
            route: RouteChoice::Relay,
            ice_servers: Vec::new(),
            pre_connection: PreConnection::On,
            ice_transport_policy: IceTransportPolicy::All,
            seed: 1,
            entropy: Entropy([1; 32]),
        });
        Self {
            call,
            now: Time(1_767_225_600_000),
            due: VecDeque::new(),
            connections: BTreeMap::new(),
            said: 0,
            is_held: false,
            refuses: false,
        }
    }

    /// Hands something in, and carries out what follows.
    ///
    /// # Panics
    /// The state machine breaks its contract.
    pub fn input(&mut self, input: Input) {
        self.handle(input);
        // An answer leads to the next question; that must end.
        for _ in 0..2000 {
            let is_operation = matches!(self.due.front(), Some(Due::Operation(..)));
            if self.is_held && is_operation {
                return;
            }
            match self.due.pop_front() {
                None => return,
                Some(Due::Event(input)) => self.handle(input),
                Some(Due::Operation(peer, connection, operation)) => self.end(peer, connection, operation),
            }
        }
        panic!("it does not come to rest");
    }

    fn handle(&mut self, input: Input) {
        self.call.handle(self.now, input);
        while let Some(output) = self.call.poll_output() {
            self.carry_out(output);
        }
    }

    /// The person wants something.
    pub fn command(&mut self, number: usize) {
        self.input(Input::Command(command(number)));
    }

    /// The time of the next timer has come.
    ///
    /// # Panics
    /// It is not over after that.
    pub fn timeout(&mut self) {
        let Some(due) = self.call.next_timeout() else {
            return;
        };
        self.now = self.now.max(due);
        self.input(Input::Timeout);
        let next = self.call.next_timeout();
        assert!(
            next.is_none_or(|next| next > self.now),
            "a timer that is always due"
        );
    }

    /// So many milliseconds pass. What is due by then comes too late.
    pub fn wait(&mut self, milliseconds: u64) {
        self.now = Time(self.now.0 + milliseconds);
        self.input(Input::Timeout);
    }

    /// The browser says this of every connection.
    pub fn browser(&mut self, event: PeerEvent) {
        for (peer, connection) in self.connections.keys().cloned().collect::<Vec<_>>() {
            self.input(Input::Peer(peer, connection, event.clone()));
        }
    }

    /// Somebody says this over the newest connection.
    pub fn channel(&mut self, from: &PeerId, text: &str) {
        let newest = self.connections.keys().rfind(|(peer, _)| peer == from).cloned();
        if let Some((peer, connection)) = newest {
            self.input(Input::Peer(
                peer,
                connection,
                PeerEvent::Said(PeerText(text.to_owned())),
            ));
        }
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Signaling(route, op) => self.signaling(route, op),
            Output::Media(op) => {
                let event = match op {
                    MediaOp::Open(wish) if std::mem::take(&mut self.refuses) => {
                        MediaEvent::failed(wish, &MediaError::Busy)
                    }
                    MediaOp::Open(wish) => MediaEvent::opened(wish),
                    MediaOp::Add(Device::Screen) if self.refuses => MediaEvent::Lost(Device::Screen),
                    MediaOp::Add(device) => MediaEvent::Added(device),
                    _ => return,
                };
                self.due.push_back(Due::Event(Input::Media(event)));
            }
            Output::Peer(peer, connection, op) => self.peer(peer, connection, op),
            Output::Mark(_) => {}
        }
    }

    fn signaling(&mut self, route: Route, op: SignalingOp) {
        let mut hears = |event| self.due.push_back(Due::Event(Input::Signaling(route, event)));
        let message = SignalingEvent::Message;
        match op {
            SignalingOp::Open if std::mem::take(&mut self.refuses) => {
                hears(SignalingEvent::Closed(CloseCause::Unreachable));
            }
            SignalingOp::Open => {
                hears(SignalingEvent::Opened);
                hears(message(RelayMessage::Welcome));
            }
            SignalingOp::Send(said) => {
                self.said += encode_client(&said).len();
                match said {
                    ClientMessage::Join { .. } => {
                        hears(message(RelayMessage::Joined {
                            you: us(),
                            capacity: 8,
                        }));
                        hears(message(RelayMessage::Ready { peer: person('b') }));
                    }
                    ClientMessage::Token => hears(message(RelayMessage::Token {
                        ice_servers: Vec::new(),
                        expires_in: None,
                    })),
                    ClientMessage::Send { message, .. } => {
                        let body = decode_peer(&message).map(|message| message.body);
                        let body = body.expect("we understand ourselves");
                        assert!(!matches!(body, PeerBody::Say { .. }), "the relay could read it");
                    }
                    _ => {}
                }
            }
            SignalingOp::Close | SignalingOp::Abandon => {}
        }
    }

    fn peer(&mut self, peer: PeerId, connection_id: ConnectionId, op: PeerOp) {
        let key = (peer.clone(), connection_id);
        let is_new = matches!(op, PeerOp::Create { .. });
        if is_new {
            let connection = Connection {
                state: SignalingState::Stable,
                is_busy: false,
            };
            let before = self.connections.insert(key.clone(), connection);
            assert!(before.is_none(), "{key:?} is made twice");
            assert!(self.connections.len() <= 500, "as many as Chromium has");
        }
        let connection = self.connections.get_mut(&key);
        let connection = connection.unwrap_or_else(|| panic!("{op:?} of no connection {key:?}"));
        let event = match op {
            PeerOp::Create { .. } | PeerOp::Run(_) => {
                assert!(!connection.is_busy, "{op:?} during another operation");
                connection.is_busy = true;
                let operation = if let PeerOp::Run(operation) = op {
                    Some(operation)
                } else {
                    None
                };
                self.due.push_back(Due::Operation(peer, connection_id, operation));
                return;
            }
            PeerOp::Say(text) => {
                self.said += text.0.len();
                return;
            }
            PeerOp::FindPath => PeerEvent::Path(Some(Path::Direct), Fingerprints::default()),
            PeerOp::CountBytes => PeerEvent::Received(Reception {
                bytes: self.now.0,
                ..Reception::default()
            }),
            PeerOp::RestartIce { .. } => PeerEvent::NegotiationNeeded,
            PeerOp::Close { .. } => {
                self.connections.remove(&key);
                return;
            }
            PeerOp::Configure { .. } | PeerOp::Send | PeerOp::SendShare(_) | PeerOp::Watch => return,
        };
        self.due
            .push_back(Due::Event(Input::Peer(peer, connection_id, event)));
    }

    /// An operation ends, if its connection is still there. A new connection wants to be negotiated.
    fn end(&mut self, peer: PeerId, connection_id: ConnectionId, operation: Option<Operation>) {
        let Some(connection) = self.connections.get_mut(&(peer.clone(), connection_id)) else {
            return;
        };
        connection.is_busy = false;
        let is_new = operation.is_none();
        let result = if std::mem::take(&mut self.refuses) {
            Err("OperationError")
        } else {
            operation.map_or(Ok(Completion::Done), |operation| connection.run(operation))
        };
        let result = result.map_err(|name| OperationError {
            name: name.to_owned(),
        });
        let signaling = connection.state;
        self.handle(Input::Peer(
            peer.clone(),
            connection_id,
            PeerEvent::Done { signaling, result },
        ));
        if is_new {
            self.handle(Input::Peer(peer, connection_id, PeerEvent::NegotiationNeeded));
        }
    }

    /// Checks that all that there is to see, to keep and to say is not much longer than what was heard.
    ///
    /// # Panics
    /// It is.
    pub fn is_bounded(&self, text: &str) {
        let view = self.call.view();
        assert!(view.chat.messages.len() <= 500);
        let shown = format!("{view:?}").len();
        assert!(shown <= 20_000 + 50 * text.len(), "{shown} bytes are shown");
        let kept = format!("{:?}", self.call).len();
        assert!(kept <= 200_000 + 50 * text.len(), "{kept} bytes are kept");
        assert!(
            self.said <= MOST_SAID + 200 * text.len(),
            "{} bytes were said",
            self.said
        );
        let report = self.call.report(self.now);
        assert!(report.len() <= 100_000, "{} bytes are reported", report.len());
        for private in [SECRET, ROOM, "192.0.2.1"] {
            assert!(!report.contains(private), "{report}");
        }
    }
}

impl Connection {
    fn run(&mut self, operation: Operation) -> Result<Completion, &'static str> {
        match (operation, self.state) {
            (Operation::SetLocalDescription, SignalingState::HaveRemoteOffer) => {
                self.state = SignalingState::Stable;
                let (kind, sdp) = (DescriptionKind::Answer, SDP.to_owned());
                Ok(Completion::LocalDescription { kind, sdp })
            }
            (Operation::SetLocalDescription, _) => {
                self.state = SignalingState::HaveLocalOffer;
                let (kind, sdp) = (DescriptionKind::Offer, SDP.to_owned());
                Ok(Completion::LocalDescription { kind, sdp })
            }
            (
                Operation::SetRemoteDescription {
                    kind: DescriptionKind::Offer,
                    ..
                },
                _,
            ) => {
                self.state = SignalingState::HaveRemoteOffer;
                Ok(Completion::Done)
            }
            (Operation::SetRemoteDescription { .. }, SignalingState::HaveLocalOffer) => {
                self.state = SignalingState::Stable;
                Ok(Completion::Done)
            }
            (Operation::SetRemoteDescription { .. }, _) => Err("InvalidStateError"),
            (Operation::AddCandidate(_), _) => Ok(Completion::Done),
        }
    }
}
