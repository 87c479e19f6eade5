//! Seats that are kept, over sockets. Every rule has its own test in `room/tests`; these show that the rules
//! reach the wire, and that the relay's clock runs.

use std::time::Duration;

use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use visavis_protocol::id::PeerId;
use visavis_protocol::relay::{AccessPolicy, ClientMessage, ErrorCode, LeaveReason};
use visavis_relay::config::Timing;
use visavis_relay::{Config, Running};

use crate::client::{Client, PATIENCE, Pair, relay, relay_with};

const SOON: Duration = Duration::from_millis(200);

/// A relay for two people a room that keeps seats for a short time only.
async fn impatient_relay() -> Running {
    let timing = Timing {
        seat_kept: SOON,
        ..Timing::default()
    };
    relay_with(Config {
        room_capacity: 2,
        timing,
        ..Config::default()
    })
    .await
}

/// Two people in a room for two, and two more in the queue.
async fn pair_and_queue(relay: &Running) -> (Pair, [Client; 2]) {
    let pair = Pair::meet(relay.address, "room").await;
    let mut queue = [
        Client::connect(relay.address).await,
        Client::connect(relay.address).await,
    ];
    for (client, secret) in queue.iter_mut().zip(["third", "fourth"]) {
        client.join("room", secret).await;
        client.waits(2, AccessPolicy::Open).await;
    }
    (pair, queue)
}

#[tokio::test]
async fn whoever_comes_back_in_time_finds_their_seat_in_a_full_room() {
    let relay = relay(2).await;
    let (mut pair, mut queue) = pair_and_queue(&relay).await;
    drop(pair.a.0);
    pair.b.0.away(&pair.a.1).await;

    let back = Client::seated(relay.address, "room", "room-a").await;
    assert_eq!(back.1, pair.a.1);
    pair.a = back;
    pair.a.0.ready(&pair.b.1).await;
    pair.b.0.ready(&pair.a.1).await;
    pair.talk().await;
    for client in &mut queue {
        client.nothing_came().await;
    }
}

#[tokio::test]
async fn whoever_does_not_come_back_is_lost_and_the_queue_moves_up() {
    let relay = impatient_relay().await;
    let (mut pair, mut queue) = pair_and_queue(&relay).await;
    drop(pair.a.0);
    pair.b.0.away(&pair.a.1).await;
    pair.b.0.left(&pair.a.1, LeaveReason::Lost).await;
    pair.b.0.room(&pair.b.1, AccessPolicy::Open).await;
    let third = queue[0].joined().await;
    queue[0].ready(&pair.b.1).await;
    pair.b.0.ready(&third).await;
    queue[1].nothing_came().await;

    // Too late: the seat is somebody else's.
    let mut late = Client::connect(relay.address).await;
    late.join("room", "room-a").await;
    late.waits(2, AccessPolicy::Open).await;
}

#[tokio::test]
async fn one_seat_after_the_other_is_lost() {
    let relay = impatient_relay().await;
    // The second time after a while in which there was nothing to wait for.
    for round in 0..2 {
        let mut first = Pair::meet(relay.address, &format!("first-{round}")).await;
        let mut second = Pair::meet(relay.address, &format!("second-{round}")).await;
        drop(first.a.0);
        first.b.0.away(&first.a.1).await;
        drop(second.a.0);
        second.b.0.away(&second.a.1).await;
        first.b.0.left(&first.a.1, LeaveReason::Lost).await;
        second.b.0.left(&second.a.1, LeaveReason::Lost).await;
    }
}

#[tokio::test]
async fn a_goodbye_lets_the_queue_move_up_at_once() {
    let relay = relay(2).await;
    let (mut pair, mut queue) = pair_and_queue(&relay).await;
    pair.a.0.send_raw(Message::Close(None)).await;
    pair.b.0.left(&pair.a.1, LeaveReason::Left).await;
    pair.b.0.room(&pair.b.1, AccessPolicy::Open).await;
    let third = queue[0].joined().await;
    pair.b.0.ready(&third).await;

    queue[0].send(&ClientMessage::Leave).await;
    pair.b.0.left(&third, LeaveReason::Left).await;
    queue[1].joined().await;
}

#[tokio::test]
async fn what_is_sent_to_somebody_away_is_not_answered() {
    let relay = relay(2).await;
    let mut pair = Pair::meet(relay.address, "room").await;
    drop(pair.a.0);
    pair.b.0.away(&pair.a.1).await;
    pair.b.0.say(&pair.a.1, "are you there?").await;
    pair.b.0.nothing_came().await;
    // Nor does it wait for them.
    pair.a = Client::seated(relay.address, "room", "room-a").await;
    pair.a.0.ready(&pair.b.1).await;
    pair.a.0.nothing_came().await;
}

#[tokio::test]
async fn whoever_is_evicted_has_their_seat_kept_too() {
    let relay = relay(2).await;
    let mut pair = Pair::meet(relay.address, "room").await;
    for _ in 0..16 {
        pair.a.0.send_text("{").await;
    }
    pair.b.0.away(&pair.a.1).await;
    let (mut back, _) = Client::seated(relay.address, "room", "room-a").await;
    back.ready(&pair.b.1).await;
    pair.b.0.ready(&pair.a.1).await;
}

#[tokio::test]
async fn a_newer_page_does_not_wait_behind_its_own_ghost() {
    let relay = relay(2).await;
    let (mut pair, mut queue) = pair_and_queue(&relay).await;
    let mut newer = Client::connect(relay.address).await;
    newer.join_replacing("room", "newer", "room-a").await;
    let newer_id = newer.joined().await;
    newer.ready(&pair.b.1).await;
    pair.a.0.error(ErrorCode::Replaced).await;
    pair.a.0.closed(1008).await;
    pair.b.0.left(&pair.a.1, LeaveReason::Left).await;
    pair.b.0.ready(&newer_id).await;
    for client in &mut queue {
        client.nothing_came().await;
    }
}

#[tokio::test]
async fn a_newer_page_gets_the_seat_that_is_kept_for_the_older_one() {
    let relay = relay(2).await;
    let (mut pair, mut queue) = pair_and_queue(&relay).await;
    drop(pair.a.0);
    pair.b.0.away(&pair.a.1).await;
    let mut newer = Client::connect(relay.address).await;
    newer.join_replacing("room", "newer", "room-a").await;
    let newer_id: PeerId = newer.joined().await;
    newer.ready(&pair.b.1).await;
    pair.b.0.left(&pair.a.1, LeaveReason::Left).await;
    pair.b.0.ready(&newer_id).await;
    for client in &mut queue {
        client.nothing_came().await;
    }
}

#[tokio::test]
async fn the_end_of_the_relay_is_not_held_up_by_kept_seats_and_takes_none() {
    // Longer than this test waits for the relay, so that a task that goes on is noticed.
    let timing = Timing {
        shutdown: PATIENCE * 3,
        ..Timing::default()
    };
    let relay = relay_with(Config {
        timing,
        ..Config::default()
    })
    .await;
    let mut pair = Pair::meet(relay.address, "room").await;
    drop(pair.a.0);
    pair.b.0.away(&pair.a.1).await;
    let told = pair.b.0.closed(1012);
    let (ended, ()) = tokio::join!(timeout(PATIENCE, relay.shutdown()), told);
    ended.expect("nothing goes on");
}
