//! The end of the relay, and its return (rows 38 and 39 of the fault matrix).

use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::{sleep, timeout};
use visavis_protocol::id::PeerId;
use visavis_protocol::relay::RelayMessage;
use visavis_relay::{Config, Running};

use crate::client::{Client, Pair};
use crate::http;

/// How many people come back at once, in rooms of two.
const PEOPLE: usize = 1_000;

/// A small machine takes a while for a thousand people.
const PATIENCE: Duration = Duration::from_secs(60);

async fn start(port: u16) -> Running {
    let config = Config {
        port,
        metrics: Some("127.0.0.1:0".parse().unwrap()),
        trusted_proxies: vec!["127.0.0.1".parse::<std::net::IpAddr>().unwrap().into()],
        ..Config::default()
    };
    // The system may not have freed the port yet.
    let started = async {
        loop {
            match visavis_relay::start(config.clone()).await {
                Ok(relay) => return relay,
                Err(_) => sleep(Duration::from_millis(10)).await,
            }
        }
    };
    timeout(PATIENCE, started)
        .await
        .expect("the port is free in time")
}

/// Somebody takes a seat, meets the other one, and says something; both hear each other.
async fn meet(relay: SocketAddr, number: usize) -> (Client, PeerId) {
    // Eight at each address: more than a household.
    let address = format!("198.51.{}.{}", number / 8 / 200, number / 8 % 200);
    let mut client = Client::connect_from(relay, &address).await.unwrap();
    client
        .join(&format!("room-{}", number / 2), &format!("secret-{number}"))
        .await;
    let you = client.joined().await;
    let RelayMessage::Ready { peer: other } = client.hear().await else {
        panic!("the other one comes");
    };
    client.say(&other, "here I am").await;
    client.message(&other, "here I am").await;
    (client, you)
}

async fn all_meet(relay: SocketAddr) -> Vec<(Client, PeerId)> {
    let all: Vec<_> = (0..PEOPLE)
        .map(|number| tokio::spawn(meet(relay, number)))
        .collect();
    let mut met = Vec::new();
    for one in all {
        met.push(timeout(PATIENCE, one).await.expect("everybody is back").unwrap());
    }
    met
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_come_back_at_once_after_a_restart() {
    let row = visavis_rows::row(38, "sockets");
    let open_files = rlimit::increase_nofile_limit(4 * PEOPLE as u64).unwrap();
    assert!(
        open_files >= 3 * PEOPLE as u64,
        "this system allows {open_files} open files"
    );
    let relay = start(0).await;
    let port = relay.address.port();
    let before = all_meet(relay.address).await;
    let names: Vec<PeerId> = before.iter().map(|(_, name)| name.clone()).collect();
    let told = async {
        for (mut client, _) in before {
            client.closed(1012).await;
        }
    };
    tokio::join!(relay.shutdown(), told);

    let relay = start(port).await;
    let begun = std::time::Instant::now();
    let back = all_meet(relay.address).await;
    let row = row.recovered_in(begun.elapsed());
    assert!(back.iter().map(|(_, name)| name).eq(&names), "the same people");
    let metrics = http::get(relay.metrics.unwrap(), "/metrics").await;
    let refused = metrics.text().lines().filter(|line| {
        let counts = line.starts_with("visavis_relay_refused") || line.starts_with("visavis_relay_closed");
        counts && !line.ends_with(" 0")
    });
    assert_eq!(
        refused.collect::<Vec<_>>(),
        [""; 0],
        "nobody was refused or closed"
    );
    row.passed();
}

#[cfg(unix)]
#[tokio::test]
async fn sigterm_tells_everybody_to_come_back() {
    use crate::program::Program;

    let row = visavis_rows::row(39, "sockets");
    let relay = Program::start(&[]);
    let mut pair = Pair::meet(relay.address, "room").await;
    let mut alone = Client::connect(relay.address).await;
    pair.a.0.say(&pair.b.1, "the last word").await;
    pair.a.0.nothing_came().await;
    let stopped = tokio::task::spawn_blocking(|| relay.stop("-TERM"));
    pair.b.0.message(&pair.a.1, "the last word").await;
    for client in [&mut pair.a.0, &mut pair.b.0, &mut alone] {
        client.closed(1012).await;
        // The answer to a close frame goes out with the next read.
        assert_eq!(client.next().await, Err(1006));
    }
    // The promise, not a measurement. The program ends with status 0, or `stop` panics.
    let log = timeout(Duration::from_secs(30), stopped)
        .await
        .expect("in time")
        .unwrap();
    assert!(log.contains("stopped"), "{log}");
    row.passed();
}
