//! How much one person may ask of us. What each limit is for, and what becomes of what is beyond it, is listed
//! in docs/reliability.md.

use std::time::Duration;

use crate::budget::Budget;
use crate::chat::MOST_OWN;

/// What somebody has left of each limit.
#[derive(Debug, Clone, Hash)]
pub(super) struct Limits {
    /// Messages that they write: all that they keep for those who join, and some more at once.
    pub(super) messages: Budget,
    /// How many were beyond that.
    pub(super) messages_dropped: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            messages: Budget::new(MOST_OWN + 40, Duration::from_secs(1)),
            messages_dropped: 0,
        }
    }
}
