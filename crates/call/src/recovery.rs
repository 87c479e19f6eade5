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

/// How many looks in a row, a second apart, must have found something new before silence means anything. Who sends now
/// and then only is not silent in between.
const STEADY: u8 = 3;

/// The same, and two in a row that have found nothing new.
const STOPPED: u8 = STEADY + 2;

/// How many ICE restarts are tried before the connection is rebuilt.
const RESTARTS: u8 = 2;

/// Notices that nothing arrives any more. Browsers say so as well, Chromium only after seven to ten seconds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Watch {
    received: u64,
    /// How many looks in a row have found something new, at most [`STEADY`], then how many have found nothing.
    looks: u8,
}

impl Watch {
    /// So many bytes were received until now. Says whether what was a stream has just come to a stop; once, until it
    /// flows again.
    pub(crate) fn has_stopped(&mut self, received: u64) -> bool {
        let moves = received > std::mem::replace(&mut self.received, received);
        self.looks = match self.looks {
            looks if moves => (looks + 1).min(STEADY),
            looks @ STEADY..STOPPED => looks + 1,
            _ => 0,
        };
        self.looks == STOPPED
    }
}

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

    fn stops(watch: &mut Watch, counts: &[u64]) -> Vec<bool> {
        counts.iter().map(|count| watch.has_stopped(*count)).collect()
    }

    #[test]
    fn a_stream_that_stops_is_noticed_once_until_it_flows_again() {
        let mut watch = Watch::default();
        assert_eq!(stops(&mut watch, &[10, 20, 30, 30]), [false; 4]);
        assert_eq!(stops(&mut watch, &[30, 30, 30]), [true, false, false]);
        assert_eq!(
            stops(&mut watch, &[40, 50, 60, 60, 60]),
            [false, false, false, false, true]
        );
    }

    #[test]
    fn what_comes_now_and_then_only_is_no_stream() {
        let mut watch = Watch::default();
        assert_eq!(stops(&mut watch, &[0; 5]), [false; 5]);
        assert_eq!(
            stops(&mut watch, &[9, 9, 9, 9, 18, 27, 27, 27, 36, 36, 36]),
            [false; 11]
        );
    }

    #[test]
    fn a_look_without_news_is_no_silence() {
        let mut watch = Watch::default();
        // Some browsers tell what they have told a moment ago.
        assert_eq!(stops(&mut watch, &[10, 20, 30, 30, 40, 40, 50, 50]), [false; 8]);
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
