//! The largest call: eight people, and 28 pairs of them.

use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::time::sleep;
use visavis_e2e::{Group, Page, alone};
use visavis_netlab::Lab;

const PEOPLE: usize = 8;

/// How long everybody may take to see everybody: two cores that are shared with others are very slow with
/// eight windows.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// How many more frames of each of the others must have been decoded, so that they count as seen.
const PICTURES: u64 = 5;

/// How many frames of each of the others a page has decoded. None of a tile for which nothing arrives.
pub(crate) async fn decoded(page: &Page) -> Vec<Option<u64>> {
    let received = page.resolve("window.inside.received()").await;
    let received = received.as_array().expect("every tile is listed");
    received
        .iter()
        .map(|stream| stream["framesDecoded"].as_u64())
        .collect()
}

/// Waits until each of these people has a tile for each of the others there, for which frames are decoded
/// from now on.
pub(crate) async fn everybody_sees_everybody(pages: &[Page]) {
    let deadline = Instant::now() + PATIENCE;
    let others = pages.len() - 1;
    for (index, page) in pages.iter().enumerate() {
        let mut before: Vec<Option<u64>> = Vec::new();
        loop {
            let now = decoded(page).await;
            // People who come or go move no video into another tile, but a changed number means that we must
            // look again.
            if before.len() != now.len() || before.contains(&None) {
                before.clone_from(&now);
            }
            let grows = |(before, now): (&Option<u64>, &Option<u64>)| {
                before
                    .zip(*now)
                    .is_some_and(|(before, now)| now >= before + PICTURES)
            };
            if now.len() == others && before.iter().zip(&now).all(grows) {
                break;
            }
            assert!(
                Instant::now() < deadline,
                "number {index} does not see {others} others: of each, {before:?} frames, and later {now:?}; {}",
                report(page).await
            );
            sleep(Duration::from_millis(300)).await;
        }
    }
}

async fn report(page: &Page) -> Value {
    page.resolve("window.inside.report()").await
}

/// Lets the first call all the others, and waits until everybody sees everybody.
async fn all_meet_in_a_call(group: &Group) {
    group.pages[0].wait_for_others(PEOPLE - 1).await;
    let called = Instant::now();
    group.all_answer_the_first().await;
    println!("all have answered after {:.1?}", called.elapsed());
    everybody_sees_everybody(&group.pages).await;
    println!("all pairs see each other after {:.1?}", called.elapsed());
}

#[test]
fn eight_people_see_each_other_and_one_leaves_and_comes_back() {
    alone(async {
        let start = Instant::now();
        let group = Group::in_room(PEOPLE).await;
        println!("all are in the room after {:.1?}", start.elapsed());
        all_meet_in_a_call(&group).await;

        let (last, stay) = group.pages.split_last().expect("there are eight");
        last.resolve("window.inside.click('hang-up')").await;
        last.wait_for_stage("ended").await;
        everybody_sees_everybody(stay).await;

        let joined = Instant::now();
        last.wait_until("document.getElementById('call').innerText.trim() === 'Join'")
            .await;
        last.resolve("window.inside.click('call')").await;
        everybody_sees_everybody(&group.pages).await;
        println!(
            "and again, after one has come back, after {:.1?}",
            joined.elapsed()
        );
        group.close().await;
        println!("{:.1?} in all", start.elapsed());
    });
}

#[test]
fn all_28_pairs_connect_over_a_slow_and_lossy_network() {
    alone(async {
        let network = Lab::builder().rtt(Duration::from_millis(200)).loss(5.0);
        let group = Group::in_room_far_apart(PEOPLE, network).await;
        all_meet_in_a_call(&group).await;
        let counters = group.lab.as_ref().map(Lab::counters).expect("they are apart");
        let between = counters.pair("everybody", "everybody");
        println!("between them: {between:?}");
        let (delivered, lost) = (between.delivered.packets, between.dropped.packets);
        assert!(
            lost > 0 && delivered > lost,
            "they have not met over the network: {between:?}"
        );
        group.close().await;
    });
}
