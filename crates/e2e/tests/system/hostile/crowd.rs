//! A full room, of whom one attacks the others in every way: row 54.

use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};
use visavis_e2e::{Group, Page, alone};
use visavis_rows::row;

use super::offers::{MOST_CONNECTIONS, MOST_SECTIONS};
use super::{Attackers, PLACES, ROOM, WATCH, keeps_the_relay, processor_time, watched};
use crate::eight::{PATIENCE, decoded, everybody_sees_everybody};

/// All but the attacker.
const HONEST: usize = PLACES - 1;

/// How many more frames of each of the others must have been decoded, so that they count as seen.
const PICTURES: u64 = 2;

/// What an attack has cost the page that it cost most.
#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    /// Seconds of its processor, the call included.
    time: f64,
    /// The longest time between two animation frames, in milliseconds.
    longest: f64,
}

#[test]
fn row_54_whatever_one_of_eight_does_the_call_of_the_others_goes_on() {
    alone(async {
        let row = row(54, "Chromium");
        let group = Group::in_room_for(PLACES, HONEST, WATCH).await;
        group.all_answer_the_first().await;
        everybody_sees_everybody(&group.pages).await;
        let attackers = Attackers::near(&group).await;
        attackers.join(ROOM, &["Mallory"]).await;
        attackers.call(HONEST).await;

        let mut cost = Cost::default();
        let pages = group.pages.as_slice();
        goes_on(pages, "chat", attackers.chat(600), &mut cost).await;
        goes_on(pages, "names", attackers.rename(300), &mut cost).await;
        goes_on(pages, "fidgeting", attackers.fidget(60), &mut cost).await;
        goes_on(pages, "offers", attackers.offers(100, true), &mut cost).await;
        goes_on(pages, "rings", attackers.ring(20), &mut cost).await;
        // Each of these ends the call with whoever does it.
        attackers.join(ROOM, &["Trudy"]).await;
        attackers.call(HONEST).await;
        goes_on(pages, "mailbox", attackers.fill_mailbox(15, 5), &mut cost).await;
        attackers.join(ROOM, &["Eve"]).await;
        attackers.call(HONEST).await;
        goes_on(pages, "sections", attackers.sections(200), &mut cost).await;
        for page in pages {
            keeps_the_relay(page).await;
            let made = watched(page, "connections").await;
            assert!(made < MOST_CONNECTIONS, "{made} connections");
            assert!(watched(page, "sections").await <= MOST_SECTIONS);
        }
        row.note(format!(
            "an attack costs at most {:.2} s of a page's processor; longest frame {:.0} ms",
            cost.time, cost.longest
        ))
        .passed();
        group.close().await;
    });
}

/// Lets an attack of this name go on, and waits until everybody sees everybody else's video go on. Each page
/// must have drawn meanwhile, as often as seconds have passed.
async fn goes_on(pages: &[Page], name: &str, attack: impl Future<Output = ()>, cost: &mut Cost) {
    let start = Instant::now();
    let mut before = Vec::new();
    for page in pages {
        page.run("Object.assign(window.watched, { longestFrame: 0, frames: 0, since: performance.now() })")
            .await;
        before.push((processor_time(page).await, decoded(page).await));
    }
    attack.await;
    for (page, (time, frames)) in pages.iter().zip(before) {
        let seen = async {
            loop {
                let now = decoded(page).await;
                let grows = |(before, now): (&Option<u64>, &Option<u64>)| {
                    before
                        .zip(*now)
                        .is_some_and(|(before, now)| now >= before + PICTURES)
                };
                if now.len() == HONEST - 1 && frames.iter().zip(&now).all(grows) {
                    break;
                }
                sleep(Duration::from_millis(100)).await;
            }
        };
        let seen = timeout(PATIENCE, seen).await;
        assert!(seen.is_ok(), "{name}: somebody is not seen any more");
        let seconds = page
            .evaluate("(performance.now() - window.watched.since) / 1000")
            .await;
        let drawn = watched(page, "frames").await;
        assert!(
            Some(drawn) >= seconds.as_f64(),
            "{name}: {drawn} frames in {seconds} s"
        );
        cost.time = cost.time.max(processor_time(page).await - time);
        cost.longest = cost.longest.max(watched(page, "longestFrame").await);
    }
    println!("{name}: {:.1?}, at most so far: {cost:.2?}", start.elapsed());
}
