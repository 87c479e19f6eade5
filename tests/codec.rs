//! Messages become text and come back, in the browser.

#![cfg(target_arch = "wasm32")]

use js_sys::JSON;
use visavis::browser::isolation::isolated;
use visavis_protocol::dialect::native::{
    decode_client, decode_peer, decode_relay, encode_client, encode_peer, encode_relay,
};
use visavis_protocol::dialect::tabs::{TabMessage, decode_tab, encode_tab};
use visavis_protocol::ice::{IceCandidate, IceServer};
use visavis_protocol::id::{PeerId, RoomId, SeatSecret};
use visavis_protocol::name::{GivenName, PersonName};
use visavis_protocol::peer::{CallKind, ConnectionId, PeerBody, PeerMessage};
use visavis_protocol::relay::{AccessPolicy, ClientMessage, ErrorCode, LeaveReason, PeerText, RelayMessage};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Values that are difficult for JSON and JavaScript.
const TEXT: &str = "a=x\r\n\"\\/\u{0}\u{7f}\u{2028}größer 🙂 </script>";

fn somebody(name: &str) -> PeerId {
    PeerId::new(name).expect("this is a name")
}

/// What JavaScript makes of a text when it reads and writes it.
fn through_javascript(text: &str) -> String {
    let value = JSON::parse(text).expect("a message is JSON");
    JSON::stringify(&value).expect("JSON can be written again").into()
}

fn candidate() -> IceCandidate {
    IceCandidate {
        candidate: "candidate:1 1 udp 2113937151 192.0.2.1 50000 typ host".into(),
        sdp_mid: Some("0".into()),
        sdp_m_line_index: Some(0),
        username_fragment: Some("AbCd".into()),
    }
}

fn end_of_candidates() -> IceCandidate {
    IceCandidate {
        candidate: String::new(),
        sdp_mid: None,
        sdp_m_line_index: None,
        username_fragment: None,
    }
}

fn peer_message(number: u64, body: PeerBody) -> PeerMessage {
    PeerMessage {
        number,
        ack: 0,
        after: None,
        replaces: None,
        connection: ConnectionId(u32::MAX),
        to: None,
        body,
    }
}

#[wasm_bindgen_test]
fn what_a_client_says_comes_back() {
    let messages = [
        ClientMessage::Join {
            room: RoomId::new("a-room").expect("this is a name"),
            secret: SeatSecret::new("s3cret").expect("this is a name"),
            replaces: None,
            name: GivenName::default(),
        },
        ClientMessage::Join {
            room: RoomId::new("a-room").expect("this is a name"),
            secret: SeatSecret::new("s3cret").expect("this is a name"),
            replaces: SeatSecret::new("0ld").ok(),
            name: GivenName::new("Ada ö"),
        },
        ClientMessage::Leave,
        ClientMessage::Token,
        ClientMessage::Send {
            to: somebody("you"),
            message: PeerText(TEXT.into()),
        },
        ClientMessage::Door {
            state: AccessPolicy::Open,
        },
        ClientMessage::Admit {
            peer: somebody("you"),
        },
        ClientMessage::Refuse {
            peer: somebody("you"),
        },
        ClientMessage::Remove {
            peer: somebody("you"),
        },
        ClientMessage::Host {
            peer: somebody("you"),
        },
    ];
    for message in messages {
        let text = encode_client(&message);
        assert_eq!(decode_client(&text).expect(&text), message);
        assert_eq!(decode_client(&through_javascript(&text)).expect(&text), message);
    }
}

