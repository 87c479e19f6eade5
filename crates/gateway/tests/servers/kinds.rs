//! What a server is, and what it says.

use visavis_gateway::{Dialect, Gateway, Input, Output};
use visavis_protocol::dialect::ServerKind;
use visavis_protocol::guest::Presence;
use visavis_protocol::relay::{ClientMessage, RelayMessage};

use crate::world::{Model, SECOND, World, commons, in_call, ready};

/// A server that looks for ICE servers for long, or has none, has rooms all the same.
#[test]
fn a_slow_server_is_taken_for_none_without_rooms_for_long() {
    for token in [None, Some(3 * SECOND)] {
        let mut world = World::empty(Model::Rooms, Dialect::SocketIo, 2);
        world.token = token;
        for index in 0..2 {
            world.open(index);
            world.join(index);
            world.pass(4 * SECOND);
        }
        for (index, other) in [(0, 1), (1, 0)] {
            assert!(world.relay_messages(index).contains(&&ready(other)), "{token:?}");
            assert!(
                world
                    .guests(index)
                    .iter()
                    .all(|(_, guest)| guest.presence == Presence::Assumed)
            );
        }
    }
}

#[test]
fn ice_servers_come_from_servers_that_have_them() {
    for (model, dialect) in Model::ALL {
        let mut world = World::new(model, dialect, 1);
        world.pass(3 * SECOND);
        world.told[0].clear();
        world.say(0, ClientMessage::Token);
        world.pass(3 * SECOND);
        let told = world.relay_messages(0);
        let [RelayMessage::Token { ice_servers, .. }] = told[..] else {
            panic!("{model:?} {dialect:?}: {told:?}");
        };
        let urls: Vec<_> = ice_servers
            .iter()
            .flat_map(|server| server.urls.clone())
            .collect();
        let expected: &[&str] = if model == Model::Rooms {
            &["stun:192.0.2.1"]
        } else {
            &[]
        };
        assert_eq!(urls, expected, "{model:?}");
    }
}

#[test]
fn a_server_of_another_kind_is_named() {
    let welcome = r#"{"type":"welcome"}"#;
    let greeting = r#"0{"sid":"x"}"#;
    let (sdp, plain) = (
        r#"{"message_type":"SDP","content":{"type":"offer","sdp":""}}"#,
        r#"{"offer":{"type":"offer","sdp":""}}"#,
    );
    for (dialect, text, kind) in [
        (Dialect::SocketIo, welcome, ServerKind::Visavis),
        (Dialect::SocketIo, sdp, ServerKind::Broadcast),
        (Dialect::Broadcast, welcome, ServerKind::Visavis),
        (Dialect::Broadcast, greeting, ServerKind::SocketIo),
        (Dialect::Broadcast, plain, ServerKind::Plain),
        (Dialect::Plain, welcome, ServerKind::Visavis),
        (Dialect::Plain, sdp, ServerKind::Broadcast),
    ] {
        let mut gateway = Gateway::new(dialect, commons());
        gateway.handle(SECOND, Input::Opened);
        gateway.handle(SECOND, Input::Text(text.into()));
        let mistaken =
            std::iter::from_fn(|| gateway.poll()).any(|it| matches!(it, Output::Mistaken(it) if it == kind));
        assert!(mistaken, "{dialect:?} {text}");
    }
    let mut silent = Gateway::new(Dialect::SocketIo, commons());
    silent.handle(SECOND, Input::Opened);
    silent.handle(60 * SECOND, Input::Timeout);
    assert!(matches!(
        silent.poll(),
        Some(Output::Mistaken(ServerKind::Silent))
    ));
}

#[test]
fn a_socket_io_server_that_falls_silent_is_given_up() {
    let mut world = World::new(Model::NoRooms, Dialect::SocketIo, 1);
    for _ in 0..4 {
        world.pass(25 * SECOND);
        world.input(0, Input::Text("2".into()));
    }
    assert!(!world.told[0].iter().any(|it| matches!(it, Output::Dead)));
    world.pass(46 * SECOND);
    assert!(world.told[0].iter().any(|it| matches!(it, Output::Dead)));
}

#[test]
fn nonsense_changes_nothing() {
    let long = format!(r#"{{"offer":{{"type":"offer","sdp":"{}"}}}}"#, "x".repeat(70_000));
    for (model, dialect) in Model::ALL {
        let mut world = in_call(model, dialect);
        let before = world.told[0].len();
        for text in [
            "",
            "4",
            "42",
            "42[",
            "42[\"offer\"]",
            "42[\"offer\",7]",
            "42[\"token\",null]",
            "42[\"é",
            "é",
            "{",
            "null",
            r#"{"message_type":"SDP","content":7}"#,
            r#"{"message_type":"visavis","content":"{}"}"#,
            r#"{"offer":{"type":"rollback","sdp":""}}"#,
            r#"{"visavis":"x"}"#,
            &long,
        ] {
            world.input(0, Input::Text(text.to_owned()));
        }
        assert_eq!(world.told[0].len(), before, "{model:?} {dialect:?}");
    }
}
