//! Long histories by chance, in which each client only knows what it is told.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// What one connection was told, as a client would keep it.
#[derive(Default)]
struct Client {
    seated: bool,
    /// Who else has a seat, and whether they are there.
    others: BTreeMap<PeerId, bool>,
}

type Clients = BTreeMap<ConnectionId, Client>;

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

    fn one_of(&mut self, clients: &Clients) -> Option<ConnectionId> {
        let index = self.below(clients.len().max(1) as u64);
        clients.keys().nth(usize::try_from(index).unwrap()).copied()
    }
}

#[test]
fn everybodys_view_is_the_truth_after_any_history() {
    for seed in 0..60 {
        random_history(seed);
    }
}

fn random_history(seed: u64) {
    let mut random = Lcg(seed);
    let capacity = 2 + usize::try_from(seed % 3).unwrap();
    let mut rooms = Rooms::new(capacity, SEAT_KEPT);
    let mut clients = Clients::new();
    let mut connections = 0;
    let mut now = Time(0);
    for step in 0..400 {
        let context = format!("seed {seed}, step {step}");
        let lines = lines(&rooms);
        now = now + Duration::from_millis(random.below(6000));
        let secret = secret(&format!("s{}", random.below(9)));
        let room = room(&format!("r{}", random.below(2)));
        // Those whose places are no longer where they were, and who are not in line's order.
        let mut moved = Vec::new();
        let effects = match (random.below(12), random.one_of(&clients)) {
            (0..=3, _) | (_, None) => {
                connections += 1;
                let connection = ConnectionId(connections);
                clients.insert(connection, Client::default());
                let ghost = (random.below(2) == 0).then(|| super::secret(&format!("s{}", random.below(9))));
                let promised = [Some(&secret), ghost.as_ref()]
                    .into_iter()
                    .flatten()
                    .any(|secret| has_seat(&rooms, &room, secret));
                moved.extend(ghost.as_ref().map(peer_id));
                moved.push(peer_id(&secret));
                let effects = rooms.join(connection, room, &secret, ghost.as_ref());
                let seated = effects.iter().any(|effect| is_joined(effect, connection));
                assert!(
                    seated || !promised,
                    "{context}: a seat of theirs is not given to them"
                );
                effects
            }
            (4, Some(connection)) => {
                moved.push(peer_id(&secret));
                rooms.join(connection, room, &secret, None)
            }
            (5, Some(connection)) => rooms.send(connection, &peer_id(&secret), text("hi")),
            (6..=7, Some(connection)) => {
                clients.insert(connection, Client::default());
                moved.extend(rooms.places.get(&connection).map(|place| place.peer.clone()));
                rooms.leave(connection)
            }
            (8, Some(connection)) => {
                clients.remove(&connection);
                moved.extend(rooms.places.get(&connection).map(|place| place.peer.clone()));
                rooms.disconnect(connection, LeaveReason::Left, now)
            }
            (9..=10, Some(connection)) => {
                clients.remove(&connection);
                moved.extend(rooms.places.get(&connection).map(|place| place.peer.clone()));
                rooms.disconnect(connection, LeaveReason::Lost, now)
            }
            _ => {
                let effects = rooms.expire(now);
                assert!(rooms.next_expiry().is_none_or(|next| next > now), "{context}");
                effects
            }
        };
        apply(&effects, &mut clients, &context);
        check(&rooms, capacity, &clients, &context);
        check_lines(&lines, &self::lines(&rooms), &moved, &context);
    }
}

fn is_joined(effect: &Effect, connection: ConnectionId) -> bool {
    matches!(effect, Effect::Deliver { to, message: RelayMessage::Joined { .. } } if *to == connection)
}

fn has_seat(rooms: &Rooms, room: &RoomId, secret: &SeatSecret) -> bool {
    let room = rooms.rooms.get(room);
    room.is_some_and(|room| room.seat(&peer_id(secret)).is_some())
}

