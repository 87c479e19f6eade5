//! What two pages that know nothing but calls say to each other, whatever it looks like on the wire: the
//! common content of [`socket_io`](super::socket_io), [`broadcast`](super::broadcast) and
//! [`plain`](super::plain).

use serde::Serialize;

use super::native::encode;
use super::tabs::{TabMessage, decode_tab, encode_tab};
use crate::MAX_MESSAGE_BYTES;
use crate::ice::IceCandidate;
use crate::id::RoomId;
use crate::json::{JsonError, Object};

/// From one page to the others.
#[derive(Clone, PartialEq, Eq)]
pub enum Signal {
    /// A description.
    Description(Description),
    /// A candidate of the sender.
    Candidate(IceCandidate),
    /// The call is over.
    HangUp,
    /// What only visavis understands.
    Tunnelled(Tunnelled),
}

impl Signal {
    /// Whether it opens an exchange.
    #[must_use]
    pub fn is_offer(&self) -> bool {
        matches!(self, Self::Description(description) if description.kind == DescriptionKind::Offer)
    }
}

/// `RTCSessionDescriptionInit` (W3C webrtc-pc), as pages send it.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Description {
    /// Whether it is an offer or an answer.
    #[serde(rename = "type")]
    pub kind: DescriptionKind,
    /// The session description (RFC 8866).
    pub sdp: String,
}

/// What a description is, of those that go over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DescriptionKind {
    /// It opens an exchange.
    Offer,
    /// It closes one.
    Answer,
}

impl DescriptionKind {
    fn named(name: &str) -> Option<Self> {
        match name {
            "offer" => Some(Self::Offer),
            "answer" => Some(Self::Answer),
            _ => None,
        }
    }
}

impl Description {
    pub(super) fn read(object: &Object) -> Result<Self, JsonError> {
        let kind = object.word("type", DescriptionKind::named, "\"offer\" or \"answer\"")?;
        Ok(Self {
            kind: kind.ok_or_else(|| JsonError::new("it has no type"))?,
            sdp: object.get("sdp")?,
        })
    }
}

/// A message between visavis pages, through a server that passes on what it does not understand.
#[derive(Clone, PartialEq, Eq)]
pub struct Tunnelled {
    /// The room: such servers may have none, and everybody hears everything.
    pub room: RoomId,
    /// The message.
    pub message: TabMessage,
}

/// The field that holds it, in each dialect.
pub(super) const TUNNELLED: &str = "visavis";

#[derive(Serialize)]
struct WithRoom<'a> {
    room: &'a RoomId,
    message: String,
}

impl Tunnelled {
    pub(super) fn encode(&self) -> String {
        encode(&WithRoom {
            room: &self.room,
            message: encode_tab(&self.message),
        })
    }

    fn decode(text: &str) -> Option<Self> {
        let object = Object::parse(text).ok()?;
        Some(Self {
            room: object.get("room").ok()?,
            message: decode_tab(&object.get::<String>("message").ok()?).ok()?,
        })
    }

    /// The one that is in a message, if one is.
    pub(super) fn within(object: &Object) -> Option<Self> {
        Self::named(object, TUNNELLED)
    }

    /// The one that is in this field of a message.
    pub(super) fn named(object: &Object, field: &str) -> Option<Self> {
        Self::decode(&object.get::<String>(field).ok()?)
    }
}

/// Reads an object that is there as such, or as its text: pages send either.
pub(super) fn object_or_text<T>(
    object: &Object,
    field: &str,
    read: fn(&Object) -> Result<T, JsonError>,
) -> Option<T> {
    match object.get::<String>(field) {
        Ok(text) => Object::parse(&text).and_then(|object| read(&object)).ok(),
        Err(_) => object.object(field, read).ok().flatten(),
    }
}

/// Whether a text may be read. What is longer says nothing that a call needs.
pub(super) fn is_short(text: &str) -> bool {
    text.len() <= MAX_MESSAGE_BYTES
}

impl std::fmt::Debug for Signal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Descriptions and candidates hold addresses and keys, which must not reach a log.
        f.write_str(match self {
            Self::Description(Description { kind, .. }) => match kind {
                DescriptionKind::Offer => "Offer",
                DescriptionKind::Answer => "Answer",
            },
            Self::Candidate(_) => "Candidate",
            Self::HangUp => "HangUp",
            Self::Tunnelled(_) => "Tunnelled",
        })
    }
}
