//! Who sits where: the policy of rooms, seats and lines. Pure, so that every rule has a test without a socket.
//!
//! A connection has at most one place: a seat in a room, or a spot in the line for one. A person is a
//! [`PeerId`], which the relay derives from their secret; two connections with one secret are one person, and
//! the newer connection speaks for them. A seat outlives a connection that was lost: it is kept for a while for
//! the same person.
//!
//! Time is an argument. Each call returns [`Effect`]s, to be carried out in their order. Nothing here says
//! whether some other room exists.

use std::collections::{BTreeSet, HashMap};
use std::ops::Add;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use visavis_protocol::id::{PeerId, RoomId, SeatSecret};
use visavis_protocol::relay::{ErrorCode, LeaveReason, PeerText, RelayMessage};

mod seats;

use self::seats::{Holder, Room};

/// For how long the relay keeps the seat of somebody whose connection was lost.
pub const SEAT_KEPT: Duration = Duration::from_secs(30);

/// A socket, numbered by whoever owns the sockets. A number is never used twice.
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

/// What is to be done after a call, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Hand a message to a connection.
    Deliver {
        /// For whom it is.
        to: ConnectionId,
        /// What it says.
        message: RelayMessage,
    },
    /// Close a connection, after what was delivered to it. It has no place any more.
    Close {
        /// Which one.
        connection: ConnectionId,
        /// Why.
        reason: CloseReason,
    },
}

/// Why the room policy closes a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// The same person came back on a newer connection, or as a newer page.
    Replaced,
}

/// The name of the person who knows a secret.
///
/// A pure function of the secret: nobody can claim another's name, and a name survives a restart of the relay.
#[must_use]
pub fn peer_id(secret: &SeatSecret) -> PeerId {
    let digest = Sha256::new()
        .chain_update(b"visavis seat v1")
        .chain_update(secret.as_str())
        .finalize();
    PeerId::new(BASE64_URL_SAFE_NO_PAD.encode(&digest[..12]))
        .expect("16 characters of base64url are a valid name")
}

/// All rooms. A room exists for as long as a seat in it is taken or kept.
#[derive(Debug)]
pub struct Rooms {
    capacity: usize,
    seat_kept: Duration,
    rooms: HashMap<RoomId, Room>,
    places: HashMap<ConnectionId, Place>,
    /// The seats of those who are away, by when they are lost.
    kept: BTreeSet<(Time, RoomId, PeerId)>,
}

/// Where a connection is. Whether it has the seat or waits for one is the room's to say.
#[derive(Debug, Clone)]
struct Place {
    room: RoomId,
    peer: PeerId,
}

