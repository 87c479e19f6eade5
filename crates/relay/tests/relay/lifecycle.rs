//! Deadlines, slow clients, and the end of the relay.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use visavis_protocol::relay::{AccessPolicy, ErrorCode};
use visavis_relay::config::Timing;
use visavis_relay::{Config, StartError};

use crate::client::{Client, PATIENCE, Pair, relay, relay_with};

const SOON: Duration = Duration::from_millis(200);

fn with_timing(timing: Timing) -> Config {
    Config {
        timing,
        ..Config::default()
    }
}

#[tokio::test]
async fn silence_after_the_upgrade_closes_the_connection() {
    let row = visavis_rows::row(32, "silence");
    let relay = relay_with(with_timing(Timing {
        first_message: SOON,
        ..Timing::default()
    }))
    .await;
    let mut silent = Client::connect(relay.address).await;
    let (mut seated, _) = Client::seated(relay.address, "room", "secret").await;
    silent.closed(1008).await;
    // One message is enough.
    seated.nothing_came().await;
    row.passed();
}

#[tokio::test]
async fn only_text_counts_as_the_first_message() {
    let relay = relay_with(with_timing(Timing {
        first_message: SOON,
        ..Timing::default()
    }))
    .await;
    let mut client = Client::connect(relay.address).await;
    client.send_raw(vec![0].into()).await;
    client.error(ErrorCode::BadMessage).await;
    client.closed(1008).await;
}

#[tokio::test]
async fn a_client_that_answers_no_ping_is_away() {
    let timing = Timing {
        ping_every: SOON / 4,
        lost_after: SOON * 2,
        ..Timing::default()
    };
    let relay = relay_with(with_timing(timing)).await;
    let mut pair = Pair::meet(relay.address, "room").await;
    // While `b` waits, it answers pings, and so is not missed itself; `a` is not polled, and answers none.
    pair.b.0.away(&pair.a.1).await;
    assert!(timeout(SOON * 4, pair.b.0.next()).await.is_err());
    pair.b.0.nothing_came().await;
    pair.a.0.closed(1008).await;
}

#[tokio::test]
async fn a_page_sees_that_the_relay_is_there() {
    let timing = Timing {
        ping_every: SOON / 4,
        ..Timing::default()
    };
    let relay = relay_with(with_timing(timing)).await;
    // Also before there is a seat.
    let mut client = Client::connect(relay.address).await;
    for _ in 0..3 {
        let pings = timeout(PATIENCE, async {
            [client.socket.next().await, client.socket.next().await]
        });
        let [frame, text] = pings.await.expect("the relay pings");
        assert!(matches!(frame, Some(Ok(Message::Ping(_)))), "{frame:?}");
        assert_eq!(text.unwrap().unwrap(), Message::text(r#"{"type":"ping"}"#));
    }
}

#[tokio::test]
async fn slow_headers_close_the_connection() {
    let row = visavis_rows::row(32, "slow headers");
    let relay = relay_with(with_timing(Timing {
        request_headers: SOON,
        ..Timing::default()
    }))
    .await;
    let mut stream = TcpStream::connect(relay.address).await.unwrap();
    stream
        .write_all(b"GET /signal HTTP/1.1\r\nhost: re")
        .await
        .unwrap();
    let mut answer = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut answer))
        .await
        .expect("closed")
        .unwrap();
    row.passed();
}

#[tokio::test]
async fn shutdown_tells_everybody_to_come_back() {
    let relay = relay(2).await;
    let address = relay.address;
    let mut pair = Pair::meet(relay.address, "room").await;
    let mut waiting = Client::connect(relay.address).await;
    waiting.join("room", "third").await;
    waiting.waits(2, AccessPolicy::Open).await;
    pair.a.0.say(&pair.b.1, "the last word").await;
    pair.a.0.nothing_came().await;

    let everybody = async {
        pair.b.0.message(&pair.a.1, "the last word").await;
        // The next thing is the end: nobody leaves, nobody moves up.
        for client in [&mut pair.b.0, &mut pair.a.0, &mut waiting] {
            client.closed(1012).await;
            // The answer to a close frame goes out with the next read.
            assert_eq!(client.next().await, Err(1006));
        }
    };
    let begun = Instant::now();
    tokio::join!(relay.shutdown(), everybody);
    // The promise, not a measurement: a busy machine may take a while.
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(
        TcpStream::connect(address).await.is_err(),
        "nobody listens any more"
    );
}

#[tokio::test]
async fn shutdown_does_not_wait_for_those_who_do_not_answer() {
    let relay = relay(2).await;
    let mut pair = Pair::meet(relay.address, "room").await;
    let mut half_request = TcpStream::connect(relay.address).await.unwrap();
    half_request
        .write_all(b"GET / HTTP/1.1\r\nhost: re")
        .await
        .unwrap();
    pair.talk().await;
    let begun = Instant::now();
    relay.shutdown().await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    pair.a.0.closed(1012).await;
}

#[tokio::test]
async fn dropping_the_relay_ends_everything() {
    let relay = relay(2).await;
    let address = relay.address;
    let mut pair = Pair::meet(relay.address, "room").await;
    drop(relay);
    pair.a.0.closed(1006).await;
    pair.b.0.closed(1006).await;
    assert!(
        TcpStream::connect(address).await.is_err(),
        "nobody listens any more"
    );
}

#[tokio::test]
async fn a_port_in_use_is_named_with_the_way_out() {
    let relay = relay(2).await;
    let port = relay.address.port();
    let error = visavis_relay::start(Config {
        port,
        ..Config::default()
    })
    .await
    .unwrap_err();
    assert!(matches!(error, StartError::PortInUse { .. }));
    let text = error.to_string();
    assert!(
        text.contains(&port.to_string()) && text.contains("--port"),
        "{text}"
    );
}

#[tokio::test]
async fn a_host_that_is_not_here_is_named_with_the_way_out() {
    // Reserved for documentation (RFC 5737): no machine has it.
    let config = Config {
        host: "192.0.2.1".into(),
        port: 0,
        ..Config::default()
    };
    let text = visavis_relay::start(config).await.unwrap_err().to_string();
    assert!(text.contains("192.0.2.1") && text.contains("--host"), "{text}");
}

#[tokio::test]
async fn the_url_is_one_that_a_browser_on_this_machine_can_open() {
    let relay = relay_with(Config {
        host: "0.0.0.0".into(),
        ..Config::default()
    })
    .await;
    assert_eq!(relay.url(), format!("http://127.0.0.1:{}/", relay.address.port()));
}
