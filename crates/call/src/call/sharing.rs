//! One budget for all pictures that we send: two thirds of a large one each would be too much for most uplinks and most
//! processors, and so would seven.
//!
//! It is split by what each of the others shows of us: who shows a picture four times as large gets four times as many
//! pixels and bits, and who shows none gets none. So what is encoded and sent in a second is the same in a call of two as
//! in one of eight.

use visavis_protocol::id::PeerId;

use super::Call;
use crate::event::{PeerOp, Share};
use crate::link::Link;
use crate::timer::Timer;

/// The widest picture that anybody sends. Who shows a wider one sees no more of it.
const WIDEST: u32 = 1280;

impl Call {
    /// Gives everybody their share, unless they have it. The first pictures are small: their time is not over yet.
    pub(super) fn share_out(&mut self) {
        let (ids, shown): (Vec<PeerId>, Vec<Option<u32>>) = self
            .room
            .iter()
            .filter_map(|peer| Some((peer, peer.link.as_ref().filter(|link| link.talks())?)))
            .map(|(peer, link): (_, &Link)| (peer.id.clone(), link.shown))
            .unzip();
        for (id, share) in ids.iter().zip(shares(&shown)) {
            let is_small = self.timers.get(&Timer::FullSize(id.clone())).is_some();
            let has_it = |link: &&mut Link| link.share == Some(share);
            if let Some(link) = self.link(id).filter(|link| !is_small && !has_it(link)) {
                link.share = Some(share);
                self.ask_peer(id, PeerOp::SendShare(share));
            }
        }
    }
}

/// How the budget is split among pictures that are shown so wide.
fn shares(shown: &[Option<u32>]) -> Vec<Share> {
    let area = |shown: &Option<u32>| u64::from(shown.unwrap_or(WIDEST).min(WIDEST)).pow(2);
    let all: u64 = shown.iter().map(area).sum();
    let part = |shown: &Option<u32>| {
        // Rounded up: what is seen at all has a part. Nothing is seen of all if nothing is seen of each.
        (area(shown) * 100).div_ceil(all.max(1)).min(100)
    };
    #[expect(clippy::cast_possible_truncation, reason = "it is 100 at most")]
    let share = |shown: &Option<u32>| Share {
        percent: part(shown) as u8,
        shown: *shown,
    };
    shown.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percents(shown: &[Option<u32>]) -> Vec<u8> {
        shares(shown).iter().map(|share| share.percent).collect()
    }

    #[test]
    fn who_does_not_say_how_large_is_taken_for_large() {
        assert_eq!(percents(&[None]), [100]);
        assert_eq!(percents(&[None, None]), [50, 50]);
        assert_eq!(percents(&[None; 7]), [15; 7]);
        assert_eq!(percents(&[None, Some(640)]), [80, 20]);
    }

    #[test]
    fn the_budget_is_split_by_area() {
        assert_eq!(percents(&[Some(300), Some(300)]), [50, 50]);
        assert_eq!(percents(&[Some(200), Some(100)]), [80, 20]);
        assert_eq!(percents(&[Some(u32::MAX), Some(WIDEST)]), [50, 50]);
    }

    #[test]
    fn what_nobody_sees_costs_nothing() {
        assert_eq!(percents(&[Some(0)]), [0]);
        assert_eq!(percents(&[Some(0), Some(0), None]), [0, 0, 100]);
        assert_eq!(percents(&[Some(1), None]), [1, 100], "rounded up");
        assert_eq!(percents(&[]), [0; 0]);
    }
}
