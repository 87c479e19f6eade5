//! Session descriptions: what is read out of them, and changed in them.
//!
//! The input is an answer; two more, separated by lines of `--`, are the descriptions before it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use visavis_protocol::MAX_MESSAGE_BYTES;
use visavis_protocol::dialect::native::{encode_peer, encode_relay};
use visavis_protocol::id::PeerId;
use visavis_protocol::peer::{ConnectionId, MAX_NUMBER, PeerBody, PeerMessage};
use visavis_protocol::relay::RelayMessage;

// The state machine's own file: it keeps most of these to itself.
#[path = "../../crates/call/src/sdp.rs"]
mod sdp;

fuzz_target!(|text: &str| {
    let mut parts = text.split("\n--\n");
    let mut next = || parts.next().unwrap_or_default();
    let (answer, local, remote) = (next(), next(), next());

    let ufrags = sdp::ufrags(answer);
    assert!(ufrags.iter().map(String::len).sum::<usize>() <= answer.len());

    if let Ok(Some(digits)) = sdp::fingerprint(answer) {
        let known = format!("a=fingerprint:sha-256 {digits}").to_ascii_lowercase();
        let lines = answer.to_ascii_lowercase();
        let mut lines = lines.split(['\r', '\n']);
        assert!(
            lines.all(|line| !line.starts_with("a=fingerprint") || line == known),
            "{known:?}"
        );
    }

    let hidden = sdp::without_addresses(answer);
    // The shortest line that is replaced is `c=`, with a line break, or at the end.
    assert!(hidden.len() <= 7 * answer.len() + 20);
    assert_eq!(sdp::without_addresses(&hidden), hidden);
    for line in hidden.split(['\r', '\n']) {
        let line = line.to_ascii_lowercase();
        let name = line.strip_prefix("a=").unwrap_or_default();
        let name = name.trim_start_matches([' ', '\t', ':']);
        assert!(!name.starts_with("candidate"), "{line:?}");
        assert!(
            !line.starts_with("o=") || line.ends_with(" in ip4 0.0.0.0"),
            "{line:?}"
        );
        assert!(!line.starts_with("c=") || line == "c=in ip4 0.0.0.0", "{line:?}");
    }

    let agreed = sdp::in_established_role(answer.to_owned(), local, remote);
    assert!(agreed.len() <= 2 * answer.len() + 2 + 8 * answer.matches("a=setup:").count());
    let twice = sdp::in_established_role(agreed.clone(), local, remote);
    assert_eq!(twice, agreed);

    if sdp::is_acceptable(answer) {
        passes_through_relay(answer);
    }
});

/// What we take is never too long to be sent.
fn passes_through_relay(sdp: &str) {
    let connection = ConnectionId(u32::MAX);
    let message = encode_peer(&PeerMessage {
        number: MAX_NUMBER,
        ack: MAX_NUMBER,
        after: Some(MAX_NUMBER),
        connection,
        to: Some(connection),
        replaces: Some(connection),
        body: PeerBody::Offer {
            sdp: sdp.to_owned(),
            exchange: u32::MAX,
            warm: true,
            private: true,
        },
    });
    let Ok(from) = PeerId::new("x".repeat(64)) else {
        return;
    };
    let relayed = encode_relay(&RelayMessage::Message { from, message });
    assert!(relayed.len() <= MAX_MESSAGE_BYTES, "{} bytes", relayed.len());
}
