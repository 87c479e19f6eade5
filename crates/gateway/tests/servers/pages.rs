//! Pages of visavis at each kind of server.

use visavis_gateway::{Dialect, Input, Output};
use visavis_protocol::relay::{ClientMessage, LeaveReason, PeerText, RelayMessage};

use crate::world::{Model, SECOND, World, name, quoted, ready};

#[test]
fn pages_find_each_other_and_what_they_say_passes_as_it_is() {
    for (model, dialect) in Model::ALL {
        let mut world = World::new(model, dialect, 2);
        world.pass(5 * SECOND);
        for (index, other) in [(0, 1), (1, 0)] {
            let told = world.relay_messages(index);
            let joined = RelayMessage::Joined {
                you: name(index),
                capacity: if model == Model::Rooms { 2 } else { 8 },
            };
            assert!(told.contains(&&joined), "{model:?} {dialect:?}: {told:?}");
            let count = told.iter().filter(|message| ***message == ready(other)).count();
            assert_eq!(count, 1, "{model:?} {dialect:?}: {told:?}");
            assert_eq!(world.guests(index), [], "{model:?} {dialect:?}");
        }
        let message = PeerText("sealed \" \\ ✓".into());
        world.say(
            0,
            ClientMessage::Send {
                to: name(1),
                message: message.clone(),
            },
        );
        let from = name(0);
        let heard = RelayMessage::Message { from, message };
        let count = world
            .relay_messages(1)
            .iter()
            .filter(|message| ***message == heard)
            .count();
        assert_eq!(count, 1, "{model:?} {dialect:?}");
    }
}

#[test]
fn pages_stay_for_as_long_as_they_greet_and_leave_when_they_say_so() {
    for (model, dialect) in Model::ALL {
        let mut world = World::new(model, dialect, 2);
        world.pass(120 * SECOND);
        let left = |world: &World, reason| {
            let peer = name(1);
            world
                .relay_messages(0)
                .contains(&&RelayMessage::Left { peer, reason })
        };
        assert!(!left(&world, LeaveReason::Lost), "{model:?} {dialect:?}");
        let mut lost = World::new(model, dialect, 2);
        lost.pass(5 * SECOND);
        lost.input(1, Input::Closed);
        lost.pass(80 * SECOND);
        assert!(left(&lost, LeaveReason::Lost), "{model:?} {dialect:?}");
        world.say(1, ClientMessage::Leave);
        assert!(left(&world, LeaveReason::Lost), "{model:?} {dialect:?}");
    }
}

#[test]
fn a_third_waits_at_a_full_room_and_gets_in_when_somebody_leaves() {
    let is_joined = |it: &Output| matches!(it, Output::Relay(RelayMessage::Joined { .. }));
    let is_full = |it: &Output| matches!(it, Output::Relay(RelayMessage::Full { .. }));
    for asks_before in [false, true] {
        let mut world = World::empty(Model::Rooms, Dialect::SocketIo, 3);
        for index in 0..3 {
            world.open(index);
            if asks_before {
                world.say(index, ClientMessage::Token);
            }
            world.join(index);
        }
        world.pass(20 * SECOND);
        assert!(!world.told[2].iter().any(is_joined));
        assert_eq!(
            world.told[2].iter().filter(|it| is_full(it)).count(),
            1,
            "it is said once"
        );
        world.seated.retain(|index| *index != 1);
        world.input(1, Input::Closed);
        world.pass(10 * SECOND);
        assert!(world.relay_messages(2).contains(&&ready(0)));
        assert!(
            world.relay_messages(0).contains(&&ready(2)),
            "who left has no place there"
        );
        assert!(world.told[2].iter().any(is_joined));
    }
}

#[test]
fn who_leaves_before_there_was_an_answer_gets_one() {
    let mut world = World::empty(Model::NoRooms, Dialect::SocketIo, 1);
    world.open(0);
    world.join(0);
    world.say(0, ClientMessage::Leave);
    world.join(0);
    world.pass(3 * SECOND);
    let joined = |it: &&RelayMessage| matches!(it, RelayMessage::Joined { .. });
    assert_eq!(world.relay_messages(0).into_iter().filter(joined).count(), 2);
}

#[test]
fn who_leaves_a_server_with_rooms_comes_back_over_another_socket() {
    let mut world = World::new(Model::Rooms, Dialect::SocketIo, 1);
    world.say(0, ClientMessage::Leave);
    assert!(matches!(world.told[0].last(), Some(Output::Dead)));
}

#[test]
fn a_flood_of_greetings_is_not_answered_by_a_flood() {
    let mut world = World::new(Model::Broadcaster, Dialect::Broadcast, 1);
    world.heard.clear();
    for index in 0..1000 {
        let hello = format!(r#"{{"type":"hello","from":"page-{}"}}"#, index % 20);
        let tunnelled = format!(r#"{{"room":"test","message":{}}}"#, quoted(&hello));
        world.page_says(&format!(
            r#"{{"message_type":"visavis","content":{}}}"#,
            quoted(&tunnelled)
        ));
    }
    assert_eq!(world.heard.len(), 7, "each page that has a place, once a second");
}