#[wasm_bindgen_test]
fn what_the_relay_says_comes_back() {
    let turn = IceServer {
        urls: vec![
            "turn:turn.example.org:3478?transport=udp".into(),
            "turns:turn.example.org".into(),
        ],
        username: Some("user".into()),
        credential: Some("pass".into()),
    };
    let stun = IceServer {
        urls: vec!["stun:stun.example.org".into()],
        username: None,
        credential: None,
    };
    let messages = [
        RelayMessage::Welcome,
        RelayMessage::Joined {
            you: somebody("me"),
            capacity: 2,
        },
        RelayMessage::Full {
            capacity: u32::MAX,
            door: AccessPolicy::Open,
        },
        RelayMessage::Full {
            capacity: 8,
            door: AccessPolicy::Locked,
        },
        RelayMessage::Room {
            host: somebody("you"),
            door: AccessPolicy::Knock,
        },
        RelayMessage::Knock {
            peer: somebody("you"),
            name: GivenName::new("Ada ö"),
        },
        RelayMessage::Knock {
            peer: somebody("you"),
            name: GivenName::default(),
        },
        RelayMessage::KnockOver {
            peer: somebody("you"),
        },
        RelayMessage::Ready {
            peer: somebody("you"),
        },
        RelayMessage::Away {
            peer: somebody("you"),
        },
        RelayMessage::Left {
            peer: somebody("you"),
            reason: LeaveReason::Left,
        },
        RelayMessage::Left {
            peer: somebody("you"),
            reason: LeaveReason::Lost,
        },
        RelayMessage::Token {
            ice_servers: vec![stun, turn],
            expires_in: Some(3600),
        },
        RelayMessage::Token {
            ice_servers: Vec::new(),
            expires_in: None,
        },
        RelayMessage::Message {
            from: somebody("you"),
            message: PeerText(TEXT.into()),
        },
        RelayMessage::Error {
            code: ErrorCode::NoSuchPeer,
            detail: TEXT.into(),
        },
        RelayMessage::Ping,
    ];
    for message in messages {
        let text = encode_relay(&message);
        assert_eq!(decode_relay(&text).expect(&text), message);
        assert_eq!(decode_relay(&through_javascript(&text)).expect(&text), message);
    }
}

#[wasm_bindgen_test]
fn what_a_peer_says_comes_back() {
    let bodies = [
        PeerBody::Offer {
            sdp: TEXT.into(),
            exchange: 1,
            warm: false,
            private: true,
        },
        PeerBody::Answer {
            sdp: TEXT.repeat(500),
            exchange: u32::MAX,
        },
        PeerBody::Candidate(candidate()),
        PeerBody::Candidate(end_of_candidates()),
        PeerBody::Media {
            camera: true,
            microphone: false,
            screen: false,
        },
        PeerBody::Media {
            camera: true,
            microphone: true,
            screen: true,
        },
        PeerBody::Hello {
            early_candidates: true,
            name: PersonName::new(TEXT),
            call: Some(CallKind::Open),
        },
        PeerBody::Call { private: true },
        PeerBody::Ringing,
        PeerBody::Decline { busy: true },
        PeerBody::HangUp,
    ];
    for body in bodies {
        for (to, after) in [(None, None), (Some(ConnectionId(1)), Some(3))] {
            let message = PeerMessage {
                ack: 7,
                after,
                to,
                ..peer_message(8, body.clone())
            };
            let text = encode_peer(&message);
            assert_eq!(decode_peer(&text).expect(&text.0), message);
            assert_eq!(
                decode_peer(&PeerText(through_javascript(&text.0))).expect(&text.0),
                message
            );
        }
    }
}

#[wasm_bindgen_test]
fn what_a_tab_says_comes_back() {
    let messages = [
        TabMessage::Hello {
            from: somebody("me"),
            to: None,
        },
        TabMessage::Hello {
            from: somebody("me"),
            to: Some(somebody("you")),
        },
        TabMessage::Message {
            from: somebody("me"),
            to: somebody("you"),
            message: PeerText(TEXT.into()),
        },
    ];
    for message in messages {
        let text = encode_tab(&message);
        assert_eq!(decode_tab(&text).expect(&text), message);
        assert_eq!(decode_tab(&through_javascript(&text)).expect(&text), message);
    }
}

