//! How much one person may ask of us. What each limit is for, and what becomes of what is beyond it, is listed
//! in docs/reliability.md.

use std::time::Duration;

use visavis_protocol::peer::ConnectionId;

use crate::budget::Budget;
use crate::chat::MOST_OWN;
use crate::timer::Time;

/// What somebody has left of each limit.
#[derive(Debug, Clone, Hash)]
pub(super) struct Limits {
    /// Messages that they write: all that they keep for those who join, and some more at once.
    pub(super) messages: Budget,
    /// How many were beyond that.
    pub(super) messages_dropped: u32,
    /// Peer connections that they have us make. Chromium holds 500 in a page, and keeps those that are closed
    /// for a while.
    connections: Budget,
    /// The last of these, until it is connected. Then it was worth it, and costs nothing.
    unproven: Option<ConnectionId>,
    /// How many of their offers were beyond that.
    pub(super) offers_dropped: u32,
    /// Kilobytes that we say again because they are announced anew: all that a mailbox holds, twice.
    pub(super) repeats: Budget,
}

impl Limits {
    /// Whether they may have us make this connection.
    pub(super) fn may_connect(&mut self, now: Time, connection_id: ConnectionId) -> bool {
        let may = self.connections.take(now);
        if may {
            self.unproven = Some(connection_id);
        }
        may
    }

    /// A connection is up. That takes a browser like ours on their side, and time.
    pub(super) fn connected(&mut self, connection_id: ConnectionId) {
        if self
            .unproven
            .take_if(|unproven| *unproven == connection_id)
            .is_some()
        {
            self.connections.give_back();
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            messages: Budget::new(MOST_OWN + 40, Duration::from_secs(1)),
            messages_dropped: 0,
            connections: Budget::new(40, Duration::from_secs(2)),
            unproven: None,
            offers_dropped: 0,
            repeats: Budget::new(256, Duration::from_millis(125)),
        }
    }
}
