//! How much one connection, one address and all of them may ask (rows 34 and 50 of the fault matrix).

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use visavis_protocol::dialect::native;
use visavis_protocol::ice::IceServer;
use visavis_protocol::id::{PeerId, RoomId, SeatSecret};
use visavis_protocol::name::GivenName;
use visavis_protocol::relay::{AccessPolicy, ClientMessage, ErrorCode, PeerText, RelayMessage};
use visavis_relay::limits::{Limits, Rate};
use visavis_relay::{Config, Running};

use crate::client::{Client, PATIENCE, Pair, relay_with};
use crate::floods::{limited, once};
use crate::http;

fn counted(limits: Limits) -> Config {
    Config {
        metrics: Some("127.0.0.1:0".parse().unwrap()),
        trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()],
        ..limited(limits)
    }
}

/// Waits until the relay has counted this many of something.
async fn counts(relay: &Running, what: &str, expected: u32) {
    let line = format!("visavis_relay_{what} {expected}\n");
    let wait = async {
        loop {
            let answer = http::get(relay.metrics.unwrap(), "/metrics").await;
            if answer.text().contains(&line) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, wait).await.expect(&line);
}

fn text(message: &ClientMessage) -> Message {
    Message::text(native::encode_client(message))
}

/// Hears that it asked too much, and the end; returns how many messages came before.
async fn ends_busy(client: &mut Client) -> usize {
    let mut before = 0;
    loop {
        match client.next().await {
            Ok(RelayMessage::Error {
                code: ErrorCode::Busy,
                ..
            }) => break,
            Ok(_) => before += 1,
            Err(code) => panic!("closed with {code} and no word"),
        }
    }
    client.closed(1008).await;
    before
}

/// Begins a flood of 50 messages, and sees that its sender is closed, that it is counted, and that another
/// room has noticed nothing.
async fn flood_ends(limits: Limits, reason: &str, flood: impl Fn(u32) -> ClientMessage) {
    let row = visavis_rows::row(34, reason);
    let relay = relay_with(counted(limits)).await;
    let mut bystanders = Pair::meet(relay.address, "bystanders").await;
    let mut pair = Pair::meet(relay.address, "room").await;
    pair.a
        .0
        .send_at_once((0..50).map(|number| text(&flood(number))))
        .await;
    assert!(ends_busy(&mut pair.a.0).await < 50);
    // Its own room hears of it as of any fault.
    loop {
        match pair.b.0.hear().await {
            RelayMessage::Away { peer } => break assert_eq!(peer, pair.a.1),
            RelayMessage::Room { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    bystanders.talk().await;
    counts(&relay, &format!("closed_total{{reason=\"{reason}\"}}"), 1).await;
    row.passed();
}

#[tokio::test]
async fn a_flood_of_messages_waits_and_then_ends() {
    let limits = Limits {
        messages: Rate {
            burst: 10,
            per_minute: 300,
        },
        waits: 5,
        ..Limits::default()
    };
    let nobody = PeerId::new("nobody").unwrap();
    let send = |_| ClientMessage::Send {
        to: nobody.clone(),
        message: PeerText(String::new()),
    };
    flood_ends(limits, "messages", send).await;
}

#[tokio::test]
async fn a_flood_of_joins_ends() {
    let limits = Limits {
        joins: once(20),
        ..Limits::default()
    };
    let join = |number| ClientMessage::Join {
        room: RoomId::new(format!("room-{number}")).unwrap(),
        secret: SeatSecret::new("secret").unwrap(),
        replaces: None,
        name: GivenName::default(),
    };
    flood_ends(limits, "joins", join).await;
}

#[tokio::test]
async fn a_flood_of_token_requests_ends() {
    let limits = Limits {
        tokens: once(20),
        ..Limits::default()
    };
    flood_ends(limits, "tokens", |_| ClientMessage::Token).await;
}

#[tokio::test]
async fn a_flood_of_names_ends() {
    let limits = Limits {
        names: once(20),
        ..Limits::default()
    };
    let name = |number: u32| ClientMessage::Name {
        name: GivenName::new(&number.to_string()),
    };
    flood_ends(limits, "names", name).await;
}

#[tokio::test]
async fn a_flood_of_a_hosts_commands_ends() {
    let limits = Limits {
        commands: once(20),
        ..Limits::default()
    };
    let door = |number| ClientMessage::Door {
        state: if number % 2 == 0 {
            AccessPolicy::Knock
        } else {
            AccessPolicy::Open
        },
    };
    flood_ends(limits, "commands", door).await;
}

#[tokio::test]
async fn an_address_joins_only_so_often_whatever_its_connections() {
    let row = visavis_rows::row(34, "joins of an address");
    let relay = relay_with(counted(Limits {
        joins_per_address: once(3),
        ..Limits::default()
    }))
    .await;
    for number in 0..3 {
        let mut client = Client::connect_from(relay.address, "2001:db8::1").await.unwrap();
        client.join("room", &format!("secret-{number}")).await;
        client.joined().await;
    }
    // The same network.
    let mut client = Client::connect_from(relay.address, "2001:db8::2").await.unwrap();
    client.join("room", "secret-3").await;
    ends_busy(&mut client).await;
    let mut other = Client::connect_from(relay.address, "192.0.2.1").await.unwrap();
    other.join("elsewhere", "secret").await;
    other.joined().await;
    counts(&relay, "closed_total{reason=\"joins\"}", 1).await;
    row.passed();
}

#[tokio::test]
async fn an_address_does_not_fill_a_lobby() {
    let row = visavis_rows::row(34, "knocks of an address");
    let relay = relay_with(counted(Limits::default())).await;
    let (mut host, host_id) = Client::seated(relay.address, "room", "host").await;
    let state = AccessPolicy::Knock;
    host.send(&ClientMessage::Door { state }).await;
    host.room(&host_id, state).await;
    let mut knockers = Vec::new();
    for number in 0..9 {
        let mut knocker = Client::connect_from(relay.address, "192.0.2.1").await.unwrap();
        knocker.join_as("room", &format!("secret-{number}"), "Ada").await;
        knocker.waits(8, state).await;
        let id = host.knock("Ada").await;
        knockers.push((knocker, id));
    }
    let (mut ninth, id) = knockers.pop().unwrap();
    ends_busy(&mut ninth).await;
    host.knock_over(&id).await;
    // Others find room, and so does one more of those when one has gone.
    let mut other = Client::connect_from(relay.address, "192.0.2.2").await.unwrap();
    other.join_as("room", "other", "Bob").await;
    host.knock("Bob").await;
    let (first, id) = knockers.swap_remove(0);
    drop(first);
    host.knock_over(&id).await;
    let mut tenth = Client::connect_from(relay.address, "192.0.2.1").await.unwrap();
    tenth.join_as("room", "tenth", "Eve").await;
    host.knock("Eve").await;
    tenth.waits(8, state).await;
    tenth.nothing_came().await;
    counts(&relay, "closed_total{reason=\"lobby\"}", 1).await;
    row.passed();
}

#[tokio::test]
async fn an_address_without_a_seat_gets_turn_servers_only_so_often() {
    let row = visavis_rows::row(34, "tokens of an address");
    let server = |url: &str, secret: Option<&str>| IceServer {
        urls: vec![url.into()],
        username: secret.map(Into::into),
        credential: secret.map(Into::into),
    };
    let (stun, turn) = (
        server("stun:stun.test", None),
        server("turn:turn.test", Some("x")),
    );
    let relay = relay_with(Config {
        ice_servers: vec![stun.clone(), turn.clone()],
        ..counted(Limits {
            tokens_per_address: once(2),
            ..Limits::default()
        })
    })
    .await;
    let servers = async |client: &mut Client| {
        client.send(&ClientMessage::Token).await;
        match client.hear().await {
            RelayMessage::Token {
                ice_servers,
                expires_in,
            } => (ice_servers, expires_in),
            other => panic!("{other:?}"),
        }
    };
    let all = vec![stun.clone(), turn];
    for _ in 0..2 {
        let mut client = Client::connect_from(relay.address, "192.0.2.1").await.unwrap();
        assert_eq!(servers(&mut client).await.0, all);
    }
    let mut client = Client::connect_from(relay.address, "192.0.2.1").await.unwrap();
    assert_eq!(servers(&mut client).await, (vec![stun], Some(60)));
    // With a seat, it is another matter; and so is another address.
    client.join("room", "secret").await;
    client.joined().await;
    assert_eq!(servers(&mut client).await.0, all);
    let mut other = Client::connect_from(relay.address, "192.0.2.2").await.unwrap();
    assert_eq!(servers(&mut other).await.0, all);
    counts(&relay, "refused_total{reason=\"token\"}", 1).await;
    row.passed();
}

#[tokio::test]
async fn there_are_only_so_many_connections() {
    let row = visavis_rows::row(34, "connections");
    let relay = relay_with(counted(Limits {
        connections: 3,
        ..Limits::default()
    }))
    .await;
    let mut pair = Pair::meet(relay.address, "room").await;
    let third = Client::connect(relay.address).await;
    // Not even a request is read.
    let mut fourth = TcpStream::connect(relay.address).await.unwrap();
    let mut answer = String::new();
    let read = timeout(PATIENCE, fourth.read_to_string(&mut answer));
    read.await.expect("an answer").unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    pair.talk().await;
    counts(&relay, "refused_total{reason=\"connections\"}", 1).await;
    drop(third);
    counts(&relay, "connections", 2).await;
    Client::connect(relay.address).await.nothing_came().await;
    row.passed();
}

#[tokio::test]
async fn an_address_has_only_so_many_connections() {
    let row = visavis_rows::row(34, "connections of an address");
    let relay = relay_with(counted(Limits {
        connections_per_address: 2,
        ..Limits::default()
    }))
    .await;
    let from = async |address| Client::connect_from(relay.address, address).await;
    let first = from("192.0.2.1").await.unwrap();
    let mut second = from("192.0.2.1").await.unwrap();
    assert_eq!(from("192.0.2.1").await.err(), Some(429));
    // What a client writes itself is not believed.
    assert_eq!(from("192.0.2.9, 192.0.2.1").await.err(), Some(429));
    from("192.0.2.2").await.unwrap();
    counts(&relay, "refused_total{reason=\"connections_per_address\"}", 2).await;
    second.nothing_came().await;
    drop(first);
    counts(&relay, "sockets", 1).await;
    from("192.0.2.1").await.unwrap();
    row.passed();
}

#[tokio::test]
async fn there_are_only_so_many_rooms() {
    let row = visavis_rows::row(34, "rooms");
    let relay = relay_with(counted(Limits {
        rooms: 2,
        ..Limits::default()
    }))
    .await;
    let mut pair = Pair::meet(relay.address, "room").await;
    let (mut elsewhere, _) = Client::seated(relay.address, "elsewhere", "secret").await;
    let mut third = Client::connect(relay.address).await;
    third.join("third", "secret").await;
    ends_busy(&mut third).await;
    pair.talk().await;
    counts(&relay, "closed_total{reason=\"rooms\"}", 1).await;
    elsewhere.send(&ClientMessage::Leave).await;
    elsewhere.nothing_came().await;
    Client::seated(relay.address, "third", "secret").await;
    row.passed();
}

#[tokio::test]
async fn who_renames_himself_at_the_door_in_a_loop_is_closed_and_the_host_goes_on() {
    let row = visavis_rows::row(50, "sockets");
    let relay = relay_with(counted(Limits::default())).await;
    let (mut host, host_id) = Client::seated(relay.address, "room", "host").await;
    host.send(&ClientMessage::Door {
        state: AccessPolicy::Knock,
    })
    .await;
    host.room(&host_id, AccessPolicy::Knock).await;

    let mut calm = Client::connect(relay.address).await;
    calm.join_as("room", "calm", "Ada").await;
    let calm_id = host.knock("Ada").await;
    let mut knocker = Client::connect(relay.address).await;
    knocker.join_as("room", "knocker", "0").await;
    let knocker_id = host.knock("0").await;
    let names = (1..3_000).map(|number| {
        text(&ClientMessage::Name {
            name: GivenName::new(&number.to_string()),
        })
    });
    knocker.send_at_once(names).await;
    ends_busy(&mut knocker).await;

    let mut knocks = 0;
    loop {
        match host.hear().await {
            RelayMessage::Knock { peer, .. } if peer == knocker_id => knocks += 1,
            RelayMessage::KnockOver { peer } => break assert_eq!(peer, knocker_id),
            other => panic!("{other:?}"),
        }
    }
    assert!(knocks <= 20, "the host heard {knocks} knocks");
    // One click is enough for the other one, and the host is still there.
    host.send(&ClientMessage::Refuse {
        peer: calm_id.clone(),
    })
    .await;
    host.knock_over(&calm_id).await;
    calm.waits(8, AccessPolicy::Knock).await;
    calm.error(ErrorCode::Refused).await;
    calm.closed(1008).await;
    host.nothing_came().await;
    counts(&relay, "closed_total{reason=\"names\"}", 1).await;
    row.passed();
}

#[tokio::test]
async fn no_name_no_room_and_no_address_is_counted() {
    let relay = relay_with(counted(Limits::default())).await;
    let (_client, id) = Client::seated(relay.address, "private-room", "private-secret").await;
    let from = Client::connect_from(relay.address, "192.0.2.77").await;
    let text = http::get(relay.metrics.unwrap(), "/metrics").await;
    assert!(text.text().contains("visavis_relay_rooms 1\n"), "{}", text.text());
    for leak in ["private", id.as_str(), "127.0.0.1", "192.0.2"] {
        assert!(!text.text().contains(leak), "{leak}: {}", text.text());
    }
    // They are for whoever runs the relay: not at its own address, and nothing else is at theirs.
    assert_eq!(http::get(relay.address, "/metrics").await.status, 404);
    assert_eq!(http::get(relay.metrics.unwrap(), "/").await.status, 404);
    drop(from);
}
