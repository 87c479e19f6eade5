//! Copying a text, and saying what came of it.

use gloo_timers::callback::Timeout;
use leptos::task::spawn_local;

use super::screen::{Copying, Ui};
use crate::browser::clipboard;

/// For how long a button says what came of the click.
const FEEDBACK_MS: u32 = 2500;

/// Copies a text. Where the browser does not let pages copy, `by_hand` helps the person to.
pub(super) fn copy(ui: Ui, text: String, copied: Copying, by_hand: fn()) {
    spawn_local(async move {
        let outcome = if clipboard::copy(&text).await {
            copied
        } else {
            by_hand();
            Copying::ByHand
        };
        ui.change(|screen| screen.copying = outcome);
        let reset = Timeout::new(FEEDBACK_MS, move || {
            ui.change(|screen| screen.copying = Copying::Idle)
        });
        ui.keep_feedback(reset);
    });
}
