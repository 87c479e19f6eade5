use visavis_protocol::relay::AccessPolicy;

use super::*;

mod absence;
mod forgetting;
mod histories;
mod host;
mod lobby;
mod replacing;
mod support;

use self::support::*;

#[test]
fn the_first_person_gets_a_seat() {
    assert_eq!(
        Seats::new(2).join(A, room("r"), &secret("a"), None),
        [joined(A, "a")]
    );
}

#[test]
fn a_newcomer_and_those_present_learn_of_each_other() {
    let mut rooms = rooms_with(&[(A, "a")]);
    assert_eq!(
        rooms.join(B, room("r"), &secret("b"), None),
        [joined(B, "b"), ready(B, "a"), ready(A, "b")]
    );
}

#[test]
fn rooms_are_apart() {
    let mut rooms = rooms_with(&[(A, "a")]);
    assert_eq!(rooms.join(B, room("other"), &secret("b"), None), [joined(B, "b")]);
}

#[test]
fn nobody_gets_a_seat_in_a_full_room() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b")]);
    assert_eq!(rooms.join(C, room("r"), &secret("c"), None), [queued(C)]);
}

#[test]
fn a_free_seat_goes_to_whoever_waited_longest() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b"), (C, "c"), (D, "d")]);
    let effects = rooms.leave(A);
    assert_eq!(
        effects,
        [
            left(B, "a", LeaveReason::Left),
            joined(C, "c"),
            ready(C, "b"),
            ready(B, "c")
        ]
    );
}

#[test]
fn leaving_the_queue_is_seen_by_nobody_and_loses_the_spot() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b"), (C, "c"), (D, "d")]);
    assert_eq!(rooms.leave(C), []);
    assert_eq!(
        rooms.leave(A),
        [
            left(B, "a", LeaveReason::Left),
            joined(D, "d"),
            ready(D, "b"),
            ready(B, "d")
        ]
    );
}

#[test]
fn a_goodbye_frees_the_seat_at_once() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b"), (C, "c")]);
    assert_eq!(
        rooms.disconnect(A, LeaveReason::Left, Time(0)),
        [
            left(B, "a", LeaveReason::Left),
            joined(C, "c"),
            ready(C, "b"),
            ready(B, "c")
        ]
    );
    assert_eq!(rooms.next_expiry(), None);
}

#[test]
fn leaving_twice_or_from_nowhere_does_nothing() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b")]);
    rooms.leave(A);
    assert_eq!(rooms.leave(A), []);
    assert_eq!(rooms.disconnect(A, LeaveReason::Lost, Time(0)), []);
    assert_eq!(rooms.leave(C), []);
}

#[test]
fn a_room_vanishes_with_its_last_person() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b")]);
    assert_eq!(rooms.len(), 1);
    rooms.leave(A);
    rooms.disconnect(B, LeaveReason::Left, Time(0));
    assert!(rooms.is_empty() && rooms.places.is_empty());
}

#[test]
fn after_leaving_one_may_join_again_elsewhere() {
    let mut rooms = rooms_with(&[(A, "a")]);
    rooms.leave(A);
    assert_eq!(rooms.join(A, room("other"), &secret("a"), None), [joined(A, "a")]);
}

#[test]
fn joining_while_seated_is_refused_and_changes_nothing() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b")]);
    let effects = rooms.join(A, room("other"), &secret("a"), None);
    assert_eq!(codes(&effects), [(A, ErrorCode::AlreadyJoined)]);
    assert_eq!(rooms.len(), 1);
    assert_eq!(rooms.send(B, &id("a"), text("hi")).len(), 1);
}

#[test]
fn joining_while_queued_is_refused() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b"), (C, "c")]);
    assert_eq!(
        codes(&rooms.join(C, room("other"), &secret("c"), None)),
        [(C, ErrorCode::AlreadyJoined)]
    );
}

