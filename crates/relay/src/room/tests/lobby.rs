//! Policies other than open, and those who wait in the lobby.

use super::*;

const E: ConnectionId = ConnectionId(5);

/// A room for three with `a`, the host, and `b` in it, and this policy.
fn two_behind(policy: AccessPolicy) -> Rooms {
    let mut rooms = full_rooms_with(3, &[(A, "a"), (B, "b")]);
    rooms.set_door(A, policy);
    rooms
}

fn in_lobby(to: ConnectionId, policy: AccessPolicy) -> Effect {
    full(to, 3, policy)
}

#[test]
fn everybody_is_told_of_the_policy_when_it_changes() {
    let mut rooms = full_rooms_with(3, &[(A, "a"), (B, "b")]);
    for policy in [AccessPolicy::Knock, AccessPolicy::Locked, AccessPolicy::Open] {
        assert_eq!(
            rooms.set_door(A, policy),
            [state(A, "a", policy), state(B, "a", policy)]
        );
        assert_eq!(rooms.set_door(A, policy), []);
    }
}

#[test]
fn whoever_knocks_waits_and_only_the_host_is_told_by_which_name() {
    let mut rooms = two_behind(AccessPolicy::Knock);
    let name = GivenName::new("Carol");
    let effects = rooms.join(C, room("r"), &secret("c"), None, name.clone());
    let knock = RelayMessage::Knock { peer: id("c"), name };
    assert_eq!(effects, [in_lobby(C, AccessPolicy::Knock), deliver(A, knock)]);
}

#[test]
fn whoever_waits_may_change_their_name_and_the_host_is_told_if_they_knock() {
    let knock = |name| {
        let (peer, name) = (id("c"), GivenName::new(name));
        deliver(A, RelayMessage::Knock { peer, name })
    };
    let mut rooms = two_behind(AccessPolicy::Knock);
    come(&mut rooms, C, "c");
    assert_eq!(rooms.rename(C, GivenName::new("Carol")), [knock("Carol")]);
    assert_eq!(rooms.rename(C, GivenName::new("Carol")), [], "nothing new");
    // Nobody knocks at a locked room; then everybody does at once.
    rooms.set_door(A, AccessPolicy::Locked);
    assert_eq!(rooms.rename(C, GivenName::new("Caro")), []);
    assert!(rooms.set_door(A, AccessPolicy::Knock).contains(&knock("Caro")));

    // Inside, the others know each other without the relay.
    assert_eq!(rooms.rename(B, GivenName::new("Bob")), []);
    assert_eq!(
        codes(&rooms.rename(D, GivenName::new("Dan"))),
        [(D, ErrorCode::NotJoined)]
    );
}

#[test]
fn a_name_that_was_changed_in_the_queue_is_the_one_by_which_somebody_knocks() {
    let mut rooms = full_rooms_with(2, &[(A, "a"), (B, "b")]);
    come(&mut rooms, C, "c");
    assert_eq!(rooms.rename(C, GivenName::new("Carol")), []);
    let name = GivenName::new("Carol");
    let knock = deliver(A, RelayMessage::Knock { peer: id("c"), name });
    assert!(rooms.set_door(A, AccessPolicy::Knock).contains(&knock));
}

#[test]
fn whoever_waits_outside_can_send_nothing_and_be_sent_nothing() {
    for policy in [AccessPolicy::Knock, AccessPolicy::Locked] {
        let mut rooms = two_behind(policy);
        come(&mut rooms, C, "c");
        let effects = rooms.send(C, &id("a"), text("hi"));
        assert_eq!(codes(&effects), [(C, ErrorCode::NotJoined)]);
        let effects = rooms.send(A, &id("c"), text("hi"));
        assert_eq!(codes(&effects), [(A, ErrorCode::NoSuchPeer)]);
        assert_eq!(
            codes(&rooms.join(C, room("other"), &secret("c"), None, GivenName::default())),
            [(C, ErrorCode::AlreadyJoined)]
        );
    }
}

#[test]
fn whoever_is_admitted_has_a_seat() {
    let mut rooms = two_behind(AccessPolicy::Knock);
    come(&mut rooms, C, "c");
    assert_eq!(
        rooms.admit(A, &id("c")),
        [
            knock_over(A, "c"),
            joined_room_for_three(C, "c"),
            state(C, "a", AccessPolicy::Knock),
            ready(C, "a"),
            ready(C, "b"),
            ready(A, "c"),
            ready(B, "c")
        ]
    );
    assert_eq!(codes(&rooms.admit(A, &id("c"))), [(A, ErrorCode::NoSuchPeer)]);
}

