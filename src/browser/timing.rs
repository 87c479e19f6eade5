//! Marks of the User Timing API for measurements. They are set again in each call.

use crate::browser::page;

/// The click on Call, or the arrival of a call.
pub const CALL: &str = "visavis:call";
/// The first connection of the call is up.
pub const CONNECTED: &str = "visavis:connected";
/// The first frame of the other side is shown.
pub const FIRST_REMOTE_FRAME: &str = "visavis:first-remote-frame";

/// Sets a mark, instead of an older one of the same name.
pub fn mark(name: &str) {
    if let Some(performance) = page::window().performance() {
        performance.clear_marks_with_mark_name(name);
        // Measuring must not disturb what is measured.
        let _ = performance.mark(name);
    }
}

/// Removes all marks of an earlier call.
pub fn clear() {
    if let Some(performance) = page::window().performance() {
        for name in [CALL, CONNECTED, FIRST_REMOTE_FRAME] {
            performance.clear_marks_with_mark_name(name);
        }
    }
}