#[test]
fn joining_the_same_room_again_does_not_replace_oneself() {
    let mut rooms = rooms_with(&[(A, "a")]);
    let effects = rooms.join(A, room("r"), &secret("a"), None);
    assert_eq!(codes(&effects), [(A, ErrorCode::AlreadyJoined)]);
    assert_eq!(effects.len(), 1);
}

#[test]
fn a_message_reaches_the_named_person_and_nobody_else() {
    let mut rooms = Seats::new(3);
    for (connection, name) in [(A, "a"), (B, "b"), (C, "c")] {
        rooms.join(connection, room("r"), &secret(name), None);
    }
    let message = RelayMessage::Message {
        from: id("a"),
        message: text("hi"),
    };
    assert_eq!(rooms.send(A, &id("c"), text("hi")), [deliver(C, message)]);
}

#[test]
fn a_message_needs_a_seat() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b"), (C, "c")]);
    assert_eq!(
        codes(&rooms.send(C, &id("a"), text("hi"))),
        [(C, ErrorCode::NotJoined)]
    );
    assert_eq!(
        codes(&rooms.send(D, &id("a"), text("hi"))),
        [(D, ErrorCode::NotJoined)]
    );
}

#[test]
fn a_message_to_oneself_or_to_somebody_absent_or_queued_is_refused() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b"), (C, "c")]);
    for name in ["a", "c", "nobody"] {
        assert_eq!(
            codes(&rooms.send(A, &id(name), text("hi"))),
            [(A, ErrorCode::NoSuchPeer)],
            "{name}"
        );
    }
}

#[test]
fn an_answer_does_not_tell_whether_somebody_is_in_another_room() {
    let mut rooms = rooms_with(&[(A, "a")]);
    rooms.join(B, room("other"), &secret("b"), None);
    assert_eq!(
        rooms.send(A, &id("b"), text("hi")),
        rooms.send(A, &id("nobody"), text("hi"))
    );
}

#[test]
fn the_newest_connection_takes_the_seat_and_the_others_are_told_that_it_is_ready() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b")]);
    let effects = rooms.join(C, room("r"), &secret("a"), None);
    assert_eq!(codes(&effects), [(A, ErrorCode::Replaced)]);
    assert_eq!(
        effects[1..],
        [close(A), joined(C, "a"), ready(C, "b"), ready(B, "a"),]
    );
    let message = RelayMessage::Message {
        from: id("b"),
        message: text("hi"),
    };
    assert_eq!(rooms.send(B, &id("a"), text("hi")), [deliver(C, message)]);
}

#[test]
fn the_end_of_a_replaced_connection_is_nobodys_end() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b")]);
    rooms.join(C, room("r"), &secret("a"), None);
    assert_eq!(rooms.disconnect(A, LeaveReason::Lost, Time(0)), []);
    assert_eq!(
        codes(&rooms.send(A, &id("b"), text("hi"))),
        [(A, ErrorCode::NotJoined)]
    );
    assert_eq!(rooms.leave(C), [left(B, "a", LeaveReason::Left)]);
}

#[test]
fn the_newest_connection_takes_the_spot_in_the_queue() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b"), (C, "c"), (D, "d")]);
    let newer = ConnectionId(5);
    let effects = rooms.join(newer, room("r"), &secret("c"), None);
    assert_eq!(codes(&effects), [(C, ErrorCode::Replaced)]);
    assert_eq!(effects[1..], [close(C), queued(newer)]);
    let effects = rooms.leave(A);
    assert_eq!(
        effects[1..],
        [joined(newer, "c"), ready(newer, "b"), ready(B, "c")]
    );
}

#[test]
fn one_secret_may_be_in_two_rooms() {
    let mut rooms = rooms_with(&[(A, "a")]);
    assert_eq!(rooms.join(B, room("other"), &secret("a"), None), [joined(B, "a")]);
}

#[test]
fn a_name_is_a_pure_function_of_the_secret() {
    // Computed apart, from the definition.
    assert_eq!(id("hunter2").as_str(), "s3s5sYUW5cuVhLu7");
    assert_ne!(id("hunter2"), id("hunter3"));
}
