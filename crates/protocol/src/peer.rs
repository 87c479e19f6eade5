//! The messages between two clients. Opaque to the relay.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::chat::{ChatText, Place, Reaction};
use crate::ice::IceCandidate;
use crate::json::{JsonError, Object, required};
use crate::name::PersonName;
use crate::number::number;
pub use crate::number::{MAX_NUMBER, MessageNumber};
use crate::safety::{Commitment, Hex, Nonce};

/// Which of a sender's `RTCPeerConnection`s towards one receiver is meant: 1, 2, 3, … Each call makes a new
/// one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConnectionId(pub u32);

/// A peer message, with the numbers that tell a fresh one from a stale one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct PeerMessage {
    /// The number of this message; 0 for one that has none.
    pub number: MessageNumber,
    /// The last number that the sender had received when it sent this; 0 for none. It tells messages that
    /// crossed on the wire from replies.
    pub ack: MessageNumber,
    /// The number of the message that the receiver must have before this one; `None` for the one just before.
    /// It is another one when the messages between have become obsolete and are no longer sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<MessageNumber>,
    /// The sender's connection that this is about.
    pub connection: ConnectionId,
    /// The receiver's connection that this is about, when the sender knows of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<ConnectionId>,
    /// In the first offer of a connection that replaces an earlier one: the receiver's end of the earlier
    /// connection, which is to be closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<ConnectionId>,
    /// The content.
    pub body: PeerBody,
}

impl PeerMessage {
    pub(crate) fn read(object: &Object) -> Result<Self, JsonError> {
        Ok(Self {
            number: number(object.get("number")?)?,
            ack: number(object.get("ack")?)?,
            after: object.get::<Option<_>>("after")?.map(number).transpose()?,
            connection: object.get("connection")?,
            to: object.get("to")?,
            replaces: object.get("replaces")?,
            body: required("body", object.object("body", PeerBody::read)?)?,
        })
    }
}

impl PeerMessage {
    /// A message that describes a state. It has no number, is not acknowledged, and the last one counts.
    #[must_use]
    pub fn unnumbered(body: PeerBody) -> Self {
        Self {
            number: 0,
            ack: 0,
            after: None,
            connection: ConnectionId(0),
            to: None,
            replaces: None,
            body,
        }
    }
}

/// Whom a call is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallKind {
    /// Everybody in the room may take part.
    Open,
    /// For two, however many people are in the room.
    Private,
}

impl CallKind {
    /// A kind that this version does not know. It does not take part in such a call.
    fn named(name: &str) -> Option<Self> {
        match name {
            "" => None,
            "open" => Some(Self::Open),
            _ => Some(Self::Private),
        }
    }
}

/// The content of a peer message.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum PeerBody {
    /// What the sender's client can do, and the sender's name. Sent to everybody who arrives, and when it
    /// changes, without a number ([`PeerMessage::unnumbered`]).
    #[serde(rename_all = "camelCase")]
    Hello {
        /// The sender keeps candidates that come before the description that they belong to, so they may be
        /// sent at once. To others, they are sent after the answer.
        early_candidates: bool,
        /// The sender's own name.
        #[serde(skip_serializing_if = "PersonName::is_empty")]
        name: PersonName,
        /// The call that the sender takes part in.
        #[serde(skip_serializing_if = "Option::is_none")]
        call: Option<CallKind>,
    },
    /// A description of type `offer`. It is a call, unless it only pre-connects.
    Offer {
        /// The session description (RFC 8866).
        sdp: String,
        /// Which exchange it opens: the sender's offers of one connection are numbered 1, 2, 3, …
        exchange: u32,
        /// The browsers pre-connect; the sender does not call yet.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        warm: bool,
        /// The call is private.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        private: bool,
    },
    /// A description of type `answer`.
    Answer {
        /// The session description.
        sdp: String,
        /// The exchange that it closes: the number that the offer had.
        exchange: u32,
    },
    /// A candidate of the sender, or the end of its candidates.
    Candidate(IceCandidate),
    /// The sender calls, or takes part in the receiver's call.
    Call {
        /// The call is private.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        private: bool,
    },
    /// The sender has been called, and a person has to answer.
    Ringing,
    /// What the sender sends at present. Sent when a connection opens, and at every change.
    Media {
        /// Video.
        camera: bool,
        /// Audio.
        microphone: bool,
        /// The video shows a screen, a window or a tab.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        screen: bool,
    },
    /// The call is over: the sender hung up.
    HangUp,
    /// The call is over: the sender could not connect or reconnect, or nobody answered.
    GiveUp,
    /// The sender does not take part in the receiver's call.
    Decline {
        /// Because of another call.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        busy: bool,
    },
    /// A chat message. This and the following are only sent over a data channel, where nobody else can read
    /// them, and without a number ([`PeerMessage::unnumbered`]).
    Say {
        /// Numbers the sender's chat messages: 1, 2, 3, …
        number: MessageNumber,
        /// How many seconds ago it was written; 0 if it is sent at once.
        #[serde(skip_serializing_if = "is_zero")]
        ago: u32,
        /// It was written in a private call.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        private: bool,
        /// Its position among others. Older versions don't send it.
        #[serde(skip_serializing_if = "Option::is_none")]
        place: Option<Place>,
        /// The text.
        text: ChatText,
    },
    /// The sender has received the receiver's chat messages, up to here.
    Heard {
        /// The number of the last one.
        number: MessageNumber,
        /// It was written in a private call.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        private: bool,
    },
    /// A reaction of the sender.
    React {
        /// Which one.
        reaction: Reaction,
    },
    /// The sender raises or lowers a hand.
    Hand {
        /// It is raised.
        up: bool,
    },
    /// How large the sender shows the receiver's video.
    Show {
        /// The width in pixels of the screen; 0 while it can't be seen.
        width: u32,
    },
    /// The sender has no safety code for this connection, and does not begin an exchange: the receiver does.
    NoCode,
    /// Begins the exchange that makes a safety code.
    Commit {
        /// Binds the sender to a nonce that follows.
        commitment: Commitment,
    },
    /// The sender's part of the safety code.
    Reveal {
        /// It.
        nonce: Nonce,
    },
    /// A message of a newer version. It is never sent.
    Unknown,
}

