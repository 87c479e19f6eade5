//! What a session waits for.

/// What a session may be waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Timer {
    /// Our browser should have found a candidate by then.
    Candidate,
    /// Their video is sent in its full size from then on.
    FullSize,
    /// Offers to them, who have just agreed to an ICE restart, wait until then.
    OfferHoldoff,
    /// The connection should be up by then.
    Connect,
    /// The next step to recover the connection is due.
    Recover,
    /// The connection is given up then.
    GiveUp,
    /// Their reaction was shown for long enough by then.
    Reaction,
    /// How wide they show our video counts then.
    Shown,
    /// What they say of themselves counts then.
    Hello,
    /// What they say that they send counts then.
    Media,
    /// What they don't have may be said again then.
    Repeat,
}
