//! This session's part of the video budget.

use super::event::Context;
use super::link::Link;
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

    /// So wide do they show ours. If they say so all the time, the last one counts, a little later.
    pub(super) fn they_show(&mut self, context: &Context<'_>, width: u32) {
        let Some(link) = &mut self.link else { return };
        self.timers.stop(Timer::Shown);
        link.channel.shown_next = None;
        if self.limits.sizes.take(context.now) {
            link.channel.shown = Some(width);
        } else {
            link.channel.shown_next = Some(width);
            self.timers.set(Timer::Shown, self.limits.sizes.has_at(1));
        }
    }

    /// [`Timer::Shown`]
    pub(super) fn shown_due(&mut self, context: &Context<'_>) {
        let next = |link: &mut Link| link.channel.shown_next.take();
        if let Some(width) = self.link.as_mut().and_then(next) {
            self.they_show(context, width);
        }
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
