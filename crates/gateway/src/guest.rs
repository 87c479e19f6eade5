//! A page of another program. It says and understands an offer, its answer, candidates, and at most a
//! hang-up: here, that becomes the numbered messages of a peer, and the other way round.

use std::time::Duration;

use visavis_protocol::dialect::native::{decode_peer, encode_peer};
use visavis_protocol::dialect::signal::{Description, DescriptionKind, Signal};
use visavis_protocol::guest::Presence;
use visavis_protocol::ice::IceCandidate;
use visavis_protocol::id::PeerId;
use visavis_protocol::peer::{ConnectionId, MessageNumber, PeerBody, PeerMessage};
use visavis_protocol::relay::PeerText;

use crate::Time;

/// For how long an offer of theirs has crossed ours. They have ours then, and answer it.
const CROSSING: Duration = Duration::from_secs(2);

/// How many of our texts are kept, to know them again.
const MOST_KEPT: usize = 64;

/// What goes on with a guest.
#[derive(Debug)]
pub(crate) struct GuestSession {
    pub(crate) id: PeerId,
    pub(crate) presence: Presence,
    /// The number of the last message that they have said.
    said: MessageNumber,
    /// The number of the last message that went to them.
    heard: MessageNumber,
    last_connection: u32,
    ours: Option<Ours>,
    theirs: Option<Theirs>,
    /// One that they offer in the place of it, until we answer. A stranger may have offered it, and we not.
    offered: Option<Theirs>,
    /// What we have said, as some servers give it back.
    sent: Vec<String>,
}

/// Our end of the connection.
#[derive(Debug)]
struct Ours {
    connection: ConnectionId,
    is_caller: bool,
    /// The exchange that they have not answered, and when we opened it.
    offered: Option<(u32, Time)>,
}

/// Theirs.
#[derive(Debug)]
struct Theirs {
    connection: ConnectionId,
    /// Tells their connections apart: browsers make a certificate for each.
    fingerprint: Option<String>,
    /// The last exchange that they have opened.
    exchange: u32,
    /// Our end, once one side has answered the other.
    bound: Option<ConnectionId>,
}

/// What something that came from the server means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// The guest says this.
    Message(PeerText),
    /// It comes from another page than the one that we are connected with, which has gone.
    SomebodyElse,
    /// Nothing.
    Nothing,
}

impl GuestSession {
    pub(crate) fn new(id: PeerId, presence: Presence) -> Self {
        Self {
            id,
            presence,
            said: 0,
            heard: 0,
            last_connection: 0,
            ours: None,
            theirs: None,
            offered: None,
            sent: Vec::new(),
        }
    }

    /// Whether a connection with them is there, or being made.
    pub(crate) fn is_busy(&self) -> bool {
        self.ours.is_some() || self.offered.is_some()
    }

    /// Whether we have opened the connection.
    pub(crate) fn is_caller(&self) -> bool {
        self.ours.as_ref().is_none_or(|ours| ours.is_caller)
    }

    // ── To them ────────────────────────────────────────────────────────────────────────────────────────────

    /// What they get of something that we say to them.
    pub(crate) fn take(&mut self, now: Time, text: &PeerText) -> Option<Signal> {
        let message = decode_peer(text).ok()?;
        // What is said again went to them. Only an offer is answered, so only that may be lost.
        let is_new = message.number > self.heard;
        self.heard = self.heard.max(message.number);
        let awaits = |exchange| {
            let ours = self.ours.as_ref();
            ours.and_then(|ours| ours.offered)
                .is_some_and(|(offered, _)| offered == exchange)
        };
        let signal = match message.body {
            // They would take it for a call.
            PeerBody::Offer { warm: true, .. } => return None,
            PeerBody::Offer { sdp, exchange, .. } if is_new || awaits(exchange) => {
                self.offer(now, message.connection, exchange);
                description(DescriptionKind::Offer, sdp)
            }
            PeerBody::Answer { sdp, .. } if is_new => {
                self.answer(message.connection);
                description(DescriptionKind::Answer, sdp)
            }
            // The end of candidates came later than these programs.
            PeerBody::Candidate(candidate) if is_new && !candidate.is_end_of_candidates() => {
                Signal::Candidate(candidate)
            }
            body if is_new && body.ends() && self.is_busy() => {
                self.end();
                Signal::HangUp
            }
            _ => return None,
        };
        self.note_sent(&signal);
        Some(signal)
    }

    fn offer(&mut self, now: Time, connection: ConnectionId, exchange: u32) {
        if self
            .ours
            .as_ref()
            .is_none_or(|ours| ours.connection != connection)
        {
            self.theirs = None;
            self.ours = Some(Ours {
                connection,
                is_caller: true,
                offered: None,
            });
        }
        if let Some(ours) = &mut self.ours {
            ours.offered = Some((exchange, now));
        }
    }

    fn answer(&mut self, connection: ConnectionId) {
        if self
            .ours
            .as_ref()
            .is_none_or(|ours| ours.connection != connection)
        {
            self.ours = Some(Ours {
                connection,
                is_caller: false,
                offered: None,
            });
        }
        if let Some(mut theirs) = self.offered.take() {
            theirs.bound = Some(connection);
            self.theirs = Some(theirs);
        }
    }

    fn end(&mut self) {
        (self.ours, self.theirs, self.offered) = (None, None, None);
    }

