//! `cargo xtask bench idle`: what a page costs that is only there: while nobody has done anything, while
//! people wait, while they are pre-connected, and in a steady call.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};
use visavis_e2e::{Browser, Page, enter_room, see_each_other};

use crate::laboratory::{Folders, Nearby};
use crate::results;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    folders: Folders,
    /// For how many seconds each state is watched.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
}

/// What went on in a page, on average.
#[derive(Debug, Serialize)]
struct Sample {
    state: &'static str,
    /// How much of its time the page's main thread was busy, in percent.
    busy: f64,
    /// Of that, scripts.
    scripts: f64,
    /// How often the page was laid out, a second.
    layouts: f64,
    /// Changes of the document, a second.
    mutations: f64,
    /// How often memos and effects of the page ran, a second.
    runs: f64,
    /// `getStats()`, calls a second.
    statistics: f64,
    /// What the page's connections sent, in bytes a second, without headers of IP and UDP.
    sent: f64,
}

pub(crate) async fn measure(arguments: Arguments) -> Result<()> {
    let nearby = Nearby::start(&arguments.folders).await?;
    let relay = &nearby.relay;
    let (one, other) = (Browser::start().await, Browser::start().await);
    let (alice, bob) = (one.window().await, other.window().await);
    let watch = Watch {
        page: alice.clone(),
        time: Duration::from_secs(arguments.seconds),
    };
    let mut samples = Vec::new();
    for page in [&alice, &bob] {
        page.before_load(include_str!("../pages/idle.js")).await;
        page.devtools("Performance.enable", json!({})).await;
    }

    let ours = relay.url();
    for page in [&alice, &bob] {
        page.go(&ours).await;
    }
    watch.state("visavis, just loaded", &mut samples).await?;
    for (choice, ready) in [
        ("off", "visavis, two wait, instant calls off"),
        ("on", "visavis, two wait, instant calls on"),
    ] {
        for page in [&alice, &bob] {
            page.run(&format!(
                "localStorage.setItem('visavis.preparation', '{choice}')"
            ))
            .await;
            page.reload().await;
        }
        enter_room(&alice, &bob).await;
        // Until the browsers are pre-connected.
        tokio::time::sleep(Duration::from_secs(3)).await;
        watch.state(ready, &mut samples).await?;
    }
    alice.click("call").await;
    see_each_other(&alice, &bob).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    watch.state("visavis, a call", &mut samples).await?;

    for (page, side) in [(&bob, "callee"), (&alice, "caller")] {
        page.go(&format!(
            "http://{}/bench/arm.html?arm=vanilla-pre-connected&side={side}#idle",
            relay.address
        ))
        .await;
    }
    alice.wait_until("window.ready === true").await;
    watch
        .state("hand-written, connection ready", &mut samples)
        .await?;
    alice.run("document.getElementById('call').click()").await;
    alice.wait_for_moving_video("remote-video").await;
    watch.state("hand-written, a call", &mut samples).await?;

    one.close().await;
    other.close().await;
    let (table, bars) = summary(&samples);
    let sentence = format!("Averages over {} seconds.", arguments.seconds);
    let plots = results::page("What a page costs that is only there", &sentence, &bars);
    results::write(&arguments.folders.out, "idle", &samples, &table, &plots)
}

struct Watch {
    page: Page,
    time: Duration,
}

impl Watch {
    async fn state(&self, state: &'static str, samples: &mut Vec<Sample>) -> Result<()> {
        let before = self.counters().await;
        tokio::time::sleep(self.time).await;
        let after = self.counters().await;
        let each = |index: usize| (after[index] - before[index]) / (after[0] - before[0]);
        let sample = Sample {
            state,
            busy: each(1) * 100.0,
            scripts: each(2) * 100.0,
            layouts: each(3),
            mutations: each(4),
            statistics: each(5),
            sent: each(6),
            runs: each(7),
        };
        println!("{}", serde_json::to_string(&sample)?);
        samples.push(sample);
        Ok(())
    }

    /// The time in seconds, and what has added up until then.
    async fn counters(&self) -> [f64; 8] {
        let metrics = self.page.devtools("Performance.getMetrics", json!({})).await;
        let metric = |name: &str| {
            let all = metrics["metrics"]
                .as_array()
                .map(Vec::as_slice)
                .unwrap_or_default();
            let found = all.iter().find(|metric| metric["name"] == name);
            found
                .and_then(|metric| metric["value"].as_f64())
                .unwrap_or_default()
        };
        let inside = self.page.resolve("window.idle.counters()").await;
        let counter = |name: &str| inside.get(name).and_then(Value::as_f64).unwrap_or_default();
        [
            metric("Timestamp"),
            metric("TaskDuration"),
            metric("ScriptDuration"),
            metric("LayoutCount"),
            counter("mutations"),
            counter("statistics"),
            counter("sent"),
            counter("runs"),
        ]
    }
}

fn summary(samples: &[Sample]) -> (String, String) {
    let mut table =
        "\n| state | main thread busy | scripts | layouts a second | changes of the document a second \
                     | memos and effects a second | getStats a second | bytes sent a second |\n\
                     | --- | --- | --- | --- | --- | --- | --- | --- |\n"
            .to_owned();
    let mut bars = Vec::new();
    for sample in samples {
        let Sample {
            state,
            busy,
            scripts,
            layouts,
            mutations,
            runs,
            statistics,
            sent,
        } = sample;
        let _ = writeln!(
            table,
            "| {state} | {busy:.2} % | {scripts:.2} % | {layouts:.1} | {mutations:.1} | {runs:.1} | {statistics:.2} | {sent:.0} |"
        );
        bars.push(((*state).to_owned(), *busy, format!("{busy:.2} %")));
    }
    (table, results::bars("Main thread busy", &bars))
}
