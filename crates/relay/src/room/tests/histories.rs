//! Long histories by chance, in which each client only knows what it is told.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// What one connection was told, as a client would keep it.
#[derive(Default)]
struct Client {
    /// By which name they have a seat.
    seated: Option<PeerId>,
    /// Who else has a seat, and whether they are there.
    others: BTreeMap<PeerId, bool>,
    state: Option<(PeerId, AccessPolicy)>,
    knocks: BTreeSet<PeerId>,
    /// What they wait for.
    waits: Option<AccessPolicy>,
}

/// Of each room, who may be in it though the door is not open, and who must not.
#[derive(Default)]
struct Guests {
    /// Those who had a seat since the door is as it is.
    known: BTreeSet<PeerId>,
    barred: BTreeSet<PeerId>,
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
        let (lines, before) = (lines(&rooms), inside(&rooms));
        let doors = doors(&rooms);
        now = now + Duration::from_millis(random.below(6000));
        let secret = secret(&format!("s{}", random.below(9)));
        let room = room(&format!("r{}", random.below(2)));
        // Those whose places are no longer where they were, and who are not in line's order.
        let mut moved = Vec::new();
        // Those whom the step lets in, whatever the door is.
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
                let name = PersonName::default();
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
                rooms.join(connection, room, &secret, None, PersonName::default())
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
                assert!(decides || fails, "{context}: whoever is no host decides");
                if let (true, Some(room), 1 | 2 | 4..) = (!fails, place, decision) {
                    moved.push(peer.clone());
                    match decision {
                        1 | 2 => _ = guests.entry(room).or_default().barred.insert(peer),
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
        check_guests(&mut guests, &before, &doors, &rooms, &let_in, &context);
        check_lines(&lines, &self::lines(&rooms), &moved, &context);
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

/// Whether somebody must not come in: they, or the page whose place they take.
fn stays_out(
    rooms: &Rooms,
    guests: &mut BTreeMap<RoomId, Guests>,
    room: &RoomId,
    peer: &PeerId,
    ghost: Option<&SeatSecret>,
) -> bool {
    let Some(Guests { barred, .. }) = guests.get_mut(room) else {
        return false;
    };
    let has_place = rooms.rooms.get(room).is_some_and(|room| room.knows(peer));
    if ghost.is_some_and(|ghost| barred.contains(&peer_id(ghost))) && !has_place {
        barred.insert(peer.clone());
    }
    barred.contains(peer)
}

/// The connection of a room's host, who may be away.
fn host_of(rooms: &Rooms, room: &RoomId) -> Option<ConnectionId> {
    let room = rooms.rooms.get(room)?;
    match room.seat(room.host.as_ref()?)? {
        Holder::Here(host) => Some(*host),
        Holder::Away { .. } => None,
    }
}

/// Who has passed each room's door: those with a seat, then those in line.
fn inside(rooms: &Rooms) -> BTreeMap<RoomId, BTreeSet<PeerId>> {
    let inside = |room: &Room| {
        let seated = room.seats.iter().map(|seat| &seat.peer);
        let waiting = room.line.iter().map(|waiting| &waiting.peer);
        seated.chain(waiting).cloned().collect()
    };
    let rooms = rooms.rooms.iter();
    rooms.map(|(id, room)| (id.clone(), inside(room))).collect()
}

fn doors(rooms: &Rooms) -> BTreeMap<RoomId, AccessPolicy> {
    let rooms = rooms.rooms.iter();
    rooms.map(|(id, room)| (id.clone(), room.lobby.door)).collect()
}

/// Nobody has passed a closed door who was not let in, or a door at all who was refused or removed.
fn check_guests(
    guests: &mut BTreeMap<RoomId, Guests>,
    before: &BTreeMap<RoomId, BTreeSet<PeerId>>,
    doors: &BTreeMap<RoomId, AccessPolicy>,
    rooms: &Rooms,
    let_in: &[PeerId],
    context: &str,
) {
    // An empty room forgets, and may be another one in the same moment.
    guests.retain(|id, _| rooms.rooms.contains_key(id));
    for (id, now) in inside(rooms) {
        let door = rooms.rooms[&id].lobby.door;
        let nobody = BTreeSet::new();
        let before = before.get(&id).unwrap_or(&nobody);
        let guests = guests.entry(id.clone()).or_default();
        if doors.get(&id) != Some(&door) {
            guests.known.clear();
            if door == AccessPolicy::Open && before.is_disjoint(&now) {
                guests.barred.clear();
            }
        }
        for newcomer in now.difference(before).filter(|_| door != AccessPolicy::Open) {
            assert!(
                let_in.contains(newcomer) || guests.known.contains(newcomer),
                "{context}: {newcomer:?} was not let in"
            );
        }
        guests.known.extend(before.difference(&now).cloned());
        assert!(
            guests.barred.is_disjoint(&now),
            "{context}: somebody is in who must not"
        );
    }
}

fn has_seat(rooms: &Rooms, room: &RoomId, secret: &SeatSecret) -> bool {
    let room = rooms.rooms.get(room);
    room.is_some_and(|room| room.seat(&peer_id(secret)).is_some())
}

/// Each client believes what it is told, and is told nothing that it can't believe.
fn apply(effects: &[Effect], clients: &mut Clients, context: &str) {
    let replaced = effects.iter().any(|effect| {
        matches!(
            effect,
            Effect::Close {
                reason: CloseReason::Replaced,
                ..
            }
        )
    });
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
            RelayMessage::Joined { you, .. } => {
                assert!(client.seated.is_none(), "{context}: joined twice");
                client.seated = Some(you.clone());
                client.waits = None;
                newcomers.insert(*to);
            }
            RelayMessage::Full { door, .. } => {
                assert!(client.seated.is_none(), "{context}: waiting on a seat");
                client.waits = Some(*door);
            }
            RelayMessage::Room { host, door } => {
                assert!(
                    client.seated.is_some(),
                    "{context}: a stranger learns of the room"
                );
                let state = (host.clone(), *door);
                let known = client.state.replace(state.clone());
                assert!(known != Some(state), "{context}: no news of the room");
                if client.seated.as_ref() != Some(host) {
                    client.knocks.clear();
                }
            }
            RelayMessage::Knock { peer, .. } => {
                assert!(client.is_host(), "{context}: a knock at somebody who is no host");
                let news = client.knocks.insert(peer.clone());
                assert!(news, "{context}: the same knock twice");
            }
            RelayMessage::KnockOver { peer } => {
                assert!(client.knocks.remove(peer), "{context}: what knock is over?");
            }
            RelayMessage::Ready { peer } => {
                assert!(client.seated.is_some(), "{context}: ready before joined");
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

impl Client {
    fn is_host(&self) -> bool {
        let host = self.state.as_ref().map(|(host, _)| host);
        host.is_some() && host == self.seated.as_ref()
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
        places += room.line.len() + room.lobby.waiting.len();
        let door = room.lobby.door;
        assert!(
            room.host.as_ref().is_some_and(|host| room.seat(host).is_some()),
            "{context}: no host, or one without a seat"
        );
        let at_the_door: BTreeSet<PeerId> = room
            .lobby
            .waiting
            .iter()
            .map(|waiting| waiting.peer.clone())
            .collect();
        assert!(
            at_the_door.len() <= AT_THE_DOOR && (at_the_door.is_empty() || door != AccessPolicy::Open),
            "{context}: too many at the door, or at an open one"
        );
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
            assert_eq!(
                client.seated.as_ref(),
                Some(&seat.peer),
                "{context}: seated without being told"
            );
            assert_eq!(client.others, truth, "{context}: a wrong view");
            let state = room.host.clone().map(|host| (host, door));
            assert_eq!(client.state, state, "{context}: a wrong view of the room");
            let knocks = if client.is_host() && door == AccessPolicy::Knock {
                at_the_door.clone()
            } else {
                BTreeSet::new()
            };
            assert_eq!(client.knocks, knocks, "{context}: a wrong view of the door");
        }
        for (waiting, door) in room
            .line
            .iter()
            .map(|waiting| (waiting, AccessPolicy::Open))
            .chain(room.lobby.waiting.iter().map(|waiting| (waiting, door)))
        {
            let client = &clients[&waiting.connection];
            assert!(
                client.seated.is_none()
                    && client.others.is_empty()
                    && client.state.is_none()
                    && client.knocks.is_empty(),
                "{context}: told too early"
            );
            assert_eq!(client.waits, Some(door), "{context}: waiting for something else");
        }
    }
    assert_eq!(
        kept, rooms.kept,
        "{context}: seats are kept for others than those away"
    );
    assert_eq!(places, rooms.places.len(), "{context}: a place without a person");
    let seated = clients.values().filter(|client| client.seated.is_some()).count();
    let waiting = |room: &Room| room.line.len() + room.lobby.waiting.len();
    let waiting: usize = rooms.rooms.values().map(waiting).sum();
    assert_eq!(seated + waiting, places, "{context}");
}

type Lines = BTreeMap<RoomId, Vec<PeerId>>;

fn lines(rooms: &Rooms) -> Lines {
    // Those at the door are behind those in line.
    let line = |room: &Room| {
        let waiting = room.line.iter().chain(&room.lobby.waiting);
        waiting.map(|waiting| waiting.peer.clone()).collect()
    };
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
