//! Somebody writes far more than a person can: row 47.

use serde_json::Value;
use visavis_e2e::{Group, Page, alone};
use visavis_rows::row;

use super::{Attackers, PLACES, ROOM, WATCH, block, keeps_the_relay, processor_time, watched};

/// How many messages come at once.
const FLOOD: u32 = 6000;

/// How many a page keeps for those who join.
const KEPT: u32 = 200;

/// How long all of it may keep the page's processor busy, in seconds. It is one at most on a machine that has
/// nothing else to do.
const MOST_TIME: f64 = 3.0;

const SHOWN: &str = "document.querySelectorAll('#remarks li').length";
const DROPPED: &str = "Number(document.getElementById('dropped')?.dataset.count)";

async fn count(page: &Page, what: &str) -> u64 {
    let count = page.evaluate(what).await;
    count.as_u64().expect("a count is a number")
}

#[test]
fn row_47_a_flood_of_messages_is_counted_and_costs_little() {
    alone(async {
        let row = row(47, "Chromium");
        let group = Group::in_room_for(PLACES, 2, WATCH).await.in_call().await;
        let [alice, bob] = group.pages.as_slice() else {
            unreachable!("two are in the room")
        };
        let attackers = Attackers::near(&group).await;
        attackers.join(ROOM, &["Mallory"]).await;
        attackers.call(2).await;
        alice.click("talk").await;
        alice.wait_until(&format!("{SHOWN} === 0")).await;

        let before = processor_time(alice).await;
        alice
            .run("window.watched.longestFrame = window.watched.longestTask = 0")
            .await;
        attackers.chat(FLOOD).await;
        alice
            .wait_until(&format!("{SHOWN} + {DROPPED} === {FLOOD}"))
            .await;
        let flood = processor_time(alice).await - before;
        let longest = watched(alice, "longestFrame").await;
        let task = watched(alice, "longestTask").await;
        assert!(flood < MOST_TIME, "{flood:.2} s for a flood");
        let shown = count(alice, SHOWN).await;
        assert!((u64::from(KEPT)..300).contains(&shown), "{shown}");

        // What Bob writes is read, and Mallory is heard of no longer.
        bob.click("talk").await;
        bob.run("document.getElementById('words').value = 'hello'").await;
        bob.click("say").await;
        let last = "document.querySelector('#remarks li:last-child').innerText";
        alice.wait_until(&format!("{last}.includes('hello')")).await;
        block(alice, "Mallory").await;
        alice.click("talk").await;
        alice
            .wait_until(&format!("{SHOWN} === 1 && {DROPPED} === 0"))
            .await;
        for page in [alice, bob] {
            page.wait_for_moving_video("remote-video").await;
            keeps_the_relay(page).await;
        }

        let joining = whoever_joins(alice, &attackers).await;
        row.note(format!(
            "{flood:.2} s for {FLOOD}, longest frame {longest:.0} ms, longest task {task:.0} ms; {joining:.2} s for {KEPT} from each of seven"
        ))
        .passed();
        group.close().await;
    });
}

/// Somebody joins a call in which seven have written as much as they keep. Says how long that takes the page.
async fn whoever_joins(alice: &Page, attackers: &Attackers) -> f64 {
    alice.click("hang-up").await;
    alice.wait_for_stage("ended").await;
    let names = ["A", "B", "C", "D", "E", "F", "G"];
    attackers.join("coffee", &names).await;
    alice.run("location.hash = '#/coffee'").await;
    attackers.begin("callAll(1)").await;
    alice.wait_for_stage("ringing").await;
    alice.wait_for_others(names.len()).await;
    alice.click("call").await;
    attackers.end().await;

    let before = processor_time(alice).await;
    attackers.chat(KEPT).await;
    alice.wait_until(&format!("{SHOWN} === 500")).await;
    let heard = format!("it.victims.every(peer => peer.kinds.heard >= {KEPT})");
    while attackers.tell(&heard).await.contains(&Value::Bool(false)) {}
    let took = processor_time(alice).await - before;
    assert!(took < MOST_TIME, "{took:.2} s for what seven have written");
    assert_eq!(count(alice, DROPPED).await, 0);
    took
}
