//! The check before a call: what it says where everything works, and where something does not.

use std::collections::BTreeMap;

use serde_json::Value;
use tokio::net::UdpSocket;
use visavis_e2e::{
    Browser, Engine, Launch, Network, Page, Permission, StaticHost, TurnServer, relay, site, together,
};
use visavis_netlab::Block;
use visavis_protocol::ice::IceServer;
use visavis_relay::Running;

/// Opens the check by its link, and lets it run.
async fn checked(page: &Page) -> BTreeMap<String, (String, String)> {
    page.click("check-link").await;
    page.click("check-start").await;
    finished(page).await
}

/// What each check says, by its name: the result, and the sentence.
async fn finished(page: &Page) -> BTreeMap<String, (String, String)> {
    page.wait_until("document.getElementById('check-result')?.hidden === false")
        .await;
    let items = page
        .evaluate(
            "[...document.querySelectorAll('[data-check]')].map(item => \
             [item.dataset.check, item.dataset.result, item.querySelector('p').textContent])",
        )
        .await;
    let text = |value: &Value| value.as_str().expect("it is a text").to_owned();
    let items = items.as_array().expect("a list").iter();
    items
        .map(|item| (text(&item[0]), (text(&item[1]), text(&item[2]))))
        .collect()
}

#[track_caller]
fn says(results: &BTreeMap<String, (String, String)>, check: &str, result: &str, words: &str) {
    let (is, sentence) = &results[check];
    assert!(
        is == result && sentence.contains(words),
        "{check} is {is}: {sentence}"
    );
}

/// A relay that serves the site with the cameras that people have, and tells clients of these servers.
async fn relay_with(ice_servers: Vec<IceServer>) -> Running {
    let config = visavis_relay::Config {
        port: 0,
        site: Some(site()),
        ice_servers,
        ..visavis_relay::Config::default()
    };
    visavis_relay::start(config).await.expect("the relay starts")
}

#[test]
fn what_works_passes_and_what_the_site_lacks_is_left_out() {
    together(async {
        let relay = relay_with(Vec::new()).await;
        let browser = Browser::start().await;
        let page = browser.open(&format!("http://{}/#/tea", relay.address)).await;
        let results = checked(&page).await;
        says(&results, "camera", "passed", "1280 × 720");
        says(&results, "microphone", "passed", "You can be heard");
        says(&results, "relay", "passed", "Reached after");
        says(&results, "stun", "skipped", "no STUN server");
        says(
            &results,
            "turn",
            "skipped",
            "This site has no TURN server: calls work only where the networks let them through.",
        );
        let report = page
            .evaluate("document.getElementById('check-report').value")
            .await;
        let report = report.as_str().expect("it is a text");
        assert!(
            report.contains("Camera: passed.") && !report.contains("127.0.0.1") && !report.contains("tea"),
            "{report}"
        );

        // Switched off, nothing is open any more; what was found out stays.
        page.run("window.track = document.getElementById('check-video').srcObject.getTracks()[0]")
            .await;
        page.click("check-stop").await;
        page.wait_until("window.track.readyState === 'ended'").await;
        assert_eq!(finished(&page).await["camera"].0, "passed");

        page.click("check-back").await;
        page.wait_for_stage("start").await;
        assert_eq!(page.evaluate("location.hash").await, Value::from("#/tea"));
        assert_eq!(page.evaluate("location.search").await, Value::from(""));
        browser.close().await;
    });
}

#[test]
fn a_refused_camera_says_so() {
    together(async {
        let relay = relay().await;
        let browser = Launch::new(Engine::Chromium)
            .permission(Permission::Denied)
            .start()
            .await;
        let page = browser.open(&format!("http://{}/", relay.address)).await;
        let results = checked(&page).await;
        says(
            &results,
            "camera",
            "failed",
            "The camera is blocked for this page. Allow it",
        );
        says(
            &results,
            "microphone",
            "failed",
            "The microphone is blocked for this page. Allow it",
        );
        says(&results, "relay", "passed", "Reached after");
        browser.close().await;
    });
}

#[test]
fn servers_that_do_not_answer_are_found_out() {
    together(async {
        // Somebody who hears everything and answers nothing: a closed port might be refused sooner.
        let deaf = UdpSocket::bind("127.0.0.1:0").await.expect("some port is free");
        let port = deaf.local_addr().expect("it has an address").port();
        let stun = IceServer {
            urls: vec![format!("stun:127.0.0.1:{port}")],
            username: None,
            credential: None,
        };
        let turn = IceServer {
            urls: vec![format!("turn:127.0.0.1:{port}")],
            username: Some("visavis".into()),
            credential: Some("secret".into()),
        };
        let relay = relay_with(vec![stun, turn]).await;
        let browser = Browser::start().await;
        let page = browser.open(&format!("http://{}/", relay.address)).await;
        let results = checked(&page).await;
        says(&results, "relay", "passed", "Reached after");
        says(&results, "stun", "failed", "The STUN server does not answer.");
        says(&results, "turn", "failed", "The TURN server can't be reached.");
        browser.close().await;
    });
}

/// What Alice's check says in the laboratory.
async fn checked_far_away(
    turn: TurnServer,
    set_up: impl FnOnce(&Network),
) -> BTreeMap<String, (String, String)> {
    let network = Network::start(Network::hosts(), turn).await;
    set_up(&network);
    network.alice.go(&format!("{}/?check", network.origin)).await;
    network.alice.click("check-start").await;
    finished(&network.alice).await
}

#[test]
fn coturn_is_found_to_work() {
    together(async {
        let results = checked_far_away(TurnServer::Works, |_| ()).await;
        says(&results, "relay", "passed", "Reached after");
        says(&results, "stun", "passed", "The STUN server was reached");
        says(&results, "turn", "passed", "through the TURN server");
    });
}

#[test]
fn coturn_is_found_to_work_where_udp_is_forbidden() {
    together(async {
        let results = checked_far_away(TurnServer::Works, |network| {
            network.lab.block(Block::udp("alice"))
        })
        .await;
        says(&results, "stun", "failed", "A firewall may forbid UDP");
        says(&results, "turn", "passed", "through the TURN server");
    });
}

#[test]
fn wrong_credentials_for_coturn_are_found_out() {
    together(async {
        let results = checked_far_away(TurnServer::Refuses, |_| ()).await;
        says(&results, "stun", "passed", "The STUN server was reached");
        says(&results, "turn", "failed", "credentials");
    });
}

#[test]
fn on_a_plain_static_host_the_missing_relay_is_told() {
    together(async {
        let host = StaticHost::start(site()).await;
        let browser = Browser::start().await;
        let page = browser.open(&format!("http://{}/?check", host.address)).await;
        page.click("check-start").await;
        let results = finished(&page).await;
        says(&results, "camera", "passed", "1280 × 720");
        says(&results, "relay", "failed", "only tabs of this browser can meet");
        says(&results, "turn", "skipped", "no TURN server");
        browser.close().await;
    });
}
