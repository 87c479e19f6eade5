//! Gateways at models of each kind of server.

#![allow(missing_docs)]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but does not take helpers for tests"
)]

use std::collections::VecDeque;
use std::time::Duration;

use visavis_gateway::{Dialect, Gateway, Input, Output, Time};
use visavis_protocol::dialect::ServerKind;
use visavis_protocol::dialect::native::{decode_peer, encode_peer};
use visavis_protocol::guest::{Guest, Presence, Renewal};
use visavis_protocol::ice::IceCandidate;
use visavis_protocol::id::{PeerId, RoomId, SeatSecret};
use visavis_protocol::name::GivenName;
use visavis_protocol::peer::{ConnectionId, PeerBody, PeerMessage};
use visavis_protocol::relay::{ClientMessage, LeaveReason, PeerText, RelayMessage};
use visavis_sealing::peer_id;

const SECOND: Duration = Duration::from_secs(1);

/// What a server does with what its clients say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Model {
    /// Socket.IO with rooms of two, which passes on `offer`, `answer`, `candidate`.
    Rooms,
    /// Socket.IO without rooms, which passes on `offer`, `answer`, `ice1`, `ice2`, `hangup`.
    NoRooms,
    /// Everything goes to everybody else.
    Broadcaster,
    /// Everything goes to everybody, the sender too.
    Echo,
}

impl Model {
    const ALL: [(Self, Dialect); 5] = [
        (Self::Rooms, Dialect::SocketIo),
        (Self::NoRooms, Dialect::SocketIo),
        (Self::Broadcaster, Dialect::Broadcast),
        (Self::Echo, Dialect::Broadcast),
        (Self::Broadcaster, Dialect::Plain),
    ];
}

/// A server, the gateways that are connected with it, and pages of other programs.
struct World {
    model: Model,
    now: Time,
    gateways: Vec<Gateway>,
    /// Who is in the room.
    seated: Vec<usize>,
    /// What each gateway has told.
    told: Vec<Vec<Output>>,
    /// What a page of another program hears.
    heard: Vec<String>,
    pending: VecDeque<(usize, Input)>,
}

/// Stands for the page of another program.
const PAGE: usize = usize::MAX;

impl World {
    fn new(model: Model, dialect: Dialect, gateways: usize) -> Self {
        let mut world = Self {
            model,
            now: SECOND,
            gateways: (0..gateways).map(|_| Gateway::new(dialect)).collect(),
            seated: Vec::new(),
            told: (0..gateways).map(|_| Vec::new()).collect(),
            heard: Vec::new(),
            pending: VecDeque::new(),
        };
        for index in 0..gateways {
            world.open(index);
            world.join(index);
        }
        world
    }

