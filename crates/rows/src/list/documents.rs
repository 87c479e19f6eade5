//! The servers of the four documents, and none at all: rows 101 to 106.

use super::{CHROMIUM, NOTHING, Row};

/// Who calls whom, in which browser; and the control: a page that was told of another kind of server.
const CALLS: [&str; 7] = [
    "ours calls ours",
    "ours calls ours, Firefox",
    "ours calls theirs",
    "ours calls theirs, Firefox",
    "theirs calls ours",
    "theirs calls ours, Firefox",
    "control: told of another kind",
];

pub(super) const ROWS: &[Row] = &[
    Row {
        number: 101,
        place: "D",
        fault: "document 1: Socket.IO with rooms of two, tokens",
        expected: "video and audio both ways",
        required: &CALLS,
        ..NOTHING
    },
    Row {
        number: 102,
        place: "D",
        fault: "document 2: Socket.IO without rooms, hang-up",
        expected: "video and audio both ways",
        required: &CALLS,
        ..NOTHING
    },
    Row {
        number: 103,
        place: "D",
        fault: "document 3: a WebSocket that broadcasts",
        expected: "video and audio both ways",
        required: &CALLS,
        ..NOTHING
    },
    Row {
        number: 104,
        place: "D",
        fault: "document 4: plain offers and answers",
        expected: "video and audio both ways",
        required: &CALLS,
        ..NOTHING
    },
    Row {
        number: 105,
        place: "D",
        fault: "their servers and pages, and strangers at them, misbehave",
        expected: "a sentence or silence, never a broken call",
        required: &[CHROMIUM],
        ..NOTHING
    },
    Row {
        number: 106,
        place: "D",
        fault: "no server at all: an invitation and a reply, by hand",
        expected: "video and audio both ways, and all that follows",
        required: &[
            "Chromium invites Chromium",
            "Chromium invites Firefox",
            "Firefox invites Chromium",
            "behind two translators, a while later",
            "control: nothing gets through",
        ],
        ..NOTHING
    },
];
