//! What the relay thinks of requests before it answers them (rows 32 and 35 of the fault matrix).

use std::fs::{self, File};
use std::net::SocketAddr;
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use visavis_relay::config::Timing;
use visavis_relay::origin::Origins;
use visavis_relay::{Config, Running};

use crate::client::{Client, PATIENCE, relay, relay_with};
use crate::http::{get, get_with};

const SOON: Duration = Duration::from_millis(200);

/// What comes back on a connection for these bytes, until it is closed.
async fn answer(relay: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(relay).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A reset, after more was sent than is read, ends it too.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut answer))
        .await
        .expect("closed");
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap_or(answer)
}

#[tokio::test]
async fn a_request_has_one_host() {
    let relay = relay(2).await;
    for (headers, expected) in [
        ("", "400"),
        ("host: a\r\nhost: b\r\n", "400"),
        ("host: a\r\nhost: a\r\n", "400"),
        ("host: a\r\n", "200"),
    ] {
        let request = format!("GET /healthz HTTP/1.1\r\nconnection: close\r\n{headers}\r\n");
        assert_eq!(
            status(&answer(relay.address, &request).await),
            expected,
            "{headers:?}"
        );
    }
    // There was none in the first version of HTTP, which some health checks still speak.
    assert_eq!(
        status(&answer(relay.address, "GET /healthz HTTP/1.0\r\n\r\n").await),
        "200"
    );
}

#[tokio::test]
async fn a_path_that_is_too_long_leads_nowhere() {
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join("index.html"), "page").unwrap();
    let relay = relay_with(Config {
        site: Some(directory.path().to_owned()),
        ..Config::default()
    })
    .await;
    for path in [
        format!("/{}", "x".repeat(256)),
        format!("/{}", "x".repeat(5_000)),
        "/x".repeat(2_000),
        "/index.html/below".to_owned(),
    ] {
        assert_eq!(
            get(relay.address, &path).await.status,
            404,
            "{} characters",
            path.len()
        );
    }
    assert_eq!(
        get(relay.address, &format!("/?{}", "x".repeat(5_000)))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn headers_that_are_too_long_are_refused() {
    let row = visavis_rows::row(32, "long headers");
    let relay = relay_with(hurried(Timing::default())).await;
    let long = format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "x".repeat(20_000));
    assert_eq!(status(&answer(relay.address, &long).await), "431");
    // Without an end, they are refused as soon as they are too long: no more than that is kept.
    let endless = format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}", "x".repeat(20_000));
    assert_eq!(status(&answer(relay.address, &endless).await), "431");
    let many = format!("GET / HTTP/1.1\r\nhost: a\r\n{}\r\n", "x: y\r\n".repeat(100));
    assert_eq!(status(&answer(relay.address, &many).await), "431");
    let counted = async { while !counts(&relay, "refused_total{reason=\"headers\"} 3").await {} };
    timeout(PATIENCE, counted).await.expect("they are counted");
    row.passed();
}

fn hurried(timing: Timing) -> Config {
    Config {
        timing,
        metrics: Some("127.0.0.1:0".parse().unwrap()),
        ..Config::default()
    }
}

#[tokio::test]
async fn silence_after_an_answer_closes_the_connection() {
    let row = visavis_rows::row(32, "silence after an answer");
    let relay = relay_with(hurried(Timing {
        request_headers: SOON,
        ..Timing::default()
    }))
    .await;
    let answer = answer(relay.address, "GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(answer.ends_with("ok"), "{answer}");
    row.passed();
}

#[tokio::test]
async fn whoever_does_not_take_a_file_is_given_up() {
    let row = visavis_rows::row(32, "slow reader of a file");
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join("index.html"), "page").unwrap();
    // More than systems take in advance.
    const LARGE: usize = 64 * 1024 * 1024;
    File::create(directory.path().join("large.bin"))
        .and_then(|file| file.set_len(LARGE as u64))
        .unwrap();
    let relay = relay_with(Config {
        site: Some(directory.path().to_owned()),
        ..hurried(Timing {
            stalled: SOON,
            ..Timing::default()
        })
    })
    .await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut slow = socket.connect(relay.address).await.unwrap();
    slow.write_all(b"GET /large.bin HTTP/1.1\r\nhost: a\r\n\r\n")
        .await
        .unwrap();
    let given_up = async {
        while !counts(&relay, "refused_total{reason=\"slow_reader\"} 1").await {
            tokio::time::sleep(SOON / 10).await;
        }
    };
    timeout(PATIENCE, given_up).await.expect("it is given up");
    let mut taken = Vec::new();
    let _ = slow.read_to_end(&mut taken).await;
    assert!(taken.len() < LARGE, "{} bytes", taken.len());
    row.passed();
}

async fn counts(relay: &Running, line: &str) -> bool {
    let answer = get(relay.metrics.unwrap(), "/metrics").await;
    answer.text().contains(&format!("visavis_relay_{line}\n"))
}

/// How a WebSocket with this origin is answered: 101, or a refusal.
async fn upgrade(relay: &Running, origin: Option<&str>) -> u16 {
    let stream = TcpStream::connect(relay.address).await.unwrap();
    let headers: Vec<_> = origin.map(|origin| ("origin", origin)).into_iter().collect();
    Client::upgrade_with(stream, &headers).await.err().unwrap_or(101)
}

/// The site's own, which is where the request goes.
const OWN: Option<&str> = Some("https://relay.test");
const FOREIGN: Option<&str> = Some("https://elsewhere.test");

async fn allowing(origins: Origins) -> Running {
    relay_with(Config {
        origins,
        ..hurried(Timing::default())
    })
    .await
}

#[tokio::test]
async fn a_foreign_page_is_refused() {
    let row = visavis_rows::row(35, "foreign");
    let relay = allowing(Origins::default()).await;
    assert_eq!(upgrade(&relay, FOREIGN).await, 403);
    assert_eq!(upgrade(&relay, Some("null")).await, 403);
    assert_eq!(upgrade(&relay, OWN).await, 101);
    assert!(counts(&relay, "refused_total{reason=\"origin\"} 2").await);
    // Pages may always ask whether there is a relay.
    let plain = get_with(relay.address, "/signal", "origin: https://elsewhere.test\r\n").await;
    assert_eq!(plain.status, 426);
    row.passed();
}

#[tokio::test]
async fn a_client_without_an_origin_is_refused_unless_it_is_allowed() {
    let row = visavis_rows::row(35, "missing");
    assert_eq!(upgrade(&allowing(Origins::default()).await, None).await, 403);
    let relay = allowing(Origins {
        missing: true,
        ..Origins::default()
    })
    .await;
    assert_eq!(upgrade(&relay, None).await, 101);
    assert_eq!(upgrade(&relay, OWN).await, 101);
    assert_eq!(upgrade(&relay, FOREIGN).await, 403);
    row.passed();
}

#[tokio::test]
async fn pages_of_a_list_are_allowed() {
    let row = visavis_rows::row(35, "listed");
    let relay = allowing(Origins {
        own: false,
        listed: vec!["https://elsewhere.test".into()],
        ..Origins::default()
    })
    .await;
    assert_eq!(upgrade(&relay, FOREIGN).await, 101);
    assert_eq!(upgrade(&relay, OWN).await, 403);
    row.passed();
}

#[tokio::test]
async fn any_page_may_be_allowed() {
    let row = visavis_rows::row(35, "any");
    let relay = allowing(Origins::any()).await;
    for origin in [OWN, FOREIGN, None] {
        assert_eq!(upgrade(&relay, origin).await, 101);
    }
    row.passed();
}
