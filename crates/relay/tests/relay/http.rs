//! A small HTTP client: one request, sent as it is written, so that no library tidies up a path.

use std::collections::HashMap;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::{PATIENCE, relay};

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

pub(crate) async fn get(relay: SocketAddr, path: &str) -> Answer {
    get_with(relay, path, "").await
}

/// `headers` are whole lines, each with its end.
pub(crate) async fn get_with(relay: SocketAddr, path: &str, headers: &str) -> Answer {
    let request = format!("GET {path} HTTP/1.1\r\nhost: relay.test\r\nconnection: close\r\n{headers}\r\n");
    let mut stream = TcpStream::connect(relay).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut bytes))
        .await
        .expect("an answer")
        .unwrap();
    let end = bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .expect("headers have an end");
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.map(|line| line.split_once(": ").unwrap());
    Answer {
        status,
        headers: headers
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect(),
        body: bytes[end + 4..].to_vec(),
    }
}

#[tokio::test]
async fn a_plain_request_for_the_signal_is_told_to_upgrade() {
    let relay = relay(2).await;
    let answer = get(relay.address, "/signal").await;
    assert_eq!(answer.status, 426);
    assert_eq!(answer.header("upgrade"), "websocket");
    assert_eq!(answer.header("sec-websocket-version"), "13");
    assert!(answer.text().contains("WebSocket"), "{}", answer.text());
}

#[tokio::test]
async fn an_upgrade_to_another_version_is_told_the_right_one() {
    let relay = relay(2).await;
    let headers = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 8\r\n\
        sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let answer = get_with(relay.address, "/signal", headers).await;
    assert_eq!(answer.status, 426);
    assert_eq!(answer.header("sec-websocket-version"), "13");
}

#[tokio::test]
async fn a_relay_in_good_health_says_ok() {
    let relay = relay(2).await;
    let answer = get(relay.address, "/healthz").await;
    assert_eq!((answer.status, answer.text()), (200, "ok"));
}

#[tokio::test]
async fn without_a_site_the_relay_says_what_it_is() {
    let relay = relay(2).await;
    let answer = get(relay.address, "/").await;
    assert_eq!(answer.status, 200);
    assert!(
        answer.text().contains("/signal") && answer.text().contains("--site"),
        "{}",
        answer.text()
    );
    assert_eq!(get(relay.address, "/index.html").await.status, 404);
}
