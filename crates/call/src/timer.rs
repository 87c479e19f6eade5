//! Time as an argument, and the deadlines that a call waits for.

use std::ops::Add;
use std::time::Duration;

/// A moment, in milliseconds since the Unix epoch, by a clock that is never set.
///
/// Such a clock may stand still while the machine sleeps. What runs a call notices that apart, and says
/// so: [`Input::Woken`](crate::Input::Woken).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(pub u64);

impl Time {
    /// How long ago `earlier` was; zero if it is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// So much earlier.
    pub(crate) fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(milliseconds(duration)))
    }
}

impl Add<Duration> for Time {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(milliseconds(duration)))
    }
}

/// [`Duration::as_millis`] without its 128 bits, which cost a browser more than they are worth.
fn milliseconds(duration: Duration) -> u64 {
    let seconds = duration.as_secs().saturating_mul(1000);
    seconds.saturating_add(u64::from(duration.subsec_millis()))
}

/// What a call as a whole may be waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Timer {
    /// The relay's socket should be open by then.
    RelayOpen,
    /// Time to try the relay again.
    RelayRetry,
    /// The relay should have answered with ICE servers by then.
    Token,
    /// Time to ask for newer ICE servers, for connections that last.
    Renew,
    /// The relay should have said something by then.
    RelaySilent,
    /// Others should have come back by then to a room whose policy the relay has forgotten.
    Restore,
    /// Our reaction was shown for long enough by then.
    Reaction,
}

/// The deadlines that are set, at most one for each timer `T`: a handful, so a list does.
#[derive(Debug, Clone, Hash)]
pub(crate) struct Timers<T> {
    deadlines: Vec<(T, Time)>,
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Self {
            deadlines: Vec::new(),
        }
    }
}

impl<T: Copy + PartialEq> Timers<T> {
    pub(crate) fn set(&mut self, timer: T, deadline: Time) {
        self.stop(timer);
        self.deadlines.push((timer, deadline));
    }

    pub(crate) fn stop(&mut self, timer: T) {
        self.deadlines.retain(|(set, _)| *set != timer);
    }

    pub(crate) fn get(&self, timer: T) -> Option<Time> {
        let mut deadlines = self.deadlines.iter();
        deadlines
            .find(|(set, _)| *set == timer)
            .map(|(_, deadline)| *deadline)
    }

    pub(crate) fn is_set(&self, timer: T) -> bool {
        self.get(timer).is_some()
    }

    pub(crate) fn next(&self) -> Option<Time> {
        self.deadlines.iter().map(|(_, deadline)| *deadline).min()
    }

    /// Takes one timer that is due, the earliest first.
    pub(crate) fn expire(&mut self, now: Time) -> Option<T> {
        let earliest = self.next().filter(|deadline| *deadline <= now)?;
        let mut deadlines = self.deadlines.iter();
        let index = deadlines.position(|(_, deadline)| *deadline == earliest)?;
        Some(self.deadlines.remove(index).0)
    }
}

/// Spreads retries, so that the clients of a relay that restarts don't come back all at once (SplitMix64; not
/// for secrets).
#[derive(Debug, Clone, Hash)]
pub(crate) struct Jitter(u64);

impl Jitter {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A duration from zero to below `limit`.
    pub(crate) fn below(&mut self, limit: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        Duration::from_millis(z % milliseconds(limit).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timers_expire_in_order_and_once() {
        let mut timers = Timers::default();
        timers.set("b", Time(20));
        timers.set("a", Time(10));
        timers.set("c", Time(30));
        assert_eq!(timers.next(), Some(Time(10)));
        assert_eq!(timers.expire(Time(9)), None);
        assert_eq!(timers.expire(Time(25)), Some("a"));
        assert_eq!(timers.expire(Time(25)), Some("b"));
        assert_eq!(timers.expire(Time(25)), None);
        assert_eq!(timers.next(), Some(Time(30)));
    }

    #[test]
    fn setting_a_timer_again_moves_it() {
        let mut timers = Timers::default();
        timers.set("a", Time(20));
        timers.set("b", Time(30));
        timers.set("a", Time(40));
        assert_eq!(timers.get("a"), Some(Time(40)));
        assert_eq!(timers.expire(Time(40)), Some("b"));
        timers.stop("a");
        assert_eq!((timers.is_set("a"), timers.next()), (false, None));
    }

    #[test]
    fn a_clock_set_back_is_no_panic() {
        assert_eq!(Time(5).since(Time(10)), Duration::ZERO);
        assert_eq!(Time(u64::MAX) + Duration::from_secs(1), Time(u64::MAX));
        assert_eq!(Time(0) + Duration::MAX, Time(u64::MAX));
        assert_eq!(Time(1) + Duration::from_micros(2_003_999), Time(2_004));
    }

    #[test]
    fn jitter_stays_below_its_limit_and_differs_by_seed() {
        let limit = Duration::from_millis(1000);
        let (mut one, mut other) = (Jitter::new(1), Jitter::new(2));
        let pairs: Vec<_> = (0..50).map(|_| (one.below(limit), other.below(limit))).collect();
        assert!(pairs.iter().all(|(a, b)| *a < limit && *b < limit));
        assert!(pairs.iter().any(|(a, b)| a != b));
    }
}
