//! Somebody at the door renames himself in a loop: row 50.

use serde_json::json;
use visavis_e2e::{Group, Page, alone};
use visavis_rows::row;

use super::{Attackers, PLACES, ROOM, WATCH, keeps_the_relay};
use crate::waiting_room::{enter, is_host, set_door};

/// Nobody waits any more.
async fn nobody_knocks(page: &Page) {
    page.wait_until(
        "document.getElementById('knocking').textContent === '' && !document.getElementById('admit')",
    )
    .await;
}

#[test]
fn row_50_whoever_renames_himself_at_the_door_is_one_knock_and_then_none() {
    alone(async {
        let row = row(50, "Chromium");
        let group = Group::in_room_for(PLACES, 1, WATCH).await;
        let alice = &group.pages[0];
        is_host(alice).await;
        set_door(alice, "knock").await;
        let attackers = Attackers::near(&group).await;

        // As often as the relay allows: one click refuses all of it.
        attackers.join(ROOM, &["Mallory"]).await;
        attackers.rename_at_door(12).await;
        alice
            .wait_until("document.getElementById('knocking').textContent.includes('Mallory 11')")
            .await;
        alice.click("refuse").await;
        nobody_knocks(alice).await;
        let refused = "it.closed && [it.error, it.closed]";
        while attackers.tell(refused).await != [json!(["refused", 1008])] {}

        // More often: the relay has enough of it.
        attackers.join(ROOM, &["Trudy"]).await;
        attackers.rename_at_door(1000).await;
        assert_eq!(
            attackers.tell("[it.error, it.closed]").await,
            [json!(["busy", 1008])]
        );
        nobody_knocks(alice).await;

        // Honest people are heard, also beside somebody who takes their name.
        let address = format!("http://{}/#/{ROOM}", group.relay.address);
        let bob = enter(&group.browser, &address, "Bob").await;
        bob.wait_for_stage("at-door").await;
        attackers.join(ROOM, &["Bоb"]).await;
        alice.click("admit").await;
        bob.wait_for_stage("ready").await;
        alice
            .wait_until("document.getElementById('knocking').textContent.includes('(2)')")
            .await;
        alice.click("refuse").await;
        nobody_knocks(alice).await;
        keeps_the_relay(alice).await;
        row.passed();
        group.close().await;
    });
}
