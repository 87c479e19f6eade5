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
    /// Which room they join.
    room: RoomId,
    /// Whether the server has ICE servers, and for how long it looks for them.
    token: Option<Time>,
    /// What it is yet to say of them, and when.
    tokens: VecDeque<(Time, usize)>,
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
        let mut world = Self::empty(model, dialect, gateways);
        for index in 0..gateways {
            world.open(index);
            world.join(index);
        }
        world
    }

    /// Nobody is there yet.
    fn empty(model: Model, dialect: Dialect, gateways: usize) -> Self {
        Self {
            model,
            room: commons(),
            token: Some(Time::ZERO),
            tokens: VecDeque::new(),
            now: SECOND,
            gateways: (0..gateways).map(|_| Gateway::new(dialect, commons())).collect(),
            seated: Vec::new(),
            told: (0..gateways).map(|_| Vec::new()).collect(),
            heard: Vec::new(),
            pending: VecDeque::new(),
        }
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
                room: self.room.clone(),
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
                let (name, _) = event.strip_prefix("[\"").unwrap().split_once('"').unwrap();
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
                        if let Some(time) = self.token {
                            self.tokens.push_back((self.now + time, from));
                            self.tokens_come();
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// Tells of ICE servers what is due.
    fn tokens_come(&mut self) {
        let token = r#"42["token",{"iceServers":[{"url":"stun:192.0.2.1"},{"bad":1}],"ttl":"86400"}]"#;
        while let Some((_, to)) = self.tokens.pop_front_if(|(due, _)| *due <= self.now) {
            self.deliver(to, token);
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
            let due_token = self
                .tokens
                .front()
                .map(|(due, _)| (*due, PAGE))
                .filter(|(due, _)| *due <= end);
            let Some((due, index)) = next.chain(due_token).min() else {
                break;
            };
            self.now = self.now.max(due);
            if index == PAGE {
                self.tokens_come();
                self.settle();
            } else {
                self.input(index, Input::Timeout);
            }
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

/// Where everybody meets who names no room.
fn commons() -> RoomId {
    RoomId::new("test").unwrap()
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
    format!("v=0\r\na=ice-ufrag:{fingerprint}\r\na=fingerprint:sha-256 {fingerprint}\r\n")
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
                capacity: if model == Model::Rooms { 2 } else { 8 },
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
        lost.pass(80 * SECOND);
        assert!(left(&lost, LeaveReason::Lost), "{model:?} {dialect:?}");
        world.say(1, ClientMessage::Leave);
        assert!(left(&world, LeaveReason::Lost), "{model:?} {dialect:?}");
    }
}

#[test]
fn a_third_waits_at_a_full_room_and_gets_in_when_somebody_leaves() {
    let is_joined = |it: &Output| matches!(it, Output::Relay(RelayMessage::Joined { .. }));
    let is_full = |it: &Output| matches!(it, Output::Relay(RelayMessage::Full { .. }));
    for asks_before in [false, true] {
        let mut world = World::empty(Model::Rooms, Dialect::SocketIo, 3);
        for index in 0..3 {
            world.open(index);
            if asks_before {
                world.say(index, ClientMessage::Token);
            }
            world.join(index);
        }
        world.pass(20 * SECOND);
        assert!(!world.told[2].iter().any(is_joined));
        assert_eq!(
            world.told[2].iter().filter(|it| is_full(it)).count(),
            1,
            "it is said once"
        );
        world.seated.retain(|index| *index != 1);
        world.input(1, Input::Closed);
        world.pass(10 * SECOND);
        assert!(world.relay_messages(2).contains(&&ready(0)));
        assert!(
            world.relay_messages(0).contains(&&ready(2)),
            "who left has no place there"
        );
        assert!(world.told[2].iter().any(is_joined));
    }
}

/// A server that looks for ICE servers for long, or has none, has rooms all the same.
#[test]
fn a_slow_server_is_taken_for_none_without_rooms_for_long() {
    for token in [None, Some(3 * SECOND)] {
        let mut world = World::empty(Model::Rooms, Dialect::SocketIo, 2);
        world.token = token;
        for index in 0..2 {
            world.open(index);
            world.join(index);
            world.pass(4 * SECOND);
        }
        for (index, other) in [(0, 1), (1, 0)] {
            assert!(world.relay_messages(index).contains(&&ready(other)), "{token:?}");
            assert!(
                world
                    .guests(index)
                    .iter()
                    .all(|(_, guest)| guest.presence == Presence::Assumed)
            );
        }
    }
}

#[test]
fn what_concerns_another_room_concerns_nobody_here() {
    let mut world = with_guest(Model::Rooms, Dialect::SocketIo);
    let told = world.told[0].len();
    for event in ["ready", "full"] {
        world.input(0, Input::Text(format!("42[\"{event}\",\"elsewhere\"]")));
    }
    world.pass(3 * SECOND);
    assert_eq!(world.told[0].len(), told);
}

#[test]
fn who_leaves_before_there_was_an_answer_gets_one() {
    let mut world = World::empty(Model::NoRooms, Dialect::SocketIo, 1);
    world.open(0);
    world.join(0);
    world.say(0, ClientMessage::Leave);
    world.join(0);
    world.pass(3 * SECOND);
    let joined = |it: &&RelayMessage| matches!(it, RelayMessage::Joined { .. });
    assert_eq!(world.relay_messages(0).into_iter().filter(joined).count(), 2);
}

#[test]
fn who_leaves_a_server_with_rooms_comes_back_over_another_socket() {
    let mut world = World::new(Model::Rooms, Dialect::SocketIo, 1);
    world.say(0, ClientMessage::Leave);
    assert!(matches!(world.told[0].last(), Some(Output::Dead)));
}

/// Our own socket from before may be what the server takes for somebody.
#[test]
fn who_comes_back_soon_is_not_sure_of_anybody() {
    let mut world = World::new(Model::Rooms, Dialect::SocketIo, 1);
    world.input(0, Input::Closed);
    world.pass(SECOND);
    world.open(0);
    world.join(0);
    world.pass(3 * SECOND);
    assert_eq!(world.guests(0).pop().unwrap().1.presence, Presence::Assumed);
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
        assert_eq!(
            guests,
            [Guest {
                presence,
                renewal,
                is_in_room: true
            }],
            "{model:?} {dialect:?}"
        );
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

/// A candidate of a page of another program, with its ufrag.
fn candidate_of(model: Model, dialect: Dialect, fingerprint: &str) -> String {
    let text = wire(model, dialect, "candidate", fingerprint);
    text.replace("candidate:", &format!("candidate:1 ufrag {fingerprint} "))
}

#[test]
fn a_stranger_disturbs_no_call() {
    for (model, dialect) in Model::ALL {
        let mut world = in_call(model, dialect);
        // The session passes it over: the connection is well.
        for kind in ["offer", "answer"] {
            world.page_says(&wire(model, dialect, kind, "stranger"));
        }
        world.page_says(&candidate_of(model, dialect, "stranger"));
        world.page_says(&candidate_of(model, dialect, "theirs"));
        let last = world.said_by_guest(0).pop().unwrap();
        assert_eq!(
            (last.connection, last.to),
            (ConnectionId(1), Some(ConnectionId(1))),
            "{model:?} {dialect:?}"
        );
        world.heard.clear();
        world.say_to_guest(2, 1, offer("ours", 2));
        // Whoever has no call answers as well, and may be the first.
        world.page_says(&wire(model, dialect, "answer", "stranger"));
        world.page_says(&wire(model, dialect, "answer", "theirs"));
        let last = world.said_by_guest(0).pop().unwrap();
        assert_eq!(
            (last.connection, last.to),
            (ConnectionId(1), Some(ConnectionId(1)))
        );
        assert!(last.body == answer("theirs", 2), "{model:?} {dialect:?}");
        world.page_says(&wire(model, dialect, "candidate", "unclear"));
        assert_eq!(world.said_by_guest(0).pop().unwrap().to, Some(ConnectionId(1)));
        assert_eq!(world.guests(0).last().unwrap().0, world.guests(0)[0].0);
    }
}

#[test]
fn a_page_that_was_loaded_anew_answers_a_new_connection() {
    for (model, dialect) in Model::ALL {
        let mut world = in_call(model, dialect);
        if model == Model::Rooms {
            world.seated.retain(|index| *index != PAGE);
            world.page_says("42[\"join\",\"test\"]");
            world.pass(3 * SECOND);
        }
        world.say_to_guest(2, 2, offer("ours", 1));
        world.page_says(&wire(model, dialect, "answer", "reloaded"));
        let last = world.said_by_guest(0).pop().unwrap();
        assert_eq!(
            (last.connection, last.to),
            (ConnectionId(2), Some(ConnectionId(2))),
            "{model:?} {dialect:?}"
        );
        let left = |it: &&RelayMessage| matches!(it, RelayMessage::Left { .. });
        assert!(!world.relay_messages(0).iter().any(left), "{model:?} {dialect:?}");
    }
}

#[test]
fn an_offer_that_nobody_answers_is_said_once_more() {
    for (model, dialect) in Model::ALL {
        let mut world = in_call(model, dialect);
        world.page_says(&wire(model, dialect, "offer", "again"));
        world.page_says(&candidate_of(model, dialect, "again"));
        let before = world.said_by_guest(0).len();
        world.pass(60 * SECOND);
        let said = world.said_by_guest(0);
        assert_eq!(said.len(), before + 2, "{model:?} {dialect:?}");
        assert!(said[before].body == offer("again", 1));
        assert_eq!(said[before].replaces, Some(ConnectionId(1)));
        assert_eq!(said[before].connection, said[before + 1].connection);
    }
}

#[test]
fn who_is_busy_says_nothing_of_it_to_all() {
    for (model, dialect) in Model::ALL {
        let mut world = with_guest(model, dialect);
        world.page_says(&wire(model, dialect, "offer", "theirs"));
        world.say_to_guest(1, 1, PeerBody::Decline { busy: true });
        assert_eq!(world.heard, [""; 0], "{model:?} {dialect:?}");
    }
}

#[test]
fn nothing_that_a_guest_says_waits_for_what_was_lost() {
    for (model, dialect) in Model::ALL {
        let mut world = in_call(model, dialect);
        world.page_says(&wire(model, dialect, "candidate", "theirs"));
        assert!(
            world
                .said_by_guest(0)
                .iter()
                .all(|message| message.after == Some(0))
        );
    }
}

#[test]
fn guests_do_not_come_without_end() {
    let mut world = World::new(Model::Rooms, Dialect::SocketIo, 1);
    for _ in 0..100 {
        world.seated.retain(|index| *index != PAGE);
        world.page_says("42[\"join\",\"test\"]");
        world.page_says(&wire(Model::Rooms, Dialect::SocketIo, "offer", "theirs"));
        world.page_says("42[\"hangup\"]");
    }
    assert!(world.guests(0).len() <= 20, "{}", world.guests(0).len());
}

/// Everybody hears what is said at servers without rooms: who calls may not know our room's name.
#[test]
fn in_a_room_of_its_own_name_a_guest_is_not_taken_for_somebody_who_knows_it() {
    for (model, dialect) in Model::ALL {
        let mut world = World::empty(model, dialect, 1);
        world.room = RoomId::new("quiet-river").unwrap();
        world.open(0);
        world.join(0);
        world.pass(3 * SECOND);
        world.page_says(&wire(model, dialect, "offer", "stranger"));
        let (_, guest) = world.guests(0).pop().unwrap();
        assert_eq!(guest.is_in_room, model == Model::Rooms, "{model:?} {dialect:?}");
    }
}

#[test]
fn nobody_else_speaks_in_the_name_of_a_guest() {
    for (model, dialect) in [
        (Model::Broadcaster, Dialect::Broadcast),
        (Model::Broadcaster, Dialect::Plain),
    ] {
        let mut world = in_call(model, dialect);
        let (guest, _) = world.guests(0).pop().unwrap();
        let hello = format!(r#"{{"type":"hello","from":"{}"}}"#, guest.as_str());
        let tunnelled = format!(r#"{{"room":"test","message":{}}}"#, quoted(&hello));
        let told = world.told[0].len();
        world.page_says(&match dialect {
            Dialect::Plain => format!(r#"{{"visavis":{}}}"#, quoted(&tunnelled)),
            _ => format!(r#"{{"message_type":"visavis","content":{}}}"#, quoted(&tunnelled)),
        });
        assert_eq!(world.told[0].len(), told, "{dialect:?}");
    }
}

#[test]
fn a_flood_of_greetings_is_not_answered_by_a_flood() {
    let mut world = World::new(Model::Broadcaster, Dialect::Broadcast, 1);
    world.heard.clear();
    for index in 0..1000 {
        let hello = format!(r#"{{"type":"hello","from":"page-{}"}}"#, index % 20);
        let tunnelled = format!(r#"{{"room":"test","message":{}}}"#, quoted(&hello));
        world.page_says(&format!(
            r#"{{"message_type":"visavis","content":{}}}"#,
            quoted(&tunnelled)
        ));
    }
    assert_eq!(world.heard.len(), 7, "each page that has a place, once a second");
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
        world.page_says(&wire(model, dialect, "candidate", "theirs"));
        assert_eq!(world.said_by_guest(0).pop().unwrap().to, Some(ConnectionId(1)));
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
        let mut gateway = Gateway::new(dialect, commons());
        gateway.handle(SECOND, Input::Opened);
        gateway.handle(SECOND, Input::Text(text.into()));
        let mistaken =
            std::iter::from_fn(|| gateway.poll()).any(|it| matches!(it, Output::Mistaken(it) if it == kind));
        assert!(mistaken, "{dialect:?} {text}");
    }
    let mut silent = Gateway::new(Dialect::SocketIo, commons());
    silent.handle(SECOND, Input::Opened);
    silent.handle(60 * SECOND, Input::Timeout);
    assert!(matches!(
        silent.poll(),
        Some(Output::Mistaken(ServerKind::Silent))
    ));
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
