//! What a relay can't do to people in a sealed room: rows 60 to 64.

use super::{CHROMIUM, NOTHING, Row, SIMULATED};

pub(super) const ROWS: &[Row] = &[
    Row {
        number: 60,
        place: "S",
        fault: "the relay drops, delays, repeats, reflects, redirects, replays, changes, invents, renames",
        expected: "no description of somebody else is applied; nobody is stuck when it is honest again",
        required: &[SIMULATED],
        ..NOTHING
    },
    Row {
        number: 61,
        place: "B",
        fault: "the relay's own page sits between two visitors who have the link, without having it",
        expected: "no media; both are told",
        required: &[CHROMIUM],
        ..NOTHING
    },
    Row {
        number: 62,
        place: "B",
        fault: "somebody reads all that a relay gets and sends, in a call of three",
        expected: "no name, room, description, candidate or fingerprint; sizes are multiples of the padding",
        required: &[CHROMIUM],
        ..NOTHING
    },
    Row {
        number: 63,
        place: "B",
        fault: "somebody with an old or a foreign link; somebody unsealed",
        expected: "a sentence that says which",
        required: &[CHROMIUM],
        ..NOTHING
    },
    Row {
        number: 64,
        place: "N",
        fault: "a person lets connections go through TURN only, for the whole call",
        expected: "selected pairs and everything that was sent show TURN alone",
        required: &[CHROMIUM, "Firefox"],
        ..NOTHING
    },
];