/// Each client believes what it is told, and is told nothing that it can't believe.
fn apply(effects: &[Effect], clients: &mut Clients, context: &str) {
    let replaced = effects
        .iter()
        .any(|effect| matches!(effect, Effect::Close { .. }));
    let mut newcomers = BTreeSet::new();
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
                newcomers.insert(*to);
            }
            RelayMessage::Ready { peer } => {
                assert!(client.seated, "{context}: ready before joined");
                let known = client.others.insert(peer.clone(), true);
                assert!(known != Some(true) || replaced, "{context}: ready twice");
            }
            RelayMessage::Away { peer } => {
                let known = client.others.insert(peer.clone(), false);
                let news = known.is_none() && newcomers.contains(to);
                assert!(known == Some(true) || news, "{context}: away without ready");
            }
            RelayMessage::Left { peer, reason } => {
                let known = client.others.remove(peer);
                assert!(known.is_some(), "{context}: left without ready");
                let lost = *reason == LeaveReason::Lost;
                assert!(known == Some(false) || !lost, "{context}: lost without away");
            }
            RelayMessage::Message { from, .. } => {
                let here = client.others.get(from) == Some(&true);
                assert!(here, "{context}: a message from a stranger");
            }
            _ => {}
        }
    }
}

fn check(rooms: &Rooms, capacity: usize, clients: &Clients, context: &str) {
    let mut places = 0;
    let mut kept = BTreeSet::new();
    for (name, room) in &rooms.rooms {
        assert!(!room.seats.is_empty(), "{context}: an empty room stays");
        assert!(room.seats.len() <= capacity, "{context}: too many seats");
        assert!(
            room.line.is_empty() || room.seats.len() == capacity,
            "{context}: in line at a free seat"
        );
        let here = |holder: &Holder| matches!(holder, Holder::Here(_));
        places += room.line.len();
        for seat in &room.seats {
            let connection = match seat.holder {
                Holder::Here(connection) => connection,
                Holder::Away { until } => {
                    kept.insert((until, name.clone(), seat.peer.clone()));
                    continue;
                }
            };
            places += 1;
            let others = room.seats.iter().filter(|other| other.peer != seat.peer);
            let truth: BTreeMap<PeerId, bool> = others
                .map(|other| (other.peer.clone(), here(&other.holder)))
                .collect();
            let client = &clients[&connection];
            assert!(client.seated, "{context}: seated without being told");
            assert_eq!(client.others, truth, "{context}: a wrong view");
        }
        for waiting in &room.line {
            let client = &clients[&waiting.connection];
            assert!(
                !client.seated && client.others.is_empty(),
                "{context}: told too early"
            );
        }
    }
    assert_eq!(
        kept, rooms.kept,
        "{context}: seats are kept for others than those away"
    );
    assert_eq!(places, rooms.places.len(), "{context}: a place without a person");
    let seated = clients.values().filter(|client| client.seated).count();
    let waiting: usize = rooms.rooms.values().map(|room| room.line.len()).sum();
    assert_eq!(seated + waiting, places, "{context}");
}

type Lines = BTreeMap<RoomId, Vec<PeerId>>;

fn lines(rooms: &Rooms) -> Lines {
    let line = |room: &Room| room.line.iter().map(|waiting| waiting.peer.clone()).collect();
    let rooms = rooms.rooms.iter();
    rooms.map(|(name, room)| (name.clone(), line(room))).collect()
}

/// Nobody overtakes: but for those who moved by themselves, a line only gets shorter at its front.
fn check_lines(before: &Lines, after: &Lines, moved: &[PeerId], context: &str) {
    let without = |line: &[PeerId]| {
        let others = line.iter().filter(|peer| !moved.contains(peer));
        others.cloned().collect::<Vec<_>>()
    };
    for (name, line) in after {
        let before = before.get(name).map(Vec::as_slice).unwrap_or_default();
        assert!(
            without(before).ends_with(&without(line)),
            "{context}: somebody overtook in line"
        );
    }
}
