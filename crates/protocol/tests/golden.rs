//! The examples in docs/protocol.md are what this crate reads and writes, natively and in JavaScript.

#![allow(missing_docs)]

use std::collections::BTreeSet;

use serde_json::Value;
use visavis_protocol::chat::Place;
use visavis_protocol::dialect::native::{
    decode_client, decode_peer, decode_relay, encode_client, encode_peer, encode_relay,
};
use visavis_protocol::dialect::tabs::{TabMessage, decode_tab, encode_tab};
use visavis_protocol::dialect::{broadcast, plain};
use visavis_protocol::peer::{MAX_NUMBER, PeerBody, PeerMessage};
use visavis_protocol::relay::{AccessPolicy, ClientMessage, ErrorCode, LeaveReason, PeerText, RelayMessage};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const MANUAL: &str = include_str!("../../../docs/protocol.md");

/// An enum whose every variant needs an example.
trait Variants {
    const ALL: &[&str];
    fn variant(&self) -> &'static str;
}

/// Lists all variants. A new one does not compile before it is here, and fails before it is in the manual.
macro_rules! variants {
    ($type:ident: $($variant:ident),+) => {
        impl Variants for $type {
            const ALL: &[&str] = &[$(concat!(stringify!($type), "::", stringify!($variant))),+];

            fn variant(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => concat!(stringify!($type), "::", stringify!($variant)),)+
                }
            }
        }
    };
}

variants!(ClientMessage: Join, Name, Leave, Token, Send, Door, Admit, Refuse, Remove, Host);
variants!(RelayMessage: Welcome, Joined, Full, Room, Ready, Away, Left, Knock, KnockOver, Token, Message, Error, Ping);
variants!(AccessPolicy: Open, Knock, Locked);
variants!(LeaveReason: Left, Lost);
variants!(ErrorCode: BadMessage, NotJoined, AlreadyJoined, NoSuchPeer, Replaced, TooSlow, Busy, NotHost, Refused,
    Removed, Unknown);
variants!(PeerBody: Hello, Offer, Answer, Candidate, Call, Ringing, Media, HangUp, GiveUp, Decline, Say, Heard,
    React, Hand, Show, NoCode, Commit, Reveal, Unknown);
variants!(TabMessage: Hello, Bye, Message);

/// The examples: the kind of each, and its text.
fn examples() -> Vec<(&'static str, &'static str)> {
    let mut examples = Vec::new();
    let mut kind = None;
    for line in MANUAL.lines() {
        match (kind, line.strip_prefix("```")) {
            (None, Some(opening)) => kind = Some(opening),
            (Some(_), Some(_)) => kind = None,
            // What is sealed is shown by the tests of crates/sealing.
            (Some("text"), None) => {}
            (Some(kind), None) => examples.push((kind, line)),
            (None, None) => {}
        }
    }
    assert_eq!(kind, None, "the last block is not closed");
    examples
}

