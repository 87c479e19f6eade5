//! The rows of the relay and of hostile clients: raw sockets, and arbitrary texts.

use super::{CHROMIUM, NOTHING, Row, SIMULATED};

/// Sockets against the relay.
const SOCKETS: &str = "sockets";

/// Rows 30 to 54.
pub(super) const ROWS: &[Row] = &[
    Row {
        number: 30,
        place: "R",
        fault: "malformed JSON, unknown type, binary, bad UTF-8, message before join",
        expected: "an error that names the fault; nobody else notices",
        required: &["malformed", "unknown type", "binary", "bad UTF-8", "before join"],
        ..NOTHING
    },
    Row {
        number: 31,
        place: "R",
        fault: "a frame at the limit, and one byte more; endless fragments",
        expected: "accepted; closed 1009; memory is flat",
        required: &[
            "at the limit",
            "one byte more",
            "endless fragments",
            "empty fragments",
        ],
        ..NOTHING
    },
    Row {
        number: 32,
        place: "R",
        fault: "slow headers; silence after the upgrade",
        expected: "closed; what is held meanwhile is small",
        required: &[
            "slow headers",
            "long headers",
            "silence",
            "silence after an answer",
            "slow reader of a file",
        ],
        ..NOTHING
    },
    Row {
        number: 33,
        place: "R",
        fault: "a receiver stops reading",
        expected: "its queue is bounded, and it is evicted; the others go on",
        required: &["bounded", "evicted"],
        ..NOTHING
    },
    Row {
        number: 34,
        place: "R",
        fault: "floods of messages, joins, tokens, names, commands, connections, rooms",
        expected: "limited, closed 1008, counted; other rooms unaffected",
        required: &[
            "messages",
            "joins",
            "joins of an address",
            "knocks of an address",
            "tokens",
            "tokens of an address",
            "names",
            "commands",
            "connections",
            "connections of an address",
            "rooms",
        ],
        ..NOTHING
    },
    Row {
        number: 35,
        place: "R",
        fault: "foreign Origin; missing Origin",
        expected: "refused with 403 by default; configurable",
        required: &["foreign", "missing", "listed", "any"],
        ..NOTHING
    },
    Row {
        number: 36,
        place: "R",
        fault: "guessing rooms; one person more than the room holds",
        expected: "answers don't tell whether a room exists; `full`",
        required: &["guessing", "one more"],
        ..NOTHING
    },
    Row {
        number: 37,
        place: "R",
        fault: "the same seat resumed twice; a seat without its secret",
        expected: "the newest wins, and the old one is told; refused",
        required: &["resumed twice", "without its secret"],
        ..NOTHING
    },
    Row {
        number: 38,
        place: "R",
        fault: "1,000 clients return at once after a restart",
        expected: "all are back, with their names; nobody is refused",
        required: &[SOCKETS],
        ..NOTHING
    },
    Row {
        number: 39,
        place: "R",
        fault: "SIGTERM",
        expected: "1012; all are told to come back; done within 30 s",
        required: &[SOCKETS],
        ..NOTHING
    },
    Row {
        number: 40,
        place: "B",
        fault: "the relay swaps DTLS fingerprints, replays yesterday's call, redirects, admits a stranger",
        expected: "nothing of it is opened; people are told; no media to the wrong place",
        required: &[CHROMIUM],
        ..NOTHING
    },
    Row {
        number: 41,
        place: "S B",
        fault: "someone with the invite sits in the middle",
        expected: "safety codes differ; a broken commitment ends the connection",
        required: &[CHROMIUM, SIMULATED],
        ..NOTHING
    },
    Row {
        number: 42,
        place: "B",
        fault: "names and messages with markup, characters that change direction, a megabyte",
        expected: "shown as text, cut; the policy has nothing to refuse",
        required: &[CHROMIUM],
        ..NOTHING
    },
    Row {
        number: 43,
        place: "B",
        fault: "strict Content Security Policy and Trusted Types",
        expected: "the app works; eval, inline scripts and foreign ones are refused",
        required: &[CHROMIUM, "Firefox"],
        ..NOTHING
    },
    Row {
        number: 44,
        place: "F",
        fault: "arbitrary texts for the wire decoders; more in fuzz/",
        expected: "no panic; memory within a small multiple of the input; what is read is written the same",
        required: &["relay", "peer", "tab"],
        ..NOTHING
    },
    Row {
        number: 46,
        place: "R",
        fault: "the cases of RFC 6455: masks, fragments, control frames, close codes",
        expected: "as the RFC says",
        required: &[
            "masks",
            "reserved bits and opcodes",
            "control frames",
            "fragments",
            "close codes",
        ],
        ..NOTHING
    },
    Row {
        number: 47,
        place: "S B",
        fault: "6,000 chat messages at once; 200 from each of seven to whoever joins",
        expected: "the page answers; what is beyond the rate is counted; the history arrives",
        required: &[SIMULATED, CHROMIUM],
        ..NOTHING
    },
    Row {
        number: 48,
        place: "S B",
        fault: "hundreds of offers, each for a new connection",
        expected: "the peer connections of a page are bounded; others can call at once",
        required: &[SIMULATED, CHROMIUM],
        ..NOTHING
    },
    Row {
        number: 49,
        place: "S B",
        fault: "an offer with 200 m-sections; a description or mailbox above 64 KiB",
        expected: "refused before the browser; nothing too large is posted; the relay is kept",
        required: &[SIMULATED, CHROMIUM],
        ..NOTHING
    },
    Row {
        number: 50,
        place: "R B",
        fault: "renames at the door in a loop",
        expected: "one pending knock each; the host refuses with one click; the sender is closed",
        required: &[SOCKETS, CHROMIUM],
        ..NOTHING
    },
    Row {
        number: 51,
        place: "R",
        fault: "bursts of small messages to one member",
        expected: "the receiver stays; the sender waits or is closed",
        required: &["one sender", "all senders"],
        ..NOTHING
    },
    Row {
        number: 52,
        place: "S B",
        fault: "names that stand for the page's words, look alike, stack marks, have 40 wide letters",
        expected: "told apart; no button leaves the window",
        required: &[CHROMIUM],
        ..NOTHING
    },
    Row {
        number: 53,
        place: "B",
        fault: "rings, raised hands, reactions and `show` in a loop",
        expected: "limited; the person can be muted and blocked for oneself",
        required: &[CHROMIUM],
        ..NOTHING
    },
    Row {
        number: 54,
        place: "B",
        fault: "a room of eight with one attacker of each kind in turn",
        expected: "the call of the other seven goes on: nobody freezes, nobody is evicted",
        required: &[CHROMIUM],
        ..NOTHING
    },
];
