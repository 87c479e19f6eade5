//! config.json, read by the browser's own JSON.

#![cfg(target_arch = "wasm32")]

use visavis::config::Config;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn every_field_is_read() {
    let config = Config::parse(
        r#"{
            "relay": "/signal", "signaling": "auto", "room": "lobby",
            "iceServers": [{ "urls": "stun:a" }, { "urls": ["turn:b", "turns:c"], "username": "u", "credential": "c" }],
            "media": { "width": 640, "echoCancellation": false }
        }"#,
    )
    .expect("every field is right");
    let urls: Vec<_> = config
        .ice_servers
        .iter()
        .map(|server| server.urls.len())
        .collect();
    assert_eq!(urls, [1, 2]);
    let media = &config.media;
    assert_eq!((media.width, media.height), (640, 720));
    assert!(!media.echo_cancellation);
}

#[track_caller]
fn refused_with(text: &str, words: &[&str]) {
    let error = Config::parse(text).expect_err(text).to_string();
    for word in words {
        assert!(error.contains(word), "{error:?} does not say {word:?}");
    }
}

#[wasm_bindgen_test]
fn an_unknown_field_is_named_however_deep_it_stands() {
    refused_with(r#"{"relai": "/signal"}"#, &["relai", "expected one of", "relay"]);
    refused_with(r#"{"media": {"colour": true}}"#, &["\"media\"", "colour"]);
    refused_with(
        r#"{"iceServers": [{"urls": "stun:x", "colour": 1}]}"#,
        &["\"iceServers\"", "colour"],
    );
}

#[wasm_bindgen_test]
fn a_wrong_field_is_named_with_what_is_expected() {
    refused_with(r#"{"room": 5}"#, &["\"room\"", "5", "expected a string"]);
    refused_with(r#"{"room": "a b"}"#, &["\"room\"", "letters"]);
    refused_with(
        r#"{"relay": "https://x"}"#,
        &["\"relay\"", "must begin with wss://"],
    );
    refused_with(r#"{"media": {"width": "wide"}}"#, &["\"media.width\"", "wide"]);
    refused_with(r#"{"media": {"width": -1}}"#, &["\"media.width\"", "-1"]);
    refused_with(r#"{"media": {"width": 4294967296}}"#, &["\"media.width\"", "u32"]);
    refused_with(
        r#"{"media": {"frameRate": 29.97}}"#,
        &["\"media.frameRate\"", "29.97"],
    );
    refused_with(r#"{"media": [640]}"#, &["\"media\"", "an object"]);
    refused_with(
        r#"{"iceServers": [{"urls": 7}]}"#,
        &["\"iceServers.urls\"", "address"],
    );
    refused_with(r#"{"iceServers": {}}"#, &["\"iceServers\"", "a list of objects"]);
    refused_with(r#"{"signaling": "pigeon"}"#, &["\"signaling\"", "pigeon"]);
    refused_with(r#"{"signaling": 1}"#, &["\"signaling\""]);
    refused_with("[]", &["an object"]);
    refused_with("{} trailing", &["config.json is wrong"]);
    refused_with("", &["config.json is wrong"]);
}
