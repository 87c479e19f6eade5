//! One budget for all outgoing video: large videos for two or three people would be too much for most uplinks
//! and most processors, and so would small ones for seven.
//!
//! It is split by what each of the others shows of us: who shows a video four times as large gets four
//! times as many pixels and bits, and who shows none gets none. So what is encoded and sent in a second is
//! the same in a call of two as in one of eight.

use visavis_protocol::id::PeerId;

use super::Call;
use crate::event::{Share, TOTAL_VIDEO_BITRATE};
use crate::session::{Event, Session};
use crate::timer::Time;

/// The widest video that anybody sends. Who shows it wider sees no more of it.
const WIDEST: u32 = 1280;

/// Such parts of the budget, in percent, an uplink may bear. Between two of them nothing changes: an
/// encoder begins anew with each.
const STEPS: [u8; 6] = [100, 70, 50, 35, 25, 18];

/// How many looks in a row have to tell of a narrower uplink, and of a wider one. At a call's beginning,
/// estimates are low.
const NARROWER: u8 = 4;
const WIDER: u8 = 2;

/// How much of the budget our uplink bears.
#[derive(Debug, Clone, Hash, Default)]
pub(super) struct Uplink {
    /// Which of [`STEPS`].
    step: usize,
    /// How many looks in a row have told something else.
    differs: u8,
}

impl Uplink {
    /// Takes what the estimates for all connections tell together, in kilobits a second.
    fn look(&mut self, estimate: u32) {
        // An estimate grows with what is sent, so a budget of no more than the estimate would never grow
        // again.
        let bears = u64::from(estimate) * 150 / u64::from(TOTAL_VIDEO_BITRATE);
        let fits = STEPS.iter().position(|step| u64::from(*step) <= bears);
        let fits = fits.unwrap_or(STEPS.len() - 1);
        self.differs = if fits == self.step { 0 } else { self.differs + 1 };
        if self.differs >= if fits > self.step { NARROWER } else { WIDER } {
            *self = Self {
                step: fits,
                differs: 0,
            };
        }
    }

    fn percent(&self) -> u8 {
        STEPS[self.step]
    }
}

impl Call {
    /// Takes the estimates into account, once in each round of looks at all connections.
    pub(super) fn look_at_uplink(&mut self, id: &PeerId) {
        let mut first = None;
        let mut all = 0_u32;
        for session in self.room.iter() {
            if let Some(demand) = session.demand().filter(|demand| demand.shown != Some(0)) {
                first = first.or(Some(session.id()));
                all = all.saturating_add(demand.estimate);
            }
        }
        // Firefox does not tell.
        if first == Some(id) && all > 0 {
            self.uplink.look(all);
        }
    }

    /// Gives everybody their share.
    pub(super) fn share_out(&mut self, now: Time) {
        let talks = |session: &Session| session.demand().is_some();
        let ids = self.room.ids(talks);
        let demands = self.room.iter().filter_map(Session::demand);
        let shown: Vec<_> = demands.map(|demand| demand.shown).collect();
        for (id, share) in ids.iter().zip(shares(&shown, self.uplink.percent())) {
            self.session(now, id, Event::Share(share));
        }
    }
}

/// How the budget, or as much of it as our uplink bears, is split among videos that are shown so wide.
fn shares(shown: &[Option<u32>], uplink: u8) -> Vec<Share> {
    let area = |shown: &Option<u32>| u64::from(shown.unwrap_or(WIDEST).min(WIDEST)).pow(2);
    let all: u64 = shown.iter().map(area).sum();
    let part = |shown: &Option<u32>| {
        // Rounded up: what is seen at all has a part. Nothing is seen of all if nothing is seen of each.
        (area(shown) * 100).div_ceil(all.max(1)).min(100)
    };
    let share = |shown: &Option<u32>| {
        #[expect(clippy::cast_possible_truncation, reason = "it is 100 at most")]
        let percent = part(shown) as u8;
        Share {
            percent,
            // With nobody to share it with, the browser's own estimate is enough.
            uplink: if matches!(percent, 1..100) { uplink } else { 100 },
            shown: *shown,
        }
    };
    shown.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percents(shown: &[Option<u32>]) -> Vec<u8> {
        shares(shown, 100).iter().map(|share| share.percent).collect()
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

    #[test]
    fn a_narrow_uplink_is_noticed_after_some_looks() {
        let mut uplink = Uplink::default();
        let mut looks = |estimate, times| {
            for _ in 0..times {
                uplink.look(estimate);
            }
            uplink.percent()
        };
        assert_eq!(looks(TOTAL_VIDEO_BITRATE, 10), 100);
        assert_eq!(looks(0, NARROWER - 1), 100, "not yet");
        assert_eq!(looks(TOTAL_VIDEO_BITRATE, 1), 100);
        assert_eq!(looks(0, NARROWER - 1), 100, "it has been well in between");
        assert_eq!(looks(0, 1), 18);
        assert_eq!(looks(u32::MAX, WIDER - 1), 18);
        assert_eq!(looks(u32::MAX, 1), 100);
    }

    #[test]
    fn whatever_is_sent_can_grow() {
        let mut uplink = Uplink {
            step: STEPS.len() - 1,
            differs: 0,
        };
        for _ in 0..usize::from(WIDER) * STEPS.len() {
            // No more is ever estimated than is sent.
            uplink.look(TOTAL_VIDEO_BITRATE * u32::from(uplink.percent()) / 100);
        }
        assert_eq!(uplink.percent(), 100);
    }

    #[test]
    fn who_is_alone_has_the_whole_uplink() {
        let uplinks = |shown: &[Option<u32>]| {
            shares(shown, 50)
                .iter()
                .map(|share| share.uplink)
                .collect::<Vec<_>>()
        };
        assert_eq!(uplinks(&[None]), [100]);
        assert_eq!(uplinks(&[None, None]), [50, 50]);
        assert_eq!(uplinks(&[Some(0), None]), [100, 100]);
    }
}
