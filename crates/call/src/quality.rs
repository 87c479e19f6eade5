//! How well somebody is received, told from what the statistics count.

use crate::event::Reception;
use crate::view::Quality;

/// Packets out of a thousand that are missed: from here on it is fair, and poor. Audio is mended up to about
/// a tenth.
const LOST: [u64; 2] = [20, 80];

/// Milliseconds to the other side and back: from here on it is fair, and poor. People begin to talk at the
/// same time from 300 ms one way on (ITU-T G.114).
const ROUND_TRIP: [u32; 2] = [300, 600];

/// How many looks in a row have to be better before it counts as better. It is worse after two.
const BETTER: u8 = 5;
const WORSE: u8 = 2;

/// Energy of the audio in a second, in millionths of the loudest: above this somebody speaks. It is a
/// hundredth of the greatest amplitude, squared.
const SPEECH: u64 = 100;

/// How somebody was received, look by look.
#[derive(Debug, Clone, Hash, Default)]
pub(crate) struct Hearing {
    last: Reception,
    quality: Option<Quality>,
    /// How many looks in a row have told something else.
    differs: u8,
    speaks: bool,
}

impl Hearing {
    /// Takes what a look has told.
    pub(crate) fn look(&mut self, reception: Reception) {
        // How many bytes came is told in another way.
        let reception = Reception {
            bytes: 0,
            ..reception
        };
        let last = std::mem::replace(&mut self.last, reception);
        let since = |now: u64, then: u64| now.saturating_sub(then);
        self.speaks = last.energy > 0 && since(reception.energy, last.energy) > SPEECH;
        let arrived = since(reception.packets, last.packets);
        if arrived == 0 || last.packets == 0 {
            return;
        }
        let lost = since(reception.lost, last.lost);
        let lost = lost * 1000 / (arrived + lost);
        let is = |index: usize| lost >= LOST[index] || reception.round_trip >= ROUND_TRIP[index];
        let quality = match (is(1), is(0)) {
            (true, _) => Quality::Poor,
            (false, true) => Quality::Fair,
            (false, false) => Quality::Good,
        };
        let Some(before) = self.quality.filter(|before| *before != quality) else {
            (self.quality, self.differs) = (Some(quality), 0);
            return;
        };
        self.differs += 1;
        if self.differs >= if quality > before { WORSE } else { BETTER } {
            (self.quality, self.differs) = (Some(quality), 0);
        }
    }

    /// How well they are received; `None` before it is known.
    pub(crate) fn quality(&self) -> Option<Quality> {
        self.quality
    }

    /// Whether they spoke in the last second.
    pub(crate) fn speaks(&self) -> bool {
        self.speaks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A second in which of a hundred packets so many were lost.
    fn second(hearing: &mut Hearing, lost: u64, round_trip: u32) -> Option<Quality> {
        let Reception {
            packets,
            lost: before,
            ..
        } = hearing.last;
        hearing.look(Reception {
            packets: packets + 100 - lost,
            lost: before + lost,
            round_trip,
            ..Reception::default()
        });
        hearing.quality()
    }

    #[test]
    fn it_gets_worse_soon_and_better_late() {
        let mut hearing = Hearing::default();
        assert_eq!(second(&mut hearing, 0, 20), None);
        assert_eq!(second(&mut hearing, 0, 20), Some(Quality::Good));
        assert_eq!(
            second(&mut hearing, 10, 20),
            Some(Quality::Good),
            "once is nothing"
        );
        assert_eq!(second(&mut hearing, 0, 20), Some(Quality::Good));
        second(&mut hearing, 10, 20);
        assert_eq!(second(&mut hearing, 10, 20), Some(Quality::Poor));
        for _ in 0..4 {
            assert_eq!(second(&mut hearing, 0, 20), Some(Quality::Poor));
        }
        assert_eq!(second(&mut hearing, 0, 20), Some(Quality::Good));
    }

    #[test]
    fn a_long_way_is_not_good() {
        for (round_trip, quality) in [(299, Quality::Good), (300, Quality::Fair), (600, Quality::Poor)] {
            let mut hearing = Hearing::default();
            second(&mut hearing, 0, round_trip);
            assert_eq!(second(&mut hearing, 0, round_trip), Some(quality));
        }
    }

    #[test]
    fn a_silence_of_the_statistics_says_nothing() {
        let mut hearing = Hearing::default();
        second(&mut hearing, 0, 20);
        second(&mut hearing, 0, 20);
        hearing.look(hearing.last);
        assert_eq!(hearing.quality(), Some(Quality::Good));
    }

    #[test]
    fn who_is_loud_speaks() {
        let mut hearing = Hearing::default();
        let mut look = |energy| {
            hearing.look(Reception {
                energy,
                ..Reception::default()
            });
            hearing.speaks()
        };
        assert!(!look(5000), "what was before is no speech");
        assert!(!look(5100));
        assert!(look(5201));
        assert!(!look(5201));
    }
}
