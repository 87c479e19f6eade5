//! The cases of RFC 6455 that a client can get wrong, in bytes (row 46 of the fault matrix).

use futures_util::StreamExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use visavis_protocol::relay::{ErrorCode, RelayMessage};

use crate::client::{Client, PATIENCE, Pair, relay};

const FIN: u8 = 0x80;
const RSV1: u8 = 0x40;
const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;

/// A frame with a mask of zeros, which changes nothing.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        short @ 0..126 => frame.push(0x80 | u8::try_from(short).unwrap()),
        long => {
            frame.push(0x80 | 126);
            frame.extend(u16::try_from(long).unwrap().to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

const TOKEN: &[u8] = br#"{"type":"token"}"#;

impl Client {
    async fn send_bytes(&mut self, bytes: &[u8]) {
        self.socket.get_mut().write_all(bytes).await.unwrap();
    }

    async fn next_frame(&mut self) -> Message {
        let next = timeout(PATIENCE, self.socket.next()).await;
        next.expect("an answer").unwrap().unwrap()
    }
}

/// These bytes close the connection with 1002, and nobody else notices but that somebody is away.
async fn is_a_breach(what: &str, bytes: &[u8]) {
    let relay = relay(2).await;
    let mut bystanders = Pair::meet(relay.address, "bystanders").await;
    let mut pair = Pair::meet(relay.address, "room").await;
    pair.a.0.send_bytes(bytes).await;
    assert_eq!(pair.a.0.next().await, Err(1002), "{what}");
    pair.b.0.away(&pair.a.1).await;
    bystanders.talk().await;
}

#[tokio::test]
async fn a_frame_without_a_mask_is_a_breach() {
    let row = visavis_rows::row(46, "masks");
    is_a_breach("no mask", &[FIN | TEXT, 2, b'{', b'}']).await;
    // A mask other than zeros is taken off.
    let relay = relay(2).await;
    let mut client = Client::connect(relay.address).await;
    let mask = [0x37, 0xfa, 0x21, 0x3d];
    let mut masked = vec![FIN | TEXT, 0x80 | u8::try_from(TOKEN.len()).unwrap()];
    masked.extend(mask);
    masked.extend(
        TOKEN
            .iter()
            .zip(mask.iter().cycle())
            .map(|(byte, mask)| byte ^ mask),
    );
    client.send_bytes(&masked).await;
    assert!(matches!(client.hear().await, RelayMessage::Token { .. }));
    row.passed();
}

#[tokio::test]
async fn reserved_bits_and_opcodes_are_breaches() {
    let row = visavis_rows::row(46, "reserved bits and opcodes");
    for reserved in [RSV1, RSV1 >> 1, RSV1 >> 2] {
        is_a_breach("a reserved bit", &frame(FIN | reserved | TEXT, TOKEN)).await;
    }
    for opcode in [3, 7, 0xB, 0xF] {
        is_a_breach("a reserved opcode", &frame(FIN | opcode, TOKEN)).await;
    }
    row.passed();
}

#[tokio::test]
async fn control_frames_are_short_and_whole() {
    let row = visavis_rows::row(46, "control frames");
    is_a_breach("a long ping", &frame(FIN | PING, &[b'x'; 126])).await;
    is_a_breach("a ping in fragments", &frame(PING, b"x")).await;

    let relay = relay(2).await;
    let mut client = Client::connect(relay.address).await;
    for payload in [&[b'x'; 125][..], b""] {
        client.send_bytes(&frame(FIN | PING, payload)).await;
        assert_eq!(client.next_frame().await, Message::Pong(payload.to_vec().into()));
    }
    // Between the fragments of a message.
    client.send_bytes(&frame(TEXT, &TOKEN[..5])).await;
    client.send_bytes(&frame(FIN | PING, b"there?")).await;
    assert_eq!(client.next_frame().await, Message::Pong("there?".into()));
    client.send_bytes(&frame(FIN | CONTINUATION, &TOKEN[5..])).await;
    assert!(matches!(client.hear().await, RelayMessage::Token { .. }));
    row.passed();
}

#[tokio::test]
async fn fragments_are_put_together() {
    let row = visavis_rows::row(46, "fragments");
    is_a_breach("a continuation of nothing", &frame(FIN | CONTINUATION, TOKEN)).await;
    let another = [frame(TEXT, b"{"), frame(FIN | TEXT, TOKEN)].concat();
    is_a_breach("a message within a message", &another).await;

    let relay = relay(2).await;
    let mut client = Client::connect(relay.address).await;
    // A character may be in two fragments, and a fragment may be empty.
    let text = r#"{"type":"ö"}"#.as_bytes();
    for (first, fragment) in [
        (TEXT, &text[..10]),
        (CONTINUATION, &[]),
        (FIN | CONTINUATION, &text[10..]),
    ] {
        client.send_bytes(&frame(first, fragment)).await;
    }
    assert!(client.error(ErrorCode::BadMessage).await.contains('ö'));
    client.nothing_came().await;
    row.passed();
}

#[tokio::test]
async fn close_frames_are_answered() {
    let row = visavis_rows::row(46, "close codes");
    for (payload, answer) in [
        // Normal, going away, and those for applications.
        (&[0x03, 0xE8][..], 1000),
        (&[0x03, 0xE9], 1001),
        (&[0x0B, 0xB8], 3000),
        (&[0x0F, 0xA0], 4000),
        (b"\x03\xE8bye", 1000),
        // No code at all.
        (&[], 1005),
        // One byte, codes that must not be sent, and a reason that is no text.
        (&[0x03], 1002),
        (&[0x03, 0xED], 1002),
        (&[0x03, 0xEE], 1002),
        (&[0x00, 0x00], 1002),
        (&[0x03, 0xE7], 1002),
        (b"\x03\xE8\xC0\xAF", 1007),
    ] {
        let relay = relay(2).await;
        let mut client = Client::connect(relay.address).await;
        client.nothing_came().await;
        client.send_bytes(&frame(FIN | CLOSE, payload)).await;
        if answer == 1007 {
            client.error(ErrorCode::BadMessage).await;
        }
        assert_eq!(client.next().await, Err(answer), "{payload:?}");
    }
    row.passed();
}
