//! An attempt to reach the relay.

use std::cell::Cell;
use std::rc::Rc;

use visavis_call::{CloseCause, SignalingEvent};

use super::Sink;

/// There for as long as somebody wants to hear of the connection.
pub(super) struct Attempt {
    /// Where the relay should be.
    pub(super) address: String,
    /// Whether it is to be found out what else answers in its place: once, and not after a relay has.
    pub(super) is_in_question: Rc<Cell<bool>>,
    pub(super) sink: Sink,
}

impl Attempt {
    /// It has failed, or what it opened is lost.
    pub(super) fn close(&self, cause: CloseCause) {
        (self.sink)(SignalingEvent::Closed(cause));
    }
}

/// Why there may be no relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// The socket did not open. A failed WebSocket tells nothing more.
    NotOpened,
    /// It did, and no welcome came.
    NoWelcome,
}
