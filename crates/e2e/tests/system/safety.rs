//! Two people find out that nobody sits between them.

use serde_json::Value;
use visavis_e2e::{Page, see_each_other};

use crate::engines::Engines;

/// Opens the list of people, and in it the safety code. Says the code.
pub(crate) async fn open_code(page: &Page) -> Value {
    let is_open = "document.getElementById('people').ariaExpanded === 'true'";
    if page.evaluate(is_open).await != true {
        page.click("people").await;
    }
    page.wait_until("document.querySelector('.safety button').checkVisibility()")
        .await;
    page.run("document.querySelector('.safety button:not([aria-expanded=true])')?.click()")
        .await;
    page.wait_until("document.querySelector('.signs').innerText.trim().split(/\\s+/).length === 14")
        .await;
    page.evaluate("document.querySelector('.signs').innerText").await
}

/// Whether the picture of the other one has the mark.
async fn is_marked(page: &Page, marked: bool) {
    page.wait_until(&format!(
        "[...document.querySelectorAll('.tile.remote:not([hidden]) .badge:not([hidden])')] \
         .some(badge => badge.textContent === 'Verified') === {marked}"
    ))
    .await;
}

async fn compares_and_keeps_the_mark(engines: Engines) {
    let pair = engines.pair().await.in_call().await;
    let (alice, bob) = (&pair.alice, &pair.bob);
    let (hers, his) = (open_code(alice).await, open_code(bob).await);
    assert_eq!(hers, his, "both see the same");

    for page in [alice, bob] {
        is_marked(page, false).await;
        page.run("document.querySelector('.matches button').click()")
            .await;
        is_marked(page, true).await;
        page.wait_until("document.querySelector('.who .verified').checkVisibility()")
            .await;
    }

    // Another connection, and the same two.
    alice.click("hang-up").await;
    for page in [alice, bob] {
        page.wait_for_stage("ended").await;
    }
    bob.click("call").await;
    see_each_other(alice, bob).await;
    for page in [alice, bob] {
        is_marked(page, true).await;
    }
    assert_eq!(open_code(alice).await, hers, "so is the code");

    // A page that is loaded anew is somebody new.
    bob.reload().await;
    alice.wait_for_stage("ended").await;
    bob.click("get-video").await;
    bob.wait_for_stage("ready").await;
    bob.click("call").await;
    see_each_other(alice, bob).await;
    for page in [alice, bob] {
        is_marked(page, false).await;
    }
    assert_eq!(open_code(alice).await, open_code(bob).await);

    // They differ: somebody may be between them.
    alice
        .run("document.querySelector('.differs button').click()")
        .await;
    alice.wait_for_end("unsafe").await;
    bob.wait_for_end("they-hung-up").await;
    pair.close().await;
}

with_each_engine!(
    two_people_compare_safety_codes_and_keep_the_mark,
    compares_and_keeps_the_mark
);
