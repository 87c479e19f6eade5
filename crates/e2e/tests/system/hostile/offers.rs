//! Somebody has others make connections without end, or sends what is too large: rows 48 and 49.

use visavis_e2e::{Group, alone};
use visavis_rows::row;

use super::{
    Attackers, PLACES, ROOM, WATCH, keeps_the_relay, offers_dropped, row_of, two_and_mallory, watched,
};
use crate::calling::sees;

/// How many connections a page makes at most: those that one person may have it make, and some for others.
pub(super) const MOST_CONNECTIONS: f64 = 60.0;

/// How many media sections a description has at most.
pub(super) const MOST_SECTIONS: f64 = 8.0;

#[test]
fn row_48_of_hundreds_of_offers_few_are_taken_and_others_call_at_once() {
    alone(async {
        let row = row(48, "Chromium");
        let (group, attackers) = two_and_mallory().await;
        let [alice, bob] = group.pages.as_slice() else {
            unreachable!("two are in the room")
        };
        attackers.begin("offers(400, true)").await;
        bob.click("call").await;
        alice.wait_for_stage("ringing").await;
        alice.click("call").await;
        sees(alice, 1).await;
        sees(bob, 1).await;
        attackers.end().await;
        attackers.offers(300, false).await;

        for page in [alice, bob] {
            page.wait_until("!!document.getElementById('people')").await;
            page.click("people").await;
            page.wait_until(&format!("{}.dataset.dropped > 600", row_of("Mallory")))
                .await;
            let made = watched(page, "connections").await;
            assert!(made < MOST_CONNECTIONS, "{made} connections");
            page.wait_for_moving_video("remote-video").await;
            keeps_the_relay(page).await;
        }
        let (made, dropped) = (
            watched(alice, "connections").await,
            offers_dropped(alice, "Mallory").await,
        );
        row.note(format!("{made} connections made, {dropped} offers dropped"))
            .passed();
        group.close().await;
    });
}

#[test]
fn row_49_what_is_too_large_reaches_neither_browser_nor_relay() {
    alone(async {
        let row = row(49, "Chromium");
        let group = Group::in_room_for(PLACES, 2, WATCH).await.in_call().await;
        let attackers = Attackers::near(&group).await;
        attackers.join(ROOM, &["Mallory"]).await;
        attackers.call(2).await;
        attackers.sections(200).await;
        // What goes on with them is over, and with nobody else.
        for page in &group.pages {
            page.wait_until("document.querySelector('[data-people]').dataset.people === '1'")
                .await;
        }
        // What the relay does not carry is not read, over whichever way it comes.
        attackers.join(ROOM, &["Trudy"]).await;
        attackers.call(2).await;
        attackers.sections(1200).await;
        attackers.chat(1).await;
        for page in &group.pages {
            page.wait_until("document.querySelector('.counted').dataset.count === '1'")
                .await;
            assert!(watched(page, "sections").await <= MOST_SECTIONS);
        }
        attackers.join(ROOM, &["Eve"]).await;
        attackers.call(2).await;
        attackers.fill_mailbox(40, 12).await;
        let got = attackers
            .tell("[Math.max(...it.victims.map(peer => peer.bytes)), Math.max(...it.victims.map(peer => peer.largest))]")
            .await;
        let (bytes, largest) = (&got[0][0], &got[0][1]);
        assert!(bytes.as_u64() < Some(900_000), "{bytes} bytes");
        assert!(largest.as_u64() < Some(65_536), "{largest} bytes in one");
        for page in &group.pages {
            page.wait_for_moving_video("remote-video").await;
            keeps_the_relay(page).await;
        }
        row.note(format!("{bytes} bytes to whoever acknowledges nothing"))
            .passed();
        group.close().await;
    });
}
