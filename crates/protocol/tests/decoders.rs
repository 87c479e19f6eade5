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
use visavis_protocol::dialect::broadcast::{decode_tab, encode_tab};
use visavis_protocol::dialect::native::{
    decode_client, decode_peer, decode_relay, encode_client, encode_peer, encode_relay,
};
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
