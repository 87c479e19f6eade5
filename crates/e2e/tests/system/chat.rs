//! Beside the call: what people write, reactions, raised hands; and what is not seen is not sent.

use std::time::Duration;

use tokio::time::sleep;
use visavis_e2e::{Group, Page, alone};

const LAST: &str = "document.querySelector('#remarks li:last-child')";

pub(crate) async fn write(page: &Page, text: &str) {
    let text = serde_json::to_string(text).expect("it is a text");
    page.run(&format!("document.getElementById('words').value = {text}"))
        .await;
    page.click("say").await;
}

pub(crate) async fn reads(page: &Page, text: &str) {
    let text = serde_json::to_string(text).expect("it is a text");
    page.wait_until(&format!("{LAST} && {LAST}.innerText.includes({text})"))
        .await;
}

#[test]
fn people_write_react_and_raise_hands() {
    alone(async {
        let group = Group::in_room(3).await;
        let [alice, bob, carol] = group.pages.as_slice() else {
            unreachable!("three are in the room")
        };
        alice
            .run(
                "const name = document.getElementById('name'); name.value = 'Alice <b>'; \
             name.dispatchEvent(new Event('change'));",
            )
            .await;
        alice.click("call").await;
        bob.wait_for_stage("ringing").await;
        bob.click("call").await;
        alice.wait_for_stage("in-call").await;
        bob.wait_for_stage("in-call").await;

        alice.click("talk").await;
        alice
            .wait_until("document.activeElement === document.getElementById('words')")
            .await;
        write(
            alice,
            "<img src=x onerror=alert(1)> see https://example.org/a, \u{202e}or not",
        )
        .await;
        // A person who has it closed sees how many are new.
        bob.wait_until("document.querySelector('.counted').dataset.count === '1'")
            .await;
        bob.wait_until("document.getElementById('talk').innerText.includes('1 new')")
            .await;
        bob.click("talk").await;
        bob.wait_until("document.querySelector('.counted').dataset.count === ''")
            .await;
        reads(bob, "Alice <b>").await;
        reads(
            bob,
            "<img src=x onerror=alert(1)> see https://example.org/a, or not",
        )
        .await;
        assert_eq!(
            bob.evaluate(&format!("{LAST}.querySelectorAll('img, b, script').length"))
                .await,
            0,
            "markup is text"
        );
        let link = bob
            .evaluate(&format!(
                "(link => [link.href, link.target, link.rel])({LAST}.querySelector('a'))"
            ))
            .await;
        assert_eq!(
            link,
            serde_json::json!(["https://example.org/a", "_blank", "noopener noreferrer nofollow"])
        );

        // A late arrival reads what was written before.
        carol.click("decline").await;
        carol.wait_for_call_to_join().await;
        carol.click("call").await;
        carol.wait_for_stage("in-call").await;
        reads(carol, "see https://example.org/a").await;
        write(bob, &"x".repeat(5000)).await;
        reads(carol, &"x".repeat(2000)).await;
        assert_eq!(
            carol
                .evaluate(&format!("{LAST}.lastChild.innerText.trim().length"))
                .await,
            2000,
            "a text is cut"
        );
        alice
            .wait_until("!document.querySelector('#remarks .waits')")
            .await;

        bob.click("react").await;
        bob.run("document.querySelector('#reactions [value=party]').click()")
            .await;
        let shows = |what: &str| {
            format!(
                "[...document.querySelectorAll('.remotes .badge.reaction')].some(it => it.innerText === '{what}')"
            )
        };
        alice.wait_until(&shows("🎉")).await;
        carol.wait_until(&shows("🎉")).await;
        alice.wait_until(&format!("!{}", shows("🎉"))).await;
        bob.click("react").await;
        bob.click("hand").await;
        let raised = "document.querySelector('.remotes').innerText.includes('wants to speak')";
        alice.wait_until(raised).await;
        carol.wait_until(raised).await;
        bob.click("react").await;
        bob.click("hand").await;
        alice.wait_until(&format!("!{raised}")).await;

        // A person who reloads reads what the others have written, and what they have written themselves.
        bob.reload().await;
        bob.click("get-video").await;
        bob.wait_for_call_to_join().await;
        bob.click("call").await;
        bob.wait_for_stage("in-call").await;
        bob.click("talk").await;
        bob.wait_until(
            "[...document.querySelectorAll('#remarks li')].map(it => it.className).join() === ',own'",
        )
        .await;
        bob.wait_until("document.querySelector('#remarks .own').innerText.includes('xxxx')")
            .await;
        group.close().await;
    });
}

/// How many frames were decoded in a while.
async fn decoded(page: &Page) -> u64 {
    let count = async || {
        let received = page.resolve("window.inside.received()").await;
        received[0]["framesDecoded"].as_u64().unwrap_or_default()
    };
    let before = count().await;
    sleep(Duration::from_millis(1500)).await;
    count().await - before
}

#[test]
fn what_nobody_sees_is_not_sent() {
    alone(async {
        let group = Group::in_room(2).await.in_call().await;
        let [alice, bob] = group.pages.as_slice() else {
            unreachable!("two are in the room")
        };
        for page in [alice, bob] {
            page.wait_for_moving_video("remote-video").await;
        }
        let hide = |value: &str| format!("document.getElementById('remote-video').style.display = '{value}'");
        alice.run(&hide("none")).await;
        let mut left = 20;
        while decoded(alice).await > 0 {
            left -= 1;
            assert!(left > 0, "video still arrives that nobody sees");
        }
        assert!(decoded(bob).await > 0, "the other way, they are seen");
        alice.run(&hide("")).await;
        let mut left = 20;
        while decoded(alice).await == 0 {
            left -= 1;
            assert!(left > 0, "what is seen again does not come");
        }
        group.close().await;
    });
}
