use std::collections::{BTreeMap, BTreeSet};

use super::*;

const A: ConnectionId = ConnectionId(1);
const B: ConnectionId = ConnectionId(2);
const C: ConnectionId = ConnectionId(3);
const D: ConnectionId = ConnectionId(4);

fn secret(name: &str) -> SeatSecret {
    SeatSecret::new(name).unwrap()
}

fn id(name: &str) -> PeerId {
    peer_id(&secret(name))
}

fn room(name: &str) -> RoomId {
    RoomId::new(name).unwrap()
}

fn text(text: &str) -> PeerText {
    PeerText(text.into())
}

fn joined(to: ConnectionId, name: &str) -> Effect {
    deliver(
        to,
        RelayMessage::Joined {
            you: id(name),
            capacity: 2,
        },
    )
}

fn ready(to: ConnectionId, name: &str) -> Effect {
    deliver(to, RelayMessage::Ready { peer: id(name) })
}

fn left(to: ConnectionId, name: &str, reason: LeaveReason) -> Effect {
    deliver(
        to,
        RelayMessage::Left {
            peer: id(name),
            reason,
        },
    )
}

fn codes(effects: &[Effect]) -> Vec<(ConnectionId, ErrorCode)> {
    let code = |effect: &Effect| match effect {
        Effect::Deliver {
            to,
            message: RelayMessage::Error { code, .. },
        } => Some((*to, *code)),
        _ => None,
    };
    effects.iter().filter_map(code).collect()
}

/// A room `r` for two, with these people in it or in its queue, in this order.
fn rooms_with(people: &[(ConnectionId, &str)]) -> Rooms {
    let mut rooms = Rooms::new(2);
    for (connection, name) in people {
        rooms.join(*connection, room("r"), &secret(name));
    }
    rooms
}

#[test]
fn the_first_person_gets_a_seat() {
    assert_eq!(Rooms::new(2).join(A, room("r"), &secret("a")), [joined(A, "a")]);
}

#[test]
fn a_newcomer_and_those_present_learn_of_each_other() {
    let mut rooms = rooms_with(&[(A, "a")]);
    assert_eq!(
        rooms.join(B, room("r"), &secret("b")),
        [joined(B, "b"), ready(B, "a"), ready(A, "b")]
    );
}

#[test]
fn rooms_are_apart() {
    let mut rooms = rooms_with(&[(A, "a")]);
    assert_eq!(rooms.join(B, room("other"), &secret("b")), [joined(B, "b")]);
}

#[test]
fn nobody_gets_a_seat_in_a_full_room() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b")]);
    assert_eq!(rooms.join(C, room("r"), &secret("c")), [full(C, 2)]);
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
fn losing_a_connection_in_the_queue_loses_the_spot() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b"), (C, "c")]);
    assert_eq!(rooms.disconnect(C, LeaveReason::Lost), []);
    assert_eq!(rooms.leave(A), [left(B, "a", LeaveReason::Left)]);
}

#[test]
fn the_others_are_told_why_somebody_is_gone() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b")]);
    assert_eq!(
        rooms.disconnect(A, LeaveReason::Lost),
        [left(B, "a", LeaveReason::Lost)]
    );
}

#[test]
fn leaving_twice_or_from_nowhere_does_nothing() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b")]);
    rooms.leave(A);
    assert_eq!(rooms.leave(A), []);
    assert_eq!(rooms.disconnect(A, LeaveReason::Lost), []);
    assert_eq!(rooms.leave(C), []);
}

#[test]
fn a_room_vanishes_with_its_last_person() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b")]);
    assert_eq!(rooms.len(), 1);
    rooms.leave(A);
    rooms.disconnect(B, LeaveReason::Lost);
    assert!(rooms.is_empty() && rooms.places.is_empty());
}

#[test]
fn after_leaving_one_may_join_again_elsewhere() {
    let mut rooms = rooms_with(&[(A, "a")]);
    rooms.leave(A);
    assert_eq!(rooms.join(A, room("other"), &secret("a")), [joined(A, "a")]);
}

