//! What was measured, and what it comes to.

use serde::Serialize;

use crate::arms::Arm;

/// One call.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Sample {
    pub(crate) arm: Arm,
    /// Between any two of caller, callee and relay, in milliseconds.
    pub(crate) rtt: u32,
    /// Of packets, in percent.
    pub(crate) loss: f64,
    /// Samples of one round were taken one after the other.
    pub(crate) round: u32,
    /// From the click to the first frame of the caller at the callee, in milliseconds.
    pub(crate) callee_sees_caller: Option<f64>,
    /// From the click to the first frame of the callee at the caller.
    pub(crate) caller_sees_callee: Option<f64>,
    /// From the click until both see each other in full size.
    pub(crate) full_size: Option<f64>,
}

/// What is measured of a call.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Metric {
    CalleeSeesCaller,
    CallerSeesCallee,
    FullSize,
}

impl Metric {
    pub(crate) const ALL: [Self; 3] = [Self::CalleeSeesCaller, Self::CallerSeesCallee, Self::FullSize];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::CalleeSeesCaller => "callee sees caller",
            Self::CallerSeesCallee => "caller sees callee",
            Self::FullSize => "both in full size",
        }
    }

    pub(crate) fn of(self, sample: &Sample) -> Option<f64> {
        match self {
            Self::CalleeSeesCaller => sample.callee_sees_caller,
            Self::CallerSeesCallee => sample.caller_sees_callee,
            Self::FullSize => sample.full_size,
        }
    }
}

/// A straight line through samples: so many round trips, and so much besides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Fit {
    /// Round trips.
    pub(crate) slope: f64,
    /// In milliseconds.
    pub(crate) constant: f64,
    /// The median distance from the line, in milliseconds.
    pub(crate) spread: f64,
}

/// The least-squares line through points (round trip, time), both in milliseconds. `None`: all points have
/// the same round trip.
pub(crate) fn fit(points: &[(f64, f64)]) -> Option<Fit> {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (mean_x, mean_y) = (mean(|point| point.0), mean(|point| point.1));
    let variance: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let covariance: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    if variance == 0.0 || points.is_empty() {
        return None;
    }
    let slope = covariance / variance;
    let constant = mean_y - slope * mean_x;
    let distances = points.iter().map(|(x, y)| (y - constant - slope * x).abs());
    let spread = quantile(distances.collect(), 0.5)?;
    Some(Fit {
        slope,
        constant,
        spread,
    })
}

/// A quantile by linear interpolation: 0.5 is the median.
pub(crate) fn quantile(mut values: Vec<f64>, quantile: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    let place = quantile * last as f64;
    let (below, above) = (values[place.floor() as usize], values[place.ceil() as usize]);
    Some(below + (above - below) * place.fract())
}

/// The points of an arm without loss.
pub(crate) fn points(samples: &[Sample], arm: Arm, metric: Metric) -> Vec<(f64, f64)> {
    let of_arm = samples
        .iter()
        .filter(|sample| sample.arm == arm && sample.loss == 0.0);
    of_arm
        .filter_map(|sample| Some((f64::from(sample.rtt), metric.of(sample)?)))
        .collect()
}

/// How many times as long as `base` an arm took, pair by pair: calls of the same round over the same network.
pub(crate) fn ratios(samples: &[Sample], arm: Arm, base: Arm, metric: Metric) -> Vec<f64> {
    let of_arm = samples
        .iter()
        .filter(|sample| sample.arm == arm && sample.loss == 0.0);
    of_arm
        .filter_map(|sample| {
            let same = |other: &&Sample| {
                other.arm == base
                    && (other.rtt, other.round) == (sample.rtt, sample.round)
                    && other.loss == sample.loss
            };
            let other = samples.iter().find(same)?;
            Some(metric.of(sample)? / metric.of(other)?)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_again() {
        let points: Vec<_> = [0.0, 50.0, 100.0, 200.0]
            .into_iter()
            .flat_map(|x| [(x, 3.5 * x + 119.0), (x, 3.5 * x + 121.0)])
            .collect();
        let line = fit(&points).expect("there are different round trips");
        assert!((line.slope - 3.5).abs() < 1e-9, "{line:?}");
        assert!((line.constant - 120.0).abs() < 1e-9, "{line:?}");
        assert!((line.spread - 1.0).abs() < 1e-9, "{line:?}");
        assert_eq!(fit(&[(50.0, 1.0), (50.0, 2.0)]), None);
        assert_eq!(fit(&[]), None);
    }

    #[test]
    fn quantiles_lie_between_values() {
        assert_eq!(quantile(vec![3.0, 1.0, 2.0], 0.5), Some(2.0));
        assert_eq!(quantile(vec![1.0, 2.0], 0.5), Some(1.5));
        assert_eq!(quantile(vec![4.0], 0.9), Some(4.0));
        assert_eq!(quantile(Vec::new(), 0.5), None);
    }

    #[test]
    fn ratios_compare_calls_of_one_round() {
        let sample = |arm, round, time| Sample {
            arm,
            rtt: 50,
            loss: 0.0,
            round,
            callee_sees_caller: Some(time),
            caller_sees_callee: None,
            full_size: None,
        };
        let samples = [
            sample(Arm::OursPreConnected, 0, 100.0),
            sample(Arm::PeerJs, 0, 400.0),
            sample(Arm::OursPreConnected, 1, 50.0),
            sample(Arm::PeerJs, 1, 150.0),
            sample(Arm::PeerJs, 2, 150.0),
        ];
        let found = ratios(
            &samples,
            Arm::PeerJs,
            Arm::OursPreConnected,
            Metric::CalleeSeesCaller,
        );
        assert_eq!(found, [4.0, 3.0]);
    }
}
