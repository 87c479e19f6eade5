//! The rows about what others learn of a person.

use super::{CHROMIUM, NOTHING, Row};

/// Row 64.
pub(super) const ROWS: &[Row] = &[Row {
    number: 64,
    place: "N",
    fault: "a person lets connections go through TURN only, for the whole call",
    expected: "selected pairs and everything that was sent show TURN alone",
    required: &[CHROMIUM, "Firefox"],
    ..NOTHING
}];
