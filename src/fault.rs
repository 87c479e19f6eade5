//! What stands in the app's place where it can't be. index.html has it.

use std::future::pending;

use gloo_events::EventListener;

use crate::browser::{early, page};
use crate::chunk::NotLoaded;
use crate::config::ConfigError;

/// What is said where the browser has no WebRTC, and what helps.
pub(crate) const NO_CALLS: &str = "This browser can't make calls, or may not.";
pub(crate) const OTHER_BROWSER: &str = "Try another browser.";

/// The element, and those in it.
const FAULT: &str = "fault";
const FAULT_STATUS: &str = "fault-status";
const FAULT_ADVICE: &str = "fault-advice";
const FAULT_ACTION: &str = "fault-action";

/// It is not needed: the app is there.
pub(crate) fn clear() {
    page::remove(FAULT);
}

/// The site or the address is wrong; nothing can be started. Says so, and offers a way on.
pub(crate) async fn show(error: &ConfigError) {
    let is_address = matches!(error, ConfigError::Room(_));
    let (id, action, advice) = if is_address {
        (
            "new-room",
            "New room",
            "Check the link that you were sent, or open a new room.",
        )
    } else {
        (
            "try-again",
            "Try again",
            "The operator of this site can fix it; docs/deploy.md lists every field.",
        )
    };
    put(&error.to_string(), advice, (id, action));
    let Some(button) = page::element(id) else { return };
    let _clicks = EventListener::new(&button, "click", move |_| {
        if is_address {
            page::replace_hash(&page::hash_of(&page::fresh_room()));
        }
        page::reload();
    });
    pending().await
}

/// The browser has no WebRTC. Says so, before anybody waits for a call.
pub(crate) async fn show_no_calls() {
    show_with_retry(NO_CALLS, OTHER_BROWSER).await;
}

/// The part of the program that the address asks for did not come. Says so, and offers to load the page
/// again.
pub(crate) async fn show_not_loaded(_: NotLoaded) {
    show_with_retry(
        "This part of visavis has not arrived.",
        "Check your connection, then try again.",
    )
    .await;
}

async fn show_with_retry(status: &str, advice: &str) {
    let id = "try-again";
    put(status, advice, (id, "Try again"));
    let Some(button) = page::element(id) else { return };
    let _clicks = EventListener::new(&button, "click", |_| page::reload());
    pending().await
}

fn put(status: &str, advice: &str, (id, action): (&str, &str)) {
    early::close();
    page::show(FAULT);
    page::say(FAULT_STATUS, status);
    page::rename(FAULT_STATUS, "status");
    page::say(FAULT_ADVICE, advice);
    page::say(FAULT_ACTION, action);
    page::rename(FAULT_ACTION, id);
}
