//! Models of the servers, with gateways and a page of another program at them.

use std::collections::VecDeque;
use std::time::Duration;

use visavis_gateway::{Dialect, Gateway, Input, Output, Time};
use visavis_protocol::dialect::native::{decode_peer, encode_peer};
use visavis_protocol::guest::Guest;
use visavis_protocol::ice::IceCandidate;
use visavis_protocol::id::{PeerId, RoomId, SeatSecret};
use visavis_protocol::name::GivenName;
use visavis_protocol::peer::{ConnectionId, PeerBody, PeerMessage};
use visavis_protocol::relay::{ClientMessage, RelayMessage};
use visavis_sealing::peer_id;

pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// What a server does with what its clients say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Model {
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
    pub(crate) const ALL: [(Self, Dialect); 5] = [
        (Self::Rooms, Dialect::SocketIo),
        (Self::NoRooms, Dialect::SocketIo),
        (Self::Broadcaster, Dialect::Broadcast),
        (Self::Echo, Dialect::Broadcast),
        (Self::Broadcaster, Dialect::Plain),
    ];
}

/// A server, the gateways that are connected with it, and pages of other programs.
pub(crate) struct World {
    pub(crate) model: Model,
    pub(crate) now: Time,
    pub(crate) gateways: Vec<Gateway>,
    /// Which room they join.
    pub(crate) room: RoomId,
    /// Whether the server has ICE servers, and for how long it looks for them.
    pub(crate) token: Option<Time>,
    /// What it is yet to say of them, and when.
    pub(crate) tokens: VecDeque<(Time, usize)>,
    /// Who is in the room.
    pub(crate) seated: Vec<usize>,
    /// What each gateway has told.
    pub(crate) told: Vec<Vec<Output>>,
    /// What a page of another program hears.
    pub(crate) heard: Vec<String>,
    pub(crate) pending: VecDeque<(usize, Input)>,
}

/// Stands for the page of another program.
pub(crate) const PAGE: usize = usize::MAX;

impl World {
    pub(crate) fn new(model: Model, dialect: Dialect, gateways: usize) -> Self {
        let mut world = Self::empty(model, dialect, gateways);
        for index in 0..gateways {
            world.open(index);
            world.join(index);
        }
        world
    }