impl Rooms {
    /// No rooms yet; each will hold so many people, and keep a seat for so long. For no time at all, people whose
    /// connections are lost are gone at once, and nobody is ever away.
    #[must_use]
    pub fn new(capacity: usize, seat_kept: Duration) -> Self {
        Self {
            capacity,
            seat_kept,
            rooms: HashMap::new(),
            places: HashMap::new(),
            kept: BTreeSet::new(),
        }
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

    /// A connection asks for a seat, perhaps in the place of an older page of the same person.
    pub fn join(
        &mut self,
        connection: ConnectionId,
        room: RoomId,
        secret: &SeatSecret,
        replaces: Option<&SeatSecret>,
    ) -> Vec<Effect> {
        if self.places.contains_key(&connection) {
            let detail = "this connection is in a room already: send `leave` first";
            return vec![error(connection, ErrorCode::AlreadyJoined, detail)];
        }
        let peer = peer_id(secret);
        let ghost = replaces.filter(|ghost| *ghost != secret).map(peer_id);
        let (mut turn, mut effects) = match ghost {
            Some(ghost) => self.oust(&room, &ghost),
            None => (END_OF_LINE, Vec::new()),
        };
        self.places.insert(
            connection,
            Place {
                room: room.clone(),
                peer: peer.clone(),
            },
        );
        let capacity = self.capacity;
        let name = room;
        let room = self.rooms.entry(name.clone()).or_default();

        if let Some(before) = room.take_over(&peer, connection) {
            match before {
                Holder::Here(older) => {
                    self.places.remove(&older);
                    effects.extend(replaced(older));
                }
                Holder::Away { until } => {
                    self.kept.remove(&(until, name, peer.clone()));
                }
            }
            effects.extend(room.show_in(&peer, connection, capacity));
            // The others are told as well: what was under way to the older connection is lost, and `ready` is
            // when clients say again what was not acknowledged.
            effects.extend(room.tell_others(&peer, &RelayMessage::Ready { peer: peer.clone() }));
            // The ghost's seat is one too many.
            effects.extend(room.fill_seats(capacity));
            return effects;
        }
        if let Some((position, older)) = room.leave_line(&peer) {
            self.places.remove(&older);
            effects.extend(replaced(older));
            turn = turn.min(position);
        }
        room.enter_line(turn, peer.clone(), connection);
        effects.extend(room.fill_seats(capacity));
        if room.seat(&peer).is_none() {
            effects.push(full(connection, capacity));
        }
        effects
    }

    /// A connection gives its place back, and stays open. Without a place there is nothing to do.
    pub fn leave(&mut self, connection: ConnectionId) -> Vec<Effect> {
        self.vacate(connection, LeaveReason::Left)
    }

    /// A connection is gone. Whoever has [`Left`](LeaveReason::Left) gives their place back. Whoever was
    /// [`Lost`](LeaveReason::Lost) is away at first: their seat is kept, while a place in line is not.
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
            if let Some((_, told)) = room.free(&peer, LeaveReason::Lost) {
                effects.extend(told);
            }
            effects.extend(self.settle(&name));
        }
        effects
    }

    /// A connection has something for one person in its room. What is for somebody who is away reaches nobody:
    /// its sender says it again when they are back.
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
            _ => vec![error(
                connection,
                ErrorCode::NoSuchPeer,
                "nobody else in this room has that name",
            )],
        }
    }

    /// Takes a page's place in a room away. Also says where in line whoever takes it stands: in front of
    /// everybody if it was a seat, so that nobody else gets that one.
    fn oust(&mut self, name: &RoomId, ghost: &PeerId) -> (usize, Vec<Effect>) {
        let Some(room) = self.rooms.get_mut(name) else {
            return (END_OF_LINE, Vec::new());
        };
        let (turn, older, mut effects) = match room.free(ghost, LeaveReason::Left) {
            Some((Holder::Here(older), told)) => (0, older, told),
            Some((Holder::Away { until }, told)) => {
                self.kept.remove(&(until, name.clone(), ghost.clone()));
                return (0, told);
            }
            None => match room.leave_line(ghost) {
                Some((position, older)) => (position, older, Vec::new()),
                None => return (END_OF_LINE, Vec::new()),
            },
        };
        self.places.remove(&older);
        effects.extend(replaced(older));
        (turn, effects)
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
            Some((_, told)) => told,
            None => {
                room.leave_line(&peer);
                Vec::new()
            }
        };
        effects.extend(self.settle(&name));
        effects
    }

    /// After somebody has gone: who waits moves up, and a room without anybody goes.
    fn settle(&mut self, name: &RoomId) -> Vec<Effect> {
        let Some(room) = self.rooms.get_mut(name) else {
            return Vec::new();
        };
        let effects = room.fill_seats(self.capacity);
        // Whenever somebody waits, the seats are taken: nobody seated means nobody at all.
        if room.is_empty() {
            self.rooms.remove(name);
        }
        effects
    }
}

const IN_A_ROOM: &str = "a place is in a room that exists";

/// A position in line behind everybody.
const END_OF_LINE: usize = usize::MAX;

fn deliver(to: ConnectionId, message: RelayMessage) -> Effect {
    Effect::Deliver { to, message }
}

fn error(to: ConnectionId, code: ErrorCode, detail: &str) -> Effect {
    deliver(
        to,
        RelayMessage::Error {
            code,
            detail: detail.into(),
        },
    )
}

fn replaced(older: ConnectionId) -> [Effect; 2] {
    let detail = "a newer connection of yours took this place";
    [
        error(older, ErrorCode::Replaced, detail),
        Effect::Close {
            connection: older,
            reason: CloseReason::Replaced,
        },
    ]
}

fn full(to: ConnectionId, capacity: usize) -> Effect {
    deliver(
        to,
        RelayMessage::Full {
            capacity: on_the_wire(capacity),
        },
    )
}

fn on_the_wire(capacity: usize) -> u32 {
    u32::try_from(capacity).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
