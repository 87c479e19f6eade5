//! A page of another program, at each kind of server.

use visavis_gateway::{Dialect, Input};
use visavis_protocol::guest::{Guest, Presence, Renewal};
use visavis_protocol::id::RoomId;
use visavis_protocol::peer::{ConnectionId, PeerBody};
use visavis_protocol::relay::RelayMessage;

use crate::world::{
    Model, PAGE, SECOND, World, answer, candidate, candidate_of, in_call, offer, quoted, sdp, wire,
    with_guest,
};

#[test]
fn what_concerns_another_room_concerns_nobody_here() {
    let mut world = with_guest(Model::Rooms, Dialect::SocketIo);
    let told = world.told[0].len();
    for event in ["ready", "full"] {
        world.input(0, Input::Text(format!("42[\"{event}\",\"elsewhere\"]")));
    }
    world.pass(3 * SECOND);
    assert_eq!(world.told[0].len(), told);
}

/// Our own socket from before may be what the server takes for somebody.
#[test]
fn who_comes_back_soon_is_not_sure_of_anybody() {
    let mut world = World::new(Model::Rooms, Dialect::SocketIo, 1);
    world.input(0, Input::Closed);
    world.pass(SECOND);
    world.open(0);
    world.join(0);
    world.pass(3 * SECOND);
    assert_eq!(world.guests(0).pop().unwrap().1.presence, Presence::Assumed);
}

#[test]
fn whoever_does_not_greet_is_a_guest() {
    for (model, dialect) in Model::ALL {
        let mut world = World::new(model, dialect, 1);
        let renewal = match dialect {
            Dialect::SocketIo => Renewal::NewConnection,
            _ => Renewal::SameConnection,
        };
        if model == Model::Rooms {
            world.pass(20 * SECOND);
            assert_eq!(world.guests(0), [], "this server says when somebody comes");
            world.page_says("42[\"join\",\"test\"]");
        }
        world.pass(5 * SECOND);
        let presence = match model {
            Model::Rooms => Presence::Known,
            _ => Presence::Assumed,
        };
        let guests: Vec<_> = world.guests(0).into_iter().map(|(_, guest)| guest).collect();
        assert_eq!(
            guests,
            [Guest {
                presence,
                renewal,
                is_in_room: true
            }],
            "{model:?} {dialect:?}"
        );
    }
}

#[test]
fn a_guest_is_called_and_answers() {
    for (model, dialect) in Model::ALL {
        let mut world = with_guest(model, dialect);
        world.say_to_guest(1, 1, offer("ours", 1));
        assert_eq!(world.heard.len(), 1, "{model:?} {dialect:?}: {:?}", world.heard);
        assert!(world.heard[0].contains("a=fingerprint:sha-256 ours"));
        world.page_says(&wire(model, dialect, "answer", "theirs"));
        world.page_says(&wire(model, dialect, "candidate", "theirs"));
        let said = world.said_by_guest(0);
        assert_eq!(said.len(), 2, "{model:?} {dialect:?}: {said:?}");
        let to = Some(ConnectionId(1));
        assert_eq!(
            (said[0].number, said[0].ack, said[0].connection, said[0].to),
            (1, 1, ConnectionId(1), to)
        );
        assert!(said[0].body == answer("theirs", 1));
        assert_eq!((said[1].number, said[1].to), (2, to));
        world.heard.clear();
        world.say_to_guest(2, 1, PeerBody::Candidate(candidate("candidate:ours")));
        world.say_to_guest(3, 1, PeerBody::Candidate(candidate("")));
        world.say_to_guest(2, 1, PeerBody::Candidate(candidate("candidate:ours")));
        assert_eq!(world.heard.len(), 1, "{model:?} {dialect:?}: {:?}", world.heard);
        let event = match (model, dialect) {
            (Model::Rooms, _) => "[\"candidate\",",
            (Model::NoRooms, _) => "[\"ice1\",",
            (_, Dialect::Plain) => "\"iceCandidate\":",
            _ => "\"CANDIDATE\"",
        };
        assert!(world.heard[0].contains(event), "{:?}", world.heard);
    }
}

#[test]
fn a_guest_calls_and_is_answered() {
    for (model, dialect) in Model::ALL {
        let mut world = with_guest(model, dialect);
        world.page_says(&wire(model, dialect, "candidate", "early"));
        world.page_says(&wire(model, dialect, "offer", "theirs"));
        world.page_says(&wire(model, dialect, "candidate", "theirs"));
        let said = world.said_by_guest(0);
        assert_eq!(said.len(), 2, "{model:?} {dialect:?}: {said:?}");
        assert!(said[0].body == offer("theirs", 1));
        assert_eq!((said[0].to, said[0].replaces), (None, None));
        assert_eq!((said[1].connection, said[1].to), (said[0].connection, None));
        assert_eq!(world.guests(0).last().unwrap().1.presence, Presence::Known);
        world.say_to_guest(1, 1, answer("ours", 1));
        world.say_to_guest(2, 1, PeerBody::Candidate(candidate("candidate:ours")));
        assert_eq!(world.heard.len(), 2, "{model:?} {dialect:?}: {:?}", world.heard);
        if model == Model::NoRooms {
            assert!(world.heard[1].contains("[\"ice2\","), "{:?}", world.heard);
        }
        world.page_says(&wire(model, dialect, "candidate", "more"));
        assert_eq!(world.said_by_guest(0)[2].to, Some(ConnectionId(1)));
    }
}