fn joined_room_for_three(to: ConnectionId, name: &str) -> Effect {
    deliver(
        to,
        RelayMessage::Joined {
            you: id(name),
            capacity: 3,
        },
    )
}

#[test]
fn whoever_is_admitted_to_a_full_room_waits_in_line() {
    let mut rooms = two_behind(AccessPolicy::Knock);
    for (connection, name) in [(C, "c"), (D, "d"), (E, "e")] {
        come(&mut rooms, connection, name);
    }
    rooms.admit(A, &id("e"));
    assert_eq!(
        rooms.admit(A, &id("d")),
        [knock_over(A, "d"), in_lobby(D, AccessPolicy::Open)]
    );
    // Who has knocked for longer, and was not admitted, is in nobody's way.
    assert!(gets_in(&rooms.leave(B), D));
}

#[test]
fn whoever_is_refused_is_told_and_does_not_come_back() {
    let mut rooms = two_behind(AccessPolicy::Knock);
    come(&mut rooms, C, "c");
    let effects = rooms.refuse(A, &id("c"));
    assert_eq!(effects[0], knock_over(A, "c"));
    assert_turned_away(&effects[1..], C, ErrorCode::Refused, CloseReason::Refused);
    rooms.set_door(A, AccessPolicy::Open);
    for (connection, effects) in [
        (D, come(&mut rooms, D, "c")),
        (E, come_as(&mut rooms, E, "new", "c")),
    ] {
        assert_turned_away(&effects, connection, ErrorCode::Refused, CloseReason::Refused);
    }
}

#[test]
fn nobody_enters_a_locked_room_or_is_shown() {
    let mut rooms = two_behind(AccessPolicy::Locked);
    assert_eq!(come(&mut rooms, C, "c"), [in_lobby(C, AccessPolicy::Locked)]);
    for effects in [rooms.admit(A, &id("c")), rooms.refuse(A, &id("c"))] {
        assert_eq!(codes(&effects), [(A, ErrorCode::NoSuchPeer)]);
    }
    assert_eq!(rooms.leave(C), []);
}

#[test]
fn those_at_a_locked_room_knock_when_they_can_and_get_in_when_it_is_open() {
    let mut rooms = two_behind(AccessPolicy::Locked);
    come(&mut rooms, C, "c");
    come(&mut rooms, D, "d");
    let (knocks, locked, open) = (
        rooms.set_door(A, AccessPolicy::Knock),
        rooms.set_door(A, AccessPolicy::Locked),
        rooms.set_door(A, AccessPolicy::Open),
    );
    assert_eq!(
        knocks[2..],
        [
            in_lobby(C, AccessPolicy::Knock),
            in_lobby(D, AccessPolicy::Knock),
            knock(A, "c"),
            knock(A, "d")
        ]
    );
    assert_eq!(
        locked[2..],
        [
            knock_over(A, "c"),
            knock_over(A, "d"),
            in_lobby(C, AccessPolicy::Locked),
            in_lobby(D, AccessPolicy::Locked)
        ]
    );
    assert!(gets_in(&open, C) && !gets_in(&open, D));
    assert_eq!(open.last(), Some(&in_lobby(D, AccessPolicy::Open)));
}

#[test]
fn knocks_are_over_for_the_host_when_the_room_is_opened() {
    let mut rooms = two_behind(AccessPolicy::Knock);
    come(&mut rooms, C, "c");
    let effects = rooms.set_door(A, AccessPolicy::Open);
    assert_eq!(effects[2], knock_over(A, "c"));
    assert!(gets_in(&effects, C));
}

#[test]
fn those_in_the_queue_move_to_the_lobby_when_the_room_is_closed() {
    for policy in [AccessPolicy::Knock, AccessPolicy::Locked] {
        let mut rooms = full_rooms_with(2, &[(A, "a"), (B, "b"), (C, "c"), (D, "d")]);
        let effects = rooms.set_door(A, policy);
        assert_eq!(effects[2..4], [full(C, 2, policy), full(D, 2, policy)]);
        assert!(!gets_in(&rooms.leave(B), C), "a seat is free, and not theirs");
    }
}

