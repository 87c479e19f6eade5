//! What a browser keeps for this site until somebody clears it.

use web_sys::Storage;

use crate::browser::page;

fn storage() -> Option<Storage> {
    page::window().local_storage().ok().flatten()
}

/// Keeps a value. Where storage is full or forbidden it is forgotten with the page.
pub fn remember(key: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(key, value);
    }
}

/// What was kept.
#[must_use]
pub fn remembered(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}
