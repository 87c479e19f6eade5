//! What outlives a page in its tab, and how the page was loaded.

use wasm_bindgen_futures::spawn_local;

use crate::browser::locks::{self, Patience};
use crate::browser::{page, property};

/// Where the secret of the seat is kept that a page of this tab asked for last.
pub const SEAT: &str = "visavis.seat";

/// Keeps a value for the next page of this tab. Where storage is full or forbidden, it is forgotten with this
/// page.
pub fn keep(key: &str, value: &str) {
    if let Some(storage) = page::window().session_storage().ok().flatten() {
        let _ = storage.set_item(key, value);
    }
}

/// What the page before has kept.
#[must_use]
pub fn kept(key: &str) -> Option<String> {
    page::window()
        .session_storage()
        .ok()
        .flatten()?
        .get_item(key)
        .ok()
        .flatten()
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

/// Holds the seat behind a secret for as long as the page lives, so that a copy of the tab does not take it.
pub fn hold_seat(secret: &str) {
    let lock = seat_lock(secret);
    spawn_local(async move {
        let _held = locks::acquire(lock, Patience::Now).await;
        // The browser releases it with the page.
        std::future::pending::<()>().await;
    });
}

/// Whether another page that lives holds the seat behind a secret. Where the browser knows no locks, nobody
/// is taken for alive.
pub async fn is_seat_held(secret: &str) -> bool {
    locks::are_supported() && locks::acquire(seat_lock(secret), Patience::Now).await.is_none()
}

fn seat_lock(secret: &str) -> String {
    [SEAT, ".", secret].concat()
}
