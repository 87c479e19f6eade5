//! What becomes of the one budget for all pictures where the network bears less.

use std::net::Ipv4Addr;
use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;
use visavis_e2e::{Page, Screen, browsers_on, other_camera, relay_on, site};
use visavis_netlab::Lab;
use visavis_relay::Config;

/// What Alice can send, in kilobits a second: a fourth of the budget for pictures.
const UPLINK: u32 = 400;

/// What waits for the uplink at most, in bytes: half a second of it.
const QUEUE: usize = 25_000;

/// How long the estimates of a narrow uplink need at most, and what is made of them.
const SETTLED: Duration = Duration::from_secs(30);

/// For how long it is measured.
const MEASURED: Duration = Duration::from_secs(15);

/// How much of the only picture that a page shows has been received.
async fn bytes_received(page: &Page) -> u64 {
    let received = page.resolve("window.inside.received()").await;
    let [picture] = received.as_array().map_or(&[][..], Vec::as_slice) else {
        panic!("one picture is shown: {received}")
    };
    picture["bytesReceived"].as_u64().unwrap_or_default()
}

/// What Alice sends goes to Bob, who shows it large, and to Carol, who shows it small. The browser itself would give both as
/// much.
#[tokio::test]
async fn who_shows_a_picture_large_gets_more_of_a_narrow_uplink() {
    let hosts = ["alice", "others", "server"];
    let lab = Lab::builder().hosts(hosts).rtt(Duration::from_millis(40));
    let lab = lab.queue(QUEUE).start().unwrap_or_else(|error| panic!("{error}"));
    let server = lab.host("server");
    let config = Config {
        host: Ipv4Addr::UNSPECIFIED.to_string(),
        port: 8080,
        site: Some(site()),
        ..Config::default()
    };
    let origin = format!("http://{}:{}", server.address(), config.port);
    let _relay = relay_on(&server, config).await;
    let [alices, others] = browsers_on(&lab, ["alice", "others"], &origin).await;
    let [alice, bob, carol] = [
        alices.window().await,
        others.window().await,
        others.window().await,
    ];
    for page in [&alice, &bob, &carol] {
        page.before_load(&other_camera((640, 360), 15, false)).await;
        page.go(&format!("{origin}/#/narrow")).await;
        page.instrument().await;
    }
    for (page, width, height) in [(&bob, 1280, 800), (&carol, 640, 400)] {
        page.show_on(Screen {
            width,
            height,
            dark: false,
        })
        .await;
    }
    for page in [&alice, &bob, &carol] {
        page.click("get-video").await;
        page.wait_until("!document.getElementById('camera').disabled")
            .await;
    }
    // Nobody else sends anything that would have to be encoded.
    for page in [&bob, &carol] {
        page.click("camera").await;
    }
    lab.set_pair_rate("alice", "others", Some(UPLINK));
    alice.wait_for_stage("ready").await;
    alice.click("call").await;
    for page in [&bob, &carol] {
        page.wait_for_stage("ringing").await;
        page.click("call").await;
    }
    for page in [&bob, &carol] {
        page.wait_until("document.querySelectorAll('.tile.remote:not([hidden], .off)').length === 1")
            .await;
    }
    sleep(SETTLED).await;
    let before = [bytes_received(&bob).await, bytes_received(&carol).await];
    sleep(MEASURED).await;
    let after = [bytes_received(&bob).await, bytes_received(&carol).await];
    let kilobits = |index: usize| (after[index] - before[index]) * 8 / 1000 / MEASURED.as_secs();
    let (large, small) = (kilobits(0), kilobits(1));
    println!("{large} kbit/s to who shows it large, {small} to who shows it small");
    let report: Value = alice.resolve("window.inside.report()").await;
    assert!(
        small > 0 && large > small * 3 / 2,
        "{large} and {small}; {report}"
    );
    for browser in [alices, others] {
        browser.close().await;
    }
}