#[test]
fn joining_while_seated_is_refused_and_changes_nothing() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b")]);
    let effects = rooms.join(A, room("other"), &secret("a"));
    assert_eq!(codes(&effects), [(A, ErrorCode::AlreadyJoined)]);
    assert_eq!(rooms.len(), 1);
    assert_eq!(rooms.send(B, &id("a"), text("hi")).len(), 1);
}

#[test]
fn joining_while_queued_is_refused() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b"), (C, "c")]);
    assert_eq!(
        codes(&rooms.join(C, room("other"), &secret("c"))),
        [(C, ErrorCode::AlreadyJoined)]
    );
}

#[test]
fn joining_the_same_room_again_does_not_replace_oneself() {
    let mut rooms = rooms_with(&[(A, "a")]);
    let effects = rooms.join(A, room("r"), &secret("a"));
    assert_eq!(codes(&effects), [(A, ErrorCode::AlreadyJoined)]);
    assert_eq!(effects.len(), 1);
}

#[test]
fn a_message_reaches_the_named_person_and_nobody_else() {
    let mut rooms = Rooms::new(3);
    for (connection, name) in [(A, "a"), (B, "b"), (C, "c")] {
        rooms.join(connection, room("r"), &secret(name));
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
    rooms.join(B, room("other"), &secret("b"));
    assert_eq!(
        rooms.send(A, &id("b"), text("hi")),
        rooms.send(A, &id("nobody"), text("hi"))
    );
}

#[test]
fn the_newest_connection_takes_the_seat_and_the_others_are_told_that_it_is_ready() {
    let mut rooms = rooms_with(&[(A, "a"), (B, "b")]);
    let effects = rooms.join(C, room("r"), &secret("a"));
    assert_eq!(codes(&effects), [(A, ErrorCode::Replaced)]);
    assert_eq!(
        effects[1..],
        [
            Effect::Close {
                connection: A,
                reason: CloseReason::Replaced
            },
            joined(C, "a"),
            ready(C, "b"),
            ready(B, "a"),
        ]
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
    rooms.join(C, room("r"), &secret("a"));
    assert_eq!(rooms.disconnect(A, LeaveReason::Lost), []);
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
    let effects = rooms.join(newer, room("r"), &secret("c"));
    assert_eq!(codes(&effects), [(C, ErrorCode::Replaced)]);
    assert_eq!(
        effects[1..],
        [
            Effect::Close {
                connection: C,
                reason: CloseReason::Replaced
            },
            full(newer, 2)
        ]
    );
    let effects = rooms.leave(A);
    assert_eq!(
        effects[1..],
        [joined(newer, "c"), ready(newer, "b"), ready(B, "c")]
    );
}

#[test]
fn one_secret_may_be_in_two_rooms() {
    let mut rooms = rooms_with(&[(A, "a")]);
    assert_eq!(rooms.join(B, room("other"), &secret("a")), [joined(B, "a")]);
}

#[test]
fn a_name_is_a_pure_function_of_the_secret() {
    // Computed apart, from the definition.
    assert_eq!(id("hunter2").as_str(), "s3s5sYUW5cuVhLu7");
    assert_ne!(id("hunter2"), id("hunter3"));
}

/// What one connection was told, as a client would keep it.
#[derive(Default)]
struct Client {
    seated: bool,
    others: BTreeSet<PeerId>,
}

/// A small linear congruential generator (Knuth's MMIX constants), so that a failure can be replayed.
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

#[test]
fn everybodys_view_is_the_truth_after_any_history() {
    for seed in 0..40 {
        random_history(seed);
    }
}

fn random_history(seed: u64) {
    let mut random = Lcg(seed);
    let capacity = 2 + usize::try_from(seed % 3).unwrap();
    let mut rooms = Rooms::new(capacity);
    let mut clients: BTreeMap<ConnectionId, Client> = BTreeMap::new();
    let mut next = 0;
    for step in 0..400 {
        let context = format!("seed {seed}, step {step}");
        let any = |random: &mut Lcg, clients: &BTreeMap<ConnectionId, Client>| {
            let index = random.below(clients.len().max(1) as u64);
            clients.keys().nth(usize::try_from(index).unwrap()).copied()
        };
        let secret = secret(&format!("s{}", random.below(9)));
        let room = room(&format!("r{}", random.below(2)));
        let effects = match (random.below(10), any(&mut random, &clients)) {
            (0..=3, _) | (_, None) => {
                next += 1;
                clients.insert(ConnectionId(next), Client::default());
                rooms.join(ConnectionId(next), room, &secret)
            }
            (4, Some(connection)) => rooms.join(connection, room, &secret),
            (5, Some(connection)) => rooms.send(connection, &peer_id(&secret), text("hi")),
            (6..=7, Some(connection)) => {
                clients.insert(connection, Client::default());
                rooms.leave(connection)
            }
            (_, Some(connection)) => {
                clients.remove(&connection);
                rooms.disconnect(connection, LeaveReason::Lost)
            }
        };
        apply(&effects, &mut clients, &context);
        check(&rooms, capacity, &clients, &context);
    }
}

/// Each client believes what it is told, and is told nothing that it can't believe.
fn apply(effects: &[Effect], clients: &mut BTreeMap<ConnectionId, Client>, context: &str) {
    let replaced = effects
        .iter()
        .any(|effect| matches!(effect, Effect::Close { .. }));
    for effect in effects {
        let (to, message) = match effect {
            Effect::Close { connection, .. } => {
                clients.remove(connection).expect("closed once");
                continue;
            }
            Effect::Deliver { to, message } => (to, message),
        };
        let client = clients
            .get_mut(to)
            .unwrap_or_else(|| panic!("{context}: {message:?} for nobody"));
        match message {
            RelayMessage::Joined { .. } => {
                assert!(!client.seated, "{context}: joined twice");
                client.seated = true;
            }
            RelayMessage::Ready { peer } => {
                assert!(client.seated, "{context}: ready before joined");
                let news = client.others.insert(peer.clone());
                assert!(news || replaced, "{context}: ready twice");
            }
            RelayMessage::Left { peer, .. } => {
                assert!(client.others.remove(peer), "{context}: left without ready");
            }
            RelayMessage::Message { from, .. } => {
                assert!(
                    client.others.contains(from),
                    "{context}: a message from a stranger"
                );
            }
            _ => {}
        }
    }
}

fn check(rooms: &Rooms, capacity: usize, clients: &BTreeMap<ConnectionId, Client>, context: &str) {
    let mut places = 0;
    for room in rooms.rooms.values() {
        assert!(!room.seated.is_empty(), "{context}: an empty room stays");
        assert!(room.seated.len() <= capacity, "{context}: too many seats");
        assert!(
            room.waiting.is_empty() || room.seated.len() == capacity,
            "{context}: queued at a free seat"
        );
        places += room.seated.len() + room.waiting.len();
        for person in &room.seated {
            let others = room.seated.iter().map(|other| other.peer.clone());
            let truth: BTreeSet<PeerId> = others.filter(|other| *other != person.peer).collect();
            let client = &clients[&person.connection];
            assert!(client.seated, "{context}: seated without being told");
            assert_eq!(client.others, truth, "{context}: a wrong view");
        }
        for person in &room.waiting {
            let client = &clients[&person.connection];
            assert!(
                !client.seated && client.others.is_empty(),
                "{context}: told too early"
            );
        }
    }
    assert_eq!(places, rooms.places.len(), "{context}: a place without a person");
    let seated = clients.values().filter(|client| client.seated).count();
    assert_eq!(
        seated,
        rooms.rooms.values().map(|room| room.seated.len()).sum::<usize>(),
        "{context}"
    );
}
