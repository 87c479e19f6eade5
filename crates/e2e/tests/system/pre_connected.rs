//! Calls over connections that stood ready: nothing is sent before, and nothing is negotiated when it begins.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use visavis_e2e::{
    Engine, Group, Network, Page, Pair, Trouble, TurnServer, alone, enter_room, see_each_other,
};

use crate::engines::Engines;

/// Two people whose browsers are pre-connected.
async fn pre_connected(engines: Engines) -> Pair {
    let pair = engines.pair().await;
    for page in [&pair.alice, &pair.bob] {
        page.reload().await;
        page.instrument().await;
    }
    enter_room(&pair.alice, &pair.bob).await;
    for page in [&pair.alice, &pair.bob] {
        stands_ready(page).await;
    }
    pair
}

async fn stands_ready(page: &Page) {
    page.wait_until("window.inside.preConnected()").await;
}

/// What the page's only connection has sent: frames and audio packets.
async fn sent(page: &Page) -> f64 {
    page.resolve("window.inside.sent()")
        .await
        .as_f64()
        .expect("a sum is a number")
}

async fn connections_made(page: &Page) -> Value {
    page.evaluate("window.inside.connectionsMade()").await
}

with_each_engine!(
    a_pre_connected_call_needs_no_new_connection,
    needs_no_new_connection
);

async fn needs_no_new_connection(engines: Engines) {
    let pair = pre_connected(engines).await;
    let both = [&pair.alice, &pair.bob];
    for page in both {
        // It would be sent by now.
        page.wait_for_moving_video("local-video").await;
        assert_eq!(sent(page).await, 0.0, "nothing is sent before the call");
    }
    let start = Instant::now();
    pair.alice.click("call").await;
    see_each_other(&pair.alice, &pair.bob).await;
    println!("{}: {} ms", engines.variant, start.elapsed().as_millis());
    for page in both {
        assert_eq!(connections_made(page).await, 1);
        page.wait_for_audio("remote-video").await;
        assert!(sent(page).await > 0.0, "what is sent is counted");
        // The first frame is small, and the next ones are not.
        page.wait_until("document.getElementById('remote-video').videoWidth >= 640")
            .await;
    }
    pair.bob.click("hang-up").await;
    for page in both {
        page.wait_for_stage("ended").await;
        stands_ready(page).await;
        assert_eq!(sent(page).await, 0.0, "nor after it");
    }
    pair.bob.click("call").await;
    see_each_other(&pair.alice, &pair.bob).await;
    for page in both {
        assert_eq!(connections_made(page).await, 2);
    }
    pair.close().await;
}

#[test]
fn whoever_does_not_want_it_shows_no_address_and_is_called_all_the_same() {
    alone(async {
        let pair = Pair::between(Engine::Chromium, Engine::Chromium).await;
        for page in [&pair.alice, &pair.bob] {
            page.take_clock().await;
        }
        pair.alice.reload().await;
        pair.bob.without_pre_connecting().await;
        for page in [&pair.alice, &pair.bob] {
            page.instrument().await;
        }
        enter_room(&pair.alice, &pair.bob).await;
        for page in [&pair.alice, &pair.bob] {
            page.let_pass(Duration::from_secs(10), 20).await;
        }
        assert_eq!(connections_made(&pair.bob).await, 0);
        pair.alice.click("call").await;
        see_each_other(&pair.alice, &pair.bob).await;
        pair.bob.click("hang-up").await;
        pair.alice.wait_for_stage("ended").await;

        // By the choice on the page; it is kept.
        pair.bob.wait_for_stage("ended").await;
        pair.bob
            .run("document.querySelector('.preparation').open = true")
            .await;
        pair.bob
            .wait_until("!!document.getElementById('preparation')")
            .await;
        pair.bob
            .run(
                "const choice = document.getElementById('preparation');
             choice.value = 'on';
             choice.dispatchEvent(new Event('change', { bubbles: true }));",
            )
            .await;
        for page in [&pair.alice, &pair.bob] {
            stands_ready(page).await;
        }
        assert_eq!(
            pair.bob
                .evaluate("localStorage.getItem('visavis.preparation')")
                .await,
            "on"
        );
        pair.close().await;
    });
}

with_each_engine!(
    whoever_has_instant_calls_off_shows_no_address_before_a_call,
    shows_no_address_before_a_call
);

