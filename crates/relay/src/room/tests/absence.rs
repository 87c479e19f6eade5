//! Seats that are kept for those whose connection was lost.

use super::*;

const E: ConnectionId = ConnectionId(5);

/// The last moment at which a seat is kept whose person was lost at 0.
const JUST_IN_TIME: Time = Time(29_999);
const TOO_LATE: Time = Time(30_000);

fn lose(rooms: &mut Seats, connection: ConnectionId) -> Vec<Effect> {
    rooms.disconnect(connection, LeaveReason::Lost, Time(0))
}

#[test]
fn whoever_is_lost_is_away_at_first() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b"), (C, "c")]);
    assert_eq!(lose(&mut rooms, A), [away(B, "a")]);
    assert_eq!(rooms.next_expiry(), Some(TOO_LATE));
    assert_eq!(rooms.expire(JUST_IN_TIME), []);
}

#[test]
fn whoever_comes_back_in_time_has_their_seat_even_in_a_full_room() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b"), (C, "c")]);
    lose(&mut rooms, A);
    assert_eq!(
        rooms.join(D, room("r"), &secret("a"), None),
        [joined(D, "a"), ready(D, "b"), ready(B, "a")]
    );
    assert_eq!(rooms.next_expiry(), None);
    assert_eq!(rooms.expire(TOO_LATE), []);
    assert_eq!(rooms.send(B, &id("a"), text("hi")).len(), 1);
}

#[test]
fn whoever_does_not_come_back_is_lost_and_the_queue_moves_up() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b"), (C, "c"), (D, "d")]);
    lose(&mut rooms, A);
    assert_eq!(
        rooms.expire(TOO_LATE),
        [
            left(B, "a", LeaveReason::Lost),
            joined(C, "c"),
            ready(C, "b"),
            ready(B, "c")
        ]
    );
    assert_eq!(rooms.next_expiry(), None);
    assert_eq!(rooms.join(E, room("r"), &secret("a"), None), [queued(E)]);
}

#[test]
fn whoever_is_lost_again_has_all_the_time_again() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b")]);
    lose(&mut rooms, A);
    rooms.join(C, room("r"), &secret("a"), None);
    let later = Time(20_000);
    assert_eq!(rooms.disconnect(C, LeaveReason::Lost, later), [away(B, "a")]);
    assert_eq!(rooms.expire(TOO_LATE), []);
    assert_eq!(rooms.expire(Time(50_000)), [left(B, "a", LeaveReason::Lost)]);
}

#[test]
fn seats_are_lost_in_the_order_in_which_their_people_were() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b"), (C, "c"), (D, "d")]);
    rooms.disconnect(B, LeaveReason::Lost, Time(1000));
    rooms.disconnect(A, LeaveReason::Lost, Time(2000));
    assert_eq!(rooms.next_expiry(), Some(Time(31_000)));
    assert_eq!(rooms.expire(Time(31_000)), [joined(C, "c"), away(C, "a")]);
    assert_eq!(rooms.next_expiry(), Some(Time(32_000)));
    assert_eq!(
        rooms.expire(Time(32_000)),
        [
            left(C, "a", LeaveReason::Lost),
            joined(D, "d"),
            ready(D, "c"),
            ready(C, "d")
        ]
    );
}

#[test]
fn a_late_clock_takes_all_seats_that_are_due() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b")]);
    lose(&mut rooms, A);
    rooms.disconnect(B, LeaveReason::Lost, Time(1));
    assert_eq!(rooms.expire(Time(40_000)), []);
    assert!(rooms.is_empty() && rooms.next_expiry().is_none());
}

#[test]
fn a_place_in_the_queue_is_not_kept() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b"), (C, "c"), (D, "d")]);
    assert_eq!(lose(&mut rooms, C), []);
    assert_eq!(rooms.next_expiry(), None);
    rooms.join(E, room("r"), &secret("c"), None);
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
fn a_newcomer_is_told_who_is_here_and_who_is_away() {
    let mut rooms = Seats::new(3);
    for (connection, name) in [(A, "a"), (B, "b")] {
        rooms.join(connection, room("r"), &secret(name), None);
    }
    lose(&mut rooms, A);
    let effects = rooms.join(C, room("r"), &secret("c"), None);
    assert_eq!(effects[1..], [away(C, "a"), ready(C, "b"), ready(B, "c")]);
    assert_eq!(
        rooms.expire(TOO_LATE),
        [left(B, "a", LeaveReason::Lost), left(C, "a", LeaveReason::Lost)]
    );
}

#[test]
fn what_is_sent_to_somebody_away_reaches_nobody_and_is_not_answered() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b")]);
    lose(&mut rooms, A);
    assert_eq!(rooms.send(B, &id("a"), text("hi")), []);
    rooms.expire(TOO_LATE);
    assert_eq!(
        codes(&rooms.send(B, &id("a"), text("hi"))),
        [(B, ErrorCode::NoSuchPeer)]
    );
}

#[test]
fn a_room_stays_for_as_long_as_a_seat_is_kept() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b")]);
    lose(&mut rooms, A);
    assert_eq!(lose(&mut rooms, B), [], "nobody is there to be told");
    assert_eq!((rooms.len(), rooms.places.len()), (1, 0));
    // It is full, too.
    assert_eq!(rooms.join(C, room("r"), &secret("c"), None), [queued(C)]);
    assert_eq!(rooms.leave(C), []);
    assert_eq!(rooms.expire(TOO_LATE), []);
    assert!(rooms.is_empty());
}

#[test]
fn when_all_are_away_whoever_comes_back_sees_who_is_missing() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b")]);
    lose(&mut rooms, A);
    lose(&mut rooms, B);
    assert_eq!(
        rooms.join(C, room("r"), &secret("a"), None),
        [joined(C, "a"), away(C, "b")]
    );
    assert_eq!(
        rooms.join(D, room("r"), &secret("b"), None),
        [joined(D, "b"), ready(D, "a"), ready(C, "b")]
    );
}

#[test]
fn whoever_leaves_last_leaves_the_kept_seats_behind() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b")]);
    lose(&mut rooms, A);
    assert_eq!(rooms.leave(B), []);
    assert_eq!(
        rooms.join(C, room("r"), &secret("a"), None),
        [joined(C, "a")],
        "the seat is still theirs"
    );
    rooms.disconnect(C, LeaveReason::Lost, Time(0));
    rooms.expire(TOO_LATE);
    assert!(rooms.is_empty());
}

#[test]
fn joining_elsewhere_does_not_give_a_kept_seat_back() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b")]);
    lose(&mut rooms, A);
    assert_eq!(rooms.join(C, room("other"), &secret("a"), None), [joined(C, "a")]);
    assert_eq!(rooms.expire(TOO_LATE), [left(B, "a", LeaveReason::Lost)]);
    assert_eq!(rooms.leave(C), []);
    assert_eq!(rooms.len(), 1);
}

#[test]
fn a_kept_seat_is_given_back_by_coming_back_and_leaving() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b"), (C, "c")]);
    lose(&mut rooms, A);
    rooms.join(D, room("r"), &secret("a"), None);
    assert_eq!(
        rooms.leave(D),
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
fn where_seats_are_kept_for_no_time_nobody_is_ever_away() {
    let mut rooms = Seats(Rooms::new(2, Duration::ZERO));
    for (connection, name) in [(A, "a"), (B, "b")] {
        rooms.join(connection, room("r"), &secret(name), None);
    }
    assert_eq!(lose(&mut rooms, A), [left(B, "a", LeaveReason::Lost)]);
    assert_eq!(rooms.next_expiry(), None);
}
