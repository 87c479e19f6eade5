//! A session with a guest: a page of another program, behind a gateway.

use std::time::Duration;

use visavis_gateway::{Dialect, Gateway, Input, Output};
use visavis_protocol::id::{RoomId, SeatSecret};
use visavis_protocol::name::GivenName;
use visavis_protocol::relay::{ClientMessage, RelayMessage};

use super::*;

/// Our session, the gateway, and what the guest's page hears.
struct AtServer {
    end: End,
    gateway: Gateway,
    heard: Vec<String>,
}

impl AtServer {
    /// At a server where everybody hears everything, in this room. `test` is everybody's.
    fn new(dialect: Dialect, room: &str) -> Self {
        let mut at = Self {
            end: End::new("us", "guest-1", PreConnection::On),
            gateway: Gateway::new(dialect, RoomId::new("test").unwrap()),
            heard: Vec::new(),
        };
        at.end.session.presence = super::super::Presence::Gone;
        at.input(Input::Opened);
        if dialect == Dialect::SocketIo {
            at.input(Input::Text("0{\"sid\":\"x\"}".into()));
            at.input(Input::Text("40{\"sid\":\"y\"}".into()));
        }
        at.input(Input::Client(ClientMessage::Join {
            room: RoomId::new(room).unwrap(),
            secret: SeatSecret::new("secret").unwrap(),
            replaces: None,
            name: GivenName::default(),
        }));
        at.pass(5000);
        at.heard.clear();
        at
    }

    /// Takes it to the gateway, and carries out everything until nothing is left.
    fn input(&mut self, input: Input) {
        self.gateway.handle(Duration::from_millis(self.end.now.0), input);
        self.run();
    }

    fn event(&mut self, event: Event<'_>) {
        self.end.handle(event);
        self.run();
    }

    fn run(&mut self) {
        loop {
            while let Some(output) = self.gateway.poll() {
                match output {
                    Output::Send(text) => self.heard.push(text),
                    Output::Guest(_, guest) => {
                        let was_here = self.end.session.is_here();
                        self.end.session.enter();
                        self.end.handle(Event::Guest(guest));
                        if !was_here {
                            self.end.handle(Event::Arrived);
                        }
                    }
                    Output::Relay(RelayMessage::Message { message, .. }) => {
                        self.end.handle(Event::Text(&message));
                    }
                    Output::Relay(RelayMessage::Left { reason, .. }) => self.end.handle(Event::Left(reason)),
                    Output::Relay(_) | Output::Reached | Output::Mistaken(_) | Output::Dead => {}
                }
            }
            let Some(event) = self.end.session.poll() else {
                break;
            };
            match event {
                SessionEvent::Send(message) => {
                    let to = self.end.session.id().clone();
                    let send = Input::Client(ClientMessage::Send { to, message });
                    self.gateway.handle(Duration::from_millis(self.end.now.0), send);
                }
                SessionEvent::Connection(id, op) => self.end.connection(id, op),
                SessionEvent::WantsIceServers => self.end.handle(Event::IceServers),
                SessionEvent::Answered => self.end.told.push("answered"),
                SessionEvent::Connected => self.end.told.push("connected"),
                SessionEvent::Ended(..) => self.end.told.push("ended"),
                SessionEvent::Silent | SessionEvent::SilentLikeTheRelay | SessionEvent::Estimated => {}
                SessionEvent::Wrote(_) => panic!("guests write nothing"),
            }
        }
    }

    /// Time passes for both.
    fn pass(&mut self, milliseconds: u64) {
        let end = Time(self.end.now.0 + milliseconds);
        loop {
            let session = self.end.session.next_timeout().map(|due| due.0);
            let gateway = self
                .gateway
                .next_timeout()
                .and_then(|due| u64::try_from(due.as_millis()).ok());
            let Some(due) = [session, gateway]
                .into_iter()
                .flatten()
                .min()
                .filter(|due| *due <= end.0)
            else {
                break;
            };
            self.end.now = Time(due.max(self.end.now.0));
            if session == Some(due) {
                self.event(Event::Timeout);
            } else {
                self.input(Input::Timeout);
            }
        }
        self.end.now = end;
    }

