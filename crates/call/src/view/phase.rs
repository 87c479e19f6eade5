//! A call from its beginning to its end, and why it ended.

use std::time::Duration;

use visavis_protocol::name::PersonName;
use visavis_sealing::Unopened;

use crate::timer::Time;

/// The call.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CallPhase {
    /// There was none yet.
    Idle,
    /// Nobody is connected yet.
    Connecting {
        /// The click, or the arrival of the call.
        since: Time,
    },
    /// Somebody is connected.
    InCall {
        /// When the first one was.
        since: Time,
    },
    /// It is over.
    Ended {
        /// Why.
        reason: EndReason,
        /// For how long somebody was connected; `None`: nobody ever was.
        lasted: Option<Duration>,
        /// Whom it was with, of several the last one.
        with: PersonName,
    },
}

/// Why a call is over.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum EndReason {
    /// We hung up.
    HungUp,
    /// The other side hung up.
    PeerHungUp,
    /// The other side left the room, or closed the page.
    PeerLeft,
    /// They did not want to take part.
    Declined,
    /// They are in another call.
    Busy,
    /// They have not answered for as long as it may ring.
    Unanswered,
    /// They called, and gave up before we answered.
    Missed,
    /// It failed.
    Failed(FailureCause),
}

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FailureCause {
    /// The other side's page never answered.
    NoAnswer,
    /// No network path to the other side was found.
    NoPath(Obstacle),
    /// There was a path, and it is gone.
    ConnectionLost,
    /// A description of the connection, theirs or ours, is larger than a call can need, or than the relay
    /// takes.
    TooLarge,
    /// What came through signaling in their name, while the connection was made, could not be opened, for
    /// this reason.
    Unopened(Unopened),
    /// The browser took a path that shows our address, though it was asked for those through a TURN server
    /// alone.
    NotRelayed,
    /// Somebody may sit between us and them.
    Unsafe(Danger),
    /// The browser refused; the name of its exception.
    Browser(String),
}

/// What looks as if somebody sat between us and somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Danger {
    /// Descriptions name other certificates than each other, or than the connection has.
    Certificate,
    /// What they committed to is not what they revealed, or nothing at all.
    Commitment,
    /// The person has found that the safety codes differ.
    Code,
}

/// What is in the way of a network path, as far as candidates and ICE servers tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Obstacle {
    /// Our browser has no network address to offer: there is no network, or something forbids WebRTC.
    NothingToOffer,
    /// The other side's browser has none.
    NothingOffered,
    /// A browser hides its addresses in this network until it is allowed to use a camera or a microphone
    /// (mDNS candidates), and there is no TURN server.
    HiddenAddresses,
    /// There is no TURN server that could help.
    NoTurn,
    /// Only paths through a TURN server are wanted, and there is none.
    NoTurnToHideBehind,
    /// The TURN server refuses the site's credentials; its code (RFC 8656, section 18).
    TurnRefuses(u16),
    /// The TURN server has no room for another call.
    TurnIsFull,
    /// The TURN server can't be reached.
    TurnUnreachable,
    /// There was a TURN server, and not even it helped.
    EvenWithTurn,
}
