//! The messages between a client and the relay. docs/protocol.md describes them; its examples are this
//! crate's golden tests.

use serde::{Deserialize, Serialize};

use crate::ice::IceServer;
use crate::id::{PeerId, RoomId, SeatSecret};
use crate::json::{JsonError, Object, required};
use crate::name::GivenName;

/// From a client to the relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum ClientMessage {
    /// Take a seat in a room. Answered by [`RelayMessage::Joined`], or by [`RelayMessage::Full`], and then by
    /// `Joined` once there is a seat.
    Join {
        /// The room; it exists for as long as a seat in it is taken or kept.
        room: RoomId,
        /// Proves who is asking; the same secret gets the same [`PeerId`] again, also after a restart.
        secret: SeatSecret,
        /// The secret of a page whose place this one takes, such as the same tab before a reload: that page's
        /// seat is freed at once, without waiting until its socket is found dead.
        #[serde(skip_serializing_if = "Option::is_none")]
        replaces: Option<SeatSecret>,
        /// The person's own name, which the host is told if they have to knock. Nobody else is.
        #[serde(skip_serializing_if = "GivenName::is_empty")]
        name: GivenName,
    },
    /// The person has changed their name. The host sees it, if they knock.
    Name {
        /// The name; empty for none.
        #[serde(skip_serializing_if = "GivenName::is_empty")]
        name: GivenName,
    },
    /// Give the seat, or the place in the queue or the lobby, back. The socket stays open, for another
    /// `Join`.
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
    /// Of the host: set the access policy.
    Door {
        /// The new policy.
        state: AccessPolicy,
    },
    /// Of the host: admit somebody who knocks.
    Admit {
        /// Who it is.
        peer: PeerId,
    },
    /// Of the host: refuse somebody who knocks. They can't knock again.
    Refuse {
        /// Who it is.
        peer: PeerId,
    },
    /// Of the host: take somebody's seat. They can't come back.
    Remove {
        /// Who it is.
        peer: PeerId,
    },
    /// Of the host: make somebody else in the room the host.
    Host {
        /// Who it is.
        peer: PeerId,
    },
}

impl ClientMessage {
    pub(crate) fn read(object: &Object) -> Result<Self, JsonError> {
        let kind: String = object.get("type")?;
        Ok(match kind.as_str() {
            "join" => Self::Join {
                room: object.get("room")?,
                secret: object.get("secret")?,
                replaces: object.get("replaces")?,
                name: name(object)?,
            },
            "name" => Self::Name { name: name(object)? },
            "leave" => Self::Leave,
            "token" => Self::Token,
            "send" => Self::Send {
                to: object.get("to")?,
                message: object.get("message")?,
            },
            "door" => Self::Door {
                state: object.get("state")?,
            },
            "admit" => Self::Admit {
                peer: object.get("peer")?,
            },
            "refuse" => Self::Refuse {
                peer: object.get("peer")?,
            },
            "remove" => Self::Remove {
                peer: object.get("peer")?,
            },
            "host" => Self::Host {
                peer: object.get("peer")?,
            },
            _ => return Err(unknown_type(&kind)),
        })
    }
}

/// From the relay to a client.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum RelayMessage {
    /// A relay is here. The first message on every connection, sent at once and unasked: a proxy may accept a
    /// WebSocket before it knows whether there is a relay behind it, so only a message of the relay proves
    /// that it was reached.
    Welcome,
    /// You have a seat. A [`RelayMessage::Ready`] follows for everybody who is there already.
    Joined {
        /// Your name in this room.
        you: PeerId,
        /// How many people the room holds.
        capacity: u32,
    },
    /// There is no seat for you at present. You wait, and get [`RelayMessage::Joined`] once there is one. It
    /// is sent again when the reason for waiting changes.
    Full {
        /// How many people the room holds.
        capacity: u32,
        /// What keeps you out: the access policy; or, if that is [`AccessPolicy::Open`], that all seats are
        /// taken.
        #[serde(skip_serializing_if = "AccessPolicy::is_open")]
        door: AccessPolicy,
    },
    /// The state of the room where you have a seat: sent after [`RelayMessage::Joined`], and whenever it
    /// changes.
    Room {
        /// The host.
        host: PeerId,
        /// Who may come in.
        door: AccessPolicy,
    },
    /// Somebody knocks. Only the host is told.
    Knock {
        /// Who it is.
        peer: PeerId,
        /// Their own name.
        #[serde(skip_serializing_if = "GivenName::is_empty")]
        name: GivenName,
    },
    /// Somebody no longer knocks: they were admitted or refused, have gone, or the policy is no longer
    /// [`AccessPolicy::Knock`]. Only the host is told.
    KnockOver {
        /// Who it was.
        peer: PeerId,
    },
    /// Somebody else is in the room, and can be called.
    Ready {
        /// Who it is.
        peer: PeerId,
    },
    /// Somebody's socket broke, and their seat is kept for a while: [`RelayMessage::Ready`] follows if they
    /// come back, [`RelayMessage::Left`] if they don't.
    Away {
        /// Who it is.
        peer: PeerId,
    },
    /// Somebody is no longer in the room.
    Left {
        /// Who it was.
        peer: PeerId,
        /// Whether they left, or were lost.
        reason: LeaveReason,
    },
    /// The ICE servers that were asked for.
    Token {
        /// To be handed to `RTCPeerConnection`.
        ice_servers: Vec<IceServer>,
        /// For how many seconds the credentials are valid; absent: without limit.
        #[serde(skip_serializing_if = "Option::is_none")]
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
        /// The fault as text, for the developer of a client.
        detail: String,
    },
    /// The relay is still there. Sent at regular intervals, because a page can't see a WebSocket's own pings.
    Ping,
}

