//! The rows themselves.

mod documents;
mod hostile;
mod privacy;

/// One fault, and what must come of it.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Its number, which tests name.
    pub number: u32,
    /// Where it is tested. D: real browsers, at a document's server. S: the state machine on a simulated
    /// network. B: real browsers. N: real browsers or sockets in a network of network namespaces. R: raw
    /// sockets against the relay. F: fuzzing.
    pub place: &'static str,
    /// What goes wrong.
    pub fault: &'static str,
    /// What must come of it.
    pub expected: &'static str,
    /// The variants that have a test. One without a record fails a full run.
    pub required: &'static [&'static str],
    /// The variants that are yet to get a test.
    pub planned: &'static [&'static str],
    /// Variants of other rows that show this one as well: number and variant.
    pub shown_by: &'static [(u32, &'static str)],
}

/// Between two Chromiums.
const CHROMIUM: &str = "Chromium";
const CHROMIUM_CALLS_FIREFOX: &str = "Chromium calls Firefox";
const FIREFOX_CALLS_CHROMIUM: &str = "Firefox calls Chromium";
/// On the simulated network.
const SIMULATED: &str = "simulated";

const NOTHING: Row = Row {
    number: 0,
    place: "",
    fault: "",
    expected: "",
    required: &[],
    planned: &[],
    shown_by: &[],
};

/// The fault matrix, in the order of its numbers.
///
/// The author of a variant's test moves the variant from `planned` to `required`.
pub const ROWS: &[Row] = &join::<{ CALLS.len() + OTHERS.len() }>(CALLS, OTHERS);

/// The servers of the four documents, each with their own pages and with ours.
pub const DOCUMENTS: &[Row] = documents::ROWS;

const OTHERS: &[Row] = &join::<{ hostile::ROWS.len() + privacy::ROWS.len() }>(hostile::ROWS, privacy::ROWS);

const fn join<const ALL: usize>(one: &[Row], other: &[Row]) -> [Row; ALL] {
    let mut all = [NOTHING; ALL];
    let mut index = 0;
    while index < ALL {
        all[index] = if index < one.len() {
            one[index]
        } else {
            other[index - one.len()]
        };
        index += 1;
    }
    all
}

