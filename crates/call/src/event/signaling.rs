//! The ways to the others.

use visavis_protocol::dialect::ServerKind;
use visavis_protocol::guest::Guest;
use visavis_protocol::id::PeerId;
use visavis_protocol::relay::{ClientMessage, RelayMessage};

/// A way to reach the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    /// The relay, over a WebSocket.
    Relay,
    /// Tabs of the same browser, without any server.
    ThisBrowser,
    /// One other browser, without any server: people have brought it an invitation, and back a reply.
    ByHand,
}

/// Which [`Route`] the site wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RouteChoice {
    /// The relay; until it is reached for the first time, tabs of this browser can meet without it.
    #[default]
    Auto,
    /// The relay and nothing else.
    Relay,
    /// This browser's tabs and nothing else.
    ThisBrowser,
    /// One other browser, by an invitation and a reply, and nothing else.
    ByHand,
}

/// News from a route.
#[derive(Debug, Clone)]
pub enum SignalingEvent {
    /// It can be used.
    Opened,
    /// A message came.
    Message(RelayMessage),
    /// Somebody with another program is here. There is a gateway between us: see crates/gateway.
    Guest(PeerId, Guest),
    /// It is closed, or could not be opened.
    Closed(CloseCause),
}

/// Why a route is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseCause {
    /// The site answers, and has no relay: it is a plain static host.
    NoRelayHere,
    /// It can't be reached now, or was lost.
    Unreachable,
    /// There is a server, but not of the kind that the site names.
    OtherKind(ServerKind),
}

/// What is done to a route.
#[derive(Debug, Clone)]
pub enum SignalingOp {
    /// Open it; answered by [`SignalingEvent::Opened`] or [`SignalingEvent::Closed`].
    Open,
    /// Send this. Only asked for while the route is open.
    Send(ClientMessage),
    /// Close it. No event follows.
    Close,
    /// Close it, because it seems dead; what it belongs to is to be kept. No event follows.
    Abandon,
}
