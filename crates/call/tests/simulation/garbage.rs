//! What a relay or another person's page may say, and must not.

use visavis_call::{
    CloseCause, Command, ConnectionId, ConnectionState, Input, MediaWish, PeerEvent, Route, SignalingEvent,
    Stage,
};
use visavis_protocol::id::PeerId;
use visavis_protocol::peer::{MAX_NUMBER, PeerBody, PeerMessage};
use visavis_protocol::relay::{AccessPolicy, ErrorCode, LeaveReason, PeerText, RelayMessage};

use crate::support::browser::candidates;
use crate::support::{ClientOptions, Options, World, seconds};

/// Texts that are no peer message of this version.
fn unreadable() -> Vec<String> {
    let offer = |sdp: &str| {
        let sdp = format!(r#"{{"type":"offer","sdp":"{sdp}","exchange":1}}"#);
        format!(r#"{{"number":1,"ack":0,"connection":1,"body":{sdp}}}"#)
    };
    [
        "",
        "{",
        "null",
        "[]",
        "\"hello\"",
        "{}",
        "\u{0}",
        "💥",
        r#"{"number":1}"#,
        r#"{"number":-1,"ack":0,"connection":1,"body":{"type":"hang-up"}}"#,
        r#"{"number":99,"ack":0,"connection":1,"body":{"type":"dance"}}"#,
        r#"{"number":9007199254740992,"ack":0,"connection":1,"body":{"type":"hang-up"}}"#,
        r#"{"number":99,"ack":9007199254740992,"connection":1,"body":{"type":"hang-up"}}"#,
        r#"{"number":99,"ack":0,"connection":1,"body":["hang-up",null,null,null,null,null,null]}"#,
        r#"[99,0,1,null,{"type":"hang-up"}]"#,
        r#"{"number":99999999999999999999999,"ack":0,"connection":1,"body":{"type":"hang-up"}}"#,
        r#"{"number":99,"ack":0,"connection":1,"to":"x","body":{"type":"hang-up"}}"#,
    ]
    .into_iter()
    .map(str::to_owned)
    .chain([offer(&"x".repeat(70_000)), "[".repeat(10_000)])
    .collect()
}

fn say(world: &mut World, from: &PeerId, text: String) {
    world.say_to(
        0,
        RelayMessage::Message {
            from: from.clone(),
            message: PeerText(text),
        },
    );
}

#[test]
fn texts_that_cannot_be_read_have_no_effect() {
    for in_call in [false, true] {
        let mut world = World::pair();
        if in_call {
            world.call_works(0, 1);
        }
        let before = world.clients[0].view();
        let other = world.clients[1].id.clone();
        for text in unreadable() {
            say(&mut world, &other, text);
        }
        world.run_for(seconds(5));
        let mut after = world.clients[0].view();
        for (person, earlier) in after.people.iter_mut().zip(&before.people) {
            person.video = earlier.video;
            person.path = earlier.path;
            person.safety = earlier.safety;
        }
        assert_eq!(after, before);
        if !in_call {
            world.call_works(1, 0);
        }
        world.hang_up_works(1);
    }
}

#[test]
fn what_the_relay_says_out_of_turn_does_not_disturb_a_call() {
    let mut world = World::pair();
    world.call_works(0, 1);
    let (us, them) = (world.clients[0].id.clone(), world.clients[1].id.clone());
    let stranger = PeerId::new("stranger").unwrap();
    let text = || PeerText(r#"{"number":1,"ack":0,"connection":1,"body":{"type":"hang-up"}}"#.into());
    let error = |code| RelayMessage::Error {
        code,
        detail: "x".repeat(1000),
    };
    let messages = [
        RelayMessage::Welcome,
        RelayMessage::Ready { peer: us.clone() },
        RelayMessage::Ready { peer: them.clone() },
        RelayMessage::Message {
            from: us.clone(),
            message: text(),
        },
        RelayMessage::Message {
            from: stranger.clone(),
            message: text(),
        },
        RelayMessage::Left {
            peer: stranger.clone(),
            reason: LeaveReason::Left,
        },
        RelayMessage::Left {
            peer: us.clone(),
            reason: LeaveReason::Left,
        },
        RelayMessage::Token {
            ice_servers: Vec::new(),
            expires_in: Some(0),
        },
        RelayMessage::Token {
            ice_servers: Vec::new(),
            expires_in: Some(u32::MAX),
        },
        RelayMessage::Joined { you: us, capacity: 0 },
        RelayMessage::Ready { peer: them },
        error(ErrorCode::NotJoined),
        error(ErrorCode::NoSuchPeer),
        error(ErrorCode::NotHost),
        error(ErrorCode::Unknown),
    ];
    for message in messages {
        world.say_to(0, message.clone());
        world.run_for(seconds(5));
        assert!(world.are_in_call(0, 1), "{message:?}");
        assert_eq!(world.clients[0].view().people.len(), 1, "{message:?}");
    }
    world.hang_up_works(0);
    world.call_works(1, 0);
}

#[test]
fn before_there_is_a_seat_the_relay_can_say_what_it_likes() {
    let mut world = World::new(Options::default());
    let early = world.add(ClientOptions::default());
    let peer = PeerId::new("somebody").unwrap();
    let messages = [
        RelayMessage::Ready { peer: peer.clone() },
        RelayMessage::Message {
            from: peer.clone(),
            message: PeerText("{}".into()),
        },
        RelayMessage::Left {
            peer: peer.clone(),
            reason: LeaveReason::Lost,
        },
        RelayMessage::Full {
            capacity: u32::MAX,
            door: AccessPolicy::Locked,
        },
        RelayMessage::Room {
            host: peer.clone(),
            door: AccessPolicy::Knock,
        },
        RelayMessage::KnockOver { peer: peer.clone() },
        RelayMessage::Joined {
            you: peer,
            capacity: u32::MAX,
        },
    ];
    for message in messages {
        world.say_to(early, message);
    }
    for route in [Route::Relay, Route::ThisBrowser] {
        for event in [
            SignalingEvent::Opened,
            SignalingEvent::Closed(CloseCause::NoRelayHere),
        ] {
            world.input(early, Input::Signaling(route, event));
        }
    }
    world.command(early, Command::Call);
    world.command(early, Command::HangUp);
    world.command(early, Command::RetryNow);
    world.input(early, Input::Timeout);
    assert_eq!(world.stages(), [Stage::Start]);
    world.join(ClientOptions::default());
    world.command(early, Command::GetMedia(MediaWish::Nothing));
    world.run_for(seconds(1));
    world.call_works(0, 1);
}

#[test]
fn events_of_connections_that_are_not_there_have_no_effect() {
    let mut world = World::pair();
    world.call_works(0, 1);
    let known = world.clients[1].id.clone();
    for peer in [known, PeerId::new("stranger").unwrap()] {
        for connection_id in [0, 7, u32::MAX] {
            for event in [
                PeerEvent::NegotiationNeeded,
                PeerEvent::Candidate(candidates(1, "x", 1).remove(0)),
                PeerEvent::ConnectionState(ConnectionState::Failed),
                PeerEvent::RemoteVideo(false),
            ] {
                world.input(0, Input::Peer(peer.clone(), ConnectionId(connection_id), event));
            }
        }
    }
    world.run_for(seconds(60));
    assert!(world.are_in_call(0, 1));
}

fn absurd(number: u64, ack: u64, connection: u32, to: Option<u32>, body: PeerBody) -> PeerMessage {
    PeerMessage {
        number,
        ack,
        after: Some(0),
        replaces: None,
        connection: ConnectionId(connection),
        to: to.map(ConnectionId),
        body,
    }
}

#[test]
fn absurd_numbers_hurt_only_whoever_says_them() {
    let bodies = [
        PeerBody::HangUp,
        PeerBody::Answer {
            sdp: "v=0".into(),
            exchange: u32::MAX,
        },
        PeerBody::Candidate(candidates(1, "x", 1).remove(0)),
        PeerBody::Offer {
            sdp: "no description".into(),
            exchange: 0,
            warm: false,
            private: false,
        },
    ];
    for body in bodies {
        for (number, ack, connection) in [
            (MAX_NUMBER, MAX_NUMBER, u32::MAX),
            (MAX_NUMBER, 0, 0),
            (1, MAX_NUMBER, u32::MAX),
        ] {
            for to in [None, Some(0), Some(1), Some(u32::MAX)] {
                // A third person talks nonsense to somebody in a call.
                let mut world = World::new(Options {
                    capacity: 3,
                    ..Options::default()
                });
                world.join(ClientOptions::default());
                world.join(ClientOptions::default());
                world.join_naive(seconds(1));
                world.run_for(seconds(1));
                world.call_works(1, 0);
                assert!(world.are_in_call(0, 1));
                world.naive_sends(&absurd(number, ack, connection, to, body.clone()));
                world.naive_sends(&absurd(number, ack, connection, to, PeerBody::HangUp));
                world.run_for(seconds(40));
                assert!(
                    world.are_in_call(0, 1),
                    "{body:?} {number} {ack} {connection} {to:?}"
                );
            }
        }
    }
}

#[test]
fn a_flood_of_messages_neither_panics_nor_reaches_the_browser() {
    let mut world = World::new(Options {
        capacity: 3,
        ..Options::default()
    });
    world.join(ClientOptions::default());
    world.join(ClientOptions::default());
    world.join_naive(seconds(1));
    world.run_for(seconds(1));
    world.call_works(1, 0);
    for number in 1..5000 {
        let body = match number % 3 {
            0 => PeerBody::Candidate(candidates(1, &format!("u{number}"), 1).remove(0)),
            1 => PeerBody::Answer {
                sdp: "v=0".into(),
                exchange: 1,
            },
            _ => PeerBody::HangUp,
        };
        world.naive_sends(&absurd(number, number / 2, number as u32 / 7, None, body));
    }
    world.run_for(seconds(40));
    assert!(world.are_in_call(0, 1));
    world.expect_no_refusals();
}