/// Negotiation and recovery: rows 1 to 24.
const CALLS: &[Row] = &[
    Row {
        number: 1,
        place: "S",
        fault: "every interleaving of two peers' actions",
        expected: "both end stable with the same m-lines; nobody is stuck",
        required: &[SIMULATED],
        ..NOTHING
    },
    Row {
        number: 2,
        place: "S",
        fault: "as 1, with loss, duplicates and reordering",
        expected: "stale messages are dropped; it converges after a resend",
        required: &[SIMULATED],
        ..NOTHING
    },
    Row {
        number: 3,
        place: "S",
        fault: "an offer while an answer is being applied",
        expected: "accepted, not ignored",
        required: &[SIMULATED],
        ..NOTHING
    },
    Row {
        number: 4,
        place: "S",
        fault: "each browser operation fails, at every step",
        expected: "flags are reset; one retry, then a rebuilt connection",
        required: &[SIMULATED],
        ..NOTHING
    },
    Row {
        number: 5,
        place: "B",
        fault: "glare: both click Call at once, again and again",
        expected: "one call each time, in both roles",
        required: &[
            CHROMIUM,
            "Firefox yields to Chromium",
            "Chromium yields to Firefox",
        ],
        ..NOTHING
    },
    Row {
        number: 6,
        place: "S B",
        fault: "candidates before the offer or the answer",
        expected: "buffered, and applied once",
        required: &[CHROMIUM, SIMULATED],
        ..NOTHING
    },
    Row {
        number: 7,
        place: "S B",
        fault: "candidates of an ignored offer, an old ufrag, another session",
        expected: "dropped; they never reach a new generation",
        required: &[CHROMIUM, SIMULATED],
        ..NOTHING
    },
    Row {
        number: 8,
        place: "B",
        fault: "duplicate and early end-of-candidates",
        expected: "no error; it connects",
        required: &[CHROMIUM, CHROMIUM_CALLS_FIREFOX, FIREFOX_CALLS_CHROMIUM],
        ..NOTHING
    },
    Row {
        number: 9,
        place: "S",
        fault: "a slow step (500 ms) amid a burst of messages",
        expected: "the order is kept",
        required: &[SIMULATED],
        ..NOTHING
    },
    Row {
        number: 10,
        place: "B",
        fault: "ICE restart and a new track at once, from both sides",
        expected: "one settled negotiation; media resumes",
        required: &[CHROMIUM, CHROMIUM_CALLS_FIREFOX, FIREFOX_CALLS_CHROMIUM],
        ..NOTHING
    },
    Row {
        number: 11,
        place: "B",
        fault: "camera switched on and off 50 times",
        expected: "the number of m-lines is bounded",
        required: &[CHROMIUM],
        ..NOTHING
    },
    Row {
        number: 12,
        place: "B",
        fault: "relay killed and restarted during a call",
        expected: "media never stops; the same people afterwards; hanging up still arrives",
        required: &[CHROMIUM, CHROMIUM_CALLS_FIREFOX, FIREFOX_CALLS_CHROMIUM],
        ..NOTHING
    },
    Row {
        number: 13,
        place: "N",
        fault: "relay's link black-holed, media path up",
        expected: "noticed within the ping budget; the call goes on",
        required: &[CHROMIUM],
        ..NOTHING
    },
    Row {
        number: 14,
        place: "N",
        fault: "media path cut for 5 s",
        expected: "recovers without a new connection",
        required: &[CHROMIUM],
        ..NOTHING
    },
    Row {
        number: 15,
        place: "N",
        fault: "everything cut for 40 s",
        expected: "back within 15 s of the link's return",
        required: &[CHROMIUM],
        ..NOTHING
    },
    Row {
        number: 16,
        place: "N",
        fault: "a host changes its address",
        expected: "media is back within 10 s",
        required: &[CHROMIUM],
        ..NOTHING
    },
    Row {
        number: 17,
        place: "B",
        fault: "a tab reloads during a call",
        expected: "its ghost is gone and it can be called again within 5 s; never \"full\" because of its ghost",
        required: &[CHROMIUM, CHROMIUM_CALLS_FIREFOX, FIREFOX_CALLS_CHROMIUM],
        ..NOTHING
    },
    Row {
        number: 18,
        place: "B",
        fault: "the browser is frozen for 90 s and wakes",
        expected: "a clean return, or a clear end",
        required: &[CHROMIUM],
        ..NOTHING
    },
    Row {
        number: 19,
        place: "N",
        fault: "UDP blocked; only TCP allowed",
        expected: "connects through TURN over TCP",
        required: &[CHROMIUM],
        ..NOTHING
    },
    Row {
        number: 20,
        place: "N",
        fault: "10 % loss and 300 ms",
        expected: "connects",
        required: &[CHROMIUM],
        ..NOTHING
    },
    Row {
        number: 21,
        place: "B",
        fault: "Chromium with Firefox, each as caller",
        expected: "as between two Chromiums",
        shown_by: &[
            (5, "Firefox yields to Chromium"),
            (5, "Chromium yields to Firefox"),
            (8, CHROMIUM_CALLS_FIREFOX),
            (8, FIREFOX_CALLS_CHROMIUM),
            (10, CHROMIUM_CALLS_FIREFOX),
            (10, FIREFOX_CALLS_CHROMIUM),
            (12, CHROMIUM_CALLS_FIREFOX),
            (12, FIREFOX_CALLS_CHROMIUM),
            (17, CHROMIUM_CALLS_FIREFOX),
            (17, FIREFOX_CALLS_CHROMIUM),
        ],
        ..NOTHING
    },
    Row {
        number: 22,
        place: "B",
        fault: "no camera to be had",
        expected: "the cause in words, and a way on",
        required: &[
            "refused",
            "refused, Firefox",
            "none there",
            "in use elsewhere",
            "unplugged during the call",
            "camera blocked",
            "microphone blocked",
            "never answered",
            "not delegated",
        ],
        ..NOTHING
    },
    Row {
        number: 23,
        place: "N",
        fault: "no path at all between the two",
        expected: "within 20 s, says why and what to do",
        required: &["no TURN configured", "TURN refused", "TURN unreachable"],
        ..NOTHING
    },
    Row {
        number: 24,
        place: "B",
        fault: "many calls and hang-ups in one page",
        expected: "no growth of heap, listeners or connections",
        required: &[CHROMIUM, "instant calls", "ended at once"],
        ..NOTHING
    },
];

impl Row {
    /// The row of this number.
    pub(crate) fn find(rows: &'static [Row], number: u32) -> Option<&'static Row> {
        rows.iter().find(|row| row.number == number)
    }

    /// Whether there is such a variant, tested or planned.
    pub(crate) fn knows(&self, variant: &str) -> bool {
        self.required.contains(&variant) || self.planned.contains(&variant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_grow() {
        assert!(ROWS.is_sorted_by(|one, next| one.number < next.number));
    }

    #[test]
    fn every_row_says_everything() {
        for row in ROWS.iter().chain(DOCUMENTS) {
            assert!(
                !row.place.is_empty() && !row.fault.is_empty() && !row.expected.is_empty(),
                "{row:?}"
            );
            let variants = row.required.len() + row.planned.len() + row.shown_by.len();
            assert!(variants > 0, "{row:?}");
        }
    }

    #[test]
    fn no_variant_is_tested_and_planned_at_once() {
        for row in ROWS {
            for variant in row.required {
                assert!(!row.planned.contains(variant), "row {}, {variant}", row.number);
            }
        }
    }

    #[test]
    fn a_row_is_shown_by_variants_that_exist() {
        for row in ROWS {
            for (number, variant) in row.shown_by {
                let other = Row::find(ROWS, *number).unwrap();
                assert!(
                    other.knows(variant),
                    "row {}: row {number}, {variant}",
                    row.number
                );
            }
        }
    }
}