#[test]
fn what_a_guest_would_not_understand_stays_here() {
    for (model, dialect) in Model::ALL {
        let mut world = with_guest(model, dialect);
        let warm = PeerBody::Offer {
            sdp: sdp("ours"),
            exchange: 1,
            warm: true,
            private: false,
        };
        let call = PeerBody::Call { private: false };
        for (number, body) in [warm, call, PeerBody::Ringing, PeerBody::HangUp]
            .into_iter()
            .enumerate()
        {
            world.say_to_guest(number as u64 + 1, 1, body);
        }
        assert_eq!(world.heard, [""; 0], "{model:?} {dialect:?}");
    }
}

#[test]
fn an_offer_that_crosses_ours_is_passed_over_and_a_later_one_is_not() {
    for (model, dialect) in Model::ALL {
        let mut world = with_guest(model, dialect);
        world.say_to_guest(1, 1, offer("ours", 1));
        world.page_says(&wire(model, dialect, "offer", "theirs"));
        world.page_says(&wire(model, dialect, "candidate", "theirs"));
        assert_eq!(world.said_by_guest(0).len(), 0, "{model:?} {dialect:?}");
        world.pass(3 * SECOND);
        world.page_says(&wire(model, dialect, "offer", "later"));
        let said = world.said_by_guest(0);
        assert_eq!(
            (said.len(), said[0].replaces),
            (1, Some(ConnectionId(1))),
            "{model:?} {dialect:?}"
        );
    }
}

#[test]
fn a_stranger_disturbs_no_call() {
    for (model, dialect) in Model::ALL {
        let mut world = in_call(model, dialect);
        // The session passes it over: the connection is well.
        for kind in ["offer", "answer"] {
            world.page_says(&wire(model, dialect, kind, "stranger"));
        }
        world.page_says(&candidate_of(model, dialect, "stranger"));
        world.page_says(&candidate_of(model, dialect, "theirs"));
        let last = world.said_by_guest(0).pop().unwrap();
        assert_eq!(
            (last.connection, last.to),
            (ConnectionId(1), Some(ConnectionId(1))),
            "{model:?} {dialect:?}"
        );
        world.heard.clear();
        world.say_to_guest(2, 1, offer("ours", 2));
        // Whoever has no call answers as well, and may be the first.
        world.page_says(&wire(model, dialect, "answer", "stranger"));
        world.page_says(&wire(model, dialect, "answer", "theirs"));
        let last = world.said_by_guest(0).pop().unwrap();
        assert_eq!(
            (last.connection, last.to),
            (ConnectionId(1), Some(ConnectionId(1)))
        );
        assert!(last.body == answer("theirs", 2), "{model:?} {dialect:?}");
        world.page_says(&wire(model, dialect, "candidate", "unclear"));
        assert_eq!(world.said_by_guest(0).pop().unwrap().to, Some(ConnectionId(1)));
        assert_eq!(world.guests(0).last().unwrap().0, world.guests(0)[0].0);
    }
}

#[test]
fn a_page_that_was_loaded_anew_answers_a_new_connection() {
    for (model, dialect) in Model::ALL {
        let mut world = in_call(model, dialect);
        if model == Model::Rooms {
            world.seated.retain(|index| *index != PAGE);
            world.page_says("42[\"join\",\"test\"]");
            world.pass(3 * SECOND);
        }
        world.say_to_guest(2, 2, offer("ours", 1));
        world.page_says(&wire(model, dialect, "answer", "reloaded"));
        let last = world.said_by_guest(0).pop().unwrap();
        assert_eq!(
            (last.connection, last.to),
            (ConnectionId(2), Some(ConnectionId(2))),
            "{model:?} {dialect:?}"
        );
        let left = |it: &&RelayMessage| matches!(it, RelayMessage::Left { .. });
        assert!(!world.relay_messages(0).iter().any(left), "{model:?} {dialect:?}");
    }
}

#[test]
fn an_offer_that_nobody_answers_is_said_once_more() {
    for (model, dialect) in Model::ALL {
        let mut world = in_call(model, dialect);
        world.page_says(&wire(model, dialect, "offer", "again"));
        world.page_says(&candidate_of(model, dialect, "again"));
        let before = world.said_by_guest(0).len();
        world.pass(60 * SECOND);
        let said = world.said_by_guest(0);
        assert_eq!(said.len(), before + 2, "{model:?} {dialect:?}");
        assert!(said[before].body == offer("again", 1));
        assert_eq!(said[before].replaces, Some(ConnectionId(1)));
        assert_eq!(said[before].connection, said[before + 1].connection);
    }
}