/// What is read of a message with this number.
fn number_read(number: &str) -> Option<u64> {
    let text = format!(r#"{{"number":{number},"ack":0,"connection":1,"body":{{"type":"hang-up"}}}}"#);
    decode_peer(&PeerText(text)).ok().map(|message| message.number)
}

#[wasm_bindgen_test]
fn numbers_are_read_exactly_as_far_as_javascript_has_them() {
    assert_eq!(number_read("1"), Some(1));
    assert_eq!(number_read("4294967296"), Some(1 << 32));
    assert_eq!(number_read("9007199254740991"), Some((1 << 53) - 1));
    let last = peer_message((1 << 53) - 1, PeerBody::HangUp);
    assert_eq!(
        decode_peer(&encode_peer(&last)).expect("the last exact number is one"),
        last
    );
}

#[wasm_bindgen_test]
fn a_number_that_javascript_does_not_have_is_an_error() {
    // 2^53 + 1, which JavaScript takes for 2^53, and the last that Rust has.
    for number in [(1 << 53) + 1, u64::MAX] {
        assert_eq!(number_read(&number.to_string()), None, "{number}");
    }
}

#[wasm_bindgen_test]
fn what_is_no_number_of_a_message_is_an_error() {
    for number in ["-1", "1.5", "1e400", "null", "\"1\"", "true", "[]", "{}"] {
        assert_eq!(number_read(number), None, "{number}");
    }
}

#[wasm_bindgen_test]
fn an_unknown_type_is_named() {
    let relay =
        decode_relay(r#"{"type":"from-the-future","capacity":2}"#).expect_err("there is no such type");
    assert!(relay.to_string().contains("from-the-future"), "{relay}");
}

#[wasm_bindgen_test]
fn what_a_newer_peer_says_still_counts_as_a_message() {
    let text = r#"{"number":1,"ack":0,"connection":1,"body":{"type":"from-the-future","more":[1]}}"#;
    let message = decode_peer(&PeerText(text.into())).expect("newer clients say more");
    assert_eq!(
        message,
        PeerMessage {
            connection: ConnectionId(1),
            ..peer_message(1, PeerBody::Unknown)
        }
    );
}

#[wasm_bindgen_test]
fn a_missing_field_is_named() {
    let error = decode_relay(r#"{"type":"ready"}"#).expect_err("nobody is named");
    assert!(error.to_string().contains("peer"), "{error}");
}

#[wasm_bindgen_test]
fn an_unknown_field_does_no_harm() {
    let message = decode_relay(r#"{"type":"full","capacity":2,"since":1.5,"more":{"a":[null]}}"#);
    assert_eq!(
        message.expect("newer relays say more"),
        RelayMessage::Full {
            capacity: 2,
            door: AccessPolicy::Open,
        }
    );
}

#[wasm_bindgen_test]
fn nonsense_is_an_error() {
    let deep = "[".repeat(60_000);
    let long = " ".repeat(visavis_protocol::MAX_MESSAGE_BYTES + 1);
    for text in [
        "",
        "{",
        "nonsense",
        "{}",
        "[]",
        "null",
        "1",
        "\"full\"",
        r#"{"type":1}"#,
        "\u{0}",
        &deep,
        &long,
    ] {
        let start: String = text.chars().take(20).collect();
        assert!(decode_relay(text).is_err(), "{start}");
        assert!(decode_client(text).is_err(), "{start}");
        assert!(decode_tab(text).is_err(), "{start}");
        assert!(decode_peer(&PeerText(text.into())).is_err(), "{start}");
    }
}

#[wasm_bindgen_test]
fn what_panics_in_isolation_ends_nothing_else() {
    assert_eq!(isolated(|| 7), Some(7));
    let nothing: [u8; 0] = [];
    assert_eq!(isolated(move || nothing[std::hint::black_box(3)]), None);
    assert_eq!(isolated(|| 8), Some(8));
}
