//! Hosts and access policies, over sockets. Every rule has its own test in `room/tests`; these show that the
//! rules reach the wire.

use tokio_tungstenite::tungstenite::Message;
use visavis_protocol::id::PeerId;
use visavis_protocol::relay::{AccessPolicy, ClientMessage, ErrorCode, LeaveReason};
use visavis_relay::Running;

use crate::client::{Client, Pair, relay};

/// Two people in a room for eight, of whom `a` is host and has set the access policy.
async fn pair_behind(relay: &Running, door: AccessPolicy) -> Pair {
    let mut pair = Pair::meet(relay.address, "room").await;
    pair.a.0.send(&ClientMessage::Door { state: door }).await;
    pair.a.0.room(&pair.a.1, door).await;
    pair.b.0.room(&pair.a.1, door).await;
    pair
}

/// Somebody who waits in the lobby.
async fn outside(relay: &Running, secret: &str, name: &str, door: AccessPolicy) -> Client {
    let mut client = Client::connect(relay.address).await;
    client.join_as("room", secret, name).await;
    client.waits(8, door).await;
    client
}

fn admit(peer: &PeerId) -> ClientMessage {
    ClientMessage::Admit { peer: peer.clone() }
}

fn remove(peer: &PeerId) -> ClientMessage {
    ClientMessage::Remove { peer: peer.clone() }
}

#[tokio::test]
async fn whoever_knocks_is_shown_to_the_host_and_gets_in_when_admitted() {
    let relay = relay(8).await;
    let mut pair = pair_behind(&relay, AccessPolicy::Knock).await;
    let mut carol = outside(&relay, "carol", "  Carol \u{202e}", AccessPolicy::Knock).await;
    // As it was given: it may be sealed.
    let knocker = pair.a.0.knock("  Carol \u{202e}").await;
    pair.b.0.nothing_came().await;

    pair.a.0.send(&admit(&knocker)).await;
    pair.a.0.knock_over(&knocker).await;
    assert_eq!(carol.joined().await, knocker);
    carol.ready(&pair.a.1).await;
    carol.ready(&pair.b.1).await;
    pair.a.0.ready(&knocker).await;
    pair.b.0.ready(&knocker).await;
    carol.say(&pair.b.1, "hi").await;
    pair.b.0.message(&knocker, "hi").await;
}

#[tokio::test]
async fn a_stranger_can_neither_send_nor_read_nor_decide() {
    for door in [AccessPolicy::Knock, AccessPolicy::Locked] {
        let relay = relay(8).await;
        let mut pair = pair_behind(&relay, door).await;
        let mut stranger = outside(&relay, "stranger", "", door).await;
        if door == AccessPolicy::Knock {
            pair.a.0.knock("").await;
        }
        // Even a person who knows the names inside.
        stranger.say(&pair.a.1, "let me in").await;
        stranger.error(ErrorCode::NotJoined).await;
        for command in [
            ClientMessage::Door {
                state: AccessPolicy::Open,
            },
            admit(&pair.a.1),
            remove(&pair.a.1),
            ClientMessage::Refuse {
                peer: pair.a.1.clone(),
            },
            ClientMessage::Host {
                peer: pair.a.1.clone(),
            },
        ] {
            stranger.send(&command).await;
            stranger.error(ErrorCode::NotJoined).await;
            pair.b.0.send(&command).await;
            pair.b.0.error(ErrorCode::NotHost).await;
        }
        pair.talk().await;
        let (mut newer, _) = Client::seated(relay.address, "room", "room-b").await;
        newer.ready(&pair.a.1).await;
        pair.a.0.ready(&pair.b.1).await;
        pair.a.0.nothing_came().await;
        stranger.nothing_came().await;
    }
}

