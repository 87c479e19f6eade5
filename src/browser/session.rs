//! What outlives a page in its tab, and how the page was loaded.

use crate::browser::{page, property};

/// Keeps a value for the next page of this tab, and returns what the page before has kept. Where storage is forbidden
/// there is none.
#[must_use]
pub fn exchange(key: &str, value: &str) -> Option<String> {
    let storage = page::window().session_storage().ok().flatten()?;
    let before = storage.get_item(key).ok().flatten();
    // Full or forbidden: the next page finds nothing then.
    let _ = storage.set_item(key, value);
    before
}

/// Whether the page was there before, and the person, or the browser, loaded it anew (Navigation Timing,
/// `PerformanceNavigationTiming.type`).
#[must_use]
pub fn was_reloaded() -> bool {
    let entry = page::window()
        .performance()
        .map(|performance| performance.get_entries_by_type("navigation").get(0));
    entry
        .and_then(|entry| property::string(&entry, "type"))
        .as_deref()
        == Some("reload")
}
