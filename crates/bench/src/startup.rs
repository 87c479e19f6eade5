//! `cargo xtask bench startup`: from the request for the page until it asks for the camera, and until a call
//! can be made, on a slow phone with a slow network, beside a bare page that only opens the camera.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Result, bail};
use serde::Serialize;
use serde_json::json;
use visavis_e2e::{Browser, Page};

use crate::laboratory::{Folders, Nearby};
use crate::results;
use crate::samples::quantile;

/// How many times as slow as this machine a phone is.
const SLOWER: u32 = 4;

/// "Slow 4G", as the developer tools of Chromium have it: milliseconds of round trip, and bytes a second.
const ROUND_TRIP_MS: u32 = 150;
const DOWN: u32 = 1_600_000 / 8;
const UP: u32 = 750_000 / 8;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    folders: Folders,
    /// How often each page is loaded.
    #[arg(long, default_value_t = 10)]
    rounds: u32,
}

/// One load of a page.
#[derive(Debug, Serialize)]
struct Sample {
    page: &'static str,
    round: u32,
    /// From the request until something is seen, in milliseconds.
    painted: f64,
    /// From the request until a click on *Get Video* asks for the camera.
    asked: f64,
    /// From the request until the app is there and a call can be made; the bare page has none.
    ready: Option<f64>,
    /// What was loaded, in bytes.
    bytes: f64,
}

/// Name, path, and whether there is an app to wait for.
const PAGES: [(&str, &str, bool); 2] = [("visavis", "", true), ("bare page", "bench/bare.html", false)];

pub(crate) async fn measure(arguments: Arguments) -> Result<()> {
    let nearby = Nearby::start(&arguments.folders).await?;
    let relay = &nearby.relay;
    let browser = Browser::start().await;
    let page = browser.window().await;
    page.before_load(include_str!("../pages/startup.js")).await;
    page.devtools("Network.enable", json!({})).await;
    page.devtools("Network.setCacheDisabled", json!({ "cacheDisabled": true }))
        .await;
    page.devtools("Emulation.setCPUThrottlingRate", json!({ "rate": SLOWER }))
        .await;
    let network = json!({
        "offline": false, "latency": ROUND_TRIP_MS, "downloadThroughput": DOWN, "uploadThroughput": UP,
    });
    page.devtools("Network.emulateNetworkConditions", network).await;
    let mut samples = Vec::new();
    for round in 0..arguments.rounds {
        for (name, path, has_app) in PAGES {
            let address = format!("http://{}/{path}", relay.address);
            let sample = load(&page, name, has_app, &address, round).await?;
            println!("{}", serde_json::to_string(&sample)?);
            samples.push(sample);
        }
    }
    browser.close().await;
    let (tables, bars) = summary(&samples);
    let sentence = format!(
        "A processor {SLOWER} times as slow as this one, {ROUND_TRIP_MS} ms of round trip, {} kB a second.",
        DOWN / 1000
    );
    let plots = results::page("From the request to the camera, and to a call", &sentence, &bars);
    results::write(&arguments.folders.out, "startup", &samples, &tables, &plots)
}

async fn load(page: &Page, name: &'static str, has_app: bool, address: &str, round: u32) -> Result<Sample> {
    page.go("about:blank").await;
    page.go(address).await;
    let mut done = "window.startup?.asked > 0 && window.startup?.painted > 0".to_owned();
    if has_app {
        done += " && window.startup?.ready > 0";
    }
    if !page.within(Duration::from_secs(60), &done).await {
        bail!("{name} can't be used after a minute");
    }
    let number = async |what: &str| page.evaluate(what).await.as_f64().unwrap_or(f64::NAN);
    Ok(Sample {
        page: name,
        round,
        painted: number("window.startup.painted").await,
        asked: number("window.startup.asked").await,
        ready: page.evaluate("window.startup.ready").await.as_f64(),
        bytes: number("window.startup.bytes()").await,
    })
}

fn summary(samples: &[Sample]) -> (String, String) {
    let mut table =
        "\n| page | painted (10 %, median, 90 %) | asks for the camera | a call can be made | bytes |\n\
         | --- | --- | --- | --- | --- |\n"
            .to_owned();
    let mut bars = Vec::new();
    for (name, _, has_app) in PAGES {
        let of = |what: fn(&Sample) -> f64| -> [f64; 3] {
            let values: Vec<_> = samples
                .iter()
                .filter(|sample| sample.page == name)
                .map(what)
                .collect();
            [0.1, 0.5, 0.9].map(|q| quantile(values.clone(), q).unwrap_or(f64::NAN))
        };
        let times = |[low, median, high]: [f64; 3]| format!("{low:.0}, {median:.0}, {high:.0} ms");
        let (painted, asked) = (of(|it| it.painted), of(|it| it.asked));
        let ready = has_app.then(|| of(|it| it.ready.unwrap_or(f64::NAN)));
        let _ = writeln!(
            table,
            "| {name} | {} | {} | {} | {:.0} |",
            times(painted),
            times(asked),
            ready.map_or("–".to_owned(), times),
            of(|it| it.bytes)[1]
        );
        let measured = [
            ("painted", Some(painted)),
            ("asks for the camera", Some(asked)),
            ("a call can be made", ready),
        ];
        for (what, times) in measured {
            if let Some([_, median, _]) = times {
                bars.push((format!("{name}: {what}"), median, format!("{median:.0} ms")));
            }
        }
    }
    (table, results::bars("Medians", &bars))
}