    fn page_says(&mut self, kind: &str, certificate: &str) {
        let byte = certificate.bytes().fold(0_u8, u8::wrapping_add);
        let digits = vec![format!("{byte:02X}"); 32].join(":");
        let sdp = format!("a=ice-ufrag:{certificate}\\r\\na=fingerprint:sha-256 {digits}\\r\\n");
        let description = format!(r#"{{"type":"{kind}","sdp":"{sdp}"}}"#);
        let text = match kind {
            "hangup" => "42[\"hangup\"]".to_owned(),
            _ if self.is_socket_io() => format!("42[\"{kind}\",{description}]"),
            _ => format!(r#"{{"message_type":"SDP","content":{description}}}"#),
        };
        self.input(Input::Text(text));
    }

    fn is_socket_io(&self) -> bool {
        matches!(self.end.session.guest, Some(guest) if guest.renewal == visavis_protocol::guest::Renewal::NewConnection)
    }

    /// How many descriptions of this kind the page has heard since it was asked last.
    fn hears(&mut self, kind: &str) -> usize {
        let word = format!("\"type\":\"{kind}\"");
        let quoted = word.replace('"', "\\\"");
        let heard = std::mem::take(&mut self.heard);
        heard
            .iter()
            .filter(|text| text.contains(&word) || text.contains(&quoted))
            .count()
    }

    fn told(&mut self) -> Vec<&'static str> {
        std::mem::take(&mut self.end.told)
    }
}

const EACH: [Dialect; 2] = [Dialect::SocketIo, Dialect::Broadcast];

#[test]
fn nothing_is_connected_before_a_call() {
    for dialect in EACH {
        let mut at = AtServer::new(dialect, "test");
        assert_eq!(at.end.state(), Some(PersonState::Here), "{dialect:?}");
        at.event(Event::PreConnection);
        assert_eq!(at.hears("offer"), 0, "{dialect:?}");
    }
}

#[test]
fn calls_follow_each_other_whoever_makes_them() {
    for dialect in EACH {
        let mut at = AtServer::new(dialect, "test");
        for round in 0..4 {
            let certificate = format!("{round}");
            if round % 2 == 0 {
                at.event(Event::Call(CallKind::Open));
                assert_eq!(at.hears("offer"), 1, "{dialect:?}, {round}");
                at.page_says("answer", &certificate);
                assert_eq!(at.told(), ["connected"], "{dialect:?}, {round}");
            } else {
                at.page_says("offer", &certificate);
                assert_eq!(at.hears("answer"), 1, "{dialect:?}, {round}");
                assert_eq!(at.told(), ["answered", "connected"], "{dialect:?}, {round}");
            }
            at.event(Event::HangUp);
            assert_eq!(at.told(), ["ended"]);
            at.pass(3000);
            at.heard.clear();
        }
    }
}

#[test]
fn who_may_not_know_our_room_is_answered_by_the_person() {
    for dialect in EACH {
        let mut at = AtServer::new(dialect, "quiet-river");
        at.page_says("offer", "theirs");
        assert_eq!(at.end.state(), Some(PersonState::Calling), "{dialect:?}");
        assert_eq!(at.told(), [""; 0]);
        at.event(Event::Call(CallKind::Open));
        assert_eq!(at.end.state(), Some(PersonState::Connected), "{dialect:?}");
    }
}

/// Somebody whom we have called before they were there calls us: they get an answer, and not our old offer.
#[test]
fn who_calls_after_we_called_into_the_blue_is_answered() {
    for dialect in EACH {
        let mut at = AtServer::new(dialect, "test");
        at.event(Event::Call(CallKind::Open));
        assert_eq!(at.hears("offer"), 1);
        at.pass(5000);
        // Without candidates, it was made anew meanwhile.
        at.heard.clear();
        at.page_says("offer", "theirs");
        let heard = at.heard.clone();
        assert_eq!(at.hears("answer"), 1, "{dialect:?}");
        at.heard = heard;
        assert_eq!(at.hears("offer"), 0, "{dialect:?}");
        assert_eq!(at.end.state(), Some(PersonState::Connected), "{dialect:?}");
    }
}

#[test]
fn an_offer_in_the_place_of_a_connection_that_is_well_changes_nothing() {
    for dialect in EACH {
        let mut at = AtServer::new(dialect, "test");
        at.event(Event::Call(CallKind::Open));
        at.page_says("answer", "theirs");
        let before = at.end.session.last_connection_id();
        at.heard.clear();
        for stranger in ["stranger", "another", "stranger"] {
            at.page_says("offer", stranger);
        }
        assert_eq!(at.end.session.last_connection_id(), before, "{dialect:?}");
        assert_eq!(at.hears("answer"), 0, "{dialect:?}");
        assert_eq!(at.end.state(), Some(PersonState::Connected), "{dialect:?}");
    }
}

/// Who was loaded anew offers at once: our connection only seems to be well, and the offer comes again.
#[test]
fn an_offer_in_the_place_of_a_connection_that_is_lost_is_answered() {
    for dialect in EACH {
        let mut at = AtServer::new(dialect, "test");
        at.event(Event::Call(CallKind::Open));
        at.page_says("answer", "theirs");
        at.heard.clear();
        at.page_says("offer", "reloaded");
        let link = at.end.session.last_connection_id();
        let lost = PeerEvent::ConnectionState(ConnectionState::Disconnected);
        at.event(Event::Connection(link, lost));
        at.pass(4500);
        assert_eq!(at.hears("answer"), 1, "{dialect:?}");
        assert_eq!(at.end.state(), Some(PersonState::Connected), "{dialect:?}");
    }
}

#[test]
fn a_lost_connection_is_made_anew_where_ice_cannot_be_restarted() {
    let mut at = AtServer::new(Dialect::SocketIo, "test");
    at.event(Event::Call(CallKind::Open));
    at.page_says("answer", "theirs");
    at.heard.clear();
    let link = at.end.session.last_connection_id();
    let lost = PeerEvent::ConnectionState(ConnectionState::Failed);
    at.event(Event::Connection(link, lost));
    at.pass(1000);
    assert_eq!(at.hears("offer"), 1);
    assert_ne!(at.end.session.last_connection_id(), link);
    at.page_says("answer", "reloaded");
    assert_eq!(at.end.state(), Some(PersonState::Connected));
}

/// Our browser wants to negotiate a data channel, of which they know nothing.
#[test]
fn nothing_is_offered_in_a_call_that_they_have_made() {
    for dialect in EACH {
        let mut at = AtServer::new(dialect, "test");
        at.page_says("offer", "theirs");
        let link = at.end.session.last_connection_id();
        at.event(Event::Connection(link, PeerEvent::NegotiationNeeded));
        assert_eq!(at.hears("offer"), 0, "{dialect:?}");
    }
}

#[test]
fn ice_is_restarted_where_it_can_be() {
    let mut at = AtServer::new(Dialect::Broadcast, "test");
    at.page_says("offer", "theirs");
    let link = at.end.session.last_connection_id();
    let lost = PeerEvent::ConnectionState(ConnectionState::Failed);
    at.event(Event::Connection(link, lost));
    at.pass(1000);
    assert_eq!(at.hears("offer"), 1);
    assert_eq!(at.end.session.last_connection_id(), link);
    at.page_says("answer", "theirs");
    let back = PeerEvent::ConnectionState(ConnectionState::Connected);
    at.event(Event::Connection(link, back));
    assert_eq!(at.end.state(), Some(PersonState::Connected));
}