    fn open(&mut self, index: usize) {
        self.input(index, Input::Opened);
        if matches!(self.model, Model::Rooms | Model::NoRooms) {
            self.input(
                index,
                Input::Text(r#"0{"sid":"x","pingInterval":25000,"pingTimeout":20000}"#.into()),
            );
            self.input(index, Input::Text(r#"40{"sid":"y"}"#.into()));
        }
    }

    fn join(&mut self, index: usize) {
        self.say(
            index,
            ClientMessage::Join {
                room: RoomId::new("test").unwrap(),
                secret: secret(index),
                replaces: None,
                name: GivenName::default(),
            },
        );
    }

    fn say(&mut self, index: usize, message: ClientMessage) {
        self.input(index, Input::Client(message));
    }

    fn input(&mut self, index: usize, input: Input) {
        self.pending.push_back((index, input));
        self.settle();
    }

    /// What the page of another program says.
    fn page_says(&mut self, text: &str) {
        self.receive(PAGE, text.to_owned());
        self.settle();
    }

    fn settle(&mut self) {
        while let Some((index, input)) = self.pending.pop_front() {
            self.gateways[index].handle(self.now, input);
            while let Some(output) = self.gateways[index].poll() {
                match output {
                    Output::Send(text) => self.receive(index, text),
                    output => self.told[index].push(output),
                }
            }
        }
    }

    /// The server gets a text.
    fn receive(&mut self, from: usize, text: String) {
        match self.model {
            Model::Broadcaster => self.pass_on(from, &text, false),
            Model::Echo => self.pass_on(from, &text, true),
            Model::Rooms | Model::NoRooms => {
                let Some(event) = text.strip_prefix("42") else {
                    return;
                };
                let (name, rest) = event.strip_prefix("[\"").unwrap().split_once('"').unwrap();
                let passed_on: &[&str] = match self.model {
                    Model::Rooms => &["offer", "answer", "candidate"],
                    _ => &["offer", "answer", "ice1", "ice2", "hangup"],
                };
                if passed_on.contains(&name) {
                    return self.pass_on(from, &text, false);
                }
                if self.model == Model::NoRooms {
                    return;
                }
                match name {
                    "join" if self.seated.len() == 2 => self.deliver(from, "42[\"full\",\"test\"]"),
                    "join" => {
                        self.seated.push(from);
                        if let [first, second] = self.seated[..] {
                            self.deliver(first, "42[\"ready\",\"test\"]");
                            self.deliver(second, "42[\"ready\",\"test\"]");
                        }
                    }
                    "token" => {
                        let token = r#"42["token",{"iceServers":[{"url":"stun:192.0.2.1"},{"bad":1}],"ttl":"86400"}]"#;
                        self.deliver(from, token);
                    }
                    other => panic!("{other}{rest}"),
                }
            }
        }
    }

    fn pass_on(&mut self, from: usize, text: &str, echo: bool) {
        for index in (0..self.gateways.len()).chain([PAGE]) {
            // What the page gets back is of no interest.
            if index != from || echo && index != PAGE {
                self.deliver(index, text);
            }
        }
    }

    fn deliver(&mut self, to: usize, text: &str) {
        if to == PAGE {
            self.heard.push(text.to_owned());
        } else {
            self.pending.push_back((to, Input::Text(text.to_owned())));
        }
    }

    /// Time passes, and every timer is heard.
    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let due = |gateway: &Gateway| gateway.next_timeout().filter(|due| *due <= end);
            let next =
                (0..self.gateways.len()).filter_map(|index| Some((due(&self.gateways[index])?, index)));
            let Some((due, index)) = next.min() else { break };
            self.now = self.now.max(due);
            self.input(index, Input::Timeout);
        }
        self.now = end;
    }

    fn relay_messages(&self, index: usize) -> Vec<&RelayMessage> {
        let said = self.told[index].iter().filter_map(|output| match output {
            Output::Relay(RelayMessage::Ping) => None,
            Output::Relay(message) => Some(message),
            _ => None,
        });
        said.collect()
    }

    fn guests(&self, index: usize) -> Vec<(PeerId, Guest)> {
        let guest = |output: &Output| match output {
            Output::Guest(id, guest) => Some((id.clone(), *guest)),
            _ => None,
        };
        self.told[index].iter().filter_map(guest).collect()
    }

    /// What the guest has said to this gateway's client, as a session hears it.
    fn said_by_guest(&self, index: usize) -> Vec<PeerMessage> {
        let from = |message: &&RelayMessage| match message {
            RelayMessage::Message { from, message } if from.as_str().starts_with("guest-") => {
                Some(decode_peer(message).unwrap())
            }
            _ => None,
        };
        self.relay_messages(index).iter().filter_map(from).collect()
    }

    /// What our client says to the guest.
    fn say_to_guest(&mut self, number: u64, connection: u32, body: PeerBody) {
        let (to, _) = self.guests(0).pop().unwrap();
        let message = encode_peer(&PeerMessage {
            number,
            connection: ConnectionId(connection),
            ..PeerMessage::unnumbered(body)
        });
        self.say(0, ClientMessage::Send { to, message });
    }
}

fn secret(index: usize) -> SeatSecret {
    SeatSecret::new(format!("secret{index}")).unwrap()
}

fn name(index: usize) -> PeerId {
    peer_id(&secret(index))
}

fn ready(index: usize) -> RelayMessage {
    RelayMessage::Ready { peer: name(index) }
}

fn sdp(fingerprint: &str) -> String {
    format!("v=0\r\na=fingerprint:sha-256 {fingerprint}\r\n")
}

fn offer(fingerprint: &str, exchange: u32) -> PeerBody {
    PeerBody::Offer {
        sdp: sdp(fingerprint),
        exchange,
        warm: false,
        private: false,
    }
}

fn answer(fingerprint: &str, exchange: u32) -> PeerBody {
    PeerBody::Answer {
        sdp: sdp(fingerprint),
        exchange,
    }
}

fn candidate(text: &str) -> IceCandidate {
    IceCandidate {
        candidate: text.into(),
        sdp_mid: Some("0".into()),
        sdp_m_line_index: None,
        username_fragment: None,
    }
}

/// What a page of another program sends, as the text of each dialect.
fn wire(model: Model, dialect: Dialect, kind: &str, fingerprint: &str) -> String {
    let sdp = sdp(fingerprint).replace("\r\n", "\\r\\n");
    let description = format!(r#"{{"type":"{kind}","sdp":"{sdp}"}}"#);
    let candidate = format!(r#"{{"candidate":"candidate:{fingerprint}","sdpMid":"0"}}"#);
    let is_candidate = kind == "candidate";
    match (dialect, is_candidate) {
        (Dialect::SocketIo, false) => format!("42[\"{kind}\",{}]", quoted(&description)),
        (Dialect::SocketIo, true) => {
            let event = if model == Model::Rooms {
                "candidate"
            } else {
                "ice2"
            };
            format!("42[\"{event}\",{}]", quoted(&candidate))
        }
        (Dialect::Broadcast, false) => format!(r#"{{"message_type":"SDP","content":{description}}}"#),
        (Dialect::Broadcast, true) => format!(r#"{{"message_type":"CANDIDATE","content":{candidate}}}"#),
        (Dialect::Plain, false) => format!(r#"{{"{kind}":{description}}}"#),
        (Dialect::Plain, true) => format!(r#"{{"new-ice-candidate":{candidate}}}"#),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[test]
fn pages_find_each_other_and_what_they_say_passes_as_it_is() {
    for (model, dialect) in Model::ALL {
        let mut world = World::new(model, dialect, 2);
        world.pass(5 * SECOND);
        for (index, other) in [(0, 1), (1, 0)] {
            let told = world.relay_messages(index);
            let joined = RelayMessage::Joined {
                you: name(index),
                capacity: if dialect == Dialect::SocketIo { 2 } else { 8 },
            };
            assert!(told.contains(&&joined), "{model:?} {dialect:?}: {told:?}");
            let count = told.iter().filter(|message| ***message == ready(other)).count();
            assert_eq!(count, 1, "{model:?} {dialect:?}: {told:?}");
            assert_eq!(world.guests(index), [], "{model:?} {dialect:?}");
        }
        let message = PeerText("sealed \" \\ ✓".into());
        world.say(
            0,
            ClientMessage::Send {
                to: name(1),
                message: message.clone(),
            },
        );
        let from = name(0);
        let heard = RelayMessage::Message { from, message };
        let count = world
            .relay_messages(1)
            .iter()
            .filter(|message| ***message == heard)
            .count();
        assert_eq!(count, 1, "{model:?} {dialect:?}");
    }
}

#[test]
fn pages_stay_for_as_long_as_they_greet_and_leave_when_they_say_so() {
    for (model, dialect) in Model::ALL {
        let mut world = World::new(model, dialect, 2);
        world.pass(120 * SECOND);
        let left = |world: &World, reason| {
            let peer = name(1);
            world
                .relay_messages(0)
                .contains(&&RelayMessage::Left { peer, reason })
        };
        assert!(!left(&world, LeaveReason::Lost), "{model:?} {dialect:?}");
        let mut lost = World::new(model, dialect, 2);
        lost.pass(5 * SECOND);
        lost.input(1, Input::Closed);
        lost.pass(40 * SECOND);
        assert!(left(&lost, LeaveReason::Lost), "{model:?} {dialect:?}");
        world.say(1, ClientMessage::Leave);
        assert!(left(&world, LeaveReason::Left), "{model:?} {dialect:?}");
    }
}

#[test]
fn a_third_waits_at_a_full_room_and_gets_in_when_somebody_leaves() {
    let mut world = World::new(Model::Rooms, Dialect::SocketIo, 3);
    world.pass(20 * SECOND);
    let full = world
        .relay_messages(2)
        .into_iter()
        .filter(|it| matches!(it, RelayMessage::Full { .. }));
    assert_eq!(full.count(), 1, "it is said once");
    world.seated.retain(|index| *index != 1);
    world.input(1, Input::Closed);
    world.pass(10 * SECOND);
    assert!(world.relay_messages(2).contains(&&ready(0)));
    let rejoined = world.told[2]
        .iter()
        .any(|it| matches!(it, Output::Relay(RelayMessage::Joined { .. })));
    assert!(rejoined);
}

#[test]
fn whoever_does_not_greet_is_a_guest() {
    for (model, dialect) in Model::ALL {
        let mut world = World::new(model, dialect, 1);
        let renewal = match dialect {
            Dialect::SocketIo => Renewal::NewConnection,
            _ => Renewal::SameConnection,
        };
        if model == Model::Rooms {
            world.pass(20 * SECOND);
            assert_eq!(world.guests(0), [], "this server says when somebody comes");
            world.page_says("42[\"join\",\"test\"]");
        }
        world.pass(5 * SECOND);
        let presence = match model {
            Model::Rooms => Presence::Known,
            _ => Presence::Assumed,
        };
        let guests: Vec<_> = world.guests(0).into_iter().map(|(_, guest)| guest).collect();
        assert_eq!(guests, [Guest { presence, renewal }], "{model:?} {dialect:?}");
    }
}

/// A gateway that has a guest.
fn with_guest(model: Model, dialect: Dialect) -> World {
    let mut world = World::new(model, dialect, 1);
    if model == Model::Rooms {
        world.page_says("42[\"join\",\"test\"]");
    }
    world.pass(5 * SECOND);
    world.heard.clear();
    world
}

#[test]
fn a_guest_is_called_and_answers() {
    for (model, dialect) in Model::ALL {
        let mut world = with_guest(model, dialect);
        world.say_to_guest(1, 1, offer("ours", 1));
        assert_eq!(world.heard.len(), 1, "{model:?} {dialect:?}: {:?}", world.heard);
        assert!(world.heard[0].contains("a=fingerprint:sha-256 ours"));
        world.page_says(&wire(model, dialect, "answer", "theirs"));
        world.page_says(&wire(model, dialect, "candidate", "theirs"));
        let said = world.said_by_guest(0);
        assert_eq!(said.len(), 2, "{model:?} {dialect:?}: {said:?}");
        let to = Some(ConnectionId(1));
        assert_eq!(
            (said[0].number, said[0].ack, said[0].connection, said[0].to),
            (1, 1, ConnectionId(1), to)
        );
        assert!(said[0].body == answer("theirs", 1));
        assert_eq!((said[1].number, said[1].to), (2, to));
        world.heard.clear();
        world.say_to_guest(2, 1, PeerBody::Candidate(candidate("candidate:ours")));
        world.say_to_guest(3, 1, PeerBody::Candidate(candidate("")));
        world.say_to_guest(2, 1, PeerBody::Candidate(candidate("candidate:ours")));
        assert_eq!(world.heard.len(), 1, "{model:?} {dialect:?}: {:?}", world.heard);
        let event = match (model, dialect) {
            (Model::Rooms, _) => "[\"candidate\",",
            (Model::NoRooms, _) => "[\"ice1\",",
            (_, Dialect::Plain) => "\"iceCandidate\":",
            _ => "\"CANDIDATE\"",
        };
        assert!(world.heard[0].contains(event), "{:?}", world.heard);
    }
}

#[test]
fn a_guest_calls_and_is_answered() {
    for (model, dialect) in Model::ALL {
        let mut world = with_guest(model, dialect);
        world.page_says(&wire(model, dialect, "candidate", "early"));
        world.page_says(&wire(model, dialect, "offer", "theirs"));
        world.page_says(&wire(model, dialect, "candidate", "theirs"));
        let said = world.said_by_guest(0);
        assert_eq!(said.len(), 2, "{model:?} {dialect:?}: {said:?}");
        assert!(said[0].body == offer("theirs", 1));
        assert_eq!((said[0].to, said[0].replaces), (None, None));
        assert_eq!((said[1].connection, said[1].to), (said[0].connection, None));
        assert_eq!(world.guests(0).last().unwrap().1.presence, Presence::Known);
        world.say_to_guest(1, 1, answer("ours", 1));
        world.say_to_guest(2, 1, PeerBody::Candidate(candidate("candidate:ours")));
        assert_eq!(world.heard.len(), 2, "{model:?} {dialect:?}: {:?}", world.heard);
        if model == Model::NoRooms {
            assert!(world.heard[1].contains("[\"ice2\","), "{:?}", world.heard);
        }
        world.page_says(&wire(model, dialect, "candidate", "more"));
        assert_eq!(world.said_by_guest(0)[2].to, Some(ConnectionId(1)));
    }
}

#[test]
fn what_a_guest_would_not_understand_stays_here() {
    for (model, dialect) in Model::ALL {
        let mut world = with_guest(model, dialect);
        let warm = PeerBody::Offer {
            sdp: sdp("ours"),
            exchange: 1,
            warm: true,
            private: false,
        };
        let call = PeerBody::Call { private: false };
        for (number, body) in [warm, call, PeerBody::Ringing, PeerBody::HangUp]
            .into_iter()
            .enumerate()
        {
            world.say_to_guest(number as u64 + 1, 1, body);
        }
        assert_eq!(world.heard, [""; 0], "{model:?} {dialect:?}");
    }
}

#[test]
fn an_offer_that_crosses_ours_is_passed_over_and_a_later_one_is_not() {
    for (model, dialect) in Model::ALL {
        let mut world = with_guest(model, dialect);
        world.say_to_guest(1, 1, offer("ours", 1));
        world.page_says(&wire(model, dialect, "offer", "theirs"));
        world.page_says(&wire(model, dialect, "candidate", "theirs"));
        assert_eq!(world.said_by_guest(0).len(), 0, "{model:?} {dialect:?}");
        world.pass(3 * SECOND);
        world.page_says(&wire(model, dialect, "offer", "later"));
        let said = world.said_by_guest(0);
        assert_eq!(
            (said.len(), said[0].replaces),
            (1, Some(ConnectionId(1))),
            "{model:?} {dialect:?}"
        );
    }
}

/// A call with a guest, who answered.
fn in_call(model: Model, dialect: Dialect) -> World {
    let mut world = with_guest(model, dialect);
    world.say_to_guest(1, 1, offer("ours", 1));
    world.page_says(&wire(model, dialect, "answer", "theirs"));
    world
}

#[test]
fn a_stranger_disturbs_no_call() {
    for (model, dialect) in Model::ALL {
        let mut world = in_call(model, dialect);
        // The session passes it over: the connection is well.
        world.page_says(&wire(model, dialect, "offer", "stranger"));
        world.page_says(&wire(model, dialect, "answer", "stranger"));
        world.say_to_guest(2, 1, offer("ours", 2));
        world.page_says(&wire(model, dialect, "answer", "theirs"));
        let last = world.said_by_guest(0).pop().unwrap();
        assert_eq!(
            (last.connection, last.to),
            (ConnectionId(1), Some(ConnectionId(1)))
        );
        assert!(last.body == answer("theirs", 2), "{model:?} {dialect:?}");
        assert_eq!(world.guests(0).last().unwrap().0, world.guests(0)[0].0);
    }
}

#[test]
fn another_page_that_answers_in_the_place_of_the_first_is_another_guest() {
    for (model, dialect) in Model::ALL {
        let mut world = in_call(model, dialect);
        let (first, _) = world.guests(0).pop().unwrap();
        world.say_to_guest(2, 1, offer("ours", 2));
        world.page_says(&wire(model, dialect, "answer", "reloaded"));
        let left = RelayMessage::Left {
            peer: first.clone(),
            reason: LeaveReason::Left,
        };
        assert!(world.relay_messages(0).contains(&&left), "{model:?} {dialect:?}");
        assert_ne!(world.guests(0).pop().unwrap().0, first);
    }
}

#[test]
fn a_call_outlives_the_server() {
    for (model, dialect) in Model::ALL {
        let mut world = in_call(model, dialect);
        let (guest, _) = world.guests(0).pop().unwrap();
        world.input(0, Input::Closed);
        world.seated.clear();
        world.pass(10 * SECOND);
        world.told[0].clear();
        world.heard.clear();
        world.open(0);
        world.join(0);
        world.pass(3 * SECOND);
        assert_eq!(world.guests(0).len(), 1, "{model:?} {dialect:?}");
        assert_eq!(world.guests(0)[0].0, guest);
        let left = |it: &&RelayMessage| matches!(it, RelayMessage::Left { .. });
        assert_eq!(world.relay_messages(0).iter().filter(|it| left(it)).count(), 0);
        // What is said again has gone to them.
        world.say_to_guest(1, 1, offer("ours", 1));
        let offers = world
            .heard
            .iter()
            .filter(|text| text.contains("fingerprint"))
            .count();
        assert_eq!(offers, 0, "{model:?} {dialect:?}");
    }
}

#[test]
fn a_page_that_is_loaded_anew_is_another_guest() {
    let mut world = in_call(Model::Rooms, Dialect::SocketIo);
    let (guest, _) = world.guests(0).pop().unwrap();
    world.seated.retain(|index| *index != PAGE);
    world.page_says("42[\"join\",\"test\"]");
    let left = RelayMessage::Left {
        peer: guest.clone(),
        reason: LeaveReason::Left,
    };
    assert!(world.relay_messages(0).contains(&&left));
    world.pass(2 * SECOND);
    assert_ne!(world.guests(0).pop().unwrap().0, guest);
}

#[test]
fn who_hangs_up_is_heard_where_the_program_says_it() {
    let mut world = in_call(Model::NoRooms, Dialect::SocketIo);
    world.heard.clear();
    world.say_to_guest(2, 1, PeerBody::HangUp);
    assert_eq!(world.heard, ["42[\"hangup\"]"]);
    let mut world = in_call(Model::NoRooms, Dialect::SocketIo);
    world.page_says("42[\"hangup\"]");
    let last = world.said_by_guest(0).pop().unwrap();
    assert_eq!(
        (last.connection, last.to),
        (ConnectionId(1), Some(ConnectionId(1)))
    );
    assert!(last.body == PeerBody::HangUp);
    // Instead of an answer.
    let mut world = with_guest(Model::NoRooms, Dialect::SocketIo);
    world.say_to_guest(1, 1, offer("ours", 1));
    world.page_says("42[\"hangup\"]");
    assert!(world.said_by_guest(0).pop().unwrap().body == PeerBody::HangUp);
}

#[test]
fn ice_servers_come_from_servers_that_have_them() {
    for (model, dialect) in Model::ALL {
        let mut world = World::new(model, dialect, 1);
        world.pass(3 * SECOND);
        world.told[0].clear();
        world.say(0, ClientMessage::Token);
        world.pass(3 * SECOND);
        let told = world.relay_messages(0);
        let [RelayMessage::Token { ice_servers, .. }] = told[..] else {
            panic!("{model:?} {dialect:?}: {told:?}");
        };
        let urls: Vec<_> = ice_servers
            .iter()
            .flat_map(|server| server.urls.clone())
            .collect();
        let expected: &[&str] = if model == Model::Rooms {
            &["stun:192.0.2.1"]
        } else {
            &[]
        };
        assert_eq!(urls, expected, "{model:?}");
    }
}

#[test]
fn a_server_of_another_kind_is_named() {
    let welcome = r#"{"type":"welcome"}"#;
    let greeting = r#"0{"sid":"x"}"#;
    let (sdp, plain) = (
        r#"{"message_type":"SDP","content":{"type":"offer","sdp":""}}"#,
        r#"{"offer":{"type":"offer","sdp":""}}"#,
    );
    for (dialect, text, kind) in [
        (Dialect::SocketIo, welcome, ServerKind::Visavis),
        (Dialect::SocketIo, sdp, ServerKind::Broadcast),
        (Dialect::Broadcast, welcome, ServerKind::Visavis),
        (Dialect::Broadcast, greeting, ServerKind::SocketIo),
        (Dialect::Broadcast, plain, ServerKind::Plain),
        (Dialect::Plain, welcome, ServerKind::Visavis),
        (Dialect::Plain, sdp, ServerKind::Broadcast),
    ] {
        let mut gateway = Gateway::new(dialect);
        gateway.handle(SECOND, Input::Opened);
        gateway.handle(SECOND, Input::Text(text.into()));
        let mistaken =
            std::iter::from_fn(|| gateway.poll()).any(|it| matches!(it, Output::Mistaken(it) if it == kind));
        assert!(mistaken, "{dialect:?} {text}");
    }
    let mut silent = Gateway::new(Dialect::SocketIo);
    silent.handle(SECOND, Input::Opened);
    silent.handle(60 * SECOND, Input::Timeout);
    assert!(matches!(silent.poll(), Some(Output::Dead)), "it says nothing");
}

#[test]
fn a_socket_io_server_that_falls_silent_is_given_up() {
    let mut world = World::new(Model::NoRooms, Dialect::SocketIo, 1);
    for _ in 0..4 {
        world.pass(25 * SECOND);
        world.input(0, Input::Text("2".into()));
    }
    assert!(!world.told[0].iter().any(|it| matches!(it, Output::Dead)));
    world.pass(46 * SECOND);
    assert!(world.told[0].iter().any(|it| matches!(it, Output::Dead)));
}

#[test]
fn nonsense_changes_nothing() {
    let long = format!(r#"{{"offer":{{"type":"offer","sdp":"{}"}}}}"#, "x".repeat(70_000));
    for (model, dialect) in Model::ALL {
        let mut world = in_call(model, dialect);
        let before = world.told[0].len();
        for text in [
            "",
            "4",
            "42",
            "42[",
            "42[\"offer\"]",
            "42[\"offer\",7]",
            "42[\"token\",null]",
            "42[\"é",
            "é",
            "{",
            "null",
            r#"{"message_type":"SDP","content":7}"#,
            r#"{"message_type":"visavis","content":"{}"}"#,
            r#"{"offer":{"type":"rollback","sdp":""}}"#,
            r#"{"visavis":"x"}"#,
            &long,
        ] {
            world.input(0, Input::Text(text.to_owned()));
        }
        assert_eq!(world.told[0].len(), before, "{model:?} {dialect:?}");
    }
}
