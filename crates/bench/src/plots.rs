//! The tables and the plots of calls.

use std::fmt::Write as _;

use crate::arms::Arm;
use crate::results;
use crate::samples::{Metric, Sample, fit, points, quantile, ratios};

/// The tables, in Markdown.
pub(crate) fn tables(samples: &[Sample]) -> String {
    let mut text = String::new();
    for metric in Metric::ALL {
        let _ = writeln!(
            text,
            "\n| {} | RTT | constant | off the line (median) | times as long as ours (10 %, median, 90 %) |\n| --- | --- | --- | --- | --- |",
            metric.title()
        );
        for arm in Arm::ALL {
            let Some(line) = fit(&points(samples, arm, metric)) else {
                continue;
            };
            let ratios = ratios(samples, arm, Arm::OursPreConnected, metric);
            let quantiles = [0.1, 0.5, 0.9].map(|q| quantile(ratios.clone(), q).unwrap_or(f64::NAN));
            let _ = writeln!(
                text,
                "| {} | {:.2} | {:.0} ms | {:.0} ms | {:.2}, {:.2}, {:.2} |",
                arm.title(),
                line.slope,
                line.constant,
                line.spread,
                quantiles[0],
                quantiles[1],
                quantiles[2]
            );
        }
    }
    text + &with_loss(samples)
}

fn with_loss(samples: &[Sample]) -> String {
    let Some(lossy) = samples.iter().find(|sample| sample.loss > 0.0) else {
        return String::new();
    };
    let mut text = format!(
        "\n| with {} % loss, RTT {} ms | callee sees caller (median, worst) | caller sees callee | both in full size |\n| --- | --- | --- | --- |\n",
        lossy.loss, lossy.rtt
    );
    for arm in Arm::ALL {
        let of_arm = |metric: Metric| -> Vec<f64> {
            let of_arm = samples
                .iter()
                .filter(|sample| sample.arm == arm && sample.loss > 0.0);
            of_arm.filter_map(|sample| metric.of(sample)).collect()
        };
        let _ = write!(text, "| {}", arm.title());
        for metric in Metric::ALL {
            let times = of_arm(metric);
            match quantile(times.clone(), 0.5).zip(quantile(times, 1.0)) {
                Some((median, worst)) => {
                    let _ = write!(text, " | {median:.0}, {worst:.0} ms");
                }
                None => text.push_str(" | –"),
            }
        }
        text.push_str(" |\n");
    }
    text
}

const COLOURS: [&str; Arm::ALL.len()] = [
    "#226b59", "#4c9a85", "#7fcbb4", "#b07a1e", "#c2362c", "#1c63c9", "#7b4fb0",
];

/// A page with a plot for each metric: every sample, and the line through them.
pub(crate) fn page(samples: &[Sample]) -> String {
    let mut body = String::new();
    for metric in Metric::ALL {
        let _ = write!(body, "<h2>{}</h2>{}", metric.title(), plot(samples, metric));
    }
    results::page(
        "From the click to the picture",
        "Milliseconds over the round trip between caller, callee and relay. A dot is a call.",
        &body,
    )
}

fn plot(samples: &[Sample], metric: Metric) -> String {
    const WIDTH: f64 = 800.0;
    const HEIGHT: f64 = 420.0;
    const LEFT: f64 = 60.0;
    const BOTTOM: f64 = 40.0;
    let all: Vec<_> = Arm::ALL
        .iter()
        .flat_map(|arm| points(samples, *arm, metric))
        .collect();
    let largest = |of: fn(&(f64, f64)) -> f64| all.iter().map(of).fold(1.0, f64::max) * 1.05;
    let (most_x, most_y) = (largest(|point| point.0), largest(|point| point.1));
    let x = |value: f64| LEFT + value / most_x * (WIDTH - LEFT - 200.0);
    let y = |value: f64| HEIGHT - BOTTOM - value / most_y * (HEIGHT - BOTTOM - 10.0);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
        metric.title()
    );
    for step in 0..=4 {
        let value = most_y / 4.0 * f64::from(step);
        let _ = write!(
            svg,
            "<line x1=\"{LEFT}\" x2=\"{}\" y1=\"{1}\" y2=\"{1}\" stroke=\"#d9d3c9\"/><text x=\"4\" y=\"{1}\">{value:.0} ms</text>",
            x(most_x),
            y(value)
        );
    }
    let mut round_trips: Vec<_> = all.iter().map(|point| point.0).collect();
    round_trips.sort_by(f64::total_cmp);
    round_trips.dedup();
    for value in round_trips {
        let _ = write!(
            svg,
            "<text x=\"{}\" y=\"{}\">{value:.0} ms</text>",
            x(value),
            HEIGHT - 16.0
        );
    }
    for (index, (arm, colour)) in Arm::ALL.iter().zip(COLOURS).enumerate() {
        let points = points(samples, *arm, metric);
        for (round_trip, time) in &points {
            let _ = write!(
                svg,
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"{colour}\" fill-opacity=\"0.5\"/>",
                x(*round_trip),
                y(*time)
            );
        }
        if let Some(line) = fit(&points) {
            let _ = write!(
                svg,
                "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"{colour}\" stroke-width=\"2\"/>",
                x(0.0),
                y(line.constant),
                x(most_x),
                y(line.constant + line.slope * most_x)
            );
        }
        let _ = write!(
            svg,
            "<text x=\"{}\" y=\"{}\" fill=\"{colour}\">{}</text>",
            WIDTH - 180.0,
            30.0 + 20.0 * index as f64,
            arm.title()
        );
    }
    svg + "</svg>"
}
