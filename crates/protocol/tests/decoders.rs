//! Arbitrary texts for the wire decoders (row 44 of the fault matrix).
//!
//! Whatever they read, they don't panic, what they take from it is not much longer than the text, and what
//! they understand they write so that it is understood the same.

#![cfg(not(target_arch = "wasm32"))]
#![allow(missing_docs)]
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but does not take helpers for tests"
)]

use std::fmt::Debug;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value};
use visavis_protocol::dialect::native::{
    decode_client, decode_peer, decode_relay, encode_client, encode_peer, encode_relay,
};
use visavis_protocol::dialect::signal::{Description, DescriptionKind, Signal};
use visavis_protocol::dialect::tabs::{decode_tab, encode_tab};
use visavis_protocol::dialect::{broadcast, plain, socket_io};
use visavis_protocol::relay::PeerText;

const MANUAL: &str = include_str!("../../../docs/protocol.md");

/// How many texts each decoder gets.
const TEXTS: u32 = 4_000;

/// The examples of the manual of one kind: `client`, `relay`, `peer` or `tab`.
fn examples(kind: &str) -> Vec<Value> {
    let opening = format!("```json {kind}");
    let mut within = false;
    let lines = MANUAL.lines().filter(|line| {
        let is_fence = line.starts_with("```");
        within = if is_fence { *line == opening } else { within };
        within && !is_fence
    });
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Any JSON, not too deep.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,80}".prop_map(Value::from),
        // What names and secrets are made of.
        "[A-Za-z0-9_-]{0,70}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec(("[a-zA-Z]{0,10}", inner), 0..6)
                .prop_map(|fields| Value::from(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// An example with some of its fields replaced, here or in its body.
fn almost(kind: &str) -> impl Strategy<Value = String> + use<> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<bool>(), json()), 0..3);
    (prop::sample::select(examples(kind)), changes).prop_map(|(mut example, changes)| {
        for (index, within, value) in changes {
            let body = example["body"].as_object();
            let is_nested = within && body.is_some_and(|body| !body.is_empty());
            let fields = if is_nested {
                &mut example["body"]
            } else {
                &mut example
            };
            let fields = fields.as_object_mut().unwrap();
            let name = fields.keys().nth(index.index(fields.len())).unwrap().clone();
            fields.insert(name, value);
        }
        example.to_string()
    })
}

/// A text that is cut off, or has a character changed.
fn damaged(kind: &str) -> impl Strategy<Value = String> + use<> {
    let change = (any::<prop::sample::Index>(), any::<Option<char>>());
    (almost(kind), change).prop_map(|(text, (index, replacement))| {
        let mut characters: Vec<char> = text.chars().collect();
        let index = index.index(characters.len());
        match replacement {
            Some(replacement) => characters[index] = replacement,
            None => characters.truncate(index),
        }
        characters.into_iter().collect()
    })
}

/// Tries one decoder. Returns how many texts it understood.
fn reads<M, E>(kind: &str, decode: impl Fn(&str) -> Result<M, E>, encode: impl Fn(&M) -> String) -> u32
where
    M: PartialEq + Debug,
    E: ToString,
{
    let texts = prop_oneof![
        4 => almost(kind),
        2 => damaged(kind),
        1 => json().prop_map(|json| json.to_string()),
        1 => ".{0,300}",
        1 => (0..5_000_usize).prop_map(|depth| "[{\"a\":".repeat(depth)),
    ];
    let config = Config {
        cases: TEXTS,
        failure_persistence: None,
        ..Config::default()
    };
    let understood = std::cell::Cell::new(0);
    TestRunner::new(config)
        .run(&texts, |text| {
            match decode(&text) {
                Ok(message) => {
                    let written = encode(&message);
                    // Escapes take six characters at most, and the message in a message twice.
                    prop_assert!(written.len() <= 12 * text.len() + 100, "{written}");
                    let shown = format!("{message:?}").len();
                    prop_assert!(shown <= 12 * text.len() + 1_000, "{shown}");
                    let again = decode(&written).map_err(|error| error.to_string());
                    prop_assert_eq!(again, Ok(message));
                    understood.set(understood.get() + 1);
                }
                Err(error) => {
                    let explained = error.to_string().len();
                    prop_assert!(explained <= 12 * text.len() + 1_000, "{explained}");
                }
            }
            Ok(())
        })
        .unwrap();
    let understood = understood.get();
    assert!(understood > TEXTS / 20, "only {understood} were understood");
    understood
}