#[test]
fn who_is_busy_says_nothing_of_it_to_all() {
    for (model, dialect) in Model::ALL {
        let mut world = with_guest(model, dialect);
        world.page_says(&wire(model, dialect, "offer", "theirs"));
        world.say_to_guest(1, 1, PeerBody::Decline { busy: true });
        assert_eq!(world.heard, [""; 0], "{model:?} {dialect:?}");
    }
}

#[test]
fn nothing_that_a_guest_says_waits_for_what_was_lost() {
    for (model, dialect) in Model::ALL {
        let mut world = in_call(model, dialect);
        world.page_says(&wire(model, dialect, "candidate", "theirs"));
        assert!(
            world
                .said_by_guest(0)
                .iter()
                .all(|message| message.after == Some(0))
        );
    }
}

#[test]
fn guests_do_not_come_without_end() {
    let mut world = World::new(Model::Rooms, Dialect::SocketIo, 1);
    for _ in 0..100 {
        world.seated.retain(|index| *index != PAGE);
        world.page_says("42[\"join\",\"test\"]");
        world.page_says(&wire(Model::Rooms, Dialect::SocketIo, "offer", "theirs"));
        world.page_says("42[\"hangup\"]");
    }
    assert!(world.guests(0).len() <= 20, "{}", world.guests(0).len());
}

/// Everybody hears what is said at servers without rooms: who calls may not know our room's name.
#[test]
fn in_a_room_of_its_own_name_a_guest_is_not_taken_for_somebody_who_knows_it() {
    for (model, dialect) in Model::ALL {
        let mut world = World::empty(model, dialect, 1);
        world.room = RoomId::new("quiet-river").unwrap();
        world.open(0);
        world.join(0);
        world.pass(3 * SECOND);
        world.page_says(&wire(model, dialect, "offer", "stranger"));
        let (_, guest) = world.guests(0).pop().unwrap();
        assert_eq!(guest.is_in_room, model == Model::Rooms, "{model:?} {dialect:?}");
    }
}

#[test]
fn nobody_else_speaks_in_the_name_of_a_guest() {
    for (model, dialect) in [
        (Model::Broadcaster, Dialect::Broadcast),
        (Model::Broadcaster, Dialect::Plain),
    ] {
        let mut world = in_call(model, dialect);
        let (guest, _) = world.guests(0).pop().unwrap();
        let hello = format!(r#"{{"type":"hello","from":"{}"}}"#, guest.as_str());
        let tunnelled = format!(r#"{{"room":"test","message":{}}}"#, quoted(&hello));
        let told = world.told[0].len();
        world.page_says(&match dialect {
            Dialect::Plain => format!(r#"{{"visavis":{}}}"#, quoted(&tunnelled)),
            _ => format!(r#"{{"message_type":"visavis","content":{}}}"#, quoted(&tunnelled)),
        });
        assert_eq!(world.told[0].len(), told, "{dialect:?}");
    }
}

#[test]
fn a_call_outlives_the_server() {
    for (model, dialect) in Model::ALL {
        let mut world = in_call(model, dialect);
        let (guest, _) = world.guests(0).pop().unwrap();
        world.input(0, Input::Closed);
        world.seated.clear();
        world.pass(10 * SECOND);
        world.told[0].clear();
        world.heard.clear();
        world.open(0);
        world.join(0);
        world.pass(3 * SECOND);
        assert_eq!(world.guests(0).len(), 1, "{model:?} {dialect:?}");
        assert_eq!(world.guests(0)[0].0, guest);
        let left = |it: &&RelayMessage| matches!(it, RelayMessage::Left { .. });
        assert_eq!(world.relay_messages(0).iter().filter(|it| left(it)).count(), 0);
        world.page_says(&wire(model, dialect, "candidate", "theirs"));
        assert_eq!(world.said_by_guest(0).pop().unwrap().to, Some(ConnectionId(1)));
        // What is said again has gone to them.
        world.say_to_guest(1, 1, offer("ours", 1));
        let offers = world
            .heard
            .iter()
            .filter(|text| text.contains("fingerprint"))
            .count();
        assert_eq!(offers, 0, "{model:?} {dialect:?}");
    }
}

#[test]
fn who_hangs_up_is_heard_where_the_program_says_it() {
    let mut world = in_call(Model::NoRooms, Dialect::SocketIo);
    world.heard.clear();
    world.say_to_guest(2, 1, PeerBody::HangUp);
    assert_eq!(world.heard, ["42[\"hangup\"]"]);
    let mut world = in_call(Model::NoRooms, Dialect::SocketIo);
    world.page_says("42[\"hangup\"]");
    let last = world.said_by_guest(0).pop().unwrap();
    assert_eq!(
        (last.connection, last.to),
        (ConnectionId(1), Some(ConnectionId(1)))
    );
    assert!(last.body == PeerBody::HangUp);
    // Instead of an answer.
    let mut world = with_guest(Model::NoRooms, Dialect::SocketIo);
    world.say_to_guest(1, 1, offer("ours", 1));
    world.page_says("42[\"hangup\"]");
    assert!(world.said_by_guest(0).pop().unwrap().body == PeerBody::HangUp);
}
