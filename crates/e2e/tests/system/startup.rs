//! What the page shows before the app is there.

use serde_json::json;
use visavis_e2e::{Browser, relay};

/// Whatever keeps the app away, the page itself says that something is wrong. (More about that in early.rs.)
#[tokio::test]
async fn a_page_whose_app_does_not_arrive_says_so() {
    let relay = relay().await;
    let browser = Browser::start().await;
    let page = browser.window().await;
    page.before_load("WebAssembly.instantiateStreaming = WebAssembly.instantiate = () => Promise.reject();")
        .await;
    page.go(&relay.url()).await;
    page.wait_for_trouble("Check your connection, then load the page again.")
        .await;
    browser.close().await;
}

/// How the page has asked for the rest of the WebAssembly.
const ASKED_FOR_REST: &str =
    "performance.getEntriesByType('resource').filter(asked => asked.name.includes('-rest-'))
    .map(asked => asked.initiatorType)";

/// Keeps the rest from following by itself.
const NOTHING_FOLLOWS: &str = "\
    const fetchAll = window.fetch.bind(window);
    window.fetch = (what, ...how) => String(what.url ?? what).includes('-rest-') ? Promise.reject() : fetchAll(what, ...how);";

const CAN_BE_USED: &str =
    "!document.getElementById('boot') && !!document.querySelector('#get-video:enabled')";

/// What runs by then is in the first part: nothing has to wait for the rest. (If this fails, `cargo xtask first-functions`
/// finds out anew what that is.)
#[tokio::test]
async fn the_rest_of_the_webassembly_follows_once_the_page_can_be_used() {
    let (relay, chromium, firefox) = tokio::join!(relay(), Browser::start(), Browser::firefox());
    for browser in [chromium, firefox] {
        let page = browser.window().await;
        page.go(&relay.url()).await;
        page.wait_until(CAN_BE_USED).await;
        page.wait_until(&format!("{ASKED_FOR_REST}.length > 0")).await;
        let asked = page.evaluate(ASKED_FOR_REST).await;
        assert_eq!(asked, json!(["fetch"]), "once, and nothing waited for it");
        browser.close().await;
    }
}

#[tokio::test]
async fn what_is_needed_before_the_rest_has_followed_has_it_loaded() {
    let (relay, browser) = tokio::join!(relay(), Browser::start());
    let page = browser.window().await;
    page.before_load(NOTHING_FOLLOWS).await;
    page.go(&relay.url()).await;
    page.wait_until(CAN_BE_USED).await;
    assert_eq!(page.evaluate(ASKED_FOR_REST).await, json!([]));
    page.click("get-video").await;
    page.wait_for_stage("alone").await;
    let asked = page.evaluate(ASKED_FOR_REST).await;
    assert_eq!(asked, json!(["xmlhttprequest"]));
    browser.close().await;
}

#[tokio::test]
async fn a_page_without_the_rest_says_so_and_can_be_loaded_again() {
    let (relay, browser) = tokio::join!(relay(), Browser::start());
    let page = browser.window().await;
    page.before_load(NOTHING_FOLLOWS).await;
    page.before_load(
        "const open = XMLHttpRequest.prototype.open;
         XMLHttpRequest.prototype.open = function(how, what, ...more) { open.call(this, how, 'nowhere', ...more); };",
    )
    .await;
    page.go(&relay.url()).await;
    page.wait_until(CAN_BE_USED).await;
    page.click("get-video").await;
    page.wait_until(
        "document.body.innerText.includes('A part of visavis has not arrived.')
            && document.querySelectorAll('button').length === 1",
    )
    .await;
    page.run("window.isOld = true; document.querySelector('button').click();")
        .await;
    page.wait_until(&format!("!window.isOld && {CAN_BE_USED}")).await;
    browser.close().await;
}