#[test]
fn what_clients_and_relay_say_to_each_other() {
    let row = visavis_rows::row(44, "relay");
    let client = reads("client", decode_client, encode_client);
    let relay = reads("relay", decode_relay, encode_relay);
    row.note(format!("{} of {} understood", client + relay, 2 * TEXTS))
        .passed();
}

#[test]
fn what_clients_say_to_each_other() {
    let row = visavis_rows::row(44, "peer");
    let decode = |text: &str| decode_peer(&PeerText(text.into()));
    let peer = reads("peer", decode, |message| encode_peer(message).0);
    row.note(format!("{peer} of {TEXTS} understood")).passed();
}

#[test]
fn what_tabs_say_to_each_other() {
    let row = visavis_rows::row(44, "tab");
    let tab = reads("tab", decode_tab, encode_tab);
    row.note(format!("{tab} of {TEXTS} understood")).passed();
}

/// What other programs send: nothing of it panics, and what is understood is understood the same again.
#[test]
fn texts_of_other_servers() {
    let events = prop::sample::select(vec![
        "",
        "0",
        "2",
        "40",
        "42",
        "42[\"offer\",",
        "42[\"answer\",",
        "42[\"candidate\",",
        "42[\"ice1\",",
        "42[\"token\",",
        "42[\"hangup\"",
    ]);
    let text = prop_oneof![any::<String>(), json().prop_map(|json| json.to_string())];
    let texts = (events, text, prop::sample::select(vec!["", "]"]));
    let mut runner = TestRunner::new(Config::with_cases(TEXTS));
    let outcome = runner.run(&texts, |(start, text, end)| {
        let _ = socket_io::decode_packet(&[start, &text, end].concat());
        let again = |decode: fn(&str) -> Option<Signal>, encode: fn(&Signal) -> Option<String>| {
            let signal = decode(&text)?;
            Some((decode(&encode(&signal)?), signal))
        };
        for (decode, encode) in [
            (
                broadcast::decode_signal as fn(&str) -> Option<Signal>,
                broadcast::encode_signal as fn(&Signal) -> Option<String>,
            ),
            (plain::decode_signal, plain::encode_signal),
        ] {
            if let Some((again, signal)) = again(decode, encode) {
                prop_assert!(again == Some(signal));
            }
        }
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn descriptions_and_candidates_are_taken_as_objects_and_as_texts() {
    let description = r#"{"type":"offer","sdp":"v=0"}"#;
    let quoted = Value::from(description).to_string();
    let candidate = r#"{"candidate":"candidate:1","sdpMid":"0"}"#;
    let is_offer = |signal: Option<Signal>| matches!(signal, Some(Signal::Description(Description { kind: DescriptionKind::Offer, sdp })) if sdp == "v=0");
    let is_candidate = |signal: Option<Signal>| matches!(signal, Some(Signal::Candidate(it)) if it.candidate == "candidate:1");
    let packet = |text: &str| match socket_io::decode_packet(text) {
        Some(socket_io::Packet::Signal(signal)) => Some(signal),
        _ => None,
    };
    for content in [description, &quoted] {
        assert!(is_offer(broadcast::decode_signal(&format!(
            r#"{{"message_type":"SDP","content":{content}}}"#
        ))));
        assert!(is_offer(plain::decode_signal(&format!(
            r#"{{"offer":{content}}}"#
        ))));
        assert!(is_offer(packet(&format!("42[\"offer\",{content}]"))));
    }
    for field in ["new-ice-candidate", "iceCandidate"] {
        assert!(is_candidate(plain::decode_signal(&format!(
            r#"{{"{field}":{candidate}}}"#
        ))));
    }
    for event in ["candidate", "ice1", "ice2"] {
        assert!(is_candidate(packet(&format!(
            "42[\"{event}\",{}]",
            Value::from(candidate)
        ))));
    }
}
