//! What kind of server there is, and how each is spoken to.

use std::time::Duration;

use visavis_protocol::dialect::signal::Signal;
use visavis_protocol::dialect::socket_io::{self, Events, Packet};
use visavis_protocol::dialect::{ServerKind, broadcast, plain};
use visavis_protocol::guest::Renewal;
use visavis_protocol::ice::IceServer;

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
                let base = address.trim_end_matches('/');
                let base = base.strip_suffix("/socket.io").unwrap_or(base);
                [base, "/socket.io/?EIO=4&transport=websocket"].concat()
            }
            Self::Broadcast | Self::Plain => address.to_owned(),
        }
    }

    /// How many people a room holds.
    pub(crate) fn capacity(self) -> u32 {
        match self {
            Self::SocketIo => 2,
            // As many as a relay's, by default.
            Self::Broadcast | Self::Plain => 8,
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
    /// The room has two people.
    Ready,
    /// The room has two others.
    Full,
    /// ICE servers.
    Token(Vec<IceServer>),
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
        }
    }

    pub(crate) fn is_reached(&self) -> bool {
        self.is_reached
    }

    /// Reads what it says, and what has to be said at once.
    pub(crate) fn hear(&mut self, now: Duration, text: &str) -> (Heard, Option<&'static str>) {
        if let Some(patience) = self.patience {
            self.silent_at = Some(now + patience);
        }
        let signal = match self.dialect {
            Dialect::SocketIo => return self.packet(now, text),
            Dialect::Broadcast => broadcast::decode_signal(text),
            Dialect::Plain => plain::decode_signal(text),
        };
        let heard = match (signal, ServerKind::of(text)) {
            (Some(signal), _) => Heard::Signal(signal),
            (None, Some(kind)) => Heard::Mistaken(kind),
            (None, None) => Heard::Nothing,
        };
        (heard, None)
    }

    fn packet(&mut self, now: Duration, text: &str) -> (Heard, Option<&'static str>) {
        let Some(packet) = socket_io::decode_packet(text) else {
            let kind = ServerKind::of(text).filter(|_| !self.is_reached);
            return (kind.map_or(Heard::Nothing, Heard::Mistaken), None);
        };
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
            Packet::Ready => Heard::Ready,
            Packet::Full => Heard::Full,
            Packet::Token(ice_servers) => Heard::Token(ice_servers),
            Packet::Signal(signal) => Heard::Signal(signal),
        };
        (heard, None)
    }

    /// It has rooms of two, and passes on `candidate`; or it has none, and passes on `ice1` and `ice2`.
    pub(crate) fn has_rooms(&mut self, has: bool) {
        self.events
            .get_or_insert(if has { Events::Candidate } else { Events::Ice });
    }

    /// Whether it says when somebody comes.
    pub(crate) fn announces(&self) -> bool {
        self.events == Some(Events::Candidate)
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
