//! One budget for all pictures that we send: two thirds of a large one each would be too much for most uplinks and most
//! processors, and so would seven.
//!
//! The budget is split evenly. So the bits and the pixels that are encoded and sent in a second are the same in a call
//! of two as in one of eight.

use super::Call;
use crate::event::PeerOp;
use crate::link::Link;
use crate::timer::Timer;

/// More than anybody is connected with.
const MOST: usize = u8::MAX as usize;

impl Call {
    /// Gives everybody their share, unless they have it. The first pictures are small: their time is not over yet.
    pub(super) fn share_out(&mut self) {
        let sending = self.room.ids(|peer| peer.link.as_ref().is_some_and(Link::talks));
        #[expect(clippy::cast_possible_truncation, reason = "it is cut before")]
        let of = sending.len().min(MOST) as u8;
        for id in sending {
            let is_small = self.timers.get(&Timer::FullSize(id.clone())).is_some();
            if let Some(link) = self.link(&id).filter(|link| !is_small && link.share != of) {
                link.share = of;
                self.ask_peer(&id, PeerOp::SendShare { of });
            }
        }
    }
}
