//! Newer pages, which take the places of older ones.

use super::*;

const E: ConnectionId = ConnectionId(5);

/// A newer page of `a`, named `new`, joins the room `r`.
fn replace(rooms: &mut Seats, connection: ConnectionId, ghost: &str) -> Vec<Effect> {
    rooms.join(connection, room("r"), &secret("new"), Some(&secret(ghost)))
}

/// A page is told that another one has its place, and is closed.
fn assert_replaced(effects: &[Effect], ghost: ConnectionId) {
    assert_eq!(codes(&effects[..1]), [(ghost, ErrorCode::Replaced)]);
    assert_eq!(effects[1], close(ghost));
}

#[test]
fn a_newer_page_gets_the_seat_of_the_older_one_before_anybody_in_line() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b"), (C, "c"), (D, "d")]);
    let effects = replace(&mut rooms, E, "a");
    assert_eq!(effects[0], left(B, "a", LeaveReason::Left));
    assert_replaced(&effects[1..], A);
    assert_eq!(effects[3..], [joined(E, "new"), ready(E, "b"), ready(B, "new")]);
    // The queue is as it was.
    assert_eq!(
        rooms.leave(E),
        [
            left(B, "new", LeaveReason::Left),
            joined(C, "c"),
            ready(C, "b"),
            ready(B, "c")
        ]
    );
}

#[test]
fn the_end_of_a_replaced_page_is_nobodys_end() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b")]);
    replace(&mut rooms, C, "a");
    assert_eq!(rooms.disconnect(A, LeaveReason::Lost, Time(0)), []);
    assert_eq!(rooms.next_expiry(), None);
    assert_eq!(rooms.send(C, &id("b"), text("hi")).len(), 1);
}

#[test]
fn a_newer_page_gets_the_seat_that_was_kept_for_the_older_one() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b"), (C, "c")]);
    rooms.disconnect(A, LeaveReason::Lost, Time(0));
    assert_eq!(
        replace(&mut rooms, D, "a"),
        [
            left(B, "a", LeaveReason::Left),
            joined(D, "new"),
            ready(D, "b"),
            ready(B, "new")
        ]
    );
    assert_eq!(rooms.next_expiry(), None);
    assert_eq!(rooms.expire(Time(30_000)), []);
}

#[test]
fn a_newer_page_gets_the_older_ones_place_in_line() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b"), (C, "c"), (D, "d")]);
    let effects = replace(&mut rooms, E, "c");
    assert_replaced(&effects, C);
    assert_eq!(effects[2..], [queued(E)]);
    assert_eq!(
        rooms.leave(A),
        [
            left(B, "a", LeaveReason::Left),
            joined(E, "new"),
            ready(E, "b"),
            ready(B, "new")
        ]
    );
}

#[test]
fn without_the_older_page_in_this_room_it_is_a_join_like_any_other() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b")]);
    rooms.join(C, room("other"), &secret("c"), None);
    assert_eq!(replace(&mut rooms, D, "c"), [queued(D)]);
    assert_eq!(replace(&mut rooms, E, "nobody")[2..], [queued(E)], "taken over");
    // `c` is where it was.
    assert_eq!(rooms.leave(C), []);
    assert_eq!(rooms.len(), 1);
}

#[test]
fn nobody_replaces_themselves() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b")]);
    let effects = rooms.join(C, room("r"), &secret("a"), Some(&secret("a")));
    assert_replaced(&effects, A);
    assert_eq!(
        effects[2..],
        [joined(C, "a"), ready(C, "b"), ready(B, "a")],
        "a newer connection, and nobody's leaving"
    );
    rooms.disconnect(C, LeaveReason::Lost, Time(0));
    assert_eq!(
        rooms.join(D, room("r"), &secret("a"), Some(&secret("a"))),
        [joined(D, "a"), ready(D, "b"), ready(B, "a")]
    );
}

#[test]
fn a_join_that_is_refused_replaces_nobody() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b")]);
    let effects = replace(&mut rooms, B, "a");
    assert_eq!(codes(&effects), [(B, ErrorCode::AlreadyJoined)]);
    assert_eq!(effects.len(), 1);
    assert_eq!(rooms.send(B, &id("a"), text("hi")).len(), 1);
}

#[test]
fn whoever_has_a_seat_already_leaves_that_of_the_older_page_to_the_line() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "new"), (C, "c")]);
    let effects = replace(&mut rooms, D, "a");
    assert_eq!(effects[0], left(B, "a", LeaveReason::Left));
    assert_replaced(&effects[1..], A);
    assert_replaced(&effects[3..], B);
    assert_eq!(
        effects[5..],
        [joined(D, "new"), joined(C, "c"), ready(C, "new"), ready(D, "c")]
    );
}

#[test]
fn who_waits_in_the_queue_moves_to_the_seat_of_the_older_page() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b"), (C, "c"), (D, "new")]);
    let effects = replace(&mut rooms, E, "a");
    assert_eq!(effects[0], left(B, "a", LeaveReason::Left));
    assert_replaced(&effects[1..], A);
    assert_replaced(&effects[3..], D);
    assert_eq!(effects[5..], [joined(E, "new"), ready(E, "b"), ready(B, "new")]);
    assert_eq!(rooms.leave(E)[1], joined(C, "c"));
}

#[test]
fn of_two_places_in_the_queue_the_better_one_counts() {
    for people in [["a", "b", "old", "d", "new"], ["a", "b", "new", "d", "old"]] {
        let mut rooms = Seats::new(2);
        for (connection, name) in [A, B, C, D, E].into_iter().zip(people) {
            rooms.join(connection, room("r"), &secret(name), None);
        }
        let newest = ConnectionId(6);
        let effects = replace(&mut rooms, newest, "old");
        assert_eq!(effects.len(), 5);
        assert_eq!(effects[4], queued(newest));
        assert_eq!(rooms.leave(A)[1], joined(newest, "new"));
    }
}
