//! Rooms, seats and messages, over sockets. Every rule has its own test in `room.rs`; these show that the
//! rules reach the wire.

use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use visavis_protocol::CLOSE_LOST;
use visavis_protocol::ice::IceServer;
use visavis_protocol::id::PeerId;
use visavis_protocol::relay::{AccessPolicy, ClientMessage, ErrorCode, LeaveReason, PeerText, RelayMessage};
use visavis_relay::Config;

use crate::client::{Client, Pair, relay, relay_with};

#[tokio::test]
async fn two_people_meet_and_talk() {
    let relay = relay(2).await;
    let mut client = Client::connect(relay.address).await;
    client.join("room", "secret-a").await;
    let RelayMessage::Joined { you, capacity: 2 } = client.hear().await else {
        panic!("a seat for the first")
    };
    client.room(&you, AccessPolicy::Open).await;
    let (mut other, other_id) = Client::seated(relay.address, "room", "secret-b").await;
    other.ready(&you).await;
    client.ready(&other_id).await;
    other.say(&you, "hi").await;
    client.message(&other_id, "hi").await;
}

#[tokio::test]
async fn a_third_person_waits_in_the_queue_until_somebody_leaves() {
    let row = visavis_rows::row(36, "one more");
    let relay = relay(2).await;
    let mut pair = Pair::meet(relay.address, "room").await;
    let mut third = Client::connect(relay.address).await;
    third.join("room", "third").await;
    third.waits(2, AccessPolicy::Open).await;
    let mut fourth = Client::connect(relay.address).await;
    fourth.join("room", "fourth").await;
    fourth.waits(2, AccessPolicy::Open).await;

    pair.a.0.send(&ClientMessage::Leave).await;
    pair.b.0.left(&pair.a.1, LeaveReason::Left).await;
    pair.b.0.room(&pair.b.1, AccessPolicy::Open).await;
    let third_id = third.joined().await;
    third.ready(&pair.b.1).await;
    pair.b.0.ready(&third_id).await;
    fourth.nothing_came().await;
    // The socket outlives the seat.
    pair.a.0.nothing_came().await;
    row.passed();
}

#[tokio::test]
async fn a_room_holds_eight_unless_it_is_told_otherwise() {
    let relay = relay_with(Config::default()).await;
    let mut seated = Vec::new();
    for number in 0..8 {
        seated.push(Client::seated(relay.address, "room", &format!("secret-{number}")).await);
    }
    let mut ninth = Client::connect(relay.address).await;
    ninth.join("room", "secret-8").await;
    ninth.waits(8, AccessPolicy::Open).await;
}

#[tokio::test]
async fn a_close_frame_with_any_code_but_one_is_a_goodbye() {
    for code in [None, Some(1000), Some(1001), Some(4001)] {
        let relay = relay(2).await;
        let mut pair = Pair::meet(relay.address, "room").await;
        let frame = code.map(|code: u16| CloseFrame {
            code: code.into(),
            reason: "".into(),
        });
        pair.a.0.send_raw(Message::Close(frame)).await;
        pair.b.0.left(&pair.a.1, LeaveReason::Left).await;
        // The relay answers with the same code.
        pair.a.0.closed(code.unwrap_or(1005)).await;
    }
}

#[tokio::test]
async fn whoever_gives_a_connection_up_as_dead_is_away() {
    let relay = relay(2).await;
    let mut pair = Pair::meet(relay.address, "room").await;
    let frame = CloseFrame {
        code: CLOSE_LOST.into(),
        reason: "".into(),
    };
    pair.a.0.send_raw(Message::Close(Some(frame))).await;
    pair.b.0.away(&pair.a.1).await;
    pair.a.0.closed(CLOSE_LOST).await;
}

#[tokio::test]
async fn a_socket_that_ends_without_a_goodbye_is_away() {
    let relay = relay(2).await;
    let mut pair = Pair::meet(relay.address, "room").await;
    drop(pair.a.0);
    pair.b.0.away(&pair.a.1).await;
}

#[tokio::test]
async fn a_message_reaches_only_whom_it_names() {
    let relay = relay(3).await;
    let mut pair = Pair::meet(relay.address, "room").await;
    let (mut third, third_id) = Client::seated(relay.address, "room", "third").await;
    third.ready(&pair.a.1).await;
    third.ready(&pair.b.1).await;
    pair.a.0.ready(&third_id).await;
    pair.b.0.ready(&third_id).await;
    pair.talk().await;
    third.nothing_came().await;
}

#[tokio::test]
async fn the_configured_ice_servers_are_handed_out() {
    let server = IceServer {
        urls: vec!["turn:turn.example.org:3478".into()],
        username: Some("user".into()),
        credential: Some("pass".into()),
    };
    let config = Config {
        ice_servers: vec![server.clone()],
        ice_ttl_seconds: Some(600),
        ..Config::default()
    };
    let relay = relay_with(config).await;
    let mut client = Client::connect(relay.address).await;
    client.send(&ClientMessage::Token).await;
    assert_eq!(
        client.hear().await,
        RelayMessage::Token {
            ice_servers: vec![server],
            expires_in: Some(600)
        }
    );
}

