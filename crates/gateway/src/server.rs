//! What kind of server there is, and how each is spoken to.

use std::time::Duration;

use visavis_protocol::dialect::signal::Signal;
use visavis_protocol::dialect::socket_io::{self, Events, Packet};
use visavis_protocol::dialect::{ServerKind, broadcast, plain};
use visavis_protocol::guest::Renewal;
use visavis_protocol::ice::IceServer;
use visavis_protocol::id::RoomId;

/// What another program's server speaks: the value of `dialect` in config.json.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Events of Socket.IO, in rooms of two or without rooms.
    SocketIo,
    /// `message_type` and `content`, to everybody.
    Broadcast,
    /// `offer`, `answer` and candidates, to everybody.
    Plain,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::SocketIo, Self::Broadcast, Self::Plain];

    /// What it is called in config.json.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SocketIo => "socket.io",
            Self::Broadcast => "broadcast",
            Self::Plain => "plain",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.name() == name)
    }

    /// The address of the WebSocket, where `address` is that of the server.
    #[must_use]
    pub fn endpoint(self, address: &str) -> String {
        match self {
            Self::SocketIo => {
                // Where the server has it unless it was told otherwise.
                let base = address.split('?').next().unwrap_or_default();
                let base = base.trim_end_matches('/');
                let base = base.strip_suffix("/socket.io").unwrap_or(base);
                [base, "/socket.io/?EIO=4&transport=websocket"].concat()
            }
            Self::Broadcast | Self::Plain => address.to_owned(),
        }
    }

    /// What kind of server speaks it.
    #[must_use]
    pub fn fits(self, kind: ServerKind) -> bool {
        match self {
            Self::SocketIo => kind == ServerKind::SocketIo,
            Self::Broadcast => matches!(kind, ServerKind::Broadcast | ServerKind::Silent),
            Self::Plain => matches!(kind, ServerKind::Plain | ServerKind::Silent),
        }
    }

    /// What the programs that use it do with an offer for a connection that they have.
    pub(crate) fn renewal(self) -> Renewal {
        match self {
            Self::SocketIo => Renewal::NewConnection,
            Self::Broadcast | Self::Plain => Renewal::SameConnection,
        }
    }
}

/// How long a server may take for its first packet.
const GREETING: Duration = Duration::from_secs(4);

/// A connection to a server.
#[derive(Debug)]
pub(crate) struct Server {
    dialect: Dialect,
    /// By which events the server passes on candidates, once that is known.
    events: Option<Events>,
    /// How long it may be silent.
    patience: Option<Duration>,
    /// When it is silent for too long.
    pub(crate) silent_at: Option<Duration>,
    is_reached: bool,
    /// It has said something.
    has_spoken: bool,
}

/// What a server has said.
#[derive(Debug)]
pub(crate) enum Heard {
    /// It was reached.
    Reached,
    /// It is of another kind.
    Mistaken(ServerKind),
    /// It will not talk with us.
    Refused,
    /// This room has two people.
    Ready(Option<RoomId>),
    /// This room has two others.
    Full(Option<RoomId>),
    /// ICE servers, and for how many seconds they are good.
    Token(Vec<IceServer>, Option<u32>),
    /// From another page.
    Signal(Signal),
    /// Nothing that matters.
    Nothing,
}

impl Server {
    /// Over a WebSocket that is open now.
    pub(crate) fn new(dialect: Dialect, now: Duration) -> Self {
        let greets = dialect == Dialect::SocketIo;
        Self {
            dialect,
            events: None,
            patience: None,
            silent_at: greets.then_some(now + GREETING),
            is_reached: !greets,
            has_spoken: false,
        }
    }

    pub(crate) fn is_reached(&self) -> bool {
        self.is_reached
    }

    /// Whether it has said anything.
    pub(crate) fn has_spoken(&self) -> bool {
        self.has_spoken
    }

    /// Reads what it says, and what has to be said at once.
    pub(crate) fn hear(&mut self, now: Duration, text: &str) -> (Heard, Option<&'static str>) {
        if let Some(patience) = self.patience {
            self.silent_at = Some(now + patience);
        }
        let is_first = !std::mem::replace(&mut self.has_spoken, true);
        let signal = match self.dialect {
            Dialect::SocketIo => match socket_io::decode_packet(text) {
                Some(packet) => return self.packet(now, packet),
                None => None,
            },
            Dialect::Broadcast => broadcast::decode_signal(text),
            Dialect::Plain => plain::decode_signal(text),
        };
        // Later, anybody may say anything, which says nothing of the server.
        let kind = ServerKind::of(text).filter(|_| is_first);
        let heard = match (signal, kind) {
            (Some(signal), _) => Heard::Signal(signal),
            (None, Some(kind)) => Heard::Mistaken(kind),
            (None, None) => Heard::Nothing,
        };
        (heard, None)
    }

    fn packet(&mut self, now: Duration, packet: Packet) -> (Heard, Option<&'static str>) {
        let heard = match packet {
            Packet::Open { patience } => {
                self.patience = Some(patience);
                self.silent_at = Some(now + patience);
                return (Heard::Nothing, Some(socket_io::CONNECT));
            }
            Packet::Ping => return (Heard::Nothing, Some(socket_io::PONG)),
            Packet::Connected => {
                self.is_reached = true;
                Heard::Reached
            }
            Packet::Refused => Heard::Refused,
            Packet::Ready(room) => Heard::Ready(room),
            Packet::Full(room) => Heard::Full(room),
            Packet::Token {
                ice_servers,
                expires_in,
            } => Heard::Token(ice_servers, expires_in),
            Packet::Signal(signal) => Heard::Signal(signal),
        };
        (heard, None)
    }

    /// It has said something about a room, or ICE servers. Says whether that was not known, or held for
    /// wrong: it may have been slow.
    pub(crate) fn has_rooms(&mut self) -> bool {
        self.events.replace(Events::Candidate) == Some(Events::Ice)
    }

    /// It says nothing of rooms.
    pub(crate) fn has_no_rooms(&mut self) {
        self.events.get_or_insert(Events::Ice);
    }

    /// Whether it says when somebody comes.
    pub(crate) fn announces(&self) -> bool {
        self.events == Some(Events::Candidate)
    }

    /// Whether it is still to say whether it has rooms.
    pub(crate) fn is_unclear(&self) -> bool {
        self.dialect == Dialect::SocketIo && self.events.is_none()
    }

    /// How many people a room holds.
    pub(crate) fn capacity(&self) -> u32 {
        if self.announces() {
            2
        } else {
            // As many as a relay's, by default.
            8
        }
    }

    /// What is to be sent for a message. `is_caller`: the sender has opened the connection.
    pub(crate) fn texts(&self, signal: &Signal, is_caller: bool) -> Vec<String> {
        match self.dialect {
            Dialect::Broadcast => broadcast::encode_signal(signal).into_iter().collect(),
            Dialect::Plain => plain::encode_signal(signal).into_iter().collect(),
            Dialect::SocketIo => {
                let events: &[Events] = match self.events {
                    None => &[Events::Candidate, Events::Ice],
                    Some(Events::Candidate) => &[Events::Candidate],
                    Some(Events::Ice) => &[Events::Ice],
                };
                let text = |events: &Events| socket_io::encode_signal(signal, *events, is_caller);
                let mut texts: Vec<_> = events.iter().map(text).collect();
                // What is no candidate is the same for all.
                texts.dedup();
                texts
            }
        }
    }
}
