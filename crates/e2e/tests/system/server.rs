//! With no relay, with one that comes late, with one that goes.

use std::fs;
use std::path::Path;

use visavis_e2e::{
    Browser, Pair, StaticHost, Trouble, alone, enter_room, relay, relay_at, relay_elsewhere, site, site_with,
    together,
};

#[test]
fn on_a_plain_static_host_tabs_of_one_browser_meet() {
    alone(async {
        let host = StaticHost::start(site()).await;
        let browser = Browser::start().await;
        let address = format!("http://{}/", host.address);
        let alice = browser.open(&address).await;
        let bob = browser.open(&address).await;
        enter_room(&alice, &bob).await;
        alice.wait_for_trouble(Trouble::OnlyTabs).await;

        // The other six seats are taken.
        let carol = browser.open(&address).await;
        carol
            .run(
                "for (let seat = 2; seat < 8; seat += 1) {
               navigator.locks.request(`visavis test seat ${seat}`, () => new Promise(() => {}));
             }",
            )
            .await;
        carol.click("get-video").await;
        carol.wait_for_stage("in-line").await;

        alice.click("call").await;
        for page in [&alice, &bob] {
            page.wait_for_stage("in-call").await;
            page.wait_for_moving_video("remote-video").await;
        }
        bob.click("hang-up").await;
        alice.wait_for_end("they-hung-up").await;
        alice.close().await;
        carol.wait_for_stage("ready").await;
        bob.wait_until("!document.getElementById('call').disabled").await;
        browser.close().await;
    });
}

#[test]
fn a_relay_that_starts_late_is_found() {
    alone(async {
        // Find a port on which nobody listens, and tell the site that its relay is there.
        let port = relay().await.address.port();
        let copy = site_with(&format!(
            r#"{{"relay": "ws://127.0.0.1:{port}/signal", "signaling": "auto"}}"#
        ));
        let host = StaticHost::start(copy.path().to_owned()).await;
        let browser = Browser::start().await;
        let address = format!("http://{}/", host.address);
        let alice = browser.open(&address).await;
        alice.click("get-video").await;
        alice.wait_for_trouble(Trouble::Unreachable).await;
        // Meanwhile tabs of this browser can meet.
        let bob = browser.open(&address).await;
        bob.click("get-video").await;
        bob.wait_for_stage("ready").await;

        let _relay = relay_elsewhere(port).await;
        for page in [&alice, &bob] {
            page.wait_until("document.getElementById('banner').hidden || (document.getElementById('retry-now')?.click(), false)")
            .await;
            page.wait_for_stage("ready").await;
        }
        bob.click("call").await;
        for page in [&alice, &bob] {
            page.wait_for_stage("in-call").await;
            page.wait_for_moving_video("remote-video").await;
        }
        browser.close().await;
    });
}

#[test]
fn a_call_outlives_the_relay() {
    alone(async {
        let pair = Pair::in_room().await.in_call().await;
        let (alice, bob) = (&pair.alice, &pair.bob);
        let port = pair.relay.address.port();

        pair.relay.shutdown().await;
        alice.wait_for_trouble(Trouble::Wait).await;
        alice.wait_for_moving_video("remote-video").await;
        let _relay = relay_at(port).await;
        alice.wait_until("document.getElementById('banner').hidden").await;
        bob.wait_until("document.getElementById('banner').hidden").await;
        bob.wait_for_moving_video("remote-video").await;
        alice.click("hang-up").await;
        bob.wait_for_end("they-hung-up").await;
    });
}

#[test]
fn a_wrong_config_json_names_the_field() {
    together(async {
        let copy = site_with(r#"{"relai": "wss://relay.example.org/signal"}"#);
        let host = StaticHost::start(copy.path().to_owned()).await;
        let browser = Browser::start().await;
        let page = browser.open(&format!("http://{}/", host.address)).await;
        page.wait_for_status("unknown field `relai`").await;
        fs::write(
            Path::new(copy.path()).join("config.json"),
            r#"{"media": {"width": "wide"}}"#,
        )
        .expect("it can be written");
        page.reload().await;
        page.wait_for_status("\"media.width\"").await;
        browser.close().await;
    });
}
