//! What a link does to a packet: how long it takes, and whether it arrives. Pure: time and chance are
//! arguments.

use std::time::Duration;

/// A point in time, counted from the start of the laboratory.
pub(crate) type Moment = Duration;

/// What all links of a laboratory are like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// There and back again.
    pub(crate) rtt: Duration,
    /// By how much a round trip may be shorter or longer.
    pub(crate) jitter: Duration,
    /// Out of a hundred packets.
    pub(crate) loss: f64,
    /// Kilobits a second that a host can send; `None` for no limit.
    pub(crate) rate: Option<u32>,
    /// How many bytes may wait for their turn before more are dropped.
    pub(crate) queue: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rtt: Duration::ZERO,
            jitter: Duration::ZERO,
            loss: 0.0,
            rate: None,
            queue: 256 * 1024,
        }
    }
}

/// Where one pair of hosts differs from the laboratory's settings.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Overrides {
    pub(crate) rtt: Option<Duration>,
    pub(crate) jitter: Option<Duration>,
    pub(crate) loss: Option<f64>,
    /// A rate of its own: the pair does not share the host's.
    pub(crate) rate: Option<Option<u32>>,
}

impl Overrides {
    /// What holds for the pair.
    pub(crate) fn over(&self, lab: &Settings) -> Settings {
        Settings {
            rtt: self.rtt.unwrap_or(lab.rtt),
            jitter: self.jitter.unwrap_or(lab.jitter),
            loss: self.loss.unwrap_or(lab.loss),
            rate: self.rate.unwrap_or(lab.rate),
            queue: lab.queue,
        }
    }
}

/// The sender's end of a link: packets leave it one after the other.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sender {
    busy_until: Moment,
}

impl Sender {
    /// When a packet of this length has left, if it may join the queue.
    pub(crate) fn send(&mut self, now: Moment, bytes: usize, settings: &Settings) -> Option<Moment> {
        let Some(kilobits) = settings.rate else {
            return Some(now);
        };
        // A kilobit a second is an eighth of a byte a millisecond.
        let bytes_per_second = f64::from(kilobits.max(1)) * 125.0;
        let start = self.busy_until.max(now);
        let waiting = (start - now).as_secs_f64() * bytes_per_second;
        if waiting > settings.queue as f64 {
            return None;
        }
        self.busy_until = start + Duration::from_secs_f64(bytes as f64 / bytes_per_second);
        Some(self.busy_until)
    }
}

/// Whether chance takes a packet.
pub(crate) fn lost(settings: &Settings, random: &mut fastrand::Rng) -> bool {
    random.f64() * 100.0 < settings.loss
}

/// How long a packet is on its way: half of the round trip, with its share of the jitter.
pub(crate) fn delay(settings: &Settings, random: &mut fastrand::Rng) -> Duration {
    let jitter = settings.jitter.mul_f64(random.f64());
    (settings.rtt / 2 + jitter).saturating_sub(settings.jitter / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn settings() -> Settings {
        Settings {
            rtt: 100 * MS,
            ..Settings::default()
        }
    }

    #[test]
    fn one_way_is_half_of_the_round_trip() {
        let mut random = fastrand::Rng::with_seed(1);
        assert_eq!(delay(&settings(), &mut random), 50 * MS);
    }

    #[test]
    fn jitter_goes_both_ways_and_no_further() {
        let mut random = fastrand::Rng::with_seed(1);
        let settings = Settings {
            jitter: 40 * MS,
            ..settings()
        };
        let delays: Vec<_> = (0..1000).map(|_| delay(&settings, &mut random)).collect();
        assert!(delays.iter().all(|delay| (30 * MS..=70 * MS).contains(delay)));
        assert!(delays.iter().any(|delay| *delay < 35 * MS) && delays.iter().any(|delay| *delay > 65 * MS));
    }

    #[test]
    fn more_jitter_than_distance_is_no_journey_through_time() {
        let mut random = fastrand::Rng::with_seed(1);
        let settings = Settings {
            jitter: 1000 * MS,
            ..settings()
        };
        assert!((0..1000).any(|_| delay(&settings, &mut random) == Duration::ZERO));
    }

    #[test]
    fn loss_takes_its_share() {
        let mut random = fastrand::Rng::with_seed(1);
        let mut of_1000 = |loss| {
            let settings = Settings { loss, ..settings() };
            (0..1000).filter(|_| lost(&settings, &mut random)).count()
        };
        assert_eq!(of_1000(0.0), 0);
        assert_eq!(of_1000(100.0), 1000);
        assert!((150..250).contains(&of_1000(20.0)));
    }

    #[test]
    fn a_rate_lets_packets_leave_one_after_the_other() {
        let settings = Settings {
            rate: Some(8), // a byte a millisecond
            ..settings()
        };
        let mut sender = Sender::default();
        assert_eq!(sender.send(MS, 100, &settings), Some(101 * MS));
        assert_eq!(sender.send(MS, 100, &settings), Some(201 * MS));
        assert_eq!(sender.send(1000 * MS, 100, &settings), Some(1100 * MS));
    }

    #[test]
    fn a_full_queue_takes_no_more() {
        let settings = Settings {
            rate: Some(8),
            queue: 150,
            ..settings()
        };
        let mut sender = Sender::default();
        let left = (0..10)
            .filter(|_| sender.send(MS, 100, &settings).is_some())
            .count();
        // One is leaving; the others wait.
        assert_eq!(left, 2);
        assert!(sender.send(200 * MS, 100, &settings).is_some(), "it drains");
    }

    #[test]
    fn a_pair_differs_only_where_it_is_told_to() {
        let lab = settings();
        let pair = Overrides {
            loss: Some(5.0),
            ..Overrides::default()
        };
        let both = pair.over(&lab);
        assert_eq!((both.rtt, both.loss), (100 * MS, 5.0));
    }
}
