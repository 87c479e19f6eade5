//! Long histories by chance, in which each client only knows what it is told.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

mod checks;
mod clients;

use self::checks::*;
use self::clients::*;

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
    let heard: BTreeSet<String> = (0..60).flat_map(random_history).collect();
    let all = [
        "Away",
        "Error",
        "Full",
        "Joined",
        "Knock",
        "KnockOver",
        "Left",
        "Message",
        "Ready",
        "Room",
    ];
    assert_eq!(
        heard,
        BTreeSet::from(all.map(str::to_owned)),
        "all of it comes about"
    );
}

/// Says what kinds of messages there were.
fn random_history(seed: u64) -> BTreeSet<String> {
    let mut heard = BTreeSet::new();
    let mut random = Lcg(seed);
    let capacity = 2 + usize::try_from(seed % 3).unwrap();
    let mut rooms = Rooms::new(capacity, SEAT_KEPT);
    let mut clients = Clients::new();
    let mut guests = BTreeMap::<RoomId, Guests>::new();
    let mut connections = 0;
    let mut now = Time(0);
    for step in 0..600 {
        let context = format!("seed {seed}, step {step}");
        let (queues, before) = (queues(&rooms), inside(&rooms));
        let policies = policies(&rooms);
        now = now + Duration::from_millis(random.below(6000));
        let secret = secret(&format!("s{}", random.below(9)));
        let room = room(&format!("r{}", random.below(2)));
        // Those whose places are no longer where they were, and who are not in the queue's order.
        let mut moved = Vec::new();
        // Those whom the step admits, whatever the policy.
        let mut let_in = Vec::new();
        let effects = match (random.below(16), random.one_of(&clients)) {
            (0..=3, _) | (_, None) => {
                connections += 1;
                let connection = ConnectionId(connections);
                clients.insert(connection, Client::default());
                let ghost = (random.below(2) == 0).then(|| super::secret(&format!("s{}", random.below(9))));
                let promised = [Some(&secret), ghost.as_ref()]
                    .into_iter()
                    .flatten()
                    .any(|secret| has_seat(&rooms, &room, secret));
                let stays_out = stays_out(&rooms, &mut guests, &room, &peer_id(&secret), ghost.as_ref());
                if let Some(ghost) = ghost.as_ref().map(peer_id) {
                    let known = guests
                        .get(&room)
                        .is_some_and(|guests| guests.known.contains(&ghost));
                    let inside = before.get(&room).is_some_and(|inside| inside.contains(&ghost));
                    let_in.extend((known || inside).then(|| peer_id(&secret)));
                }
                moved.extend(ghost.as_ref().map(peer_id));
                moved.push(peer_id(&secret));
                let name = GivenName::default();
                let effects = rooms.join(connection, room, &secret, ghost.as_ref(), name);
                let seated = effects.iter().any(|effect| is_joined(effect, connection));
                assert!(
                    seated || !promised || stays_out,
                    "{context}: a seat of theirs is not given to them"
                );
                assert!(
                    !(seated && stays_out),
                    "{context}: a seat for somebody who must not come in"
                );
                effects
            }
            (4, Some(connection)) => {
                moved.push(peer_id(&secret));
                rooms.join(connection, room, &secret, None, GivenName::default())
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
            (11..=14, Some(anybody)) => {
                // Mostly the host, who alone has a say.
                let host = host_of(&rooms, &room).filter(|_| random.below(4) > 0);
                let connection = host.unwrap_or(anybody);
                let place = rooms.places.get(&connection).map(|place| place.room.clone());
                let decides = place.as_ref().and_then(|room| host_of(&rooms, room)) == Some(connection);
                let peer = peer_id(&secret);
                let decision = random.below(7);
                let effects = match decision {
                    0 => rooms.set_door(
                        connection,
                        [AccessPolicy::Open, AccessPolicy::Knock, AccessPolicy::Locked][step % 3],
                    ),
                    1 => rooms.remove(connection, &peer),
                    2 => rooms.refuse(connection, &peer),
                    3 => rooms.hand_over(connection, &peer),
                    _ => rooms.admit(connection, &peer),
                };
                let fails = codes(&effects).iter().any(|(to, _)| *to == connection);
                assert!(
                    decides || fails,
                    "{context}: somebody decides who is not the host"
                );
                if let (true, Some(room), 1 | 2 | 4..) = (!fails, place, decision) {
                    moved.push(peer.clone());
                    match decision {
                        1 | 2 => _ = guests.entry(room).or_default().removed.insert(peer),
                        _ => let_in.push(peer),
                    }
                }
                effects
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
        heard.extend(effects.iter().filter_map(kind));
        apply(&effects, &mut clients, &context);
        check(&rooms, capacity, &clients, &context);
        check_guests(&mut guests, &before, &policies, &rooms, &let_in, &context);
        check_queues(&queues, &self::queues(&rooms), &moved, &context);
    }
    heard
}

/// What kind of message somebody hears.
fn kind(effect: &Effect) -> Option<String> {
    let Effect::Deliver { message, .. } = effect else {
        return None;
    };
    let text = format!("{message:?}");
    text.split(' ').next().map(str::to_owned)
}

fn is_joined(effect: &Effect, connection: ConnectionId) -> bool {
    matches!(effect, Effect::Deliver { to, message: RelayMessage::Joined { .. } } if *to == connection)
}

/// The connection of a room's host, who may be away.
fn host_of(rooms: &Rooms, room: &RoomId) -> Option<ConnectionId> {
    let room = rooms.rooms.get(room)?;
    match room.seat(room.host.as_ref()?)? {
        Holder::Here(host) => Some(*host),
        Holder::Away { .. } => None,
    }
}

fn has_seat(rooms: &Rooms, room: &RoomId, secret: &SeatSecret) -> bool {
    let room = rooms.rooms.get(room);
    room.is_some_and(|room| room.seat(&peer_id(secret)).is_some())
}