    /// Nobody is there yet.
    pub(crate) fn empty(model: Model, dialect: Dialect, gateways: usize) -> Self {
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

    pub(crate) fn open(&mut self, index: usize) {
        self.input(index, Input::Opened);
        if matches!(self.model, Model::Rooms | Model::NoRooms) {
            self.input(
                index,
                Input::Text(r#"0{"sid":"x","pingInterval":25000,"pingTimeout":20000}"#.into()),
            );
            self.input(index, Input::Text(r#"40{"sid":"y"}"#.into()));
        }
    }

    pub(crate) fn join(&mut self, index: usize) {
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

    pub(crate) fn say(&mut self, index: usize, message: ClientMessage) {
        self.input(index, Input::Client(message));
    }

    pub(crate) fn input(&mut self, index: usize, input: Input) {
        self.pending.push_back((index, input));
        self.settle();
    }

    /// What the page of another program says.
    pub(crate) fn page_says(&mut self, text: &str) {
        self.receive(PAGE, text.to_owned());
        self.settle();
    }

    pub(crate) fn settle(&mut self) {
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
    pub(crate) fn receive(&mut self, from: usize, text: String) {
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
    pub(crate) fn tokens_come(&mut self) {
        let token = r#"42["token",{"iceServers":[{"url":"stun:192.0.2.1"},{"bad":1}],"ttl":"86400"}]"#;
        while let Some((_, to)) = self.tokens.pop_front_if(|(due, _)| *due <= self.now) {
            self.deliver(to, token);
        }
    }

    pub(crate) fn pass_on(&mut self, from: usize, text: &str, echo: bool) {
        for index in (0..self.gateways.len()).chain([PAGE]) {
            // What the page gets back is of no interest.
            if index != from || echo && index != PAGE {
                self.deliver(index, text);
            }
        }
    }

    pub(crate) fn deliver(&mut self, to: usize, text: &str) {
        if to == PAGE {
            self.heard.push(text.to_owned());
        } else {
            self.pending.push_back((to, Input::Text(text.to_owned())));
        }
    }

    /// Time passes, and every timer is heard.
    pub(crate) fn pass(&mut self, time: Duration) {
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

    pub(crate) fn relay_messages(&self, index: usize) -> Vec<&RelayMessage> {
        let said = self.told[index].iter().filter_map(|output| match output {
            Output::Relay(RelayMessage::Ping) => None,
            Output::Relay(message) => Some(message),
            _ => None,
        });
        said.collect()
    }

    pub(crate) fn guests(&self, index: usize) -> Vec<(PeerId, Guest)> {
        let guest = |output: &Output| match output {
            Output::Guest(id, guest) => Some((id.clone(), *guest)),
            _ => None,
        };
        self.told[index].iter().filter_map(guest).collect()
    }

    /// What the guest has said to this gateway's client, as a session hears it.
    pub(crate) fn said_by_guest(&self, index: usize) -> Vec<PeerMessage> {
        let from = |message: &&RelayMessage| match message {
            RelayMessage::Message { from, message } if from.as_str().starts_with("guest-") => {
                Some(decode_peer(message).unwrap())
            }
            _ => None,
        };
        self.relay_messages(index).iter().filter_map(from).collect()
    }

    /// What our client says to the guest.
    pub(crate) fn say_to_guest(&mut self, number: u64, connection: u32, body: PeerBody) {
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
pub(crate) fn commons() -> RoomId {
    RoomId::new("test").unwrap()
}

pub(crate) fn secret(index: usize) -> SeatSecret {
    SeatSecret::new(format!("secret{index}")).unwrap()
}

pub(crate) fn name(index: usize) -> PeerId {
    peer_id(&secret(index))
}

pub(crate) fn ready(index: usize) -> RelayMessage {
    RelayMessage::Ready { peer: name(index) }
}

pub(crate) fn sdp(fingerprint: &str) -> String {
    format!("v=0\r\na=ice-ufrag:{fingerprint}\r\na=fingerprint:sha-256 {fingerprint}\r\n")
}

pub(crate) fn offer(fingerprint: &str, exchange: u32) -> PeerBody {
    PeerBody::Offer {
        sdp: sdp(fingerprint),
        exchange,
        warm: false,
        private: false,
    }
}

pub(crate) fn answer(fingerprint: &str, exchange: u32) -> PeerBody {
    PeerBody::Answer {
        sdp: sdp(fingerprint),
        exchange,
    }
}

pub(crate) fn candidate(text: &str) -> IceCandidate {
    IceCandidate {
        candidate: text.into(),
        sdp_mid: Some("0".into()),
        sdp_m_line_index: None,
        username_fragment: None,
    }
}

/// What a page of another program sends, as the text of each dialect.
pub(crate) fn wire(model: Model, dialect: Dialect, kind: &str, fingerprint: &str) -> String {
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

pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A gateway that has a guest.
pub(crate) fn with_guest(model: Model, dialect: Dialect) -> World {
    let mut world = World::new(model, dialect, 1);
    if model == Model::Rooms {
        world.page_says("42[\"join\",\"test\"]");
    }
    world.pass(5 * SECOND);
    world.heard.clear();
    world
}

/// A call with a guest, who answered.
pub(crate) fn in_call(model: Model, dialect: Dialect) -> World {
    let mut world = with_guest(model, dialect);
    world.say_to_guest(1, 1, offer("ours", 1));
    world.page_says(&wire(model, dialect, "answer", "theirs"));
    world
}

/// A candidate of a page of another program, with its ufrag.
pub(crate) fn candidate_of(model: Model, dialect: Dialect, fingerprint: &str) -> String {
    let text = wire(model, dialect, "candidate", fingerprint);
    text.replace("candidate:", &format!("candidate:1 ufrag {fingerprint} "))
}