    fn note_sent(&mut self, signal: &Signal) {
        let text = match signal {
            Signal::Description(description) => &description.sdp,
            Signal::Candidate(candidate) => &candidate.candidate,
            Signal::HangUp | Signal::Tunnelled(_) => return,
        };
        if self.sent.len() == MOST_KEPT {
            self.sent.remove(0);
        }
        self.sent.push(text.clone());
    }

    // ── From them ──────────────────────────────────────────────────────────────────────────────────────────

    /// What the server has brought.
    pub(crate) fn say(&mut self, now: Time, signal: Signal) -> Said {
        let text = match &signal {
            Signal::Description(description) => &description.sdp,
            Signal::Candidate(candidate) => &candidate.candidate,
            Signal::HangUp => return self.hang_up(),
            Signal::Tunnelled(_) => return Said::Nothing,
        };
        if self.sent.contains(text) {
            return Said::Nothing;
        }
        match signal {
            Signal::Description(Description { kind, sdp }) => match kind {
                DescriptionKind::Offer => self.they_offer(now, sdp),
                DescriptionKind::Answer => self.they_answer(sdp),
            },
            Signal::Candidate(candidate) => self.candidate(candidate),
            Signal::HangUp | Signal::Tunnelled(_) => Said::Nothing,
        }
    }

    fn they_offer(&mut self, now: Time, sdp: String) -> Said {
        let offered = self.ours.as_ref().and_then(|ours| ours.offered);
        if offered.is_some_and(|(_, at)| now < at + CROSSING) {
            return Said::Nothing;
        }
        let fingerprint = fingerprint(&sdp);
        let is_same = |theirs: &&mut Theirs| theirs.fingerprint == fingerprint;
        let offer = |exchange| PeerBody::Offer {
            sdp,
            exchange,
            warm: false,
            private: false,
        };
        if let Some(theirs) = self.theirs.as_mut().filter(is_same) {
            theirs.exchange += 1;
            let (connection, to, exchange) = (theirs.connection, theirs.bound, theirs.exchange);
            return self.message(connection, to, None, offer(exchange));
        }
        let theirs = self.new_connection(fingerprint);
        let connection = theirs.connection;
        self.offered = Some(theirs);
        let replaces = self.ours.as_ref().map(|ours| ours.connection);
        self.message(connection, None, replaces, offer(1))
    }

    fn they_answer(&mut self, sdp: String) -> Said {
        let open = |ours: &mut Ours| Some((ours.connection, ours.offered.take()?.0));
        let Some((ours, exchange)) = self.ours.as_mut().and_then(open) else {
            return Said::Nothing;
        };
        let fingerprint = fingerprint(&sdp);
        if let Some(theirs) = &self.theirs
            && theirs.fingerprint != fingerprint
        {
            return Said::SomebodyElse;
        }
        let connection = self.bind(ours, fingerprint);
        let answer = PeerBody::Answer { sdp, exchange };
        self.message(connection, Some(ours), None, answer)
    }

    /// What they have is connected with this end of ours.
    fn bind(&mut self, ours: ConnectionId, fingerprint: Option<String>) -> ConnectionId {
        if self.theirs.is_none() {
            self.theirs = Some(self.new_connection(fingerprint));
        }
        match &mut self.theirs {
            Some(theirs) => {
                theirs.bound = Some(ours);
                theirs.connection
            }
            None => ConnectionId(self.last_connection),
        }
    }

    fn hang_up(&mut self) -> Said {
        if let (None, Some(ours)) = (&self.theirs, &self.ours) {
            // Instead of an answer.
            self.bind(ours.connection, None);
        }
        let said = match self.theirs.as_ref().or(self.offered.as_ref()) {
            Some(theirs) => self.message(theirs.connection, theirs.bound, None, PeerBody::HangUp),
            None => Said::Nothing,
        };
        self.end();
        said
    }

    fn candidate(&mut self, candidate: IceCandidate) -> Said {
        match self.offered.as_ref().or(self.theirs.as_ref()) {
            Some(theirs) => {
                let body = PeerBody::Candidate(candidate);
                self.message(theirs.connection, theirs.bound, None, body)
            }
            // It came before its description.
            None => Said::Nothing,
        }
    }

    /// A connection of theirs that is new to us.
    fn new_connection(&mut self, fingerprint: Option<String>) -> Theirs {
        self.last_connection += 1;
        Theirs {
            connection: ConnectionId(self.last_connection),
            fingerprint,
            exchange: 1,
            bound: None,
        }
    }

    fn message(
        &mut self,
        connection: ConnectionId,
        to: Option<ConnectionId>,
        replaces: Option<ConnectionId>,
        body: PeerBody,
    ) -> Said {
        self.said += 1;
        self.presence = Presence::Known;
        Said::Message(encode_peer(&PeerMessage {
            number: self.said,
            ack: self.heard,
            after: None,
            connection,
            to,
            replaces,
            body,
        }))
    }
}

fn description(kind: DescriptionKind, sdp: String) -> Signal {
    Signal::Description(Description { kind, sdp })
}

/// The first fingerprint (RFC 8122).
fn fingerprint(sdp: &str) -> Option<String> {
    let (_, rest) = sdp.split_once("a=fingerprint:")?;
    Some(rest.lines().next()?.trim_end().to_owned())
}
