//! Who sits where: the policy of rooms, seats and queues. Pure, so that every rule has a test without a socket.
//!
//! A connection has at most one place: a seat in a room, or a spot in the queue for one. A person is a
//! [`PeerId`], which the relay derives from their secret; two connections with one secret are one person, and
//! the newer connection speaks for them.
//!
//! Each call returns [`Effect`]s, to be carried out in their order. Nothing here says whether some other room
//! exists.

use std::collections::{HashMap, VecDeque};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use visavis_protocol::id::{PeerId, RoomId, SeatSecret};
use visavis_protocol::relay::{ErrorCode, LeaveReason, PeerText, RelayMessage};

/// A socket, numbered by whoever owns the sockets. A number is never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

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
    /// The same person came back on a newer connection.
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

/// All rooms. A room exists for as long as somebody is in it.
#[derive(Debug)]
pub struct Rooms {
    capacity: usize,
    rooms: HashMap<RoomId, Room>,
    places: HashMap<ConnectionId, Place>,
}

/// Where a connection is. Whether it has the seat or waits for one is the room's to say.
#[derive(Debug, Clone)]
struct Place {
    room: RoomId,
    peer: PeerId,
}

#[derive(Debug, Default)]
struct Room {
    seated: Vec<Person>,
    /// Whoever has waited longest comes first.
    waiting: VecDeque<Person>,
}

#[derive(Debug)]
struct Person {
    peer: PeerId,
    connection: ConnectionId,
}

impl Rooms {
    /// No rooms yet; each will hold so many people.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            rooms: HashMap::new(),
            places: HashMap::new(),
        }
    }

    /// How many rooms there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rooms.len()
    }

    /// Whether nobody is anywhere.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rooms.is_empty()
    }

    /// A connection asks for a seat.
    pub fn join(&mut self, connection: ConnectionId, room: RoomId, secret: &SeatSecret) -> Vec<Effect> {
        if self.places.contains_key(&connection) {
            let detail = "this connection is in a room already: send `leave` first";
            return vec![error(connection, ErrorCode::AlreadyJoined, detail)];
        }
        let peer = peer_id(secret);
        self.places.insert(
            connection,
            Place {
                room: room.clone(),
                peer: peer.clone(),
            },
        );
        let capacity = self.capacity;
        let room = self.rooms.entry(room).or_default();

        if let Some(older) = room.take_over(&peer, connection) {
            self.places.remove(&older);
            let mut effects = vec![
                error(
                    older,
                    ErrorCode::Replaced,
                    "a newer connection of yours took this place",
                ),
                Effect::Close {
                    connection: older,
                    reason: CloseReason::Replaced,
                },
            ];
            match room.seat(&peer) {
                // The others are told as well: what was under way to the older connection is lost, and `ready` is
                // when clients say again what was not acknowledged.
                Some(_) => {
                    effects.extend(room.show_in(&peer, connection, capacity));
                    effects.extend(room.announce(&peer));
                }
                None => effects.push(full(connection, capacity)),
            }
            return effects;
        }
        room.waiting.push_back(Person { peer, connection });
        let effects = room.fill_seats(capacity);
        if effects.is_empty() {
            vec![full(connection, capacity)]
        } else {
            effects
        }
    }

    /// A connection gives its place back, and stays open. Without a place there is nothing to do.
    pub fn leave(&mut self, connection: ConnectionId) -> Vec<Effect> {
        self.vacate(connection, LeaveReason::Left)
    }

    /// A connection is gone. The reason is what the others are told.
    pub fn disconnect(&mut self, connection: ConnectionId, reason: LeaveReason) -> Vec<Effect> {
        self.vacate(connection, reason)
    }

    /// A connection has something for one person in its room.
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
            Some(receiver) if to != from => {
                vec![deliver(
                    receiver.connection,
                    RelayMessage::Message {
                        from: from.clone(),
                        message,
                    },
                )]
            }
            _ => vec![error(
                connection,
                ErrorCode::NoSuchPeer,
                "nobody else in this room has that name",
            )],
        }
    }

    fn vacate(&mut self, connection: ConnectionId, reason: LeaveReason) -> Vec<Effect> {
        let Some(Place { room: name, peer }) = self.places.remove(&connection) else {
            return Vec::new();
        };
        let room = self
            .rooms
            .get_mut(&name)
            .expect("a place is in a room that exists");
        let mut effects = room.remove(&peer, reason);
        effects.extend(room.fill_seats(self.capacity));
        // Whenever somebody waits, the seats are taken: nobody seated means nobody at all.
        if room.seated.is_empty() {
            self.rooms.remove(&name);
        }
        effects
    }
}

impl Room {
    fn seat(&self, peer: &PeerId) -> Option<&Person> {
        self.seated.iter().find(|person| person.peer == *peer)
    }

    /// Puts a connection into the place that its person has already, if any; returns the older connection.
    fn take_over(&mut self, peer: &PeerId, newer: ConnectionId) -> Option<ConnectionId> {
        let mut everybody = self.seated.iter_mut().chain(self.waiting.iter_mut());
        let person = everybody.find(|person| person.peer == *peer)?;
        Some(std::mem::replace(&mut person.connection, newer))
    }

    /// Takes a person out; those seated are told, if that person had a seat.
    fn remove(&mut self, peer: &PeerId, reason: LeaveReason) -> Vec<Effect> {
        let Some(index) = self.seated.iter().position(|person| person.peer == *peer) else {
            self.waiting.retain(|person| person.peer != *peer);
            return Vec::new();
        };
        self.seated.remove(index);
        let left = RelayMessage::Left {
            peer: peer.clone(),
            reason,
        };
        self.seated
            .iter()
            .map(|other| deliver(other.connection, left.clone()))
            .collect()
    }

    /// Seats whoever waits, for as long as there are seats.
    fn fill_seats(&mut self, capacity: usize) -> Vec<Effect> {
        let mut effects = Vec::new();
        while self.seated.len() < capacity {
            let Some(next) = self.waiting.pop_front() else {
                break;
            };
            effects.extend(self.show_in(&next.peer, next.connection, capacity));
            effects.extend(self.announce(&next.peer));
            self.seated.push(next);
        }
        effects
    }

    /// Tells everybody else who has a seat that somebody is here.
    fn announce(&self, peer: &PeerId) -> impl Iterator<Item = Effect> {
        let others = self.seated.iter().filter(move |person| person.peer != *peer);
        others.map(move |other| {
            let ready = RelayMessage::Ready { peer: peer.clone() };
            deliver(other.connection, ready)
        })
    }

    /// Tells a connection of its seat, and of everybody else who has one.
    fn show_in(&self, you: &PeerId, connection: ConnectionId, capacity: usize) -> Vec<Effect> {
        let joined = RelayMessage::Joined {
            you: you.clone(),
            capacity: on_the_wire(capacity),
        };
        let others = self.seated.iter().filter(|person| person.peer != *you);
        let ready = others.map(|person| RelayMessage::Ready {
            peer: person.peer.clone(),
        });
        std::iter::once(joined)
            .chain(ready)
            .map(|message| deliver(connection, message))
            .collect()
    }
}

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
#[path = "room_tests.rs"]
mod tests;
