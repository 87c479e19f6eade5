//! Somebody acknowledges nothing, and has it said again and again.

use visavis_call::{Command, ConnectionId, ConnectionState, Input, PeerEvent};
use visavis_protocol::peer::{PeerBody, PeerMessage};
use visavis_protocol::relay::RelayMessage;

use crate::stale;
use crate::support::{ClientOptions, Options, World, ms, seconds};

/// A page whose answers are large, in a call with somebody who has made it answer often, and has acknowledged
/// nothing.
fn with_a_full_mailbox() -> World {
    let mut world = World::new(Options::default());
    world.join(ClientOptions {
        padding: 30_000,
        ..ClientOptions::default()
    });
    world.join_naive(seconds(100_000));
    world.run_for(seconds(1));
    for exchange in 1..=220 {
        let offer = PeerBody::Offer {
            sdp: stale::description("hostile"),
            exchange,
            warm: false,
            private: false,
        };
        world.naive_sends(&PeerMessage {
            number: exchange.into(),
            ack: 0,
            after: Some(0),
            replaces: None,
            connection: ConnectionId(1),
            to: None,
            body: offer,
        });
        world.run_for(ms(50));
    }
    // It may be connected, too: a call that is not would end by itself.
    let (id, connection) = world.clients[0].connections.keys().next().cloned().unwrap();
    let connected = PeerEvent::ConnectionState(ConnectionState::Connected);
    world.input(0, Input::Peer(id, connection, connected));
    world.naive.as_mut().unwrap().heard.clear();
    world.clients[0].sent_bytes = 0;
    world
}

/// As the relay does for each new connection of somebody.
fn is_announced(world: &mut World) {
    let peer = world.naive.as_ref().unwrap().id();
    world.say_to(0, RelayMessage::Ready { peer });
}

fn hears(world: &World, what: &str) -> usize {
    let heard = &world.naive.as_ref().unwrap().heard;
    heard.iter().filter(|heard| *heard == what).count()
}

#[test]
fn whoever_acknowledges_nothing_is_told_again_within_bounds() {
    let row = visavis_rows::row(49, "simulated");
    let mut world = with_a_full_mailbox();
    is_announced(&mut world);
    world.run_for(seconds(1));
    let once = world.clients[0].sent_bytes;
    assert!((30_000..200_000).contains(&once), "{once}");
    assert!(hears(&world, "Answer") > 0, "the newest are said again");
    for _ in 0..200 {
        is_announced(&mut world);
        world.run_for(ms(50));
    }
    let sent = world.clients[0].sent_bytes;
    assert!(sent < 700_000, "{sent} bytes in eleven seconds");
    // What was put off is said in the end.
    world.naive.as_mut().unwrap().heard.clear();
    world.run_for(seconds(30));
    let answers = hears(&world, "Answer");
    assert!((1..10).contains(&answers), "once: {answers}");
    row.note(format!("{sent} bytes for 201 announcements")).passed();
}

#[test]
fn a_hang_up_is_said_again_however_often_somebody_is_announced() {
    let mut world = with_a_full_mailbox();
    for _ in 0..50 {
        is_announced(&mut world);
        world.run_for(ms(20));
    }
    world.command(0, Command::HangUp);
    world.run_for(ms(100));
    let before = hears(&world, "HangUp");
    assert_eq!(before, 1);
    // More than the budget allows.
    for _ in 0..500 {
        is_announced(&mut world);
        world.run_for(ms(2));
    }
    world.run_for(ms(100));
    let heard = hears(&world, "HangUp") - before;
    assert!(heard >= 500, "{heard}");
}
