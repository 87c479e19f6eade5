//! Calls among several people: ringing, answering, declining, joining, leaving.

use std::time::Instant;

use visavis_e2e::{Group, Page, alone};

const SEEN: &str =
    "[...document.querySelectorAll('.tile.remote:not([hidden], .off) video')].map(video => video.id)";

/// Waits until a page shows so many others, and all of them move.
pub(crate) async fn sees(page: &Page, others: usize) {
    page.wait_until(&format!("{SEEN}.length === {others}")).await;
    let videos = page.evaluate(SEEN).await;
    for video in videos.as_array().into_iter().flatten() {
        page.wait_for_moving_video(video.as_str().expect("a video has a name"))
            .await;
    }
}

async fn counts_as_sent(page: &Page) -> f64 {
    let sent = page.resolve("window.inside.sent()").await;
    sent.as_f64().expect("a sum is a number")
}

#[test]
fn a_call_rings_and_is_answered_declined_and_joined() {
    alone(async {
        let group = Group::in_room(3).await;
        let [alice, bob, carol] = group.pages.as_slice() else {
            unreachable!("three are in the room")
        };
        alice.wait_for_others(2).await;
        alice.click("call").await;
        for page in [bob, carol] {
            page.wait_for_stage("ringing").await;
            page.wait_for_why("open").await;
            page.wait_until("document.title === 'Somebody is calling'").await;
        }
        for page in &group.pages {
            assert_eq!(
                counts_as_sent(page).await,
                0.0,
                "nothing is sent before an answer"
            );
        }

        bob.click("call").await;
        carol.click("decline").await;
        sees(alice, 1).await;
        sees(bob, 1).await;
        carol.wait_for_stage("ready").await;
        carol.wait_until("document.title === 'visavis'").await;
        carol.wait_for_call_to_join().await;
        assert_eq!(counts_as_sent(carol).await, 0.0);

        carol.click("call").await;
        for page in &group.pages {
            sees(page, 2).await;
        }
        // Who leaves ends it for nobody else.
        alice.click("hang-up").await;
        alice.wait_for_stage("ended").await;
        sees(bob, 1).await;
        sees(carol, 1).await;
        group.close().await;
    });
}

#[test]
fn two_of_three_talk_alone() {
    alone(async {
        let group = Group::in_room(3).await;
        let [alice, bob, carol] = group.pages.as_slice() else {
            unreachable!("three are in the room")
        };
        // Arrivals are listed in their order.
        alice
            .run("document.querySelector('.people li:nth-child(2) button').click()")
            .await;
        carol.wait_for_stage("ringing").await;
        carol.wait_for_why("private").await;
        carol.click("call").await;
        sees(alice, 1).await;
        sees(carol, 1).await;
        bob.wait_until("document.querySelector('.people').innerText.split('in a private call').length === 3")
            .await;
        assert_eq!(
            bob.evaluate("document.querySelector('.page').dataset.stage")
                .await,
            "ready"
        );
        bob.click("call").await;
        bob.wait_for_end("busy").await;
        sees(alice, 1).await;
        group.close().await;
    });
}

#[test]
fn four_people_see_each_other() {
    alone(async {
        let group = Group::in_room(4).await;
        let start = Instant::now();
        let group = group.in_call().await;
        for page in &group.pages {
            sees(page, 3).await;
        }
        println!("all six pairs after {} ms", start.elapsed().as_millis());
        // One reloads, and is back among the others.
        let last = group.pages.last().expect("there are four");
        last.reload().await;
        last.click("get-video").await;
        last.wait_for_call_to_join().await;
        last.click("call").await;
        for page in &group.pages {
            sees(page, 3).await;
        }
        group.close().await;
    });
}
