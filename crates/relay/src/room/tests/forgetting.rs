//! What a room remembers, and for how long.

use super::*;

#[test]
fn an_empty_room_forgets_who_was_removed_and_its_policy() {
    let mut rooms = full_rooms_with(2, &[(A, "a"), (B, "b")]);
    rooms.set_door(A, AccessPolicy::Locked);
    rooms.remove(A, &id("b"));
    rooms.leave(A);
    assert!(rooms.is_empty());
    assert_eq!(
        come(&mut rooms, C, "b"),
        [joined(C, "b"), state(C, "b", AccessPolicy::Open)],
        "whoever comes to an empty room is host"
    );
    assert!(gets_in(&come(&mut rooms, D, "d"), D));
}

#[test]
fn a_room_whose_people_are_away_forgets_nothing() {
    let mut rooms = full_rooms_with(3, &[(A, "a"), (B, "b")]);
    rooms.set_door(A, AccessPolicy::Locked);
    rooms.remove(A, &id("b"));
    rooms.disconnect(A, LeaveReason::Lost, Time(0));
    assert_eq!(codes(&come(&mut rooms, B, "b")), [(B, ErrorCode::Removed)]);
    assert_eq!(come(&mut rooms, C, "c"), [full(C, 3, AccessPolicy::Locked)]);
    // They are as if they came to an empty room.
    assert_eq!(
        without_state(rooms.expire(Time(30_000))),
        [deliver(
            C,
            RelayMessage::Joined {
                you: id("c"),
                capacity: 3
            }
        )]
    );
    assert!(gets_in(&come(&mut rooms, B, "b"), B));
}

#[test]
fn when_everybody_inside_is_gone_those_in_the_lobby_have_the_room() {
    for policy in [AccessPolicy::Knock, AccessPolicy::Locked] {
        let mut rooms = full_rooms_with(2, &[(A, "a")]);
        rooms.set_door(A, policy);
        for (connection, name) in [(B, "b"), (C, "c"), (D, "d")] {
            come(&mut rooms, connection, name);
        }
        assert_eq!(
            rooms.leave(A),
            [
                joined(B, "b"),
                state(B, "b", AccessPolicy::Open),
                joined(C, "c"),
                state(C, "b", AccessPolicy::Open),
                ready(C, "b"),
                ready(B, "c"),
                queued(D)
            ]
        );
    }
}

#[test]
fn only_the_last_of_many_who_were_removed_are_remembered() {
    let mut rooms = full_rooms_with(2, &[(A, "a")]);
    for number in 0..=REMEMBERED {
        let name = format!("n{number}");
        come(&mut rooms, ConnectionId(100 + number as u64), &name);
        rooms.remove(A, &id(&name));
    }
    let effects = come(&mut rooms, B, &format!("n{REMEMBERED}"));
    assert_eq!(codes(&effects), [(B, ErrorCode::Removed)]);
    let effects = come(&mut rooms, B, "n1");
    assert_eq!(codes(&effects), [(B, ErrorCode::Removed)]);
    assert!(gets_in(&come(&mut rooms, B, "n0"), B));
}

#[test]
fn only_the_last_of_many_who_left_are_remembered() {
    let mut rooms = full_rooms_with(2, &[(A, "a")]);
    rooms.set_door(A, AccessPolicy::Knock);
    for number in 0..=REMEMBERED {
        let (name, connection) = (format!("n{number}"), ConnectionId(100 + number as u64));
        come(&mut rooms, connection, &name);
        rooms.admit(A, &id(&name));
        rooms.leave(connection);
    }
    assert!(!gets_in(&come(&mut rooms, B, "n0"), B));
    assert!(gets_in(&come(&mut rooms, C, "n1"), C));
}
