//! The data channel of one connection.

use super::safety::Exchange;
use crate::chat::ByKind;

/// What was said over the data channel of one connection. On a new one, nothing was.
#[derive(Debug, Clone, Hash, Default)]
pub(super) struct Channel {
    /// Whether messages can take it.
    pub(super) is_open: bool,
    /// Whether they want to speak.
    pub(super) hand: bool,
    /// How wide they show our video, by their own word.
    pub(super) shown: Option<u32>,
    /// The same, said too often to count at once.
    pub(super) shown_next: Option<u32>,
    /// Whether we told them last that we want to speak.
    pub(super) told_hand: bool,
    /// How wide we told them that we show their video.
    pub(super) told_width: Option<u32>,
    /// The last of what we have written that was said.
    pub(super) has_said: ByKind,
    /// The exchange that makes a safety code.
    pub(super) exchange: Exchange,
}
