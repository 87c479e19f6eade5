//! What is true of rooms after every step.

use super::*;

/// Of each room, who may be in it though it is not open, and who must not.
#[derive(Default)]
pub(super) struct Guests {
    /// Those who had a seat under this policy.
    pub(super) known: BTreeSet<PeerId>,
    pub(super) removed: BTreeSet<PeerId>,
}

/// Whether somebody must not come in: they, or the page whose place they take.
pub(super) fn stays_out(
    rooms: &Rooms,
    guests: &mut BTreeMap<RoomId, Guests>,
    room: &RoomId,
    peer: &PeerId,
    ghost: Option<&SeatSecret>,
) -> bool {
    let Some(Guests { removed, .. }) = guests.get_mut(room) else {
        return false;
    };
    let has_place = rooms.rooms.get(room).is_some_and(|room| room.knows(peer));
    if ghost.is_some_and(|ghost| removed.contains(&peer_id(ghost))) && !has_place {
        removed.insert(peer.clone());
    }
    removed.contains(peer)
}

/// Who has been admitted to each room: those with a seat, then those in the queue.
pub(super) fn inside(rooms: &Rooms) -> BTreeMap<RoomId, BTreeSet<PeerId>> {
    let inside = |room: &Room| {
        let seated = room.seats.iter().map(|seat| &seat.peer);
        let waiting = room.queue.iter().map(|waiting| &waiting.peer);
        seated.chain(waiting).cloned().collect()
    };
    let rooms = rooms.rooms.iter();
    rooms.map(|(id, room)| (id.clone(), inside(room))).collect()
}

pub(super) fn policies(rooms: &Rooms) -> BTreeMap<RoomId, AccessPolicy> {
    let rooms = rooms.rooms.iter();
    rooms.map(|(id, room)| (id.clone(), room.lobby.policy)).collect()
}

/// Nobody is in a closed room who was not admitted, and nobody in any room who was refused or removed.
pub(super) fn check_guests(
    guests: &mut BTreeMap<RoomId, Guests>,
    before: &BTreeMap<RoomId, BTreeSet<PeerId>>,
    policies: &BTreeMap<RoomId, AccessPolicy>,
    rooms: &Rooms,
    let_in: &[PeerId],
    context: &str,
) {
    // An empty room forgets, and may be another one in the same moment.
    guests.retain(|id, _| rooms.rooms.contains_key(id));
    for (id, now) in inside(rooms) {
        let policy = rooms.rooms[&id].lobby.policy;
        let nobody = BTreeSet::new();
        let before = before.get(&id).unwrap_or(&nobody);
        let guests = guests.entry(id.clone()).or_default();
        if policies.get(&id) != Some(&policy) {
            guests.known.clear();
            if policy == AccessPolicy::Open && before.is_disjoint(&now) {
                guests.removed.clear();
            }
        }
        for newcomer in now.difference(before).filter(|_| policy != AccessPolicy::Open) {
            assert!(
                let_in.contains(newcomer) || guests.known.contains(newcomer),
                "{context}: {newcomer:?} was not let in"
            );
        }
        guests.known.extend(before.difference(&now).cloned());
        assert!(
            guests.removed.is_disjoint(&now),
            "{context}: somebody is in who must not"
        );
    }
}

pub(super) fn check(rooms: &Rooms, capacity: usize, clients: &Clients, context: &str) {
    let mut places = 0;
    let mut kept = BTreeSet::new();
    for (name, room) in &rooms.rooms {
        assert!(!room.seats.is_empty(), "{context}: an empty room stays");
        assert!(room.seats.len() <= capacity, "{context}: too many seats");
        assert!(
            room.queue.is_empty() || room.seats.len() == capacity,
            "{context}: in the queue at a free seat"
        );
        let here = |holder: &Holder| matches!(holder, Holder::Here(_));
        places += room.queue.len() + room.lobby.waiting.len();
        let policy = room.lobby.policy;
        assert!(
            room.host.as_ref().is_some_and(|host| room.seat(host).is_some()),
            "{context}: no host, or one without a seat"
        );
        let in_lobby: BTreeSet<PeerId> = room
            .lobby
            .waiting
            .iter()
            .map(|waiting| waiting.peer.clone())
            .collect();
        assert!(
            in_lobby.len() <= AT_THE_DOOR && (in_lobby.is_empty() || policy != AccessPolicy::Open),
            "{context}: too many in the lobby, or somebody in that of an open room"
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
            let state = room.host.clone().map(|host| (host, policy));
            assert_eq!(client.state, state, "{context}: a wrong view of the room");
            let knocks = if client.is_host() && policy == AccessPolicy::Knock {
                in_lobby.clone()
            } else {
                BTreeSet::new()
            };
            assert_eq!(client.knocks, knocks, "{context}: a wrong view of the lobby");
        }
        for (waiting, policy) in room
            .queue
            .iter()
            .map(|waiting| (waiting, AccessPolicy::Open))
            .chain(room.lobby.waiting.iter().map(|waiting| (waiting, policy)))
        {
            let client = &clients[&waiting.connection];
            assert!(
                client.seated.is_none()
                    && client.others.is_empty()
                    && client.state.is_none()
                    && client.knocks.is_empty(),
                "{context}: told too early"
            );
            assert_eq!(
                client.waits,
                Some(policy),
                "{context}: waiting for something else"
            );
        }
    }
    assert_eq!(
        kept, rooms.kept,
        "{context}: seats are kept for others than those away"
    );
    assert_eq!(places, rooms.places.len(), "{context}: a place without a person");
    let seated = clients.values().filter(|client| client.seated.is_some()).count();
    let waiting = |room: &Room| room.queue.len() + room.lobby.waiting.len();
    let waiting: usize = rooms.rooms.values().map(waiting).sum();
    assert_eq!(seated + waiting, places, "{context}");
}

pub(super) type Queues = BTreeMap<RoomId, Vec<PeerId>>;

pub(super) fn queues(rooms: &Rooms) -> Queues {
    // Those in the lobby are behind those in the queue.
    let queue = |room: &Room| {
        let waiting = room.queue.iter().chain(&room.lobby.waiting);
        waiting.map(|waiting| waiting.peer.clone()).collect()
    };
    let rooms = rooms.rooms.iter();
    rooms.map(|(name, room)| (name.clone(), queue(room))).collect()
}

/// Nobody overtakes: except for those who moved by themselves, a queue only gets shorter at its front.
pub(super) fn check_queues(before: &Queues, after: &Queues, moved: &[PeerId], context: &str) {
    let without = |queue: &[PeerId]| {
        let others = queue.iter().filter(|peer| !moved.contains(peer));
        others.cloned().collect::<Vec<_>>()
    };
    for (name, queue) in after {
        let before = before.get(name).map(Vec::as_slice).unwrap_or_default();
        assert!(
            without(before).ends_with(&without(queue)),
            "{context}: somebody overtook in the queue"
        );
    }
}
