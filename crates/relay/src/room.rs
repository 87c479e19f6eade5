//! The policy of rooms: seats, queue and lobby. Pure, so that every rule has a test without a socket.
//!
//! A connection has at most one place: a seat in a room, a position in its queue, or one in its lobby. A
//! person is a [`PeerId`], which the relay derives from their secret. Two connections with one secret are one
//! person, and the newer connection speaks for them. A seat outlives a lost connection: it is kept for the
//! same person for a while.
//!
//! One of those with a seat is the host, and decides who else may have one. The queue holds only admitted
//! people; they take the next free seat. The lobby holds those whom the access policy keeps out.
//!
//! Time is an argument. Each call returns [`Effect`]s, to be carried out in order. Nothing here reveals
//! whether another room exists.

use std::collections::{BTreeSet, HashMap};
use std::ops::Add;
use std::time::Duration;

use visavis_protocol::id::{PeerId, RoomId, SeatSecret};
use visavis_protocol::name::GivenName;
use visavis_protocol::relay::{ErrorCode, LeaveReason, PeerText, RelayMessage};
pub use visavis_sealing::peer_id;

mod effects;
mod host;
mod lobby;
mod seats;

pub use self::effects::{CloseReason, Effect};
use self::effects::{deliver, error, full, turn_away};
use self::lobby::Waiting;
pub use self::lobby::{AT_THE_DOOR, REMEMBERED};
use self::seats::{Holder, QueuePosition, Room};

/// For how long the relay keeps the seat of somebody whose connection was lost.
pub const SEAT_KEPT: Duration = Duration::from_secs(30);

/// A socket, numbered by the owner of the sockets. A number is never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// A moment, in milliseconds since any fixed one, by a clock that never goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub u64);

impl Add<Duration> for Time {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        let milliseconds = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(milliseconds))
    }
}

/// All rooms. A room exists for as long as a seat in it is taken or kept.
#[derive(Debug)]
pub struct Rooms {
    capacity: usize,
    /// How many rooms there may be.
    most: usize,
    seat_kept: Duration,
    rooms: HashMap<RoomId, Room>,
    places: HashMap<ConnectionId, Place>,
    /// The seats of those who are away, by when they are lost.
    kept: BTreeSet<(Time, RoomId, PeerId)>,
}

/// Where a connection is. The room knows whether it has the seat, or waits in the queue or the lobby.
#[derive(Debug, Clone)]
struct Place {
    room: RoomId,
    peer: PeerId,
}

impl Rooms {
    /// No rooms yet. Each will hold this many people, and keep a seat for this long. With a time of zero,
    /// people whose connections are lost are gone at once, and nobody is ever away.
    #[must_use]
    pub fn new(capacity: usize, seat_kept: Duration) -> Self {
        Self {
            capacity,
            most: usize::MAX,
            seat_kept,
            rooms: HashMap::new(),
            places: HashMap::new(),
            kept: BTreeSet::new(),
        }
    }

    /// At most this many rooms. Whoever wants another one is turned away, and can tell that it did not exist.
    #[must_use]
    pub fn at_most(self, most: usize) -> Self {
        Self { most, ..self }
    }

