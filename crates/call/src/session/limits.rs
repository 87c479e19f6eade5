//! How much one person may ask of us. What each limit is for, and what becomes of what is beyond it, is
//! listed in docs/reliability.md.

use std::time::Duration;

use visavis_protocol::peer::{CallKind, ConnectionId};

use super::calling::Answer;
use super::event::Context;
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
    /// Offers that they make over a connection that is there. Each answer is many times as large.
    exchanges: Budget,
    /// How many of their offers were beyond these two.
    pub(super) offers_dropped: u32,
    /// Kilobytes that we say again because they are announced anew: all that a mailbox holds, twice.
    pub(super) repeats: Budget,
    /// How often it rings for a call of theirs.
    pub(super) rings: Budget,
    /// How often they raise their hand.
    pub(super) hands: Budget,
    /// Reactions that they show.
    pub(super) reactions: Budget,
    /// How often they say how large they show our video: each time, the shares of all may change.
    pub(super) sizes: Budget,
    /// How often they say something else of themselves: their name, or the call that they take part in.
    pub(super) hellos: Budget,
    /// How often they say that they send something else.
    pub(super) media: Budget,
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

    /// Whether we answer an offer of theirs. An answer to each of too many would be a flood of our own.
    pub(super) fn may_offer(&mut self, now: Time) -> bool {
        let may = self.exchanges.take(now);
        self.offers_dropped = self.offers_dropped.saturating_add((!may).into());
        may
    }

    /// What their call leads to. Whoever rings all the time is declined, and with whom something is wrong, or
    /// strange, we talk only if we answer ourselves (`asks`).
    pub(super) fn answer(&mut self, context: &Context<'_>, kind: CallKind, asks: bool) -> Answer {
        let answer = match Answer::to(kind, context) {
            Answer::TakePart if asks && context.call.is_some() => Answer::Decline { busy: true },
            Answer::TakePart if asks => Answer::Ring,
            answer => answer,
        };
        match answer {
            Answer::Ring if !self.rings.take(context.now) => Answer::Decline { busy: false },
            answer => answer,
        }
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
            exchanges: Budget::new(60, Duration::from_millis(500)),
            offers_dropped: 0,
            repeats: Budget::new(256, Duration::from_millis(125)),
            rings: Budget::new(8, Duration::from_secs(10)),
            hands: Budget::new(10, Duration::from_secs(2)),
            reactions: Budget::new(10, Duration::from_secs(1)),
            sizes: Budget::new(20, Duration::from_secs(1)),
            hellos: Budget::new(20, Duration::from_secs(1)),
            media: Budget::new(20, Duration::from_secs(1)),
        }
    }
}
