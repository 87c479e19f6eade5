//! This session's part of the video budget.

use super::{Session, Timer};
use crate::event::{PeerOp, Share};

/// What somebody who talks shows of us, and could be sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Demand {
    /// How wide they show our video, by their own word.
    pub(crate) shown: Option<u32>,
    /// What could be sent to them, in kilobits a second; 0: unknown.
    pub(crate) estimate: u32,
}

impl Session {
    /// So wide do we show their video.
    pub(crate) fn show(&mut self, width: u32) {
        self.shown = Some(width);
    }

    /// What they show of us, if they talk with us.
    pub(crate) fn demand(&self) -> Option<Demand> {
        let link = self.link.as_ref().filter(|link| link.talks())?;
        Some(Demand {
            shown: link.channel.shown,
            estimate: link.estimate,
        })
    }

    /// [`Event::Share`](super::Event::Share), unless they have it. Their first video is small: the time for
    /// that may not be over yet.
    pub(super) fn share(&mut self, share: Share) {
        let is_small = self.timers.is_set(Timer::FullSize);
        if let Some(link) = &mut self.link
            && !is_small
            && link.take_share(share)
        {
            self.ask(PeerOp::SendShare(share));
        }
    }
}
