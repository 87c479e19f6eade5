//! Who is host, and what a host may do with those inside.

use super::*;

const OPEN: AccessPolicy = AccessPolicy::Open;

/// A room for three with three in it: `a`, the host, has sat longest.
fn three() -> Rooms {
    full_rooms_with(3, &[(A, "a"), (B, "b"), (C, "c")])
}

fn hosts(effects: &[Effect]) -> Vec<Effect> {
    let is_state = |effect: &&Effect| without_state(vec![(*effect).clone()]).is_empty();
    effects.iter().filter(is_state).cloned().collect()
}

#[test]
fn whoever_sits_first_is_host_and_everybody_is_told_so_behind_joined() {
    let mut rooms = Rooms::new(2, SEAT_KEPT);
    assert_eq!(come(&mut rooms, A, "a"), [joined(A, "a"), state(A, "a", OPEN)]);
    assert_eq!(
        come(&mut rooms, B, "b"),
        [joined(B, "b"), state(B, "a", OPEN), ready(B, "a"), ready(A, "b")]
    );
}

#[test]
fn when_the_host_leaves_whoever_has_sat_longest_is_host() {
    let mut rooms = three();
    rooms.leave(B);
    come(&mut rooms, B, "b");
    let effects = rooms.leave(A);
    assert_eq!(hosts(&effects), [state(C, "c", OPEN), state(B, "c", OPEN)]);
    assert_eq!(hosts(&rooms.leave(B)), [], "the others' leaving changes nothing");
}

#[test]
fn whoever_moves_up_learns_of_the_new_host() {
    let mut rooms = full_rooms_with(2, &[(A, "a"), (B, "b"), (C, "c")]);
    assert_eq!(
        rooms.leave(A),
        [
            left(B, "a", LeaveReason::Left),
            state(B, "b", OPEN),
            joined(C, "c"),
            state(C, "b", OPEN),
            ready(C, "b"),
            ready(B, "c")
        ]
    );
}

#[test]
fn a_host_who_is_away_is_host_until_the_seat_is_lost() {
    let mut rooms = three();
    let effects = rooms.disconnect(A, LeaveReason::Lost, Time(0));
    assert_eq!(hosts(&effects), []);
    let effects = come(&mut rooms, D, "a");
    assert_eq!(
        hosts(&effects),
        [state(D, "a", OPEN)],
        "nothing new to the others"
    );
    rooms.disconnect(D, LeaveReason::Lost, Time(0));
    let effects = rooms.expire(Time(30_000));
    assert_eq!(hosts(&effects), [state(B, "b", OPEN), state(C, "b", OPEN)]);
}

#[test]
fn somebody_here_is_host_rather_than_somebody_away() {
    let mut rooms = three();
    rooms.disconnect(B, LeaveReason::Lost, Time(0));
    assert_eq!(hosts(&rooms.leave(A)), [state(C, "c", OPEN)]);
    assert_eq!(hosts(&come(&mut rooms, D, "b")), [state(D, "c", OPEN)]);
}

#[test]
fn if_all_are_away_whoever_has_sat_longest_is_host() {
    let mut rooms = three();
    rooms.disconnect(C, LeaveReason::Lost, Time(0));
    rooms.disconnect(B, LeaveReason::Lost, Time(0));
    assert_eq!(hosts(&rooms.leave(A)), []);
    assert_eq!(hosts(&come(&mut rooms, D, "c")), [state(D, "b", OPEN)]);
}

#[test]
fn a_newer_page_of_the_host_is_host() {
    let mut rooms = full_rooms_with(2, &[(A, "a"), (B, "b")]);
    let effects = come_as(&mut rooms, C, "new", "a");
    assert_eq!(
        effects[3..],
        [
            joined(C, "new"),
            state(C, "new", OPEN),
            ready(C, "b"),
            ready(B, "new"),
            state(B, "new", OPEN)
        ]
    );
    // From a kept seat, too.
    rooms.disconnect(C, LeaveReason::Lost, Time(0));
    let effects = come_as(&mut rooms, D, "newer", "new");
    assert_eq!(
        hosts(&effects),
        [state(D, "newer", OPEN), state(B, "newer", OPEN)]
    );
}

#[test]
fn whoever_has_a_seat_already_becomes_host_for_the_older_page() {
    let mut rooms = full_rooms_with(3, &[(A, "a"), (B, "new"), (C, "c")]);
    let effects = come_as(&mut rooms, D, "new", "a");
    assert_eq!(hosts(&effects), [state(D, "new", OPEN), state(C, "new", OPEN)]);
}

#[test]
fn a_newer_page_has_sat_as_long_as_the_older_one() {
    let mut rooms = three();
    come_as(&mut rooms, D, "new", "b");
    assert_eq!(hosts(&rooms.leave(A))[0], state(D, "new", OPEN));
}

#[test]
fn the_host_can_make_somebody_else_host() {
    let mut rooms = three();
    assert_eq!(
        rooms.hand_over(A, &id("c")),
        [state(A, "c", OPEN), state(B, "c", OPEN), state(C, "c", OPEN)]
    );
    assert_eq!(
        codes(&rooms.hand_over(A, &id("b"))),
        [(A, ErrorCode::NotHost)],
        "no longer"
    );
    assert_eq!(hosts(&rooms.leave(A)), []);
    assert_eq!(hosts(&rooms.leave(C)), [state(B, "b", OPEN)]);
}