impl PeerBody {
    fn read(object: &Object) -> Result<Self, JsonError> {
        Ok(match object.get::<String>("type")?.as_str() {
            "hello" => Self::Hello {
                early_candidates: flag(object, "earlyCandidates")?,
                // It is for display only: a client that sends something else may still be called.
                name: PersonName::new(&object.get::<String>("name").unwrap_or_default()),
                call: CallKind::named(&object.get::<String>("call").unwrap_or_default()),
            },
            "offer" => Self::Offer {
                sdp: object.get("sdp")?,
                exchange: object.get("exchange")?,
                warm: flag(object, "warm")?,
                private: flag(object, "private")?,
            },
            "answer" => Self::Answer {
                sdp: object.get("sdp")?,
                exchange: object.get("exchange")?,
            },
            "candidate" => Self::Candidate(IceCandidate::read(object)?),
            "call" => Self::Call {
                private: flag(object, "private")?,
            },
            "ringing" => Self::Ringing,
            "media" => Self::Media {
                camera: object.get("camera")?,
                microphone: object.get("microphone")?,
                screen: flag(object, "screen")?,
            },
            "hang-up" => Self::HangUp,
            "give-up" => Self::GiveUp,
            "decline" => Self::Decline {
                busy: flag(object, "busy")?,
            },
            "say" => match ChatText::new(&object.get::<String>("text")?) {
                Some(text) => Self::Say {
                    number: number(object.get("number")?)?,
                    ago: object.get::<Option<_>>("ago")?.unwrap_or_default(),
                    private: flag(object, "private")?,
                    place: object.object("place", Place::read)?,
                    text,
                },
                None => Self::Unknown,
            },
            "heard" => Self::Heard {
                number: number(object.get("number")?)?,
                private: flag(object, "private")?,
            },
            "react" => match Reaction::named(&object.get::<String>("reaction")?) {
                Some(reaction) => Self::React { reaction },
                None => Self::Unknown,
            },
            "hand" => Self::Hand {
                up: object.get("up")?,
            },
            "show" => Self::Show {
                width: object.get("width")?,
            },
            "no-code" => Self::NoCode,
            "commit" => match Hex::read(&object.get::<String>("commitment")?) {
                Some(commitment) => Self::Commit { commitment },
                None => Self::Unknown,
            },
            "reveal" => match Hex::read(&object.get::<String>("nonce")?) {
                Some(nonce) => Self::Reveal { nonce },
                None => Self::Unknown,
            },
            _ => Self::Unknown,
        })
    }

    /// Whether it is sent over a data channel only.
    #[must_use]
    pub fn is_for_channel(&self) -> bool {
        matches!(
            self,
            Self::Say { .. }
                | Self::Heard { .. }
                | Self::React { .. }
                | Self::Hand { .. }
                | Self::Show { .. }
                | Self::NoCode
                | Self::Commit { .. }
                | Self::Reveal { .. }
        )
    }

    /// Whether it ends the sender's connection.
    #[must_use]
    pub fn ends(&self) -> bool {
        matches!(self, Self::HangUp | Self::GiveUp | Self::Decline { .. })
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it like this")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A truth value that is only written when it is true.
fn flag(object: &Object, field: &str) -> Result<bool, JsonError> {
    Ok(object.get::<Option<_>>(field)?.unwrap_or_default())
}

impl fmt::Debug for PeerBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Descriptions and candidates hold addresses and keys, which must not reach a log.
        f.write_str(match self {
            Self::Hello { .. } => "Hello",
            Self::Offer { .. } => "Offer",
            Self::Answer { .. } => "Answer",
            Self::Candidate(_) => "Candidate",
            Self::Call { .. } => "Call",
            Self::Ringing => "Ringing",
            Self::Media { .. } => "Media",
            Self::HangUp => "HangUp",
            Self::GiveUp => "GiveUp",
            Self::Decline { .. } => "Decline",
            Self::Say { .. } => "Say",
            Self::Heard { .. } => "Heard",
            Self::React { .. } => "React",
            Self::Hand { .. } => "Hand",
            Self::Show { .. } => "Show",
            Self::NoCode => "NoCode",
            Self::Commit { .. } => "Commit",
            Self::Reveal { .. } => "Reveal",
            Self::Unknown => "Unknown",
        })
    }
}
