//! How far a link has come, by what the browser says of it.

use crate::event::ConnectionState;

/// How far a link has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Progress {
    /// The ICE servers are awaited; the peer connection is not made yet.
    AwaitingIceServers(Attempt),
    /// The peer connection is made, and not connected yet.
    Connecting(Attempt),
    /// Connected.
    Connected,
    /// It was connected, and is silent at the moment.
    Interrupted,
}

/// Whether a pair is to be connected for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Attempt {
    /// It is.
    First,
    /// It was connected before, by a link that this one replaces.
    Again,
}

/// What a new connection state means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum StateChange {
    /// Nothing to do.
    None,
    /// It is connected, again or for the first time.
    Connected,
    /// It was connected, and is silent now.
    Interrupted,
    /// What connects it has failed: the first attempt, or a restart.
    Failed,
}

impl Progress {
    /// The peer connection is made.
    pub(super) fn make(&mut self) {
        if let Self::AwaitingIceServers(attempt) = *self {
            *self = Self::Connecting(attempt);
        }
    }

    /// Whether there is a peer connection.
    pub(super) fn is_made(self) -> bool {
        !matches!(self, Self::AwaitingIceServers(_))
    }

    /// Whether this pair was ever connected, by this link or one that it replaces.
    pub(super) fn once_connected(self) -> bool {
        match self {
            Self::AwaitingIceServers(attempt) | Self::Connecting(attempt) => attempt == Attempt::Again,
            Self::Connected | Self::Interrupted => true,
        }
    }

    pub(super) fn connection_state(&mut self, state: ConnectionState) -> StateChange {
        match state {
            ConnectionState::New | ConnectionState::Connecting => StateChange::None,
            ConnectionState::Connected => {
                *self = Self::Connected;
                StateChange::Connected
            }
            ConnectionState::Disconnected | ConnectionState::Failed | ConnectionState::Closed
                if *self == Self::Connected =>
            {
                *self = Self::Interrupted;
                if state == ConnectionState::Disconnected {
                    StateChange::Interrupted
                } else {
                    StateChange::Failed
                }
            }
            // Checks may still succeed.
            ConnectionState::Disconnected => StateChange::None,
            ConnectionState::Failed | ConnectionState::Closed => StateChange::Failed,
        }
    }
}
