//! Candidates, restarts and tracks between real browsers: rows 6, 7, 8, 10 and 11 of the fault matrix.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use visavis_e2e::{Page, Pair, alone, enter_room, see_each_other, together};
use visavis_rows::row;

use crate::engines::Engines;

/// Two people whose connections are watched, and who have not entered a room yet.
async fn watched(engines: Engines) -> Pair {
    let pair = engines.pair().await;
    for page in [&pair.alice, &pair.bob] {
        page.go(&format!("{}?watched#/watched", pair.relay.url())).await;
        page.without_pre_connecting().await;
        page.instrument().await;
        page.run(include_str!("negotiation.js")).await;
    }
    pair
}

async fn settled(page: &Page) -> Value {
    let settled = page.evaluate("window.negotiation.settled()").await;
    assert_eq!(settled["faults"], json!([]));
    assert_eq!(settled["state"], "stable");
    settled
}

#[test]
fn row_6_candidates_wait_for_the_answer_and_are_applied_once() {
    alone(async {
        let row = row(6, "Chromium");
        let pair = watched(Engines::CHROMIUM).await;
        // Bob's ICE servers come late, so he answers late.
        pair.bob
            .run(
                "const real = WebSocket.prototype.addEventListener;
             WebSocket.prototype.addEventListener = function (kind, listener, ...more) {
                 const late = event => typeof event.data === 'string' && event.data.includes('\"token\"')
                     ? setTimeout(() => listener.call(this, event), 2000)
                     : listener.call(this, event);
                 real.call(this, kind, kind === 'message' ? late : listener, ...more);
             };",
            )
            .await;
        enter_room(&pair.alice, &pair.bob).await;
        let start = Instant::now();
        pair.alice.click("call").await;
        see_each_other(&pair.alice, &pair.bob).await;
        for page in [&pair.alice, &pair.bob] {
            settled(page).await;
        }
        row.recovered_in(start.elapsed()).passed();
    });
}

#[test]
fn row_7_candidates_of_an_ignored_offer_or_an_old_generation_reach_nobody() {
    together(async {
        let row = row(7, "Chromium");
        let pair = watched(Engines::CHROMIUM).await;
        enter_room(&pair.alice, &pair.bob).await;
        for _ in 0..5 {
            let moment = soon();
            let click = format!(
                "new Promise(next => setTimeout(() => next(document.getElementById('call').click()), {moment} - Date.now()))"
            );
            tokio::join!(pair.alice.resolve(&click), pair.bob.resolve(&click));
            see_each_other(&pair.alice, &pair.bob).await;
            for page in [&pair.alice, &pair.bob] {
                page.run("for (const connection of window.inside.connections) connection.restartIce()")
                    .await;
            }
            see_each_other(&pair.alice, &pair.bob).await;
            for page in [&pair.alice, &pair.bob] {
                settled(page).await;
            }
            pair.alice.click("hang-up").await;
            for page in [&pair.alice, &pair.bob] {
                page.wait_for_stage("ended").await;
            }
        }
        row.passed();
    });
}

with_each_engine!(
    row_8_ends_of_candidates_that_come_early_and_twice_do_no_harm,
    ends_come_early_and_twice
);

async fn ends_come_early_and_twice(engines: Engines) {
    let row = row(8, engines.variant);
    let pair = watched(engines).await;
    for page in [&pair.alice, &pair.bob] {
        page.run("window.negotiation.endTooEarly()").await;
    }
    enter_room(&pair.alice, &pair.bob).await;
    let start = Instant::now();
    pair.alice.click("call").await;
    see_each_other(&pair.alice, &pair.bob).await;
    for page in [&pair.alice, &pair.bob] {
        settled(page).await;
    }
    row.recovered_in(start.elapsed()).passed();
}

with_each_engine!(
    row_10_a_restart_and_a_new_track_from_both_sides_settle_in_one_negotiation,
    restart_and_new_track_from_both_sides
);

async fn restart_and_new_track_from_both_sides(engines: Engines) {
    let row = row(10, engines.variant);
    let mut slowest = Duration::ZERO;
    // Both offers cross, or the callee restarts what has just been restarted.
    for later in [0, 45] {
        let pair = watched(engines).await;
        slowest = slowest.max(both_restart_and_show(&pair, later).await);
    }
    row.recovered_in(slowest).passed();
}

/// Lets both restart ICE and switch their cameras on, the callee so many milliseconds later. Says how long it
/// took until they saw each other.
async fn both_restart_and_show(pair: &Pair, later: u128) -> Duration {
    for page in [&pair.alice, &pair.bob] {
        page.run("window.plugIn = window.negotiation.unplug()").await;
        page.click("get-video").await;
        page.click("continue-without").await;
    }
    for page in [&pair.alice, &pair.bob] {
        page.wait_for_stage("ready").await;
    }
    pair.alice.click("call").await;
    for page in [&pair.alice, &pair.bob] {
        page.wait_for_stage("in-call").await;
        page.run("window.plugIn()").await;
    }
    let before = [settled(&pair.alice).await, settled(&pair.bob).await];
    let start = Instant::now();
    let moment = soon();
    let at = |moment: u128| format!("window.negotiation.restartAndShow({moment})");
    let (one, other) = (at(moment), at(moment + later));
    tokio::join!(pair.alice.resolve(&one), pair.bob.resolve(&other));
    see_each_other(&pair.alice, &pair.bob).await;
    let took = start.elapsed();
    for (page, before) in [&pair.alice, &pair.bob].into_iter().zip(before) {
        let after = settled(page).await;
        assert_eq!(after["sections"], before["sections"]);
        assert_ne!(after["ufrag"], before["ufrag"]);
        assert_eq!(after["connections"], 1, "nothing had to be made anew");
    }
    took
}

#[test]
fn row_11_fifty_times_off_and_on_do_not_grow_the_session() {
    alone(async {
        let row = row(11, "Chromium");
        let pair = watched(Engines::CHROMIUM).await;
        enter_room(&pair.alice, &pair.bob).await;
        pair.alice.click("call").await;
        see_each_other(&pair.alice, &pair.bob).await;
        let before = settled(&pair.alice).await;
        pair.alice.resolve("window.negotiation.blink(50)").await;
        see_each_other(&pair.alice, &pair.bob).await;
        assert_eq!(settled(&pair.alice).await["sections"], before["sections"]);
        settled(&pair.bob).await;
        row.passed();
    });
}

/// A moment that is far enough for two busy pages to hear of, in milliseconds since 1970.
fn soon() -> u128 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("it is later than 1970");
    now.as_millis() + 200
}
