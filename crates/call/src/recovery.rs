//! What is done about a connection that was up and is silent: ever stronger means, one after the other.
//!
//! ```text
//! doubt ──────► bytes still move: never mind
//!   │ none for 2 s
//!   ▼
//! fresh ICE servers ─► ICE restart ─► (it fails) another ─► rebuilt connection, again and again
//!                          └────────── 15 s ───────────────►┘
//! ```
//!
//! The means need signalling. While it is down, or the other side is away, the ladder waits where it is.

use std::time::Duration;

use crate::timer::Time;

/// How long a connection may be silent before something is done: most come back by themselves.
pub(crate) const GRACE: Duration = Duration::from_secs(2);

/// How much longer the polite side waits: it is enough when one side restarts.
pub(crate) const YIELD: Duration = Duration::from_secs(1);

/// How long ICE restarts may take, all together, and each rebuilt connection.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);

/// When a silent connection is given up.
pub(crate) const GIVE_UP: Duration = Duration::from_secs(90);

/// The same, when the relay has given up the other side's seat.
pub(crate) const GIVE_UP_GONE: Duration = Duration::from_secs(15);

/// How many ICE restarts are tried before the connection is rebuilt.
const RESTARTS: u8 = 2;

/// How far up the ladder we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// It is silent, or might be; the bytes that still arrive tell.
    Doubt {
        /// How many had arrived at the beginning.
        bytes: Option<u64>,
    },
    /// Signalling has to come back first.
    Stuck,
    /// Fresh ICE servers are awaited.
    Servers,
    /// ICE restarts.
    Restarting,
    /// A new connection is being made.
    Rebuilding,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Means {
    /// Restart ICE.
    Restart,
    /// Make the connection anew.
    Rebuild,
}

/// The way up the ladder of one connection, and of those that replace it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Recovery {
    pub(crate) step: Step,
    restarts: u8,
    /// When the first restart was begun.
    restarting_since: Option<Time>,
}

impl Recovery {
    pub(crate) fn doubt() -> Self {
        Self {
            step: Step::Doubt { bytes: None },
            restarts: 0,
            restarting_since: None,
        }
    }

    /// The other side rebuilds the connection.
    pub(crate) fn rebuilding() -> Self {
        Self {
            step: Step::Rebuilding,
            restarts: RESTARTS,
            restarting_since: None,
        }
    }

    /// So many bytes were received until now. Says whether they still move, once that is known.
    pub(crate) fn count(&mut self, received: u64) -> Option<bool> {
        let Step::Doubt { bytes } = &mut self.step else {
            return None;
        };
        bytes.replace(received).map(|before| received > before)
    }

    /// The next means, when signalling is there for it.
    pub(crate) fn next(&self, now: Time) -> Means {
        let too_long = self
            .restarting_since
            .is_some_and(|since| now.since(since) >= PATIENCE);
        if self.restarts >= RESTARTS || too_long {
            Means::Rebuild
        } else {
            Means::Restart
        }
    }

    /// An ICE restart begins. Says when it has taken too long.
    pub(crate) fn restart(&mut self, now: Time) -> Time {
        self.step = Step::Restarting;
        self.restarts += 1;
        *self.restarting_since.get_or_insert(now) + PATIENCE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_restarts_come_before_a_rebuilt_connection() {
        let mut recovery = Recovery::doubt();
        assert_eq!(recovery.next(Time(0)), Means::Restart);
        assert_eq!(recovery.restart(Time(0)), Time(0) + PATIENCE);
        assert_eq!(recovery.next(Time(1000)), Means::Restart);
        assert_eq!(recovery.restart(Time(1000)), Time(0) + PATIENCE);
        assert_eq!(recovery.next(Time(2000)), Means::Rebuild);
    }

    #[test]
    fn one_restart_that_takes_too_long_is_enough() {
        let mut recovery = Recovery::doubt();
        recovery.restart(Time(0));
        assert_eq!(recovery.next(Time(15_000)), Means::Rebuild);
    }

    #[test]
    fn bytes_that_move_are_noticed() {
        let mut recovery = Recovery::doubt();
        assert_eq!(recovery.count(1000), None);
        assert_eq!(recovery.count(1001), Some(true));
        assert_eq!(recovery.count(1001), Some(false));
        assert_eq!(Recovery::rebuilding().count(1), None);
    }
}