/// Reads an example as its kind says, notes which variants it shows, and writes it again.
fn round_trip(kind: &str, text: &str, seen: &mut BTreeSet<&'static str>) -> String {
    match kind {
        "json client" => {
            let message = decode_client(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            seen.insert(message.variant());
            match &message {
                ClientMessage::Send { message, .. } => round_trip_peer(message, seen),
                ClientMessage::Door { state } => _ = seen.insert(state.variant()),
                _ => {}
            }
            encode_client(&message)
        }
        "json relay" => {
            let message = decode_relay(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            seen.insert(message.variant());
            match &message {
                RelayMessage::Message { message, .. } => round_trip_peer(message, seen),
                RelayMessage::Left { reason, .. } => _ = seen.insert(reason.variant()),
                RelayMessage::Error { code, .. } => _ = seen.insert(code.variant()),
                _ => {}
            }
            encode_relay(&message)
        }
        "json peer" => {
            let message =
                decode_peer(&PeerText(text.into())).unwrap_or_else(|error| panic!("{text}: {error}"));
            seen.insert(message.body.variant());
            encode_peer(&message).0
        }
        "json tab" => {
            let message = decode_tab(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            seen.insert(message.variant());
            if let TabMessage::Message { message, .. } = &message {
                round_trip_peer(message, seen);
            }
            encode_tab(&message)
        }
        "json broadcast" => {
            let signal = broadcast::decode_signal(text).unwrap_or_else(|| panic!("{text}"));
            broadcast::encode_signal(&signal).expect("it was read")
        }
        "json plain" => {
            let signal = plain::decode_signal(text).unwrap_or_else(|| panic!("{text}"));
            plain::encode_signal(&signal).expect("it was read")
        }
        other => panic!("a block of an unknown kind: {other:?}"),
    }
}

fn round_trip_peer(text: &PeerText, seen: &mut BTreeSet<&'static str>) {
    assert_eq!(json(&round_trip("json peer", &text.0, seen)), json(&text.0));
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn every_example_is_read_and_written_again_as_it_is() {
    for (kind, text) in examples() {
        assert_eq!(json(&round_trip(kind, text, &mut BTreeSet::new())), json(text));
    }
}

#[test]
fn every_message_has_an_example() {
    let mut seen = BTreeSet::new();
    for (kind, text) in examples() {
        round_trip(kind, text, &mut seen);
    }
    let all = [
        ClientMessage::ALL,
        RelayMessage::ALL,
        <AccessPolicy as Variants>::ALL,
        LeaveReason::ALL,
        ErrorCode::ALL,
        PeerBody::ALL,
        TabMessage::ALL,
    ];
    let missing = all
        .iter()
        .copied()
        .flatten()
        .filter(|variant| !seen.contains(*variant));
    // What a newer relay says is not for this version to show.
    assert_eq!(
        missing.collect::<Vec<_>>(),
        [&"ErrorCode::Unknown", &"PeerBody::Unknown"]
    );
}

#[test]
fn fields_that_are_not_known_are_ignored() {
    for (kind, text) in examples() {
        let newer = text.replacen('{', r#"{"colour":{"red":[1,null]},"#, 1);
        assert_eq!(json(&round_trip(kind, &newer, &mut BTreeSet::new())), json(text));
    }
}

#[test]
fn what_is_not_known_of_an_ice_server_is_ignored() {
    let newer = r#"{"type":"token","iceServers":[{"urls":["stun:x"],"colour":{"red":1}}]}"#;
    let known = r#"{"type":"token","iceServers":[{"urls":["stun:x"]}]}"#;
    assert_eq!(decode_relay(newer).unwrap(), decode_relay(known).unwrap());
}

#[test]
fn an_absent_field_may_be_null() {
    let text = r#"{"type":"token","iceServers":[{"urls":"stun:x","username":null}],"expiresIn":null}"#;
    let written = encode_relay(&decode_relay(text).unwrap());
    assert_eq!(
        json(&written),
        json(r#"{"type":"token","iceServers":[{"urls":["stun:x"]}]}"#)
    );
}

#[test]
fn an_error_of_a_newer_relay_is_still_an_error() {
    let message = decode_relay(r#"{"type":"error","code":"dance","detail":""}"#).unwrap();
    let detail = String::new();
    assert_eq!(
        message,
        RelayMessage::Error {
            code: ErrorCode::Unknown,
            detail
        }
    );
}

#[test]
fn what_a_newer_client_says_still_counts() {
    let message = message("7", "3", "1", r#"{"type":"dance","sdp":"v=0"}"#).unwrap();
    assert_eq!(
        (message.number, message.ack, message.body),
        (7, 3, PeerBody::Unknown)
    );
}

#[test]
fn what_is_no_message_is_refused() {
    let nothing = [
        "",
        "{",
        "null",
        "7",
        "[]",
        "[null]",
        "{}",
        r#"{"type":"dance"}"#,
        r#"{"type":7}"#,
    ];
    let arrays = [
        r#"["token"]"#,
        r#"["welcome"]"#,
        r#"[["type","welcome"]]"#,
        r#"[["type","token"]]"#,
    ];
    for text in nothing.into_iter().chain(arrays) {
        assert!(decode_client(text).is_err(), "{text}");
        assert!(decode_relay(text).is_err(), "{text}");
        assert!(decode_tab(text).is_err(), "{text}");
        assert!(decode_peer(&PeerText(text.into())).is_err(), "{text}");
    }
    for text in [
        r#"{"type":"ready"}"#,
        r#"{"type":"ready","peer":"a b"}"#,
        r#"{"type":"full","capacity":-1}"#,
    ] {
        assert!(decode_relay(text).is_err(), "{text}");
    }
}

fn message(number: &str, ack: &str, connection: &str, body: &str) -> Option<PeerMessage> {
    let text = format!(r#"{{"number":{number},"ack":{ack},"connection":{connection},"body":{body}}}"#);
    decode_peer(&PeerText(text)).ok()
}

#[test]
fn numbers_that_not_everybody_can_read_are_refused() {
    let body = r#"{"type":"hang-up"}"#;
    let largest = message("9007199254740991", "9007199254740991", "4294967295", body).unwrap();
    assert_eq!(
        (largest.number, largest.ack, largest.connection.0),
        (MAX_NUMBER, MAX_NUMBER, u32::MAX)
    );
    assert!(encode_peer(&largest).0.contains("9007199254740991"));
    for wrong in [
        "9007199254740992",
        "18446744073709551615",
        "1e300",
        "-1",
        "0.5",
        "\"1\"",
        "null",
    ] {
        assert!(message(wrong, "0", "1", body).is_none(), "{wrong}");
        assert!(message("1", wrong, "1", body).is_none(), "{wrong}");
        assert!(message("1", "0", wrong, body).is_none(), "{wrong}");
    }
    let array = r#"["hang-up",null,null,null,null,null,null]"#;
    assert!(message("1", "0", "1", array).is_none());
}

#[test]
fn places_that_not_everybody_can_read_are_refused() {
    let say = |place: &str| {
        let body = format!(r#"{{"type":"say","number":1,"place":{place},"text":"x"}}"#);
        let PeerBody::Say { place, .. } = message("0", "0", "0", &body)?.body else {
            panic!("it is a text");
        };
        Some(place)
    };
    let largest = Place {
        position: MAX_NUMBER,
        tie: MAX_NUMBER,
    };
    let text = r#"{"position":9007199254740991,"tie":9007199254740991,"colour":"red"}"#;
    assert_eq!(say(text), Some(Some(largest)));
    assert_eq!(say("null"), Some(None), "older clients have none");
    for wrong in ["9007199254740992", "1e300", "-1", "0.5", "\"1\"", "null"] {
        assert_eq!(
            say(&format!(r#"{{"position":{wrong},"tie":1}}"#)),
            None,
            "{wrong}"
        );
        assert_eq!(
            say(&format!(r#"{{"position":1,"tie":{wrong}}}"#)),
            None,
            "{wrong}"
        );
    }
    for wrong in ["7", "[]", r#""x""#, "{}"] {
        assert_eq!(say(wrong), None, "{wrong}");
    }
}

#[test]
fn text_survives_whatever_is_in_it() {
    let sdp = "v=0\r\n\"\\ \u{0} \u{1f} \u{2028} 💥 ö".to_owned();
    let body = PeerBody::Offer {
        sdp,
        exchange: 1,
        warm: false,
        private: false,
    };
    let mut message = message("1", "0", "1", r#"{"type":"hang-up"}"#).unwrap();
    message.body = body;
    assert_eq!(decode_peer(&encode_peer(&message)).unwrap(), message);
}
