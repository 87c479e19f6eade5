//! Our place in the room, and the way to it.

use visavis_protocol::dialect::ServerKind;
use visavis_protocol::id::PeerId;
use visavis_protocol::name::PersonName;
use visavis_protocol::relay::AccessPolicy;

use crate::timer::Time;

/// The way to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignalingView {
    /// Not needed yet.
    Off,
    /// The relay is being reached for the first time.
    Opening,
    /// Through the relay.
    Relay,
    /// The relay can't be reached.
    Unreachable {
        /// When it is tried again; `None` while an attempt is under way.
        retry_at: Option<Time>,
        /// Tabs of this browser can meet meanwhile.
        tabs_can_meet: bool,
    },
    /// There is a server, but it is of this kind, and the site names another one. It is tried again.
    OtherKind(ServerKind),
    /// There is no relay: only tabs of this browser can meet.
    OnlyThisBrowser,
    /// None is wanted: the other one gets an invitation by hand.
    ByHand,
}

/// Our place in the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeatView {
    /// None, and none asked for.
    None,
    /// Asked for.
    Joining,
    /// The room is full; we wait for a seat.
    Queued {
        /// How many people the room holds.
        capacity: u32,
    },
    /// The host has not let us in; we wait.
    InLobby {
        /// Nobody new gets in at present, so nobody is asked either.
        locked: bool,
    },
    /// In the room.
    Seated,
    /// We were sent away, and try no longer.
    Removed(RemovalReason),
}

/// Why we were sent away from a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RemovalReason {
    /// The host did not let us in.
    Refused,
    /// The host has taken our seat.
    Removed,
    /// Too many people want to come in. This may change; see [`Command::RetryNow`](crate::Command::RetryNow).
    Crowded,
}

/// Access to the room, for those who have a seat in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccessView {
    /// Who may come in. Always open where there is no host.
    pub policy: AccessPolicy,
    /// Whether we are the host.
    pub is_ours: bool,
    /// Whether the room was not open before the relay restarted, and is now, with somebody else as the host.
    pub is_reopened: bool,
    /// Who knocks, in the order in which they came. Only the host knows.
    pub knocking: Vec<KnockerView>,
}

/// Somebody who wants to come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnockerView {
    /// Who it is.
    pub id: PeerId,
    /// What they call themselves; empty if they don't say.
    pub name: PersonName,
    /// Tells them from others whose names look the same, as
    /// [`PersonView::name_number`](crate::PersonView::name_number) does. Whoever is in the room comes before
    /// all who knock.
    pub name_number: u32,
}