#[tokio::test]
async fn a_locked_room_lets_nobody_in_but_those_who_come_back() {
    let relay = relay(8).await;
    let mut pair = pair_behind(&relay, AccessPolicy::Locked).await;
    let mut stranger = outside(&relay, "stranger", "Eve", AccessPolicy::Locked).await;
    pair.a.0.nothing_came().await;

    drop(pair.b.0);
    pair.a.0.away(&pair.b.1).await;
    pair.b = Client::seated(relay.address, "room", "room-b").await;
    pair.b.0.ready(&pair.a.1).await;
    pair.a.0.ready(&pair.b.1).await;

    let mut newer = Client::connect(relay.address).await;
    newer.join_replacing("room", "newer", "room-b").await;
    let newer_id = newer.joined().await;
    pair.a.0.left(&pair.b.1, LeaveReason::Left).await;
    pair.a.0.ready(&newer_id).await;

    stranger.nothing_came().await;
    pair.a
        .0
        .send(&ClientMessage::Door {
            state: AccessPolicy::Open,
        })
        .await;
    pair.a.0.room(&pair.a.1, AccessPolicy::Open).await;
    let stranger_id = stranger.joined().await;
    pair.a.0.ready(&stranger_id).await;
}

#[tokio::test]
async fn whoever_is_refused_is_told_and_does_not_knock_again() {
    let relay = relay(8).await;
    let mut pair = pair_behind(&relay, AccessPolicy::Knock).await;
    let mut eve = outside(&relay, "eve", "Eve", AccessPolicy::Knock).await;
    let peer = pair.a.0.knock("Eve").await;
    pair.a.0.send(&ClientMessage::Refuse { peer: peer.clone() }).await;
    pair.a.0.knock_over(&peer).await;
    eve.error(ErrorCode::Refused).await;
    eve.closed(1008).await;

    let mut again = Client::connect(relay.address).await;
    again.join("room", "eve").await;
    again.error(ErrorCode::Refused).await;
    again.closed(1008).await;
    pair.a.0.nothing_came().await;
}

#[tokio::test]
async fn whoever_is_removed_is_told_and_does_not_come_back() {
    let relay = relay(8).await;
    let mut pair = Pair::meet(relay.address, "room").await;
    pair.a.0.send(&remove(&pair.b.1)).await;
    pair.a.0.left(&pair.b.1, LeaveReason::Left).await;
    pair.b.0.error(ErrorCode::Removed).await;
    pair.b.0.closed(1008).await;

    let mut again = Client::connect(relay.address).await;
    again.join("room", "room-b").await;
    again.error(ErrorCode::Removed).await;
    again.closed(1008).await;
    pair.a.0.nothing_came().await;
}

#[tokio::test]
async fn when_the_host_goes_the_next_one_is_told_who_knocks() {
    let relay = relay(8).await;
    let mut pair = pair_behind(&relay, AccessPolicy::Knock).await;
    let mut carol = outside(&relay, "carol", "Carol", AccessPolicy::Knock).await;
    let knocker = pair.a.0.knock("Carol").await;
    pair.a.0.send_raw(Message::Close(None)).await;
    pair.b.0.left(&pair.a.1, LeaveReason::Left).await;
    pair.b.0.room(&pair.b.1, AccessPolicy::Knock).await;
    assert_eq!(pair.b.0.knock("Carol").await, knocker);
    pair.b.0.send(&admit(&knocker)).await;
    carol.joined().await;
}

#[tokio::test]
async fn the_host_hands_the_room_over() {
    let relay = relay(8).await;
    let mut pair = Pair::meet(relay.address, "room").await;
    pair.a
        .0
        .send(&ClientMessage::Host {
            peer: pair.b.1.clone(),
        })
        .await;
    pair.a.0.room(&pair.b.1, AccessPolicy::Open).await;
    pair.b.0.room(&pair.b.1, AccessPolicy::Open).await;
    pair.a.0.send(&remove(&pair.b.1)).await;
    pair.a.0.error(ErrorCode::NotHost).await;
}

#[tokio::test]
async fn at_a_crowded_lobby_somebody_is_told_to_come_later() {
    let relay = relay(8).await;
    let mut pair = pair_behind(&relay, AccessPolicy::Knock).await;
    let mut crowd = Vec::new();
    for number in 0..16 {
        crowd.push(outside(&relay, &format!("n{number}"), "", AccessPolicy::Knock).await);
        pair.a.0.knock("").await;
    }
    let mut late = Client::connect(relay.address).await;
    late.join("room", "late").await;
    late.error(ErrorCode::Busy).await;
    late.closed(1008).await;
    pair.a.0.nothing_came().await;
}
