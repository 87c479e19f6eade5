//! What clients do wrong, and that nobody else notices (rows 30 and 31 of the fault matrix, and others).

use std::time::Duration;

use futures_util::SinkExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use visavis_protocol::MAX_MESSAGE_BYTES;
use visavis_protocol::dialect::native;
use visavis_protocol::id::PeerId;
use visavis_protocol::relay::{ErrorCode, PeerText, RelayMessage};

use visavis_relay::Config;
use visavis_relay::config::Timing;

use crate::client::{Client, PATIENCE, Pair, relay, relay_with};

/// Each of these is answered with the fault, and nobody else notices.
async fn is_named(faults: &[(&str, &str)]) {
    let relay = relay(2).await;
    let mut pair = Pair::meet(relay.address, "bystanders").await;
    let (mut client, _) = Client::seated(relay.address, "room", "secret").await;
    for (text, named) in faults {
        client.send_text(text).await;
        let detail = client.error(ErrorCode::BadMessage).await;
        assert!(detail.contains(named), "{text}: {detail}");
    }
    client.nothing_came().await;
    pair.talk().await;
}

#[tokio::test]
async fn a_text_that_is_no_message_is_named_and_the_connection_stays_open() {
    let row = visavis_rows::row(30, "malformed");
    is_named(&[
        ("{", "EOF"),
        ("", "EOF"),
        (r#"{"type":"send"}"#, "at \"to\": it is missing"),
        (r#"{"type":"join","room":"a room","secret":"s"}"#, "' '"),
        (r#"{"type":"token"} x"#, "trailing"),
        ("[]", "object"),
        (r#"["token"]"#, "object"),
        (&"[".repeat(60_000), "recursion"),
    ])
    .await;
    row.passed();
}

#[tokio::test]
async fn a_message_of_an_unknown_type_is_named_and_the_connection_stays_open() {
    let row = visavis_rows::row(30, "unknown type");
    is_named(&[(r#"{"type":"dance"}"#, "dance"), (r#"{"type":"Token"}"#, "Token")]).await;
    row.passed();
}

#[tokio::test]
async fn a_fault_is_named_in_few_words() {
    let relay = relay(2).await;
    let mut client = Client::connect(relay.address).await;
    client
        .send_text(&format!(r#"{{"type":"{}"}}"#, "ö".repeat(20_000)))
        .await;
    assert_eq!(client.error(ErrorCode::BadMessage).await.chars().count(), 200);
}

#[tokio::test]
async fn a_binary_message_is_refused_and_the_connection_stays_open() {
    let row = visavis_rows::row(30, "binary");
    let relay = relay(2).await;
    let mut pair = Pair::meet(relay.address, "bystanders").await;
    let mut client = Client::connect(relay.address).await;
    client
        .send_raw(Message::binary(br#"{"type":"token"}"#.to_vec()))
        .await;
    assert!(client.error(ErrorCode::BadMessage).await.contains("binary"));
    client.nothing_came().await;
    pair.talk().await;
    row.passed();
}

#[tokio::test]
async fn sixteen_bad_messages_in_a_row_close_the_connection() {
    let relay = relay(2).await;
    let mut pair = Pair::meet(relay.address, "room").await;
    // A good one starts the count again.
    for _ in 0..2 {
        for _ in 0..15 {
            pair.a.0.send_text("{").await;
            pair.a.0.error(ErrorCode::BadMessage).await;
        }
        pair.a.0.nothing_came().await;
    }
    for bad in 0..16 {
        let message = if bad % 2 == 0 {
            Message::text("{")
        } else {
            Message::binary(vec![0])
        };
        pair.a.0.send_raw(message).await;
        pair.a.0.error(ErrorCode::BadMessage).await;
    }
    pair.a.0.closed(1008).await;
    pair.b.0.away(&pair.a.1).await;
}

#[tokio::test]
async fn a_text_that_is_not_utf8_closes_the_connection() {
    let row = visavis_rows::row(30, "bad UTF-8");
    let relay = relay(2).await;
    let mut bystanders = Pair::meet(relay.address, "bystanders").await;
    let mut pair = Pair::meet(relay.address, "room").await;
    let frame = Frame::message(vec![b'"', 0xC0, 0xAF, b'"'], OpCode::Data(Data::Text), true);
    pair.a.0.send_raw(Message::Frame(frame)).await;
    assert!(pair.a.0.error(ErrorCode::BadMessage).await.contains("UTF-8"));
    pair.a.0.closed(1007).await;
    pair.b.0.away(&pair.a.1).await;
    bystanders.talk().await;
    row.passed();
}

#[tokio::test]
async fn a_frame_without_a_mask_closes_the_connection() {
    let relay = relay(2).await;
    let mut pair = Pair::meet(relay.address, "room").await;
    pair.a
        .0
        .socket
        .get_mut()
        .write_all(&[0x81, 2, b'{', b'}'])
        .await
        .unwrap();
    pair.a.0.closed(1002).await;
    pair.b.0.away(&pair.a.1).await;
}

/// `{"type":"token"}`, blown up with blanks.
fn token(bytes: usize) -> String {
    let blanks = " ".repeat(bytes - r#"{"type":"token"}"#.len());
    format!(r#"{{"type":"token"{blanks}}}"#)
}

#[tokio::test]
async fn a_message_at_the_limit_is_accepted() {
    let row = visavis_rows::row(31, "at the limit");
    let relay = relay(2).await;
    let mut client = Client::connect(relay.address).await;
    client.send_text(&token(MAX_MESSAGE_BYTES)).await;
    assert!(matches!(client.hear().await, RelayMessage::Token { .. }));
    client.nothing_came().await;
    row.passed();
}

#[tokio::test]
async fn one_byte_over_the_limit_closes_the_connection() {
    let row = visavis_rows::row(31, "one byte more");
    let relay = relay(2).await;
    let mut bystanders = Pair::meet(relay.address, "bystanders").await;
    let mut pair = Pair::meet(relay.address, "room").await;
    pair.a.0.send_text(&token(MAX_MESSAGE_BYTES + 1)).await;
    assert!(pair.a.0.error(ErrorCode::BadMessage).await.contains("65536"));
    pair.a.0.closed(1009).await;
    pair.b.0.away(&pair.a.1).await;
    bystanders.talk().await;
    row.passed();
}

#[tokio::test]
async fn fragments_without_an_end_close_the_connection() {
    let row = visavis_rows::row(31, "endless fragments");
    let relay = relay(2).await;
    let mut client = Client::connect(relay.address).await;
    let fragment = |data| Message::Frame(Frame::message(vec![b' '; 16 * 1024], OpCode::Data(data), false));
    client.send_raw(fragment(Data::Text)).await;
    for _ in 0..4 {
        client.send_raw(fragment(Data::Continue)).await;
    }
    client.error(ErrorCode::BadMessage).await;
    client.closed(1009).await;
    row.passed();
}

#[tokio::test]
async fn empty_fragments_without_an_end_are_silence() {
    let row = visavis_rows::row(31, "empty fragments");
    let relay = relay_with(Config {
        timing: Timing {
            lost_after: Duration::from_millis(500),
            ..Timing::default()
        },
        ..Config::default()
    })
    .await;
    let mut client = Client::connect(relay.address).await;
    client.nothing_came().await;
    let empty = |data| Message::Frame(Frame::message(Vec::new(), OpCode::Data(data), false));
    client.send_raw(empty(Data::Text)).await;
    let flood = async { while client.socket.send(empty(Data::Continue)).await.is_ok() {} };
    // The relay stops reading, and then closes the socket.
    timeout(PATIENCE, flood).await.expect("closed");
    row.passed();
}

/// A text that makes a `message` of this many bytes, once the relay has put the sender's name in.
fn fitting(from: &PeerId, bytes: usize) -> String {
    let envelope = RelayMessage::Message {
        from: from.clone(),
        message: PeerText(String::new()),
    };
    "x".repeat(bytes - native::encode_relay(&envelope).len())
}

#[tokio::test]
async fn a_message_is_never_passed_on_over_the_limit() {
    let relay = relay(2).await;
    let mut pair = Pair::meet(relay.address, "room").await;
    let longest = fitting(&pair.a.1, MAX_MESSAGE_BYTES);
    pair.a.0.say(&pair.b.1, &longest).await;
    pair.b.0.message(&pair.a.1, &longest).await;

    let too_long = fitting(&pair.a.1, MAX_MESSAGE_BYTES + 1);
    pair.a.0.say(&pair.b.1, &too_long).await;
    assert!(
        pair.a
            .0
            .error(ErrorCode::BadMessage)
            .await
            .contains("1 bytes over")
    );
    pair.b.0.nothing_came().await;
    pair.talk().await;
}

#[tokio::test]
async fn a_message_before_a_seat_is_refused() {
    let row = visavis_rows::row(30, "before join");
    let relay = relay(2).await;
    let mut pair = Pair::meet(relay.address, "room").await;
    let mut client = Client::connect(relay.address).await;
    client.say(&pair.b.1, "hi").await;
    client.error(ErrorCode::NotJoined).await;
    client.nothing_came().await;
    pair.talk().await;
    row.passed();
}

#[tokio::test]
async fn a_message_to_nobody_is_refused() {
    let relay = relay(2).await;
    let mut pair = Pair::meet(relay.address, "room").await;
    let (_client, elsewhere) = Client::seated(relay.address, "other", "secret").await;
    let oneself = pair.a.1.clone();
    for to in [elsewhere, oneself, PeerId::new("nobody").unwrap()] {
        pair.a.0.say(&to, "hi").await;
        pair.a.0.error(ErrorCode::NoSuchPeer).await;
    }
    pair.talk().await;
}

#[tokio::test]
async fn a_second_join_is_refused() {
    let relay = relay(2).await;
    let mut pair = Pair::meet(relay.address, "room").await;
    pair.a.0.join("other", "secret").await;
    pair.a.0.error(ErrorCode::AlreadyJoined).await;
    pair.talk().await;
}
