//! Firefox, with itself and with Chromium.

use visavis_e2e::{Browser, Engine, Pair, alone, enter_room, relay, see_each_other};

#[test]
fn two_windows_of_firefox_see_each_other() {
    alone(async {
        let relay = relay().await;
        let browser = Browser::firefox().await;
        let alice = browser.open(&relay.url()).await;
        let bob = browser.open(&relay.url()).await;
        enter_room(&alice, &bob).await;
        alice.click("call").await;
        see_each_other(&alice, &bob).await;
        bob.click("hang-up").await;
        alice.wait_for_end("they-hung-up").await;
        browser.close().await;
    });
}

#[test]
fn chromium_calls_firefox() {
    alone(async {
        let pair = Pair::between(Engine::Chromium, Engine::Firefox)
            .await
            .in_call()
            .await;
        pair.alice.wait_for_audio("remote-video").await;
        pair.bob.wait_for_audio("remote-video").await;
        pair.close().await;
    });
}

#[test]
fn firefox_calls_chromium() {
    alone(async {
        let pair = Pair::between(Engine::Firefox, Engine::Chromium)
            .await
            .in_call()
            .await;
        pair.alice.wait_for_audio("remote-video").await;
        pair.bob.wait_for_audio("remote-video").await;
        pair.close().await;
    });
}
