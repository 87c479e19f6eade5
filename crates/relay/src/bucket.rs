//! A token bucket. Time is an argument.

use std::time::Duration;

use tokio::time::Instant;

use crate::limits::Rate;

/// What somebody may still use.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    rate: Rate,
    /// What is left, as of `at`; below zero after more was borrowed than was there.
    left: f64,
    at: Instant,
}

impl Bucket {
    /// A full one.
    pub(crate) fn new(rate: Rate, now: Instant) -> Self {
        Self {
            rate,
            left: f64::from(rate.burst),
            at: now,
        }
    }

    /// Uses this much, if it is there.
    pub(crate) fn take(&mut self, amount: u32, now: Instant) -> bool {
        self.refill(now);
        let enough = self.left >= f64::from(amount);
        if enough {
            self.left -= f64::from(amount);
        }
        enough
    }

    /// Uses this much, whether it is there or not. Returns how long it takes until it is.
    pub(crate) fn borrow(&mut self, amount: u32, now: Instant) -> Duration {
        self.refill(now);
        self.left -= f64::from(amount);
        if self.left >= 0.0 {
            return Duration::ZERO;
        }
        let seconds = -self.left * 60.0 / f64::from(self.rate.per_minute.max(1));
        Duration::from_secs_f64(seconds)
    }

    /// Whether nothing is used at present.
    pub(crate) fn is_full(&mut self, now: Instant) -> bool {
        self.refill(now);
        self.left >= f64::from(self.rate.burst)
    }

    /// Whether at least half is left.
    pub(crate) fn is_half_full(&self) -> bool {
        self.left >= f64::from(self.rate.burst) / 2.0
    }

    fn refill(&mut self, now: Instant) {
        let minutes = now.saturating_duration_since(self.at).as_secs_f64() / 60.0;
        let refilled = self.left + minutes * f64::from(self.rate.per_minute);
        self.left = refilled.min(f64::from(self.rate.burst));
        self.at = self.at.max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        burst: 3,
        per_minute: 60,
    };
    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_bucket_holds_a_burst_and_fills_up_again() {
        let start = Instant::now();
        let mut bucket = Bucket::new(RATE, start);
        assert!((0..3).all(|_| bucket.take(1, start)));
        assert!(!bucket.take(1, start));
        assert!(!bucket.is_full(start));
        assert!(bucket.take(1, start + SECOND));
        assert!(!bucket.take(1, start + SECOND));
        // No more than a burst is saved up.
        let later = start + 1000 * SECOND;
        assert!(bucket.is_full(later));
        assert!(bucket.take(3, later));
        assert!(!bucket.take(1, later));
    }

    #[test]
    fn what_is_borrowed_takes_as_long_as_it_takes_to_come_back() {
        let start = Instant::now();
        let mut bucket = Bucket::new(RATE, start);
        assert_eq!(bucket.borrow(3, start), Duration::ZERO);
        assert_eq!(bucket.borrow(2, start), 2 * SECOND);
        assert_eq!(bucket.borrow(1, start + 2 * SECOND), SECOND);
        assert!(!bucket.take(1, start + 2 * SECOND));
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing() {
        let start = Instant::now() + 10 * SECOND;
        let mut bucket = Bucket::new(RATE, start);
        assert!(bucket.take(3, start));
        assert!(!bucket.take(1, start - 5 * SECOND));
        assert!(!bucket.take(1, start));
    }
}
