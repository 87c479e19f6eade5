//! What the policy wants done.

use visavis_protocol::relay::{AccessPolicy, ErrorCode, RelayMessage};

use super::ConnectionId;

/// What is to be done after a call, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Hand a message to a connection.
    Deliver {
        /// For whom it is.
        to: ConnectionId,
        /// What it says.
        message: RelayMessage,
    },
    /// Close a connection, after what was delivered to it. It has no place any more.
    Close {
        /// Which one.
        connection: ConnectionId,
        /// Why.
        reason: CloseReason,
    },
}

/// Why the room policy closes a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// The same person came back on a newer connection, or as a newer page.
    Replaced,
    /// The host has refused to let them in.
    Refused,
    /// The host has removed them.
    Removed,
    /// Too many wait in the lobby.
    Crowded,
    /// There are too many rooms for another one.
    TooManyRooms,
}

pub(super) fn deliver(to: ConnectionId, message: RelayMessage) -> Effect {
    Effect::Deliver { to, message }
}

pub(super) fn error(to: ConnectionId, code: ErrorCode, detail: &str) -> Effect {
    deliver(
        to,
        RelayMessage::Error {
            code,
            detail: detail.into(),
        },
    )
}

/// Tells a connection why it has no place, and closes it.
pub(super) fn turn_away(connection: ConnectionId, reason: CloseReason) -> [Effect; 2] {
    let (code, detail) = match reason {
        CloseReason::Replaced => (ErrorCode::Replaced, "a newer connection of yours took this place"),
        CloseReason::Refused => (ErrorCode::Refused, "the host of this room does not let you in"),
        CloseReason::Removed => (ErrorCode::Removed, "the host of this room has removed you"),
        CloseReason::Crowded => (
            ErrorCode::Busy,
            "too many people wait in the lobby: try again later",
        ),
        CloseReason::TooManyRooms => (ErrorCode::Busy, "there are too many rooms: try again later"),
    };
    [
        error(connection, code, detail),
        Effect::Close { connection, reason },
    ]
}

pub(super) fn full(to: ConnectionId, capacity: usize, door: AccessPolicy) -> Effect {
    deliver(
        to,
        RelayMessage::Full {
            capacity: on_the_wire(capacity),
            door,
        },
    )
}

pub(super) fn on_the_wire(capacity: usize) -> u32 {
    u32::try_from(capacity).unwrap_or(u32::MAX)
}