impl RelayMessage {
    pub(crate) fn read(object: &Object) -> Result<Self, JsonError> {
        let kind: String = object.get("type")?;
        Ok(match kind.as_str() {
            "welcome" => Self::Welcome,
            "joined" => Self::Joined {
                you: object.get("you")?,
                capacity: object.get("capacity")?,
            },
            "full" => Self::Full {
                capacity: object.get("capacity")?,
                door: object.get::<Option<_>>("door")?.unwrap_or_default(),
            },
            "room" => Self::Room {
                host: object.get("host")?,
                door: object.get("door")?,
            },
            "knock" => Self::Knock {
                peer: object.get("peer")?,
                name: name(object)?,
            },
            "knock-over" => Self::KnockOver {
                peer: object.get("peer")?,
            },
            "ready" => Self::Ready {
                peer: object.get("peer")?,
            },
            "away" => Self::Away {
                peer: object.get("peer")?,
            },
            "ping" => Self::Ping,
            "left" => Self::Left {
                peer: object.get("peer")?,
                reason: object.get("reason")?,
            },
            "token" => Self::Token {
                ice_servers: required("iceServers", object.objects("iceServers", IceServer::read)?)?,
                expires_in: object.get("expiresIn")?,
            },
            "message" => Self::Message {
                from: object.get("from")?,
                message: object.get("message")?,
            },
            "error" => Self::Error {
                code: object.get("code")?,
                detail: object.get("detail")?,
            },
            _ => return Err(unknown_type(&kind)),
        })
    }
}

/// The name in a message, if there is one.
fn name(object: &Object) -> Result<GivenName, JsonError> {
    let text = object.get::<Option<String>>("name")?;
    Ok(GivenName::new(&text.unwrap_or_default()))
}

/// The text for a kind of message that this version does not know.
pub(crate) fn unknown_type(kind: &str) -> JsonError {
    JsonError::new(format!("unknown type `{kind}`"))
}

/// Who may come into a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccessPolicy {
    /// Everybody who knows its name.
    #[default]
    Open,
    /// People whom the host admits.
    Knock,
    /// Nobody new.
    Locked,
}

impl AccessPolicy {
    /// All of them, the most open first.
    pub const ALL: [Self; 3] = [Self::Open, Self::Knock, Self::Locked];

    /// What it is called on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Knock => "knock",
            Self::Locked => "locked",
        }
    }

    /// The one of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|door| door.name() == name)
    }

    /// Whether it keeps nobody out.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it like this")]
    fn is_open(&self) -> bool {
        *self == Self::Open
    }
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
    /// The text is not a message of this protocol. The connection stays open.
    BadMessage,
    /// A `send` before there is a seat. The connection stays open.
    NotJoined,
    /// A `join` while there is a seat already. The connection stays open.
    AlreadyJoined,
    /// A `send` to somebody who is not in the room. The connection stays open.
    NoSuchPeer,
    /// The same seat was taken by a newer connection; this one is closed.
    Replaced,
    /// The client was too slow to take its messages; the connection is closed.
    TooSlow,
    /// The relay is overloaded, or too many people wait in the lobby; try again later. The connection is
    /// closed.
    Busy,
    /// Only the room's host may send that. The connection stays open.
    NotHost,
    /// The room's host does not let this person in; the connection is closed.
    Refused,
    /// The room's host has taken this person's seat; the connection is closed.
    Removed,
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
        // Peer messages must not reach a log.
        write!(f, "PeerText({} bytes)", self.0.len())
    }
}
