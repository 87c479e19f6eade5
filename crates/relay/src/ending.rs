//! How a connection ends, and who is told what: the policy, as one table in code.

use std::fmt;

use axum::extract::ws::close_code;
use tungstenite::error::CapacityError;
use visavis_protocol::relay::{ErrorCode, LeaveReason, RelayMessage};
use visavis_protocol::{CLOSE_LOST, MAX_MESSAGE_BYTES};

use crate::budget::Excess;
use crate::room::CloseReason;

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The client sent a close frame.
    Goodbye,
    /// The client gave this connection up, and will be back: a close frame with [`CLOSE_LOST`].
    GivenUp,
    /// The socket broke, or ended without a close frame.
    Gone,
    /// Nothing at all was heard for too long.
    Silent,
    /// The client asked for a connection, and then for nothing.
    NoFirstMessage,
    /// Message after message was none of this protocol.
    BadMessages,
    /// A message above [`MAX_MESSAGE_BYTES`].
    TooLong,
    /// A text message that is no text (RFC 6455, section 8.1).
    NotUtf8,
    /// A breach of RFC 6455, such as a frame without a mask.
    NotWebSocket,
    /// The rooms have no place for this connection any more.
    Unseated(CloseReason),
    /// The client doesn't take what it is sent.
    TooSlow,
    /// The client sends too much of this.
    TooMuch(Excess),
    /// The relay stops, and will be back.
    Restart,
}

impl Ending {
    /// What a close frame with this code means.
    pub(crate) fn at_close(code: Option<u16>) -> Self {
        if code == Some(CLOSE_LOST) {
            Self::GivenUp
        } else {
            Self::Goodbye
        }
    }

    /// What an error of the socket means.
    pub(crate) fn of(error: axum::Error) -> Self {
        use tungstenite::Error;
        match error.into_inner().downcast_ref::<Error>() {
            Some(Error::Capacity(CapacityError::MessageTooLong { .. })) => Self::TooLong,
            Some(Error::Utf8(_)) => Self::NotUtf8,
            Some(Error::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake)) => {
                Self::Gone
            }
            Some(Error::Protocol(_)) => Self::NotWebSocket,
            _ => Self::Gone,
        }
    }

    /// Whether the person has left, or is away at first.
    pub(crate) fn leave_reason(self) -> LeaveReason {
        match self {
            Self::Goodbye => LeaveReason::Left,
            _ => LeaveReason::Lost,
        }
    }

    /// The last message to the client. [`Ending::Unseated`] has none here: the room sent it already.
    pub(crate) fn last_message(self) -> Option<RelayMessage> {
        let code = match self {
            Self::TooLong | Self::NotUtf8 => ErrorCode::BadMessage,
            Self::TooSlow => ErrorCode::TooSlow,
            Self::TooMuch(_) => ErrorCode::Busy,
            _ => return None,
        };
        Some(RelayMessage::Error {
            code,
            detail: self.to_string(),
        })
    }

    /// The code of the close frame (RFC 6455, section 7.4); `None` when the client said goodbye first, or is
    /// gone.
    pub(crate) fn close_code(self) -> Option<u16> {
        Some(match self {
            Self::Goodbye | Self::GivenUp | Self::Gone => return None,
            Self::Silent
            | Self::NoFirstMessage
            | Self::BadMessages
            | Self::Unseated(_)
            | Self::TooSlow
            | Self::TooMuch(_) => close_code::POLICY,
            Self::TooLong => close_code::SIZE,
            Self::NotUtf8 => close_code::INVALID,
            Self::NotWebSocket => close_code::PROTOCOL,
            Self::Restart => close_code::RESTART,
        })
    }

    /// Whether what is queued for the client is still worth sending.
    pub(crate) fn empties_queue(self) -> bool {
        !matches!(
            self,
            Self::Goodbye | Self::GivenUp | Self::Gone | Self::Silent | Self::TooSlow
        )
    }

    /// Whether the socket can be read further: what comes after a broken frame has no beginning.
    pub(crate) fn is_readable(self) -> bool {
        !matches!(
            self,
            Self::Gone | Self::TooLong | Self::NotUtf8 | Self::NotWebSocket
        )
    }
}

impl Ending {
    /// All of them, for counters that begin at zero.
    pub(crate) const LABELS: [&str; 21] = [
        "goodbye",
        "given_up",
        "gone",
        "silent",
        "no_first_message",
        "bad_messages",
        "too_long",
        "not_utf8",
        "not_websocket",
        "replaced",
        "refused",
        "removed",
        "lobby",
        "rooms",
        "too_slow",
        "messages",
        "joins",
        "tokens",
        "names",
        "commands",
        "restart",
    ];

    /// The name of its counter.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Goodbye => "goodbye",
            Self::GivenUp => "given_up",
            Self::Gone => "gone",
            Self::Silent => "silent",
            Self::NoFirstMessage => "no_first_message",
            Self::BadMessages => "bad_messages",
            Self::TooLong => "too_long",
            Self::NotUtf8 => "not_utf8",
            Self::NotWebSocket => "not_websocket",
            Self::Unseated(CloseReason::Replaced) => "replaced",
            Self::Unseated(CloseReason::Refused) => "refused",
            Self::Unseated(CloseReason::Removed) => "removed",
            Self::Unseated(CloseReason::Crowded) => "lobby",
            Self::Unseated(CloseReason::TooManyRooms) => "rooms",
            Self::TooSlow => "too_slow",
            Self::TooMuch(Excess::Messages) => "messages",
            Self::TooMuch(Excess::Joins) => "joins",
            Self::TooMuch(Excess::Tokens) => "tokens",
            Self::TooMuch(Excess::Names) => "names",
            Self::TooMuch(Excess::Commands) => "commands",
            Self::Restart => "restart",
        }
    }
}

/// The reason in the close frame, and in logs. At most 123 bytes (RFC 6455, section 5.5).
impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Goodbye => f.write_str("the client said goodbye"),
            Self::GivenUp => f.write_str("the client gave the connection up"),
            Self::Gone => f.write_str("the socket broke"),
            Self::Silent => f.write_str("nothing was heard for too long"),
            Self::NoFirstMessage => f.write_str("no message came after the upgrade"),
            Self::BadMessages => f.write_str("too many bad messages in a row"),
            Self::TooLong => write!(f, "a message may have at most {MAX_MESSAGE_BYTES} bytes"),
            Self::NotUtf8 => f.write_str("a text message was not UTF-8"),
            Self::NotWebSocket => f.write_str("a frame broke the WebSocket protocol"),
            Self::Unseated(CloseReason::Replaced) => f.write_str("a newer connection took this place"),
            Self::Unseated(CloseReason::Refused) => f.write_str("the host did not let this person in"),
            Self::Unseated(CloseReason::Removed) => f.write_str("the host removed this person"),
            Self::Unseated(CloseReason::Crowded) => f.write_str("too many wait in the lobby"),
            Self::Unseated(CloseReason::TooManyRooms) => f.write_str("there are too many rooms"),
            Self::TooSlow => f.write_str("the client was too slow to take its messages"),
            Self::TooMuch(excess) => write!(f, "the client sent too many {excess}"),
            Self::Restart => f.write_str("the relay restarts: come back soon"),
        }
    }
}