    /// How many rooms there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rooms.len()
    }

    /// Whether nobody has a place anywhere.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rooms.is_empty()
    }

    /// A connection asks for a seat, perhaps in the place of an older page of the same person, who may say
    /// what they call themselves.
    pub fn join(
        &mut self,
        connection: ConnectionId,
        room: RoomId,
        secret: &SeatSecret,
        replaces: Option<&SeatSecret>,
        name: GivenName,
    ) -> Vec<Effect> {
        if self.places.contains_key(&connection) {
            let detail = "this connection is in a room already: send `leave` first";
            return vec![error(connection, ErrorCode::AlreadyJoined, detail)];
        }
        let peer = peer_id(secret);
        let ghost = replaces.filter(|ghost| *ghost != secret).map(peer_id);
        if let Some(why) = self.removal_of(&room, &peer, ghost.as_ref()) {
            return turn_away(connection, why).into();
        }
        if self.rooms.len() >= self.most && !self.rooms.contains_key(&room) {
            return turn_away(connection, CloseReason::TooManyRooms).into();
        }
        let (mut position, of_host, mut effects) = match &ghost {
            Some(ghost) => self.oust(&room, ghost),
            None => (QueuePosition::None, false, Vec::new()),
        };
        self.places.insert(
            connection,
            Place {
                room: room.clone(),
                peer: peer.clone(),
            },
        );
        let capacity = self.capacity;
        let id = room;
        let room = self.rooms.entry(id.clone()).or_default();
        if of_host {
            room.host = Some(peer.clone());
        }

        if let Some(before) = room.take_over(&peer, connection) {
            match before {
                Holder::Here(older) => {
                    self.places.remove(&older);
                    effects.extend(turn_away(older, CloseReason::Replaced));
                }
                Holder::Away { until } => {
                    self.kept.remove(&(until, id, peer.clone()));
                }
            }
            effects.extend(room.show_in(&peer, connection, capacity));
            // The others are told as well: what was under way to the older connection is lost, and `ready` is
            // when clients say again what was not acknowledged.
            effects.extend(room.tell_others(&peer, &RelayMessage::Ready { peer: peer.clone() }));
            if of_host {
                effects.extend(room.tell_state_to_others(&peer));
            }
            // The ghost's seat is one too many.
            effects.extend(room.fill_seats(capacity));
            return effects;
        }
        if let Some((own, older, told)) = room.stop_waiting(&peer) {
            self.places.remove(&older);
            effects.extend(told);
            effects.extend(turn_away(older, CloseReason::Replaced));
            position = position.min(own);
        }
        let newcomer = Waiting {
            peer: peer.clone(),
            connection,
            name,
        };
        match position {
            QueuePosition::Seat(position) => {
                effects.extend(room.sit(position, newcomer, capacity));
                if of_host {
                    effects.extend(room.tell_state_to_others(&peer));
                }
            }
            QueuePosition::Queue(position) => effects.extend(room.enter_queue(position, newcomer, capacity)),
            QueuePosition::Lobby(_) | QueuePosition::None if room.lobby.admits(&peer, ghost.as_ref()) => {
                effects.extend(room.enter_queue(END_OF_QUEUE, newcomer, capacity));
            }
            QueuePosition::Lobby(position) => effects.extend(self.knock(&id, position, newcomer)),
            QueuePosition::None => effects.extend(self.knock(&id, END_OF_QUEUE, newcomer)),
        }
        effects
    }

    /// Somebody changes their name. The room keeps the names only of those who wait.
    pub fn rename(&mut self, connection: ConnectionId, name: GivenName) -> Vec<Effect> {
        let Some(Place { room, peer }) = self.places.get(&connection) else {
            let detail = "a name needs a place in a room: send `join` first";
            return vec![error(connection, ErrorCode::NotJoined, detail)];
        };
        let room = self.rooms.get_mut(room);
        room.map_or_else(Vec::new, |room| room.rename(peer, name))
    }

    /// A connection gives its place back, and stays open. Without a place there is nothing to do.
    pub fn leave(&mut self, connection: ConnectionId) -> Vec<Effect> {
        self.vacate(connection, LeaveReason::Left)
    }

    /// A connection is gone. People who [`Left`](LeaveReason::Left) give their place back. Those who were
    /// [`Lost`](LeaveReason::Lost) are away at first: a seat is kept; a place in the queue or the lobby is
    /// not.
    pub fn disconnect(&mut self, connection: ConnectionId, reason: LeaveReason, now: Time) -> Vec<Effect> {
        match reason {
            LeaveReason::Lost if !self.seat_kept.is_zero() => self.miss(connection, now),
            _ => self.vacate(connection, reason),
        }
    }

    /// When [`Rooms::expire`] has something to do next.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Time> {
        self.kept.first().map(|(until, ..)| *until)
    }

    /// Takes the seats of those who have not come back in time.
    pub fn expire(&mut self, now: Time) -> Vec<Effect> {
        let mut effects = Vec::new();
        while self.next_expiry().is_some_and(|until| until <= now) {
            let Some((_, name, peer)) = self.kept.pop_first() else {
                break;
            };
            let room = self.rooms.get_mut(&name);
            let room = room.expect("a kept seat is in a room that exists");
            if let Some((_, _, told)) = room.free(&peer, LeaveReason::Lost) {
                room.lobby.remember(peer);
                effects.extend(told);
            }
            effects.extend(self.settle(&name));
        }
        effects
    }

    /// A connection has something for one person in its room. A message to somebody who is away reaches
    /// nobody: its sender repeats it when they are back.
    pub fn send(&mut self, connection: ConnectionId, to: &PeerId, message: PeerText) -> Vec<Effect> {
        let seat = self.places.get(&connection).and_then(|place| {
            let room = self.rooms.get(&place.room)?;
            room.seat(&place.peer).map(|_| (room, &place.peer))
        });
        let Some((room, from)) = seat else {
            return vec![error(
                connection,
                ErrorCode::NotJoined,
                "a message needs a seat in a room: send `join` first",
            )];
        };
        match room.seat(to) {
            Some(Holder::Here(receiver)) if to != from => {
                let from = from.clone();
                vec![deliver(*receiver, RelayMessage::Message { from, message })]
            }
            Some(Holder::Away { .. }) => Vec::new(),
            _ => vec![error(connection, ErrorCode::NoSuchPeer, NOBODY_ELSE)],
        }
    }

    /// Takes a page's place in a room away. Returns which one it was, and whether it was the host's.
    fn oust(&mut self, id: &RoomId, ghost: &PeerId) -> (QueuePosition, bool, Vec<Effect>) {
        let Some(room) = self.rooms.get_mut(id) else {
            return (QueuePosition::None, false, Vec::new());
        };
        let of_host = room.is_host(ghost);
        let (position, older, mut effects) = match room.free(ghost, LeaveReason::Left) {
            Some((position, Holder::Here(older), told)) => (QueuePosition::Seat(position), older, told),
            Some((position, Holder::Away { until }, told)) => {
                self.kept.remove(&(until, id.clone(), ghost.clone()));
                return (QueuePosition::Seat(position), of_host, told);
            }
            None => match room.stop_waiting(ghost) {
                Some(waited) => waited,
                None => return (QueuePosition::None, false, Vec::new()),
            },
        };
        self.places.remove(&older);
        effects.extend(turn_away(older, CloseReason::Replaced));
        (position, of_host, effects)
    }

    /// Why a page must stay out of a room, if it must.
    fn removal_of(&mut self, id: &RoomId, peer: &PeerId, ghost: Option<&PeerId>) -> Option<CloseReason> {
        let room = self.rooms.get_mut(id)?;
        if room.knows(peer) {
            // The removal of another page does not concern this one.
            return None;
        }
        room.lobby.removal_of(peer, ghost)
    }

    /// Lets somebody wait in the lobby, at this position or at the end, if there is room.
    fn knock(&mut self, id: &RoomId, position: usize, newcomer: Waiting) -> Vec<Effect> {
        let room = self.rooms.get_mut(id).expect(IN_A_ROOM);
        let connection = newcomer.connection;
        let knock = room.lobby.knock(&newcomer);
        if !room.lobby.enter(position, newcomer) {
            self.places.remove(&connection);
            return turn_away(connection, CloseReason::Crowded).into();
        }
        let mut effects = vec![full(connection, self.capacity, room.lobby.policy)];
        effects.extend(room.tell_host(knock));
        effects
    }

    /// A connection was lost.
    fn miss(&mut self, connection: ConnectionId, now: Time) -> Vec<Effect> {
        let Some(Place { room: name, peer }) = self.places.get(&connection) else {
            return Vec::new();
        };
        let until = now + self.seat_kept;
        let room = self.rooms.get_mut(name).expect(IN_A_ROOM);
        if !room.keep(peer, until) {
            return self.vacate(connection, LeaveReason::Lost);
        }
        let effects = room.tell_others(peer, &RelayMessage::Away { peer: peer.clone() });
        self.kept.insert((until, name.clone(), peer.clone()));
        self.places.remove(&connection);
        effects
    }

    fn vacate(&mut self, connection: ConnectionId, reason: LeaveReason) -> Vec<Effect> {
        let Some(Place { room: name, peer }) = self.places.remove(&connection) else {
            return Vec::new();
        };
        let room = self.rooms.get_mut(&name).expect(IN_A_ROOM);
        let mut effects = match room.free(&peer, reason) {
            Some((_, _, told)) => {
                room.lobby.remember(peer);
                told
            }
            None => match room.stop_waiting(&peer) {
                Some((_, _, told)) => told,
                None => Vec::new(),
            },
        };
        effects.extend(self.settle(&name));
        effects
    }

    /// After somebody has gone: there is a host, people in the queue move up, and an empty room goes.
    fn settle(&mut self, id: &RoomId) -> Vec<Effect> {
        let Some(room) = self.rooms.get_mut(id) else {
            return Vec::new();
        };
        let mut effects = room.settle_host();
        if room.is_empty() {
            // It is as new: nobody is left who could decide about those in the lobby.
            room.lobby.forget();
            effects.extend(room.open_to_all(self.capacity));
        } else {
            effects.extend(room.fill_seats(self.capacity));
        }
        // Somebody waits in the queue only while all seats are taken, and nobody waits in the lobby of an
        // open room. So nobody seated means nobody at all.
        if room.is_empty() {
            self.rooms.remove(id);
        }
        effects
    }
}

const NOBODY_ELSE: &str = "nobody else in this room has that name";

const IN_A_ROOM: &str = "a place is in a room that exists";

/// A position in queue or lobby behind everybody.
const END_OF_QUEUE: usize = usize::MAX;

#[cfg(test)]
mod tests;