/// Descriptions are exchanged, candidates are not: neither side learns where the other one is.
async fn shows_no_address_before_a_call(engines: Engines) {
    let pair = engines.pair().await;
    pair.alice.reload().await;
    pair.bob.choose_instant_calls("off").await;
    let both = [&pair.alice, &pair.bob];
    for page in both {
        page.instrument().await;
    }
    enter_room(&pair.alice, &pair.bob).await;
    // First when all is said that is to be said; then, when Firefox has no more patience to wait for
    // candidates.
    for settled in [
        "signalingState === 'stable' && connection.iceGatheringState === 'complete'",
        "iceConnectionState !== 'checking'",
    ] {
        for page in both {
            let settled = format!(
                "[...window.inside.connections].map(connection => connection.{settled}).join() === 'true'"
            );
            page.wait_until(&settled).await;
        }
        for page in both {
            assert_eq!(connections_made(page).await, 1);
            assert_eq!(page.resolve("window.inside.addressesOfOthers()").await, 0);
        }
    }
    pair.alice.click("call").await;
    see_each_other(&pair.alice, &pair.bob).await;
    for page in both {
        let addresses = page.resolve("window.inside.addressesOfOthers()").await;
        assert_ne!(addresses, 0, "what is known is counted");
        if engines.caller == engines.callee {
            assert_eq!(
                connections_made(page).await,
                1,
                "nothing is left to be negotiated"
            );
        }
    }
    pair.bob.click("hang-up").await;
    for page in both {
        page.wait_for_stage("ended").await;
    }
    pair.bob.click("call").await;
    see_each_other(&pair.alice, &pair.bob).await;
    pair.close().await;
}

#[test]
fn a_hang_up_without_a_relay_reaches_everybody() {
    alone(async {
        let Group {
            relay,
            pages,
            browser,
            ..
        } = Group::in_room(3).await.in_call().await;
        drop(relay);
        for page in &pages {
            page.wait_for_trouble(Trouble::Wait).await;
        }
        pages[0].click("hang-up").await;
        for page in &pages[1..] {
            page.wait_until("document.querySelectorAll('.tile.remote:not([hidden])').length === 1")
                .await;
        }
        // The last two hear of each other in the same way.
        pages[1].click("hang-up").await;
        pages[2].wait_for_end("they-hung-up").await;
        browser.close().await;
    });
}

/// How often both click *Call*. More often in `cargo xtask soak`.
const TIMES: usize = 5;

mod both_click_call_at_once_and_get_one_call {
    use visavis_e2e::alone;

    use crate::engines::Engines;

    #[test]
    fn two_chromiums() {
        alone(super::both_click_call_at_once(Engines::CHROMIUM, super::TIMES));
    }

    #[test]
    fn chromium_and_firefox() {
        alone(super::both_click_call_at_once(
            Engines::CHROMIUM_CALLS_FIREFOX,
            super::TIMES,
        ));
    }
}

/// Calls that begin on both sides in the same instant are one call: nothing collides, since nothing is
/// negotiated.
pub(crate) async fn both_click_call_at_once(engines: Engines, times: usize) {
    let pair = pre_connected(engines).await;
    let both = [&pair.alice, &pair.bob];
    for round in 1..=times {
        // Far enough for two busy pages to hear of it.
        let moment = SystemTime::now() + Duration::from_millis(300);
        let moment = moment.duration_since(UNIX_EPOCH).expect("it is later than 1970");
        let click = format!(
            "new Promise(next => setTimeout(
                    () => next(document.getElementById('call').click()), {} - Date.now()))",
            moment.as_millis()
        );
        tokio::join!(pair.alice.resolve(&click), pair.bob.resolve(&click));
        see_each_other(&pair.alice, &pair.bob).await;
        for page in both {
            assert_eq!(connections_made(page).await, round, "{}", engines.variant);
        }
        both[round % 2].click("hang-up").await;
        for page in both {
            page.wait_for_stage("ended").await;
            stands_ready(page).await;
        }
    }
    pair.close().await;
}

/// At any moment of the second in which a connection is being made ready, over a long way.
#[test]
fn a_call_may_begin_before_everything_is_ready() {
    alone(async {
        let far = Network::hosts().rtt(Duration::from_millis(200));
        let network = Network::start(far, TurnServer::None).await;
        let (alice, bob) = (&network.alice, &network.bob);
        for delay in (0..1000).step_by(250) {
            for page in [alice, bob] {
                page.reload().await;
                page.instrument().await;
            }
            alice.click("get-video").await;
            alice.wait_for_stage("alone").await;
            let call = format!(
                "(async () => {{
                const {{ stage, until }} = window.inside;
                await until('somebody is there', () => stage() === 'ready');
                await new Promise(next => setTimeout(next, {delay}));
                document.getElementById('call').click();
            }})()"
            );
            let (_, ()) = tokio::join!(alice.resolve(&call), bob.click("get-video"));
            println!("after {delay} ms");
            see_each_other(alice, bob).await;
            bob.click("hang-up").await;
            alice.wait_for_stage("ended").await;
        }
    });
}
