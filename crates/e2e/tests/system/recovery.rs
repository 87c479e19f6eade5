//! What a relay's crash, a reload and a frozen browser do to a call: rows 12, 17 and 18 of the fault matrix.

use std::time::{Duration, Instant};

use tokio::time::sleep;
use visavis_e2e::{
    Engine, Launch, Page, Pair, Trouble, alone, enter_room, hurried, relay_at, relay_for, relay_with,
    see_each_other, together,
};
use visavis_relay::Config;
use visavis_rows::row;

use crate::engines::Engines;

/// Checks that both videos move for some time, without a pause of a second.
async fn keep_moving(pages: [&Page; 2], seconds: u32) {
    for _ in 0..seconds {
        for page in pages {
            let before = page.frames("remote-video").await;
            page.wait_for_frames("remote-video", before + 1).await;
        }
        sleep(Duration::from_secs(1)).await;
    }
}

async fn no_trouble(page: &Page) {
    page.wait_until("document.getElementById('banner').hidden").await;
}

with_each_engine!(
    row_12_a_relay_that_is_killed_and_restarted_does_not_touch_a_call,
    relay_is_killed_and_restarted
);

async fn relay_is_killed_and_restarted(engines: Engines) {
    let row = row(12, engines.variant);
    let Pair {
        relay,
        alice,
        bob,
        browsers: _browsers,
    } = engines.pair().await.in_call().await;
    let port = relay.address.port();
    let pages = [&alice, &bob];

    drop(relay);
    for page in pages {
        page.wait_for_trouble(Trouble::Wait).await;
    }
    keep_moving(pages, 3).await;
    let (relay, start) = (relay_at(port).await, Instant::now());
    for page in pages {
        no_trouble(page).await;
    }
    let row = row.recovered_in(start.elapsed());
    keep_moving(pages, 2).await;

    // Hanging up while there is no relay still arrives, from the person it came from.
    drop(relay);
    bob.wait_for_trouble(Trouble::Wait).await;
    alice.click("hang-up").await;
    alice.wait_for_stage("ended").await;
    let _relay = relay_at(port).await;
    bob.wait_for_end("they-hung-up").await;
    for page in pages {
        page.wait_until("!document.getElementById('call').disabled").await;
    }
    bob.click("call").await;
    see_each_other(&alice, &bob).await;
    row.passed();
}

with_each_engine!(
    row_17_a_page_that_is_loaded_anew_is_back_without_a_ghost,
    page_is_loaded_anew
);

async fn page_is_loaded_anew(engines: Engines) {
    let row = row(17, engines.variant);
    let pair = engines.pair().await.in_call().await;
    let start = Instant::now();
    let seat = "sessionStorage.getItem('visavis.seat')";
    let taken = pair.bob.evaluate(seat).await;
    pair.bob.reload().await;
    pair.bob.wait_for_stage("start").await;
    assert_eq!(
        pair.bob.evaluate(seat).await,
        taken,
        "without a seat, it leaves word of the old one"
    );
    pair.bob.reload().await;
    // The room holds two: with a ghost in it, there would be no seat.
    pair.bob.click("get-video").await;
    pair.bob.wait_for_stage("ready").await;
    pair.alice.wait_for_stage("ended").await;
    pair.alice.click("call").await;
    see_each_other(&pair.alice, &pair.bob).await;
    row.recovered_in(start.elapsed()).passed();
}

/// A copy has the storage of its tab, also the secret of the seat. Once it is loaded anew, it looks like the
/// tab itself.
#[test]
fn a_copy_of_a_tab_leaves_the_first_one_its_seat() {
    together(async {
        let pair = Pair::in_room_of(relay_for(3).await).await.in_call().await;
        let seat = pair.bob.evaluate("sessionStorage.getItem('visavis.seat')").await;
        let copy = pair.browsers[0].open(&pair.address()).await;
        copy.run(&format!("sessionStorage.setItem('visavis.seat', {seat})"))
            .await;
        copy.reload().await;
        copy.click("get-video").await;
        copy.wait_for_stage("ready").await;
        copy.wait_for_call_to_join().await;
        copy.click("call").await;
        for page in [&pair.alice, &pair.bob, &copy] {
            page.wait_for_others(2).await;
            page.wait_for_stage("in-call").await;
        }
    });
}

/// Everything of the page and of the relay takes a sixth of its time; ICE keeps its normal speed. In real
/// time: `cargo xtask soak`.
#[test]
fn row_18_a_browser_that_was_frozen_for_90_seconds_comes_back_or_the_call_ends_clearly() {
    alone(async {
        frozen_for_90_seconds(6).await;
    });
}

/// With clocks that run so many times as fast. Says in words what came of it.
pub(crate) async fn frozen_for_90_seconds(times: u32) -> String {
    let row = row(18, "Chromium");
    let relay = relay_with(Config {
        port: 0,
        timing: hurried(times),
        ..Config::default()
    })
    .await;
    let fresh = || Launch::new(Engine::Chromium).fresh().start();
    let (alices, bobs) = tokio::join!(fresh(), fresh());
    let (alice, bob) = (alices.window().await, bobs.window().await);
    for page in [&alice, &bob] {
        page.take_clock().await;
        page.go(&relay.url()).await;
    }
    enter_room(&alice, &bob).await;
    alice.click("call").await;
    see_each_other(&alice, &bob).await;

    let frozen = Duration::from_secs(90);
    // What of it passes while he is frozen, he finds has passed.
    bob.hurry(frozen, times).await;
    bobs.freeze();
    alice.wait_for_trouble(Trouble::Interrupted).await;
    alice.let_pass(frozen, times).await;
    bobs.thaw();
    let start = Instant::now();
    // Either the call has come back on both sides, or it is over on both, in words.
    let same_stage = async {
        loop {
            let stages = [stage(&alice).await, stage(&bob).await];
            let moving = stages == ["in-call", "in-call"]
                && !shows_trouble(&alice).await
                && !shows_trouble(&bob).await;
            let over = stages
                .iter()
                .all(|stage| ["ended", "ready"].contains(&stage.as_str()));
            if moving || over {
                return over;
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    let over = tokio::time::timeout(Duration::from_secs(60), same_stage)
        .await
        .expect("both sides agree within a minute");
    let settled_after = start.elapsed();
    let what = if over {
        "the call ended"
    } else {
        "the call went on"
    };
    if over {
        alice.click("call").await;
    }
    see_each_other(&alice, &bob).await;
    row.recovered_in(settled_after).note(what).passed();
    format!("{what} {settled_after:.1?} after the browser woke up")
}

async fn stage(page: &Page) -> String {
    let stage = page
        .evaluate("document.querySelector('.page').dataset.stage")
        .await;
    stage.as_str().unwrap_or_default().to_owned()
}

async fn shows_trouble(page: &Page) -> bool {
    page.evaluate("!document.getElementById('banner').hidden").await == true
}
