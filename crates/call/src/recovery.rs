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
//! The means need signaling. While it is down, or the other side is away, the ladder waits where it is.

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

/// How many looks in a row, a second apart, must have found something new before silence means anything. Who
/// sends now and then only is not silent in between.
const STEADY: u8 = 3;

/// The same, and two in a row that have found nothing new.
const STOPPED: u8 = STEADY + 2;

/// How many looks in a row may find nothing new of what the other side says that it sends, before that is
/// silence. A camera that is just switched on takes a second or two.
const AWAITED: u8 = 5;

/// The same, before the connection is made anew: the ICE restart has had its time, and has not helped.
const AWAITED_IN_VAIN: u8 = 15;

/// How many ICE restarts are tried before the connection is rebuilt.
const RESTARTS: u8 = 2;

/// Notices that nothing arrives. Browsers say so as well, Chromium only after seven to ten seconds, and
/// neither of them where ICE has settled on a path that the other side does not listen to any more.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Watch {
    received: u64,
    /// How many looks in a row have found something new, at most [`STEADY`], then how many have found
    /// nothing.
    looks: u8,
    /// How many looks in a row have found nothing new though something was to come, at most
    /// [`AWAITED_IN_VAIN`].
    awaited: u8,
    /// The connection was made anew for that, and there has been no stream since.
    made_anew: bool,
}

/// What the bytes that arrive tell of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finding {
    /// Nothing new.
    None,
    /// What should come does not come: it stopped, or never began.
    Silence,
    /// It has not come either after all that was tried.
    LastingSilence,
}

impl Watch {
    /// So many bytes were received until now, and more are `awaited` if the other side says that it sends
    /// something. A finding is told once, until something arrives again.
    pub(crate) fn look(&mut self, received: u64, awaited: bool) -> Finding {
        let moves = received > std::mem::replace(&mut self.received, received);
        let had_awaited = self.awaited;
        self.awaited = match self.awaited {
            _ if moves || !awaited => 0,
            looks => (looks + 1).min(AWAITED_IN_VAIN),
        };
        self.looks = match self.looks {
            looks if moves => (looks + 1).min(STEADY),
            looks @ STEADY..STOPPED => looks + 1,
            _ => 0,
        };
        self.made_anew &= self.looks != STEADY;
        if self.looks == STOPPED {
            self.awaited = self.awaited.max(AWAITED);
            return Finding::Silence;
        }
        match self.awaited {
            AWAITED if had_awaited < AWAITED => Finding::Silence,
            AWAITED_IN_VAIN if had_awaited < AWAITED_IN_VAIN && !self.made_anew => Finding::LastingSilence,
            _ => Finding::None,
        }
    }

    /// For the connection that takes the place of this one. If that was for want of what this one has
    /// awaited, it is not a reason once more: perhaps the other side just does not send what it says.
    pub(crate) fn for_successor(&self) -> Self {
        Self {
            made_anew: self.made_anew || self.awaited == AWAITED_IN_VAIN,
            ..Self::default()
        }
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
    /// Signaling has to come back first.
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

    /// The next means, when signaling is there for it.
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
        let stops = |count| watch.look(count, false) == Finding::Silence;
        counts.iter().copied().map(stops).collect()
    }

    /// The looks, counted from 1, that have found something.
    fn findings(watch: &mut Watch, counts: impl IntoIterator<Item = u64>) -> Vec<(usize, Finding)> {
        let findings = counts.into_iter().map(|count| watch.look(count, true));
        let numbered = (1..).zip(findings);
        numbered
            .filter(|(_, finding)| *finding != Finding::None)
            .collect()
    }

    #[test]
    fn what_is_awaited_and_never_begins_is_silence() {
        let mut watch = Watch::default();
        let expected = [(5, Finding::Silence), (15, Finding::LastingSilence)];
        assert_eq!(findings(&mut watch, [0; 100]), expected);
        assert_eq!(findings(&mut watch, [1]), [], "it flows");
        assert_eq!(findings(&mut watch, [1; 100]), expected, "and does not any more");

        assert_eq!(findings(&mut watch, [2, 3, 4]), []);
        assert_eq!(
            findings(&mut watch, [4; 100]),
            [(2, Finding::Silence), (12, Finding::LastingSilence)]
        );

        let mut successor = watch.for_successor();
        assert_eq!(
            findings(&mut successor, [0; 100]),
            [(5, Finding::Silence)],
            "the rest was tried"
        );
        assert_eq!(
            findings(&mut successor, [1; 100]),
            [(6, Finding::Silence)],
            "that is no stream"
        );
        assert_eq!(
            findings(&mut successor.for_successor(), [0; 100]),
            [(5, Finding::Silence)]
        );
        assert_eq!(
            findings(&mut Watch::default().for_successor(), [0; 100]),
            expected
        );
        let mut successor = watch.for_successor();
        assert_eq!(findings(&mut successor, [0, 7, 8, 9]), [], "this one flows");
        assert_eq!(
            findings(&mut successor, [9; 100]),
            [(2, Finding::Silence), (12, Finding::LastingSilence)]
        );
    }

    #[test]
    fn nothing_is_missed_of_somebody_who_sends_nothing() {
        let mut watch = Watch::default();
        for _ in 0..4 {
            assert_eq!(watch.look(0, true), Finding::None);
        }
        assert_eq!(watch.look(0, false), Finding::None, "the camera is off again");
        assert_eq!(findings(&mut watch, [0; 4]), []);
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
