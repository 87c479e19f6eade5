//! `cargo xtask bench rooms`: what calls of several cost each of them, with and without the budget that all
//! pictures of one person share.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde::Serialize;
use visavis_e2e::{Engine, Group, Launch, Page, other_camera};

use crate::laboratory::Folders;
use crate::results;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    folders: Folders,
    /// For how many seconds each call is watched.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How many people, one call after the other.
    #[arg(long, value_delimiter = ',', default_value = "2,3,4,5,6,7,8")]
    people: Vec<usize>,
    /// How wide the video of all cameras is, in pixels; it is 16:9.
    #[arg(long, default_value_t = 1280)]
    width: u32,
    /// How many of them there are in a second.
    #[arg(long, default_value_t = 10)]
    rate: u32,
    /// Whether they have microphones. Their audio takes as much processor time as small videos.
    #[arg(long, default_value_t = true, action = clap::ArgAction::Set)]
    microphones: bool,
}

/// How long a call goes on before it is watched: by then, videos have their full size.
const SETTLES: Duration = Duration::from_secs(6);

/// How long all may take until they see each other. Those who don't by then are counted as they are.
const PATIENCE: Duration = Duration::from_secs(20);

/// What was measured of a call.
#[derive(Debug, Serialize)]
struct Sample {
    people: usize,
    /// Whether the videos of one person share a budget, as they do in visavis.
    budget: bool,
    /// Processor time of the whole browser, for each person, in percent of one processor.
    processor: f64,
    /// Bytes a second that one person sends, without headers of IP and UDP.
    sent: f64,
    /// Frames a second of one of the others that are decoded (median of all streams).
    pictures: f64,
    /// Of these the width (median of all streams).
    width: f64,
    /// How many streams arrived, of all that there should be.
    streams: usize,
    /// How much of their time all processors of the machine together were busy, in percent.
    machine: f64,
}

pub(crate) async fn measure(arguments: Arguments) -> Result<()> {
    let mut samples = Vec::new();
    for (round, people) in arguments.people.iter().enumerate() {
        // Each goes first in some round.
        for turn in 0..2 {
            let budget = (round + turn) % 2 == 0;
            let sample = call(&arguments, *people, budget).await?;
            println!("{}", serde_json::to_string(&sample)?);
            samples.push(sample);
        }
    }
    samples.sort_by_key(|sample| (sample.people, !sample.budget));
    let (table, bars) = summary(&samples);
    let sentence = format!("Averages over {} seconds of each call.", arguments.seconds);
    let plots = results::page("What a call costs each of several", &sentence, &bars);
    results::write(&arguments.folders.out, "rooms", &samples, &table, &plots)
}

async fn call(arguments: &Arguments, people: usize, budget: bool) -> Result<Sample> {
    let &Arguments {
        width,
        rate,
        microphones,
        seconds,
        ..
    } = arguments;
    let time = Duration::from_secs(seconds);
    let launch = Launch::new(Engine::Chromium);
    let launch = launch.argument(&format!("--use-fake-device-for-media-stream=fps={rate}"));
    // The same for all.
    let camera = other_camera((width, width * 9 / 16), rate, microphones);
    let budget_or_none = if budget {
        ""
    } else {
        include_str!("../pages/unlimited.js")
    };
    let group = Group::in_room_by(people, launch, &(camera + budget_or_none)).await;
    group.all_answer_the_first().await;
    for page in &group.pages {
        let sees = format!(
            "[...document.querySelectorAll('.tile.remote:not([hidden], .off)')].length === {}",
            people - 1
        );
        page.within(PATIENCE, &sees).await;
    }
    tokio::time::sleep(SETTLES).await;
    let (start, processor, machine) = (Instant::now(), group.browser.processor_time(), machine_time()?);
    let before = counters(&group.pages).await;
    tokio::time::sleep(time).await;
    let (seconds, processor) = (
        start.elapsed().as_secs_f64(),
        group.browser.processor_time() - processor,
    );
    let busy = machine_time()?;
    let after = counters(&group.pages).await;
    let mut sent = 0.0;
    let (mut pictures, mut widths) = (Vec::new(), Vec::new());
    for (before, after) in before.iter().zip(&after) {
        let apart = (after.at - before.at).as_secs_f64();
        sent += (after.sent - before.sent) / apart;
        for (before, after) in before.streams.iter().zip(&after.streams) {
            pictures.push((after.0 - before.0) / apart);
            widths.push(after.1);
        }
    }
    group.close().await;
    Ok(Sample {
        people,
        budget,
        processor: processor / seconds / people as f64 * 100.0,
        sent: sent / people as f64,
        streams: pictures.iter().filter(|pictures| **pictures > 0.0).count(),
        pictures: median(pictures),
        width: median(widths),
        machine: (busy.0 - machine.0) / (busy.1 - machine.1) * 100.0,
    })
}

/// What has added up in a page.
struct Counters {
    at: Instant,
    sent: f64,
    /// Of each of the others: frames, and how wide the last one was.
    streams: Vec<(f64, f64)>,
}

async fn counters(pages: &[Page]) -> Vec<Counters> {
    let mut all = Vec::new();
    for page in pages {
        let received = page.resolve("window.inside.received()").await;
        let streams = received.as_array().map(Vec::as_slice).unwrap_or_default();
        let number = |stream: &serde_json::Value, name: &str| stream[name].as_f64().unwrap_or_default();
        all.push(Counters {
            streams: streams
                .iter()
                .map(|stream| (number(stream, "framesDecoded"), number(stream, "frameWidth")))
                .collect(),
            sent: page
                .resolve("window.inside.bytesSent()")
                .await
                .as_f64()
                .unwrap_or_default(),
            at: Instant::now(),
        });
    }
    all
}

/// How long all processors together were busy, and how long there were any, in ticks.
fn machine_time() -> Result<(f64, f64)> {
    let stat = std::fs::read_to_string("/proc/stat")?;
    // proc(5): user, nice, system, idle, iowait, and others that are busy ones. What guests use is counted
    // twice.
    let line = stat.lines().next().unwrap_or_default();
    let ticks: Vec<f64> = line
        .split_ascii_whitespace()
        .skip(1)
        .take(8)
        .filter_map(|ticks| ticks.parse().ok())
        .collect();
    let all: f64 = ticks.iter().sum();
    let idle: f64 = ticks.iter().skip(3).take(2).sum();
    Ok((all - idle, all))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn summary(samples: &[Sample]) -> (String, String) {
    let mut table = "\n| people | budget | processor, each | kB sent a second, each | pictures a second, each stream | their \
                     width | streams | all processors busy |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    let mut bars = Vec::new();
    for sample in samples {
        let Sample {
            people,
            budget,
            processor,
            sent,
            pictures,
            width,
            streams,
            machine,
        } = sample;
        let (budget, sent) = (if *budget { "yes" } else { "no" }, sent / 1000.0);
        let of = people * (people - 1);
        let _ = writeln!(
            table,
            "| {people} | {budget} | {processor:.0} % | {sent:.0} | {pictures:.1} | {width:.0} | {streams} of {of} | {machine:.0} % |"
        );
        bars.push((
            format!("{people} people, budget: {budget}"),
            sent,
            format!("{sent:.0} kB"),
        ));
    }
    (table, results::bars("Sent a second by each", &bars))
}
