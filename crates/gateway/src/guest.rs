//! A page of another program. It says and understands an offer, its answer, candidates, and at most a
//! hang-up: here, that becomes the numbered messages of a peer, and the other way round.

use std::collections::VecDeque;
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

/// After how long an offer that was not answered is said once more. By then it is known whether the
/// connection that it would replace is well: if so, a stranger has offered.
const AGAIN: Duration = Duration::from_secs(4);

/// How many of our texts are kept, to know them again; and how much of what may have to be said again.
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
    /// One that is offered in the place of it, until we answer. A stranger may have offered it, and we don't.
    offered: Option<Offered>,
    /// What we have said, as some servers give it back.
    sent: VecDeque<String>,
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
    ufrags: Vec<String>,
    /// The last exchange that they have opened.
    exchange: u32,
    /// Our end, once one side has answered the other.
    bound: Option<ConnectionId>,
}

/// An end that waits for our answer.
#[derive(Debug)]
struct Offered {
    theirs: Theirs,
    /// All that was said of it.
    said: Vec<PeerBody>,
    /// When it is said again.
    again: Option<Time>,
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
            sent: VecDeque::new(),
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
        let signal = match message.body {
            // They would take it for a call.
            PeerBody::Offer { warm: true, .. } => return None,
            PeerBody::Offer { sdp, exchange, .. } if is_new || self.awaits_answer(exchange) => {
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
            body if is_new && body.ends() => {
                // Of an offer that we only heard they hear nothing: everybody would.
                let has_begun = self.ours.is_some();
                self.end();
                return has_begun.then_some(Signal::HangUp);
            }
            _ => return None,
        };
        self.note_sent(&signal);
        Some(signal)
    }

    fn awaits_answer(&self, exchange: u32) -> bool {
        let offered = self.ours.as_ref().and_then(|ours| ours.offered);
        offered.is_some_and(|(offered, _)| offered == exchange)
    }

    fn offer(&mut self, now: Time, connection: ConnectionId, exchange: u32) {
        self.offered = None;
        let ours = self.ours_of(connection, true);
        ours.offered = Some((exchange, now));
    }

    fn answer(&mut self, connection: ConnectionId) {
        self.ours_of(connection, false);
        if let Some(Offered { mut theirs, .. }) = self.offered.take() {
            theirs.bound = Some(connection);
            self.theirs = Some(theirs);
        }
    }