#[test]
fn those_admitted_who_wait_in_the_queue_are_locked_out_too() {
    let mut rooms = two_behind(AccessPolicy::Knock);
    for (connection, name) in [(C, "c"), (D, "d"), (E, "e")] {
        come(&mut rooms, connection, name);
    }
    rooms.admit(A, &id("c"));
    rooms.admit(A, &id("e"));
    rooms.set_door(A, AccessPolicy::Locked);
    assert!(!gets_in(&rooms.leave(B), E));
    // They are first in the lobby, and have to knock.
    let effects = rooms.set_door(A, AccessPolicy::Knock);
    assert_eq!(effects[effects.len() - 2..], [knock(A, "e"), knock(A, "d")]);
}

#[test]
fn a_kept_seat_needs_no_admission() {
    for policy in [AccessPolicy::Knock, AccessPolicy::Locked] {
        let mut rooms = two_behind(policy);
        rooms.disconnect(B, LeaveReason::Lost, Time(0));
        assert!(gets_in(&come(&mut rooms, C, "b"), C));
        rooms.disconnect(C, LeaveReason::Lost, Time(0));
        assert!(gets_in(&come_as(&mut rooms, D, "new", "b"), D));
    }
}

#[test]
fn a_newer_connection_or_page_of_somebody_inside_needs_no_admission() {
    for policy in [AccessPolicy::Knock, AccessPolicy::Locked] {
        let mut rooms = two_behind(policy);
        assert!(gets_in(&come(&mut rooms, C, "b"), C));
        assert!(gets_in(&come_as(&mut rooms, D, "new", "b"), D));
        assert!(gets_in(&come_as(&mut rooms, E, "newer", "a"), E), "the host");
        assert_eq!(rooms.rooms[&room("r")].seats.len(), 2);
    }
}

#[test]
fn whoever_had_a_seat_is_not_new_once() {
    for policy in [AccessPolicy::Knock, AccessPolicy::Locked] {
        let mut rooms = two_behind(policy);
        rooms.leave(B);
        assert!(gets_in(&come(&mut rooms, C, "b"), C));
        rooms.disconnect(C, LeaveReason::Lost, Time(0));
        rooms.expire(Time(30_000));
        // As a reloaded page, whose goodbye came first.
        assert!(gets_in(&come_as(&mut rooms, D, "new", "b"), D));
        assert!(
            !gets_in(&come(&mut rooms, E, "b"), E),
            "one seat let two people in"
        );
    }
}

#[test]
fn those_who_left_are_new_to_a_policy_that_was_set_since() {
    let mut rooms = two_behind(AccessPolicy::Knock);
    rooms.leave(B);
    rooms.set_door(A, AccessPolicy::Locked);
    assert_eq!(come(&mut rooms, B, "b"), [in_lobby(B, AccessPolicy::Locked)]);
}

#[test]
fn whoever_gives_up_knocking_is_over_for_the_host() {
    let mut rooms = two_behind(AccessPolicy::Knock);
    come(&mut rooms, C, "c");
    assert_eq!(rooms.leave(C), [knock_over(A, "c")]);
    for reason in [LeaveReason::Left, LeaveReason::Lost] {
        come(&mut rooms, D, "d");
        assert_eq!(rooms.disconnect(D, reason, Time(0)), [knock_over(A, "d")]);
    }
    assert_eq!(rooms.next_expiry(), None, "a place in the lobby is not kept");
}

#[test]
fn a_newer_connection_knocks_instead_of_the_older_one() {
    let mut rooms = two_behind(AccessPolicy::Knock);
    come(&mut rooms, C, "c");
    come(&mut rooms, D, "d");
    let effects = come(&mut rooms, E, "c");
    assert_eq!(effects[0], knock_over(A, "c"));
    assert_turned_away(&effects[1..3], C, ErrorCode::Replaced, CloseReason::Replaced);
    assert_eq!(effects[3..], [in_lobby(E, AccessPolicy::Knock), knock(A, "c")]);
    assert!(gets_in(&rooms.admit(A, &id("c")), E));
}