#[tokio::test]
async fn the_same_secret_gets_the_same_name_also_from_another_relay() {
    let first = relay(2).await;
    let (client, id) = Client::seated(first.address, "room", "secret").await;
    drop(client);
    let (_client, again) = Client::seated(first.address, "room", "secret").await;
    assert_eq!(again, id);
    first.shutdown().await;
    let second = relay(2).await;
    let (_client, restarted) = Client::seated(second.address, "elsewhere", "secret").await;
    assert_eq!(restarted, id);
}

#[tokio::test]
async fn the_newest_connection_wins_and_the_others_are_told_that_it_is_ready() {
    let row = visavis_rows::row(37, "resumed twice");
    let relay = relay(2).await;
    let mut pair = Pair::meet(relay.address, "room").await;
    let (mut newer, id) = Client::seated(relay.address, "room", "room-a").await;
    assert_eq!(id, pair.a.1);
    newer.ready(&pair.b.1).await;
    pair.a.0.error(ErrorCode::Replaced).await;
    pair.a.0.closed(1008).await;
    pair.b.0.ready(&id).await;
    pair.b.0.nothing_came().await;
    pair.b.0.say(&id, "still there?").await;
    newer.message(&pair.b.1, "still there?").await;
    row.passed();
}

#[tokio::test]
async fn the_newest_connection_wins_in_the_queue_too() {
    let relay = relay(2).await;
    let mut pair = Pair::meet(relay.address, "room").await;
    let mut waiting = Client::connect(relay.address).await;
    waiting.join("room", "third").await;
    waiting.hear().await;
    let mut newer = Client::connect(relay.address).await;
    newer.join("room", "third").await;
    newer.waits(2, AccessPolicy::Open).await;
    waiting.error(ErrorCode::Replaced).await;
    waiting.closed(1008).await;
    pair.a.0.send(&ClientMessage::Leave).await;
    newer.joined().await;
}

#[tokio::test]
async fn everybody_fits_into_the_largest_room() {
    let relay = relay(100).await;
    let mut clients = Vec::new();
    for number in 0..100 {
        let (mut client, _) = Client::seated(relay.address, "room", &format!("secret-{number}")).await;
        // The newcomer to a large room gets more at once than a queue of 64 could hold.
        for _ in 0..number {
            assert!(matches!(client.hear().await, RelayMessage::Ready { .. }));
        }
        clients.push(client);
    }
    for (number, client) in clients.iter_mut().enumerate() {
        for _ in number + 1..100 {
            assert!(matches!(client.hear().await, RelayMessage::Ready { .. }));
        }
        client.nothing_came().await;
    }
}

#[tokio::test]
async fn who_guesses_does_not_learn_what_exists() {
    let row = visavis_rows::row(36, "guessing");
    let relay = relay(2).await;
    let pair = Pair::meet(relay.address, "secret-room").await;
    let (there, not_there) = (pair.b.1.clone(), PeerId::new("AAAAAAAAAAAAAAAA").unwrap());
    let ask: [fn(PeerId) -> ClientMessage; 5] = [
        |to| ClientMessage::Send {
            to,
            message: PeerText("hi".into()),
        },
        |peer| ClientMessage::Admit { peer },
        |peer| ClientMessage::Refuse { peer },
        |peer| ClientMessage::Remove { peer },
        |peer| ClientMessage::Host { peer },
    ];
    // Without a seat, and as the host of another room.
    let mut stranger = Client::connect(relay.address).await;
    let (mut host, _) = Client::seated(relay.address, "own-room", "secret").await;
    for client in [&mut stranger, &mut host] {
        for message in ask {
            client.send(&message(there.clone())).await;
            let answer = client.hear().await;
            client.send(&message(not_there.clone())).await;
            assert_eq!(client.hear().await, answer);
        }
    }
    row.passed();
}

#[tokio::test]
async fn nobody_takes_a_seat_without_its_secret() {
    let row = visavis_rows::row(37, "without its secret");
    let relay = relay(2).await;
    let mut pair = Pair::meet(relay.address, "room").await;
    let name = pair.a.1.as_str().to_owned();
    // The name of a person is no secret, and neither is that of the room.
    for (secret, replaces) in [(name.as_str(), "room"), ("guess", &name), ("room-A", "room-B")] {
        let mut thief = Client::connect(relay.address).await;
        thief.join_replacing("room", secret, replaces).await;
        thief.waits(2, AccessPolicy::Open).await;
    }
    pair.talk().await;
    row.passed();
}
