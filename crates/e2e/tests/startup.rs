//! What the page shows before the app is there.

use std::time::Duration;

use serde_json::Value;
use visavis_e2e::{Browser, relay};

/// Whatever keeps the app away, the page itself says that something is wrong; but not before that is likely.
#[tokio::test]
async fn a_page_whose_app_does_not_arrive_says_so() {
    let relay = relay().await;
    let browser = Browser::start().await;
    let page = browser.window().await;
    page.before_load("WebAssembly.instantiateStreaming = WebAssembly.instantiate = () => Promise.reject();")
        .await;
    page.go(&relay.url()).await;
    let says_so = "[...document.querySelectorAll('.late')].some(words => words.textContent.includes('Check your connection')
        && words.checkVisibility({ visibilityProperty: true }))";
    assert_eq!(page.evaluate(says_so).await, Value::Bool(false));
    assert!(page.within(Duration::from_secs(30), says_so).await);
    browser.close().await;
}