#[test]
fn a_newer_page_has_the_older_ones_place_in_the_lobby() {
    let mut rooms = two_behind(AccessPolicy::Knock);
    come(&mut rooms, C, "c");
    come(&mut rooms, D, "d");
    let effects = come_as(&mut rooms, E, "new", "c");
    assert_eq!(effects[0], knock_over(A, "c"));
    assert_turned_away(&effects[1..3], C, ErrorCode::Replaced, CloseReason::Replaced);
    assert_eq!(effects[3..], [in_lobby(E, AccessPolicy::Knock), knock(A, "new")]);
    let effects = rooms.hand_over(A, &id("b"));
    assert_eq!(effects[2..], [knock(B, "new"), knock(B, "d")]);
}

#[test]
fn whoever_knocks_and_comes_again_for_a_seat_of_theirs_knocks_no_longer() {
    let mut rooms = two_behind(AccessPolicy::Knock);
    come(&mut rooms, C, "c");
    let effects = come_as(&mut rooms, D, "c", "b");
    assert!(effects.contains(&knock_over(A, "c")) && gets_in(&effects, D));
}

#[test]
fn a_newer_page_of_somebody_admitted_need_not_knock() {
    let mut rooms = two_behind(AccessPolicy::Knock);
    come(&mut rooms, C, "c");
    come(&mut rooms, D, "d");
    rooms.admit(A, &id("c"));
    rooms.admit(A, &id("d"));
    assert_eq!(
        come_as(&mut rooms, E, "new", "d").last(),
        Some(&in_lobby(E, AccessPolicy::Open))
    );
    assert!(gets_in(&rooms.leave(B), E));
}

#[test]
fn a_new_host_is_told_who_knocks() {
    let mut rooms = two_behind(AccessPolicy::Knock);
    come(&mut rooms, C, "c");
    let effects = rooms.hand_over(A, &id("b"));
    assert_eq!(effects[2..], [knock(B, "c")]);
    assert_eq!(rooms.leave(C), [knock_over(B, "c")], "and nobody else is");
    come(&mut rooms, C, "c");
    assert_eq!(rooms.leave(B)[2..], [knock(A, "c")]);
}

#[test]
fn a_host_who_was_away_is_told_who_knocks() {
    let mut rooms = two_behind(AccessPolicy::Knock);
    rooms.disconnect(A, LeaveReason::Lost, Time(0));
    assert_eq!(come(&mut rooms, C, "c"), [in_lobby(C, AccessPolicy::Knock)]);
    let effects = come(&mut rooms, D, "a");
    assert_eq!(
        effects,
        [
            joined_room_for_three(D, "a"),
            state(D, "a", AccessPolicy::Knock),
            ready(D, "b"),
            knock(D, "c"),
            ready(B, "a")
        ]
    );
}

#[test]
fn in_a_crowded_lobby_nobody_else_waits() {
    let mut rooms = two_behind(AccessPolicy::Knock);
    for number in 0..AT_THE_DOOR {
        let connection = ConnectionId(100 + number as u64);
        assert_eq!(come(&mut rooms, connection, &format!("n{number}")).len(), 2);
    }
    let effects = come(&mut rooms, C, "c");
    assert_turned_away(&effects, C, ErrorCode::Busy, CloseReason::Crowded);
    assert!(!rooms.places.contains_key(&C));
    assert_eq!(rooms.rooms[&room("r")].lobby.waiting.len(), AT_THE_DOOR);
    // A newer page of somebody who waits has a place.
    assert_eq!(come_as(&mut rooms, C, "new", "n3").len(), 5);
    rooms.leave(C);
    assert_eq!(come(&mut rooms, D, "d").len(), 2);
}

#[test]
fn a_queue_that_is_longer_than_the_lobby_loses_its_end() {
    let mut rooms = full_rooms_with(2, &[(A, "a"), (B, "b")]);
    for number in 0..=AT_THE_DOOR {
        come(
            &mut rooms,
            ConnectionId(100 + number as u64),
            &format!("n{number}"),
        );
    }
    let effects = rooms.set_door(A, AccessPolicy::Knock);
    let last = ConnectionId(100 + AT_THE_DOOR as u64);
    assert_turned_away(
        &effects[effects.len() - 2..],
        last,
        ErrorCode::Busy,
        CloseReason::Crowded,
    );
    assert_eq!(codes(&effects).len(), 1);
    assert_eq!(rooms.leave(last), []);
}
