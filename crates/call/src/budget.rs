//! What one person may cause: so much at once, and after that so much in a while.

use std::time::Duration;

use crate::timer::Time;

/// A token bucket. It is full at first, and what was taken comes back with time.
#[derive(Debug, Clone, Hash)]
pub struct Budget {
    at_once: u32,
    /// How long one unit takes to come back, in milliseconds. Sums of durations would cost a browser more.
    refill: u32,
    /// When it is full again: all that there is to know of a bucket.
    full_at: Time,
}

impl Budget {
    /// One that holds `at_once` units; each comes back after `refill`, a minute at most.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a minute fits")]
    pub const fn new(at_once: u32, refill: Duration) -> Self {
        let refill = refill.as_millis() as u32;
        Self {
            at_once,
            refill,
            full_at: Time(0),
        }
    }

    /// Takes one unit. Says whether there was one.
    pub fn take(&mut self, now: Time) -> bool {
        self.take_many(now, 1)
    }

    /// Takes so many units, or none. More than it ever holds count as all of them.
    pub(crate) fn take_many(&mut self, now: Time, units: u32) -> bool {
        let is_there = self.has_at(units) <= now;
        if is_there {
            let full_at = self.full_at.max(now);
            self.full_at = Time(full_at.0.saturating_add(self.worth(units.min(self.at_once))));
        }
        is_there
    }

    /// When so many units will be there, if nothing else is taken; a time that is over if they are.
    pub(crate) fn has_at(&self, units: u32) -> Time {
        let spare = self.worth(self.at_once.saturating_sub(units));
        Time(self.full_at.0.saturating_sub(spare))
    }

    /// Puts a unit back that was taken.
    pub(crate) fn give_back(&mut self) {
        self.full_at = Time(self.full_at.0.saturating_sub(self.worth(1)));
    }

    /// How long so many units take to come back.
    fn worth(&self, units: u32) -> u64 {
        u64::from(self.refill) * u64::from(units)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(budget: &mut Budget, now: u64, times: usize) -> usize {
        (0..times).filter(|_| budget.take(Time(now))).count()
    }

    #[test]
    fn what_is_taken_comes_back_with_time() {
        let mut budget = Budget::new(5, Duration::from_secs(2));
        assert_eq!(takes(&mut budget, 10_000, 100), 5);
        assert_eq!(takes(&mut budget, 11_999, 1), 0);
        assert_eq!(takes(&mut budget, 12_000, 2), 1);
        assert_eq!(takes(&mut budget, 15_000, 2), 1, "half of the next one is there");
        assert_eq!(takes(&mut budget, 16_000, 2), 1);
        assert_eq!(
            takes(&mut budget, 1_000_000, 100),
            5,
            "it never holds more than that"
        );
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let mut budget = Budget::new(2, Duration::from_secs(1));
        for _ in 0..10 {
            assert!(budget.take(Time(5000)));
            budget.give_back();
        }
        assert_eq!(takes(&mut budget, 5000, 3), 2);
        budget.give_back();
        assert_eq!(takes(&mut budget, 5000, 3), 1);
    }

    #[test]
    fn many_are_taken_all_or_none() {
        let mut budget = Budget::new(10, Duration::from_secs(1));
        assert!(budget.take_many(Time(1000), 7));
        assert!(!budget.take_many(Time(1000), 4));
        assert_eq!(budget.has_at(4), Time(2000));
        assert!(budget.take_many(Time(2000), 4));
        assert_eq!(budget.has_at(u32::MAX), Time(12_000));
        assert!(!budget.take_many(Time(11_999), u32::MAX));
        assert!(
            budget.take_many(Time(12_000), u32::MAX),
            "as much as there can be"
        );
    }

    #[test]
    fn a_clock_that_goes_back_is_no_panic() {
        let mut budget = Budget::new(1, Duration::from_secs(1));
        assert!(budget.take(Time(u64::MAX)));
        assert!(!budget.take(Time(0)));
    }
}
