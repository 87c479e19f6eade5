//! What one connection may send: how much, and how often what costs others something.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;
use visavis_protocol::relay::ClientMessage;

use crate::address::Visit;
use crate::bucket::Bucket;
use crate::limits::Limits;

/// What one connection has left.
#[derive(Debug)]
pub(crate) struct Budget {
    messages: Bucket,
    bytes: Bucket,
    joins: Bucket,
    tokens: Bucket,
    names: Bucket,
    commands: Bucket,
    /// How many messages may have to wait until half of the budget is there again.
    most_waits: u32,
    /// How many have had to.
    waits: u32,
}

/// Of what a client has sent too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Excess {
    /// Messages or bytes, for so long that waiting did not help.
    Messages,
    /// `join`, on this connection or from this address.
    Joins,
    /// `token`.
    Tokens,
    /// `name`.
    Names,
    /// A host's commands.
    Commands,
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Messages => "messages",
            Self::Joins => "joins",
            Self::Tokens => "requests for tokens",
            Self::Names => "names",
            Self::Commands => "commands of a host",
        })
    }
}

impl Budget {
    /// A full one.
    pub(crate) fn new(limits: &Limits, now: Instant) -> Self {
        Self {
            messages: Bucket::new(limits.messages, now),
            bytes: Bucket::new(limits.bytes, now),
            joins: Bucket::new(limits.joins, now),
            tokens: Bucket::new(limits.tokens, now),
            names: Bucket::new(limits.names, now),
            commands: Bucket::new(limits.commands, now),
            most_waits: limits.waits,
            waits: 0,
        }
    }

    /// A message of any kind has arrived. Returns how long it has to wait, and with it all that comes after
    /// it.
    pub(crate) fn arrived(&mut self, bytes: usize, now: Instant) -> Result<Duration, Excess> {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let wait = self.messages.borrow(1, now).max(self.bytes.borrow(bytes, now));
        if wait.is_zero() {
            // One that need not wait may only have come after one that waited for a little too long.
            if self.messages.is_half_full() && self.bytes.is_half_full() {
                self.waits = 0;
            }
        } else if self.waits >= self.most_waits {
            return Err(Excess::Messages);
        } else {
            self.waits += 1;
        }
        Ok(wait)
    }

    /// Takes what a message costs.
    pub(crate) fn spend(
        &mut self,
        message: &ClientMessage,
        visit: &Visit,
        now: Instant,
    ) -> Result<(), Excess> {
        let (enough, excess) = match message {
            ClientMessage::Join { .. } => (self.joins.take(1, now) && visit.may_join(now), Excess::Joins),
            ClientMessage::Token => (self.tokens.take(1, now), Excess::Tokens),
            ClientMessage::Name { .. } => (self.names.take(1, now), Excess::Names),
            ClientMessage::Door { .. }
            | ClientMessage::Admit { .. }
            | ClientMessage::Refuse { .. }
            | ClientMessage::Remove { .. }
            | ClientMessage::Host { .. } => (self.commands.take(1, now), Excess::Commands),
            // A `leave` costs nothing without a `join`, and a `send` is paid for as it arrives.
            ClientMessage::Leave | ClientMessage::Send { .. } => return Ok(()),
        };
        if enough { Ok(()) } else { Err(excess) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Rate;

    #[test]
    fn what_people_do_never_waits() {
        let now = Instant::now();
        let mut budget = Budget::new(&Limits::default(), now);
        // Somebody in a room of eight calls seven, each with an offer and dozens of candidates, and the relay
        // restarts with seven full mailboxes.
        for _ in 0..7 {
            assert_eq!(budget.arrived(12_000, now), Ok(Duration::ZERO));
            for _ in 0..2 * 256 {
                assert_eq!(budget.arrived(400, now), Ok(Duration::ZERO));
            }
        }
    }

    #[test]
    fn a_flood_waits_and_ends_if_it_goes_on() {
        let mut now = Instant::now();
        let rate = Rate {
            burst: 2,
            per_minute: 60,
        };
        let limits = Limits {
            messages: rate,
            waits: 3,
            ..Limits::default()
        };
        let mut budget = Budget::new(&limits, now);
        for _ in 0..2 {
            assert_eq!(budget.arrived(10, now), Ok(Duration::ZERO));
        }
        for _ in 0..3 {
            let wait = budget.arrived(10, now).unwrap();
            assert_eq!(wait, Duration::from_secs(1));
            now += wait;
        }
        assert_eq!(budget.arrived(10, now), Err(Excess::Messages));
    }

    #[test]
    fn who_pauses_in_between_may_have_to_wait_again_and_again() {
        let mut now = Instant::now();
        let limits = Limits {
            bytes: Rate {
                burst: 120,
                per_minute: 60,
            },
            waits: 1,
            ..Limits::default()
        };
        let mut budget = Budget::new(&limits, now);
        for _ in 0..10 {
            assert_eq!(budget.arrived(60, now), Ok(Duration::ZERO));
            assert_eq!(budget.arrived(60, now), Ok(Duration::ZERO));
            assert_eq!(budget.arrived(20, now), Ok(Duration::from_secs(20)));
            now += Duration::from_secs(300);
        }
    }
}
