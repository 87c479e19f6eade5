//! The largest call: eight people, and 28 pairs of them.

use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::time::sleep;
use visavis_e2e::{Group, Page};

const PEOPLE: usize = 8;

/// How long everybody may take to see everybody: two cores that are shared with others are very slow with eight windows.
const PATIENCE: Duration = Duration::from_secs(90);

/// How many more pictures of each of the others must have been decoded, so that they count as seen.
const PICTURES: u64 = 5;

/// How many pictures of each of the others a page has decoded. None of a tile for which nothing arrives.
async fn decoded(page: &Page) -> Vec<Option<u64>> {
    let received = page.resolve("window.inside.received()").await;
    let received = received.as_array().expect("every tile is listed");
    received
        .iter()
        .map(|stream| stream["framesDecoded"].as_u64())
        .collect()
}

/// Waits until each of these people has a tile for each of the others there, for which pictures are decoded from now on.
async fn everybody_sees_everybody(pages: &[Page]) {
    let deadline = Instant::now() + PATIENCE;
    let others = pages.len() - 1;
    for (index, page) in pages.iter().enumerate() {
        let mut before: Vec<Option<u64>> = Vec::new();
        loop {
            let now = decoded(page).await;
            // Whoever comes or goes moves no picture into another tile, but their number tells that we must look anew.
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
                "number {index} does not see {others} others: of each, {before:?} pictures, and later {now:?}; {}",
                report(page).await
            );
            sleep(Duration::from_millis(300)).await;
        }
    }
}

async fn report(page: &Page) -> Value {
    page.resolve("window.inside.report()").await
}

/// By script: on its way through the browser, a click waits for pictures to be drawn, of which there are many.
async fn click_on_call(page: &Page) {
    page.resolve("window.inside.click('call')").await;
}

#[tokio::test]
async fn eight_people_see_each_other_and_one_leaves_and_comes_back() {
    let start = Instant::now();
    let group = Group::in_room(PEOPLE).await;
    println!("all are in the room after {:.1?}", start.elapsed());
    let [alice, others @ ..] = group.pages.as_slice() else {
        unreachable!("eight are in the room")
    };
    alice.wait_for_status("Somebody and 6 more are here.").await;

    let called = Instant::now();
    click_on_call(alice).await;
    for page in others {
        page.wait_for_stage("ringing").await;
    }
    println!("it rings everywhere after {:.1?}", called.elapsed());
    for page in others {
        click_on_call(page).await;
    }
    println!("all have answered after {:.1?}", called.elapsed());
    everybody_sees_everybody(&group.pages).await;
    println!("all 28 pairs see each other after {:.1?}", called.elapsed());

    let (last, stay) = group.pages.split_last().expect("there are eight");
    last.resolve("window.inside.click('hang-up')").await;
    last.wait_for_stage("ended").await;
    everybody_sees_everybody(stay).await;

    let joined = Instant::now();
    last.wait_until("document.getElementById('call').innerText.trim() === 'Join'")
        .await;
    click_on_call(last).await;
    everybody_sees_everybody(&group.pages).await;
    println!(
        "and again, after one has come back, after {:.1?}",
        joined.elapsed()
    );
    group.close().await;
    println!("{:.1?} in all", start.elapsed());
}