#[test]
fn somebody_away_can_be_made_host() {
    let mut rooms = three();
    rooms.disconnect(C, LeaveReason::Lost, Time(0));
    assert_eq!(
        rooms.hand_over(A, &id("c")),
        [state(A, "c", OPEN), state(B, "c", OPEN)]
    );
    let effects = rooms.expire(Time(30_000));
    assert_eq!(hosts(&effects), [state(A, "a", OPEN), state(B, "a", OPEN)]);
}

/// Everything that only a host may do, to somebody.
fn commands(rooms: &mut Rooms, connection: ConnectionId, to: &PeerId) -> Vec<Effect> {
    [
        rooms.set_door(connection, AccessPolicy::Locked),
        rooms.admit(connection, to),
        rooms.refuse(connection, to),
        rooms.remove(connection, to),
        rooms.hand_over(connection, to),
    ]
    .concat()
}

#[test]
fn only_the_host_may_decide() {
    let mut rooms = full_rooms_with(2, &[(A, "a"), (B, "b"), (C, "c")]);
    for name in ["a", "b", "c"] {
        let (seated, queued, nowhere) = (
            commands(&mut rooms, B, &id(name)),
            commands(&mut rooms, C, &id(name)),
            commands(&mut rooms, D, &id(name)),
        );
        assert_eq!((seated.len(), queued.len(), nowhere.len()), (5, 5, 5));
        assert_eq!(codes(&seated), [(B, ErrorCode::NotHost); 5]);
        assert_eq!(codes(&queued), [(C, ErrorCode::NotJoined); 5]);
        assert_eq!(codes(&nowhere), [(D, ErrorCode::NotJoined); 5]);
    }
    rooms.set_door(A, AccessPolicy::Knock);
    assert_eq!(
        codes(&commands(&mut rooms, C, &id("c"))),
        [(C, ErrorCode::NotJoined); 5],
        "in the lobby"
    );
}

#[test]
fn the_host_decides_about_nobody_elsewhere_and_not_about_themselves() {
    let mut rooms = full_rooms_with(2, &[(A, "a"), (B, "b"), (C, "c")]);
    rooms.join(D, room("other"), &secret("d"), None, GivenName::default());
    for name in ["a", "c", "d", "nobody"] {
        let effects = [
            rooms.remove(A, &id(name)),
            rooms.hand_over(A, &id(name)),
            rooms.admit(A, &id(name)),
            rooms.refuse(A, &id(name)),
        ]
        .concat();
        assert_eq!(codes(&effects), [(A, ErrorCode::NoSuchPeer); 4], "{name}");
        assert_eq!(effects.len(), 4, "{name}");
    }
}

#[test]
fn whoever_is_removed_is_told_and_the_queue_moves_up() {
    let mut rooms = full_rooms_with(2, &[(A, "a"), (B, "b"), (C, "c")]);
    let effects = rooms.remove(A, &id("b"));
    assert_eq!(effects[0], left(A, "b", LeaveReason::Left));
    assert_turned_away(&effects[1..3], B, ErrorCode::Removed, CloseReason::Removed);
    assert_eq!(
        effects[3..],
        [joined(C, "c"), state(C, "a", OPEN), ready(C, "a"), ready(A, "c")]
    );
    assert_eq!(rooms.disconnect(B, LeaveReason::Lost, Time(0)), []);
}

#[test]
fn whoever_is_removed_does_not_come_back_even_as_a_newer_page() {
    let mut rooms = three();
    rooms.remove(A, &id("b"));
    for (connection, effects) in [
        (D, come(&mut rooms, D, "b")),
        (ConnectionId(5), come_as(&mut rooms, ConnectionId(5), "new", "b")),
        (ConnectionId(6), come(&mut rooms, ConnectionId(6), "new")),
        (
            ConnectionId(7),
            come_as(&mut rooms, ConnectionId(7), "newer", "new"),
        ),
    ] {
        assert_turned_away(&effects, connection, ErrorCode::Removed, CloseReason::Removed);
        assert!(!rooms.places.contains_key(&connection));
    }
    let elsewhere = rooms.join(
        ConnectionId(8),
        room("other"),
        &secret("b"),
        None,
        GivenName::default(),
    );
    assert!(gets_in(&elsewhere, ConnectionId(8)));
}

#[test]
fn somebody_away_can_be_removed() {
    let mut rooms = three();
    rooms.disconnect(B, LeaveReason::Lost, Time(0));
    assert_eq!(
        rooms.remove(A, &id("b")),
        [left(A, "b", LeaveReason::Left), left(C, "b", LeaveReason::Left)]
    );
    assert_eq!(rooms.next_expiry(), None);
    let effects = come(&mut rooms, D, "b");
    assert_turned_away(&effects, D, ErrorCode::Removed, CloseReason::Removed);
}

#[test]
fn whoever_has_a_seat_is_not_stopped_for_an_older_page_that_was_removed() {
    let mut rooms = three();
    rooms.remove(A, &id("b"));
    let effects = come_as(&mut rooms, D, "c", "b");
    assert!(gets_in(&effects, D));
}
