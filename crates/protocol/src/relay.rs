//! What a client and the relay say to each other. docs/protocol.md is the manual; its examples are this
//! crate's golden tests.

use serde::{Deserialize, Serialize};

use crate::ice::{IceServer, one_or_many};
use crate::id::{PeerId, RoomId, SeatSecret};

/// From a client to the relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum ClientMessage {
    /// Take a seat in a room. Answered by [`RelayMessage::Joined`], or by [`RelayMessage::Full`], and then by
    /// `Joined` once a seat is free.
    Join {
        /// The room; it exists for as long as a seat in it is taken or kept.
        room: RoomId,
        /// Proves who is asking; the same secret gets the same [`PeerId`] again, also after a restart.
        secret: SeatSecret,
        /// The secret of a page whose place this one takes, such as the same tab before it was loaded anew: that
        /// page's seat is given up at once, without a wait for its socket to be missed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<SeatSecret>,
    },
    /// Give the seat, or the place in the queue, back. The socket stays open, for another `Join`.
    Leave,
    /// Ask for ICE servers. Answered by [`RelayMessage::Token`].
    Token,
    /// Hand a peer message to one person in the same room.
    Send {
        /// Whom it is for.
        to: PeerId,
        /// The peer message, opaque to the relay.
        message: PeerText,
    },
}

/// From the relay to a client.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    try_from = "Fields"
)]
pub enum RelayMessage {
    /// A relay is here. The first message on every connection, sent at once and unasked: a proxy may accept a
    /// WebSocket before it knows whether there is a relay behind it, so only the relay's own word proves that it
    /// was reached.
    Welcome,
    /// You have a seat. A [`RelayMessage::Ready`] follows for everybody who is there already.
    Joined {
        /// Your name in this room.
        you: PeerId,
        /// How many people the room holds.
        capacity: u32,
    },
    /// All seats are taken. You are queued, and get [`RelayMessage::Joined`] when your turn comes.
    Full {
        /// How many people the room holds.
        capacity: u32,
    },
    /// Somebody else is in the room, and can be called.
    Ready {
        /// Who it is.
        peer: PeerId,
    },
    /// Somebody's socket broke, and their seat is kept for a while: [`RelayMessage::Ready`] follows if they come
    /// back, [`RelayMessage::Left`] if they don't.
    Away {
        /// Who it is.
        peer: PeerId,
    },
    /// Somebody is no longer in the room.
    Left {
        /// Who it was.
        peer: PeerId,
        /// Whether they went, or went missing.
        reason: LeaveReason,
    },
    /// The ICE servers that were asked for.
    Token {
        /// To be handed to `RTCPeerConnection`.
        ice_servers: Vec<IceServer>,
        /// For how many seconds the credentials are good; absent: for good.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_in: Option<u32>,
    },
    /// A peer message from somebody in the same room.
    Message {
        /// Who sent it. The relay vouches for this name.
        from: PeerId,
        /// The peer message, as it was sent.
        message: PeerText,
    },
    /// The relay could not do what the client asked.
    Error {
        /// What kind of fault it is.
        code: ErrorCode,
        /// The fault in words, for the developer of a client.
        detail: String,
    },
    /// The relay is still there. Said at regular intervals, since a page sees nothing of a WebSocket's own pings.
    Ping,
}

/// The fields of all messages together. Browsers read messages through this: what serde derives for a tagged enum
/// takes several times as many bytes of the bundle.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    r#type: String,
    you: Option<PeerId>,
    capacity: Option<u32>,
    peer: Option<PeerId>,
    reason: Option<LeaveReason>,
    ice_servers: Option<Vec<NamedServer>>,
    expires_in: Option<u32>,
    from: Option<PeerId>,
    message: Option<PeerText>,
    code: Option<ErrorCode>,
    detail: Option<String>,
}

impl TryFrom<Fields> for RelayMessage {
    type Error = Faulty;

    fn try_from(fields: Fields) -> Result<Self, Faulty> {
        Ok(match fields.r#type.as_str() {
            "welcome" => Self::Welcome,
            "joined" => Self::Joined {
                you: required("you", fields.you)?,
                capacity: required("capacity", fields.capacity)?,
            },
            "full" => Self::Full {
                capacity: required("capacity", fields.capacity)?,
            },
            "ready" => Self::Ready {
                peer: required("peer", fields.peer)?,
            },
            "away" => Self::Away {
                peer: required("peer", fields.peer)?,
            },
            "ping" => Self::Ping,
            "left" => Self::Left {
                peer: required("peer", fields.peer)?,
                reason: required("reason", fields.reason)?,
            },
            "token" => Self::Token {
                ice_servers: required("iceServers", fields.ice_servers)?
                    .into_iter()
                    .map(IceServer::from)
                    .collect(),
                expires_in: fields.expires_in,
            },
            "message" => Self::Message {
                from: required("from", fields.from)?,
                message: required("message", fields.message)?,
            },
            "error" => Self::Error {
                code: required("code", fields.code)?,
                detail: required("detail", fields.detail)?,
            },
            _ => return Err(Faulty::UnknownType(fields.r#type)),
        })
    }
}

/// An [`IceServer`] that a relay names. A field that is not known is a mistake in a configuration, and none here: the
/// relay may be newer.
#[derive(Deserialize)]
struct NamedServer {
    #[serde(deserialize_with = "one_or_many")]
    urls: Vec<String>,
    username: Option<String>,
    credential: Option<String>,
}

impl From<NamedServer> for IceServer {
    fn from(server: NamedServer) -> Self {
        Self {
            urls: server.urls,
            username: server.username,
            credential: server.credential,
        }
    }
}

/// Why fields make no message.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Faulty {
    #[error("unknown type `{0}`")]
    UnknownType(String),
    #[error("missing field `{0}`")]
    Missing(&'static str),
}

pub(crate) fn required<T>(name: &'static str, field: Option<T>) -> Result<T, Faulty> {
    field.ok_or(Faulty::Missing(name))
}

/// Why somebody is no longer in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeaveReason {
    /// They left, or closed the page.
    Left,
    /// Their socket broke without a goodbye, and they have not come back in time.
    Lost,
}

/// The kind of a fault that the relay reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorCode {
    /// The text is no message of this protocol. The connection stays open.
    BadMessage,
    /// A `send` before there is a seat. The connection stays open.
    NotJoined,
    /// A `join` while there is a seat already. The connection stays open.
    AlreadyJoined,
    /// A `send` to somebody who is not in the room. The connection stays open.
    NoSuchPeer,
    /// The same seat was taken by a newer connection; this one is closed.
    Replaced,
    /// The client was too slow to take what it was sent; the connection is closed.
    TooSlow,
    /// The relay has too much to do; try again later. The connection is closed.
    Busy,
    /// A code that this version does not know.
    #[serde(other)]
    Unknown,
}

/// The text of a peer message. Opaque to the relay; a client decodes it with
/// [`dialect::native::decode_peer`](crate::dialect::native::decode_peer).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PeerText(pub String);

impl std::fmt::Debug for PeerText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What people say to each other must not reach a log.
        write!(f, "PeerText({} bytes)", self.0.len())
    }
}
