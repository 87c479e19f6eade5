//! Somebody rings, raises a hand and shows reactions in a loop: row 53.

use serde_json::Value;
use visavis_e2e::alone;
use visavis_rows::row;

use super::{ROOM, block, keeps_the_relay, two_and_mallory, watched};
use crate::calling::sees;

#[test]
fn row_53_rings_hands_and_reactions_in_a_loop_are_limited_and_can_be_blocked() {
    alone(async {
        let row = row(53, "Chromium");
        let (group, attackers) = two_and_mallory().await;
        let [alice, bob] = group.pages.as_slice() else {
            unreachable!("two are in the room")
        };
        attackers.ring(30).await;
        let rings = watched(alice, "stages.ringing").await;
        assert!((1.0..12.0).contains(&rings), "it rang {rings} times");

        // Whoever calls after that reaches them.
        alice
            .wait_until("document.querySelector('.page').dataset.stage !== 'ringing'")
            .await;
        bob.click("call").await;
        alice.wait_for_stage("ringing").await;
        alice.click("call").await;
        sees(alice, 1).await;

        attackers.join(ROOM, &["Trudy"]).await;
        attackers.call(2).await;
        alice.run("window.watched.marks = 0").await;
        attackers.fidget(150).await;
        let marks = watched(alice, "marks").await;
        assert!(marks < 75.0, "the marks of a tile have changed {marks} times");
        sees(alice, 1).await;

        // Of whoever is blocked, nothing is seen or heard.
        let muted = "[...document.querySelectorAll('.remote video')].filter(video => video.muted).length";
        assert_eq!(alice.evaluate(muted).await, Value::from(0));
        block(alice, "Trudy").await;
        alice.wait_until(&format!("{muted} === 1")).await;
        alice.run("window.watched.marks = 0").await;
        attackers.fidget(50).await;
        for page in [alice, bob] {
            sees(page, 1).await;
            keeps_the_relay(page).await;
        }
        assert_eq!(watched(alice, "marks").await, 0.0);
        row.note(format!("{rings} of 30 rings, {marks} changes of marks by 450"))
            .passed();
        group.close().await;
    });
}