    /// Our end of this number. A new one leaves theirs of the last one behind.
    fn ours_of(&mut self, connection: ConnectionId, is_caller: bool) -> &mut Ours {
        if self
            .ours
            .as_ref()
            .is_none_or(|ours| ours.connection != connection)
        {
            (self.ours, self.theirs) = (None, None);
        }
        self.ours.get_or_insert(Ours {
            connection,
            is_caller,
            offered: None,
        })
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
            self.sent.pop_front();
        }
        self.sent.push_back(text.clone());
    }

    // ── From them ──────────────────────────────────────────────────────────────────────────────────────────

    /// What they say by something that the server has brought, if it is something.
    pub(crate) fn say(&mut self, now: Time, signal: Signal) -> Option<PeerText> {
        match signal {
            Signal::Description(Description { kind, sdp }) if !self.sent.contains(&sdp) => match kind {
                DescriptionKind::Offer => self.they_offer(now, sdp),
                DescriptionKind::Answer => self.they_answer(sdp),
            },
            Signal::Candidate(candidate) if !self.sent.contains(&candidate.candidate) => {
                self.candidate(candidate)
            }
            Signal::HangUp => self.hang_up(),
            // Our own, given back.
            Signal::Description(_) | Signal::Candidate(_) | Signal::Tunnelled(_) => None,
        }
    }

    fn they_offer(&mut self, now: Time, sdp: String) -> Option<PeerText> {
        let offered = self.ours.as_ref().and_then(|ours| ours.offered);
        if offered.is_some_and(|(_, at)| now < at + CROSSING) {
            return None;
        }
        let fingerprint = fingerprint(&sdp);
        let ufrags = ufrags(&sdp);
        let offer = |exchange| PeerBody::Offer {
            sdp,
            exchange,
            warm: false,
            private: false,
        };
        if let Some(theirs) = &mut self.theirs
            && theirs.fingerprint == fingerprint
        {
            theirs.exchange += 1;
            theirs.ufrags = ufrags;
            let (connection, to, exchange) = (theirs.connection, theirs.bound, theirs.exchange);
            return Some(self.message(connection, to, None, offer(exchange)));
        }
        let theirs = self.new_connection(fingerprint, ufrags);
        let (connection, body) = (theirs.connection, offer(1));
        self.offered = Some(Offered {
            theirs,
            said: vec![body.clone()],
            again: Some(now + AGAIN),
        });
        Some(self.message(connection, None, self.replaced(), body))
    }

    /// Our end that their next connection takes the place of.
    fn replaced(&self) -> Option<ConnectionId> {
        self.ours.as_ref().map(|ours| ours.connection)
    }

    fn they_answer(&mut self, sdp: String) -> Option<PeerText> {
        let ours = self.ours.as_mut()?;
        let (exchange, _) = ours.offered?;
        let fingerprint = fingerprint(&sdp);
        // At a server where everybody hears everything, other pages answer as well.
        if let Some(theirs) = &self.theirs
            && theirs.fingerprint != fingerprint
        {
            return None;
        }
        ours.offered = None;
        let bound = ours.connection;
        self.offered = None;
        let ufrags = ufrags(&sdp);
        let connection = self.bind(bound, fingerprint, ufrags);
        let answer = PeerBody::Answer { sdp, exchange };
        Some(self.message(connection, Some(bound), None, answer))
    }

    /// What they have is connected with this end of ours.
    fn bind(&mut self, ours: ConnectionId, fingerprint: Option<String>, ufrags: Vec<String>) -> ConnectionId {
        let mut theirs = match self.theirs.take() {
            Some(theirs) => theirs,
            None => self.new_connection(fingerprint, Vec::new()),
        };
        theirs.ufrags = ufrags;
        theirs.bound = Some(ours);
        self.theirs.insert(theirs).connection
    }

    fn hang_up(&mut self) -> Option<PeerText> {
        if let (None, Some(ours)) = (&self.theirs, &self.ours) {
            // Instead of an answer.
            self.bind(ours.connection, None, Vec::new());
        }
        let offered = self.offered.as_ref().map(|offered| &offered.theirs);
        let theirs = self.theirs.as_ref().or(offered)?;
        let (connection, to) = (theirs.connection, theirs.bound);
        let said = self.message(connection, to, None, PeerBody::HangUp);
        self.end();
        Some(said)
    }

    fn candidate(&mut self, candidate: IceCandidate) -> Option<PeerText> {
        let is_of = |theirs: &Theirs| {
            let ufrag = candidate.ufrag();
            ufrag.is_some_and(|ufrag| theirs.ufrags.iter().any(|known| known == ufrag))
        };
        let body = PeerBody::Candidate(candidate.clone());
        if let Some(Offered { theirs, said, .. }) = &mut self.offered
            && (self.theirs.is_none() || is_of(theirs))
        {
            if said.len() < MOST_KEPT {
                said.push(body.clone());
            }
            let connection = theirs.connection;
            return Some(self.message(connection, None, None, body));
        }
        // Otherwise, it came before its description.
        let theirs = self.theirs.as_ref()?;
        let (connection, to) = (theirs.connection, theirs.bound);
        Some(self.message(connection, to, None, body))
    }

    /// A connection of theirs that is new to us.
    fn new_connection(&mut self, fingerprint: Option<String>, ufrags: Vec<String>) -> Theirs {
        self.last_connection += 1;
        Theirs {
            connection: ConnectionId(self.last_connection),
            fingerprint,
            ufrags,
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
    ) -> PeerText {
        self.said += 1;
        self.presence = Presence::Known;
        encode_peer(&PeerMessage {
            number: self.said,
            ack: self.heard,
            // Nobody repeats what is lost here.
            after: Some(0),
            connection,
            to,
            replaces,
            body,
        })
    }

    // ── Time ───────────────────────────────────────────────────────────────────────────────────────────────

    pub(crate) fn next_timeout(&self) -> Option<Time> {
        self.offered.as_ref()?.again
    }

    /// What they say once more.
    pub(crate) fn timeout(&mut self, now: Time) -> Vec<PeerText> {
        let Some(offered) = &mut self.offered else {
            return Vec::new();
        };
        if offered.again.is_none_or(|again| now < again) {
            return Vec::new();
        }
        offered.again = None;
        let (connection, said) = (offered.theirs.connection, offered.said.clone());
        let replaces = self.replaced();
        let again = |body| self.message(connection, None, replaces, body);
        said.into_iter().map(again).collect()
    }
}

fn description(kind: DescriptionKind, sdp: String) -> Signal {
    Signal::Description(Description { kind, sdp })
}

/// The first fingerprint (RFC 8122).
fn fingerprint(sdp: &str) -> Option<String> {
    values(sdp, "a=fingerprint:").next()
}

fn ufrags(sdp: &str) -> Vec<String> {
    values(sdp, "a=ice-ufrag:").collect()
}

fn values<'a>(sdp: &'a str, attribute: &'a str) -> impl Iterator<Item = String> + use<'a> {
    let value = move |line: &str| Some(line.strip_prefix(attribute)?.trim_end().to_owned());
    sdp.lines().filter_map(value)
}
