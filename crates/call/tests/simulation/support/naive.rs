//! The callee of a tutorial (document 1): it waits for its token before it has a connection, and drops the
//! candidates that arrive before.

use std::time::Duration;

use visavis_call::{Completion, ConnectionId, DescriptionKind, Operation, Route};
use visavis_protocol::dialect::native;
use visavis_protocol::ice::IceCandidate;
use visavis_protocol::id::{PeerId, RoomId, SeatSecret};
use visavis_protocol::name::GivenName;
use visavis_protocol::peer::{PeerBody, PeerMessage};
use visavis_protocol::relay::{ClientMessage, RelayMessage};
use visavis_relay::room::{ConnectionId as SocketId, peer_id};

use super::browser::candidates;
use super::connection::FakeConnection;
use super::description::Sections;
use super::world::{Event, Owner, World, ms};

pub(crate) struct NaiveAnswerer {
    socket: SocketId,
    token: Duration,
    /// To whom it speaks.
    pub(crate) caller: Option<PeerId>,
    offer: Option<PeerMessage>,
    pub(crate) connection: Option<FakeConnection>,
    gathered: Vec<IceCandidate>,
    pub(crate) last_sent: u64,
    last_received: u64,
    /// Candidates that came before there was a connection.
    pub(crate) dropped: usize,
    /// The kinds of all messages that came, in order.
    pub(crate) heard: Vec<String>,
}

impl NaiveAnswerer {
    /// Its name on the relay.
    pub(crate) fn id(&self) -> PeerId {
        peer_id(&SeatSecret::new("naive").unwrap())
    }
}

impl World {
    /// Adds a naive callee, whose token takes so long.
    pub(crate) fn join_naive(&mut self, token: Duration) {
        let socket = self.new_wire(Owner::Naive, Route::Relay);
        self.open_wire(socket);
        self.naive = Some(NaiveAnswerer {
            socket,
            token,
            caller: None,
            offer: None,
            connection: None,
            gathered: Vec::new(),
            last_sent: 0,
            last_received: 0,
            dropped: 0,
            heard: Vec::new(),
        });
        let room = RoomId::new("test").unwrap();
        let secret = SeatSecret::new("naive").unwrap();
        self.send_up(
            socket,
            ClientMessage::Join {
                room,
                secret,
                replaces: None,
                name: GivenName::default(),
            },
        );
    }

    fn naive(&mut self) -> &mut NaiveAnswerer {
        self.naive.as_mut().expect("there is a naive callee")
    }

    pub(crate) fn naive_hears(&mut self, message: RelayMessage) {
        let RelayMessage::Message { from, message } = message else {
            return;
        };
        let message = native::decode_peer(&message).unwrap();
        let naive = self.naive();
        naive.last_received = naive.last_received.max(message.number);
        naive.heard.push(format!("{:?}", message.body));
        match message.body.clone() {
            PeerBody::Offer { .. } => {
                naive.caller = Some(from);
                naive.offer = Some(message);
                let token = naive.token;
                self.schedule(token, Event::NaiveToken);
            }
            PeerBody::Candidate(candidate) => match &mut naive.connection {
                None => naive.dropped += 1,
                Some(connection) => {
                    connection.begin(Operation::AddCandidate(candidate));
                    connection.end(false).result.expect("the candidate is good");
                }
            },
            PeerBody::HangUp | PeerBody::GiveUp | PeerBody::Decline { .. } => naive.connection = None,
            PeerBody::Hello { .. }
            | PeerBody::Answer { .. }
            | PeerBody::Call { .. }
            | PeerBody::Ringing
            | PeerBody::Media { .. }
            | PeerBody::Say { .. }
            | PeerBody::Heard { .. }
            | PeerBody::React { .. }
            | PeerBody::Hand { .. }
            | PeerBody::Show { .. }
            | PeerBody::NoCode
            | PeerBody::Commit { .. }
            | PeerBody::Reveal { .. }
            | PeerBody::Unknown => {}
        }
    }

    pub(crate) fn naive_token(&mut self) {
        self.serials += 1;
        let mut connection = FakeConnection::new(self.serials, Sections::BOTH, false);
        let offer = self.naive().offer.clone().expect("an offer asked for the token");
        let PeerBody::Offer { sdp, exchange, .. } = offer.body else {
            unreachable!("it is an offer")
        };
        connection.begin(Operation::SetRemoteDescription {
            kind: DescriptionKind::Offer,
            sdp,
        });
        connection.end(false).result.expect("the offer is good");
        connection.begin(Operation::SetLocalDescription);
        let ended = connection.end(false);
        let Ok(Completion::LocalDescription { sdp, .. }) = ended.result else {
            unreachable!("an answer is made")
        };
        let gathered = candidates(connection.serial, &ended.gather.expect("it gathers"), 2);
        for number in 0..gathered.len() {
            self.schedule(ms(10 * number as u64), Event::NaiveCandidate(number));
        }
        self.naive().gathered = gathered;
        self.naive().connection = Some(connection);
        self.naive_says(PeerBody::Answer { sdp, exchange });
    }

    pub(crate) fn naive_candidate(&mut self, number: usize) {
        let candidate = self.naive().gathered[number].clone();
        self.naive_says(PeerBody::Candidate(candidate));
    }

    /// Says something about the call that came last.
    pub(crate) fn naive_says(&mut self, body: PeerBody) {
        let naive = self.naive();
        naive.last_sent += 1;
        let message = PeerMessage {
            number: naive.last_sent,
            ack: naive.last_received,
            after: None,
            replaces: None,
            connection: ConnectionId(1),
            to: naive.offer.as_ref().map(|offer| offer.connection),
            body,
        };
        self.naive_sends(&message);
    }

    /// Sends a message as it is, to whoever has called, or else to the first page.
    pub(crate) fn naive_sends(&mut self, message: &PeerMessage) {
        let to = self
            .naive()
            .caller
            .clone()
            .unwrap_or_else(|| self.clients[0].id.clone());
        let socket = self.naive().socket;
        self.send_up(
            socket,
            ClientMessage::Send {
                to,
                message: native::encode_peer(message),
            },
        );
    }
}
