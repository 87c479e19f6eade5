//! The format of pages that meet at a Socket.IO server: packets of Engine.IO 4 over a WebSocket
//! (<https://github.com/socketio/engine.io-protocol>), in them packets of Socket.IO 5
//! (<https://github.com/socketio/socket.io-protocol>), in them events whose argument is a text.

use std::time::Duration;

use serde::Serialize;

use super::native::encode;
use super::signal::{Description, DescriptionKind, Signal, Tunnelled, is_short};
use crate::ice::{self, IceCandidate, IceServer};
use crate::id::RoomId;
use crate::json::{self, Object};

/// Joins the default namespace.
pub const CONNECT: &str = "40";

/// A server that says less often than this that it is there is of no use for calls.
const MOST_PATIENCE: Duration = Duration::from_secs(120);

/// Answers [`Packet::Ping`].
pub const PONG: &str = "3";

/// What a server sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet {
    /// It is a server of this kind. The first packet.
    Open {
        /// How long it may be silent: then it is gone.
        patience: Duration,
    },
    /// It asks whether we are there.
    Ping,
    /// We are in the default namespace.
    Connected,
    /// It will not talk with us, or no longer.
    Refused,
    /// This room has two people.
    Ready(Option<RoomId>),
    /// This room has two others.
    Full(Option<RoomId>),
    /// ICE servers. Those that can't be read are left out.
    Token {
        /// The servers.
        ice_servers: Vec<IceServer>,
        /// For how many seconds their credentials are good.
        expires_in: Option<u32>,
    },
    /// From another page.
    Signal(Signal),
}

/// Which events carry what pages say, by the kind of server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Events {
    /// `candidate`, whoever calls.
    Candidate,
    /// `ice1` for those of the caller, `ice2` for those of whom they call.
    Ice,
}

/// Asks for a place in a room.
#[must_use]
pub fn join(room: &str) -> String {
    event("join", Some(room))
}

/// Asks for ICE servers.
#[must_use]
pub fn token() -> String {
    event("token", None)
}

/// Writes a message, for a server that passes these events on. `is_caller`: for a candidate, whether its
/// connection was opened by us.
#[must_use]
pub fn encode_signal(signal: &Signal, events: Events, is_caller: bool) -> String {
    let candidates = match events {
        Events::Candidate => "candidate",
        Events::Ice if is_caller => "ice1",
        Events::Ice => "ice2",
    };
    match signal {
        Signal::Description(description) => {
            let name = match description.kind {
                DescriptionKind::Offer => "offer",
                DescriptionKind::Answer => "answer",
            };
            event(name, Some(&encode(description)))
        }
        Signal::Candidate(candidate) => event(candidates, Some(&encode(candidate))),
        // A server passes only on what it knows. What is no candidate is the least that a page can mistake.
        Signal::Tunnelled(tunnelled) => event(candidates, Some(&encode(&Carrier::of(tunnelled)))),
        Signal::HangUp => event("hangup", None),
    }
}

#[derive(Serialize)]
struct Carrier {
    visavis: String,
}

impl Carrier {
    fn of(tunnelled: &Tunnelled) -> Self {
        Self {
            visavis: tunnelled.encode(),
        }
    }
}

fn event(name: &str, argument: Option<&str>) -> String {
    let packet: Vec<&str> = [name].into_iter().chain(argument).collect();
    ["42", &json::to_text(&packet)].concat()
}

/// Reads a packet. `None`: it is of another format, or says nothing that matters.
#[must_use]
pub fn decode_packet(text: &str) -> Option<Packet> {
    if !is_short(text) {
        return None;
    }
    Some(match text.split_at_checked(1)? {
        ("0", handshake) => open(handshake)?,
        ("2", "") => Packet::Ping,
        ("1", "") => Packet::Refused,
        ("4", packet) => match packet.split_at_checked(1)? {
            ("0", _) => Packet::Connected,
            ("1" | "4", _) => Packet::Refused,
            ("2", event) => read_event(event)?,
            _ => return None,
        },
        _ => return None,
    })
}

fn open(handshake: &str) -> Option<Packet> {
    let object = Object::parse(handshake).ok()?;
    object.get::<String>("sid").ok()?;
    let milliseconds = |field| object.get::<Option<u32>>(field).ok().flatten();
    let patience = milliseconds("pingInterval")
        .unwrap_or(25_000)
        .saturating_add(milliseconds("pingTimeout").unwrap_or(20_000));
    Some(Packet::Open {
        patience: Duration::from_millis(patience.into()).min(MOST_PATIENCE),
    })
}

/// An event: a list of its name and its argument.
fn read_event(text: &str) -> Option<Packet> {
    let (name, rest) = text.strip_prefix("[\"")?.split_once('"')?;
    let rest = rest.strip_suffix(']')?;
    let argument = Argument(rest.strip_prefix(',').unwrap_or_default());
    Some(match name {
        "ready" => Packet::Ready(argument.room()),
        "full" => Packet::Full(argument.room()),
        "token" => token_of(&argument.object()?),
        "offer" | "answer" => {
            Packet::Signal(Signal::Description(Description::read(&argument.object()?).ok()?))
        }
        "candidate" | "ice1" | "ice2" => Packet::Signal(candidate(&argument.object()?)?),
        "hangup" => Packet::Signal(Signal::HangUp),
        _ => return None,
    })
}

/// The argument of an event: JSON.
struct Argument<'a>(&'a str);

impl Argument<'_> {
    fn wrapped(&self) -> Option<Object> {
        Object::parse(&["{\"it\":", self.0, "}"].concat()).ok()
    }

    fn room(&self) -> Option<RoomId> {
        self.wrapped()?.get("it").ok()
    }

    /// Pages send an object, or its text.
    fn object(&self) -> Option<Object> {
        match self.wrapped()?.get::<String>("it") {
            Ok(text) => Object::parse(&text).ok(),
            Err(_) => Object::parse(self.0).ok(),
        }
    }
}

fn candidate(object: &Object) -> Option<Signal> {
    match Tunnelled::within(object) {
        Some(tunnelled) => Some(Signal::Tunnelled(tunnelled)),
        None => IceCandidate::read(object).ok().map(Signal::Candidate),
    }
}

fn token_of(token: &Object) -> Packet {
    let servers = token.objects("iceServers", |server| Ok(IceServer::read_older(server).ok()));
    Packet::Token {
        ice_servers: servers.ok().flatten().into_iter().flatten().flatten().collect(),
        expires_in: ice::seconds(token, "ttl"),
    }
}

/// Whether a text is the first packet of such a server.
#[must_use]
pub fn is_greeting(text: &str) -> bool {
    matches!(decode_packet(text), Some(Packet::Open { .. }))
}
