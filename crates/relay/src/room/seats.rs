//! One room: its seats, and the queue for them. Who waits in its lobby is in `lobby.rs`.

use std::collections::VecDeque;

use visavis_protocol::id::PeerId;
use visavis_protocol::name::GivenName;
use visavis_protocol::relay::{AccessPolicy, LeaveReason, RelayMessage};

use super::effects::{deliver, full, on_the_wire};
use super::lobby::{Lobby, Waiting};
use super::{ConnectionId, Effect, Rooms, Time};

#[derive(Debug, Default)]
pub(super) struct Room {
    /// Those who have sat longest come first.
    pub(super) seats: Vec<Seat>,
    /// Admitted people without a seat. Those who have waited longest come first.
    pub(super) queue: VecDeque<Waiting>,
    /// Somebody with a seat; nobody before the first has one.
    pub(super) host: Option<PeerId>,
    pub(super) lobby: Lobby,
}

#[derive(Debug)]
pub(super) struct Seat {
    pub(super) peer: PeerId,
    pub(super) holder: Holder,
}

/// What becomes of a seat's person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// They are connected.
    Here(ConnectionId),
    /// Their connection was lost, and the seat is kept.
    Away { until: Time },
}

/// A place in a room that is given up for a newer page, or a newer connection. The better one is less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum QueuePosition {
    /// A seat: how many have sat longer.
    Seat(usize),
    /// How many were before them in the queue.
    Queue(usize),
    /// How many were before them in the lobby.
    Lobby(usize),
    /// There was none.
    None,
}

impl Room {
    pub(super) fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }

    pub(super) fn is_host(&self, peer: &PeerId) -> bool {
        self.host.as_ref() == Some(peer)
    }

    /// Who holds a person's seat, if they have one.
    pub(super) fn seat(&self, peer: &PeerId) -> Option<&Holder> {
        self.seats
            .iter()
            .find(|seat| seat.peer == *peer)
            .map(|seat| &seat.holder)
    }

    /// Whether somebody has a place: a seat, or one in the queue or the lobby.
    pub(super) fn knows(&self, peer: &PeerId) -> bool {
        let mut waiting = self.queue.iter().chain(&self.lobby.waiting);
        self.seat(peer).is_some() || waiting.any(|waiting| waiting.peer == *peer)
    }

    /// Lets somebody hold the seat of the same person, if they have one; returns who held it.
    pub(super) fn take_over(&mut self, peer: &PeerId, newer: ConnectionId) -> Option<Holder> {
        self.hold(peer, Holder::Here(newer))
    }

    /// Keeps a person's seat; says whether they have one.
    pub(super) fn keep(&mut self, peer: &PeerId, until: Time) -> bool {
        self.hold(peer, Holder::Away { until }).is_some()
    }

    fn hold(&mut self, peer: &PeerId, holder: Holder) -> Option<Holder> {
        let seat = self.seats.iter_mut().find(|seat| seat.peer == *peer)?;
        Some(std::mem::replace(&mut seat.holder, holder))
    }

    /// Frees a person's seat, and tells the others; returns which it was, and who held it.
    pub(super) fn free(
        &mut self,
        peer: &PeerId,
        reason: LeaveReason,
    ) -> Option<(usize, Holder, Vec<Effect>)> {
        let index = self.seats.iter().position(|seat| seat.peer == *peer)?;
        let Seat { peer, holder } = self.seats.remove(index);
        let left = RelayMessage::Left {
            peer: peer.clone(),
            reason,
        };
        Some((index, holder, self.tell_others(&peer, &left)))
    }

    /// Puts somebody into the queue, at this position or at the end. They may move on to a seat at once.
    pub(super) fn enter_queue(&mut self, position: usize, newcomer: Waiting, capacity: usize) -> Vec<Effect> {
        let position = position.min(self.queue.len());
        let waits = newcomer.connection;
        self.queue.insert(position, newcomer);
        let mut effects = self.fill_seats(capacity);
        if self.queue.iter().any(|waiting| waiting.connection == waits) {
            effects.push(full(waits, capacity, AccessPolicy::Open));
        }
        effects
    }

    /// Takes somebody out of the queue, or out of the lobby, of which the host is told. Returns which place
    /// it was, and whose.
    pub(super) fn stop_waiting(
        &mut self,
        peer: &PeerId,
    ) -> Option<(QueuePosition, ConnectionId, Vec<Effect>)> {
        if let Some((position, waiting)) = self.lobby.leave(peer) {
            let told = self.tell_host(self.lobby.knock_over(peer));
            return Some((QueuePosition::Lobby(position), waiting.connection, told));
        }
        let position = self.queue.iter().position(|waiting| waiting.peer == *peer)?;
        let waiting = self.queue.remove(position)?;
        Some((QueuePosition::Queue(position), waiting.connection, Vec::new()))
    }

    /// Keeps another name of somebody who waits, and tells the host if they knock.
    pub(super) fn rename(&mut self, peer: &PeerId, name: GivenName) -> Vec<Effect> {
        let lobby = self.lobby.waiting.iter_mut();
        let mut waiting = lobby.chain(&mut self.queue);
        let Some(waiting) = waiting.find(|waiting| waiting.peer == *peer && waiting.name != name) else {
            return Vec::new();
        };
        waiting.name = name;
        let knocks = self.lobby.waiting.iter().find(|waiting| waiting.peer == *peer);
        self.tell_host(knocks.and_then(|waiting| self.lobby.knock(waiting)))
    }

    /// Seats people from the queue, for as long as there are seats.
    pub(super) fn fill_seats(&mut self, capacity: usize) -> Vec<Effect> {
        let mut effects = Vec::new();
        while self.seats.len() < capacity {
            let Some(newcomer) = self.queue.pop_front() else {
                break;
            };
            effects.extend(self.sit(self.seats.len(), newcomer, capacity));
        }
        effects
    }

    /// Seats somebody behind this many who have sat longer.
    pub(super) fn sit(&mut self, position: usize, newcomer: Waiting, capacity: usize) -> Vec<Effect> {
        let Waiting { peer, connection, .. } = newcomer;
        self.host.get_or_insert_with(|| peer.clone());
        let mut effects = self.show_in(&peer, connection, capacity);
        effects.extend(self.tell_others(&peer, &RelayMessage::Ready { peer: peer.clone() }));
        let holder = Holder::Here(connection);
        self.seats.insert(position, Seat { peer, holder });
        effects
    }

    /// Tells a connection of its seat, of the room, and of everybody else who has a seat. The host also hears
    /// who knocks.
    pub(super) fn show_in(&self, you: &PeerId, connection: ConnectionId, capacity: usize) -> Vec<Effect> {
        let joined = RelayMessage::Joined {
            you: you.clone(),
            capacity: on_the_wire(capacity),
        };
        let others = self.seats.iter().filter(|seat| seat.peer != *you);
        let others = others.map(|Seat { peer, holder }| match holder {
            Holder::Here(_) => RelayMessage::Ready { peer: peer.clone() },
            Holder::Away { .. } => RelayMessage::Away { peer: peer.clone() },
        });
        let knocks = self.is_host(you).then(|| self.lobby.knocks());
        std::iter::once(joined)
            .chain(self.state())
            .chain(others)
            .chain(knocks.into_iter().flatten())
            .map(|message| deliver(connection, message))
            .collect()
    }

    /// Tells everybody else who is here something about a person.
    pub(super) fn tell_others(&self, about: &PeerId, message: &RelayMessage) -> Vec<Effect> {
        let others = self.seats.iter().filter(|seat| seat.peer != *about);
        others
            .filter_map(|seat| match seat.holder {
                Holder::Here(connection) => Some(deliver(connection, message.clone())),
                Holder::Away { .. } => None,
            })
            .collect()
    }

    /// Tells the host something, if they are here.
    pub(super) fn tell_host(&self, messages: impl IntoIterator<Item = RelayMessage>) -> Vec<Effect> {
        match self.host.as_ref().and_then(|host| self.seat(host)) {
            Some(Holder::Here(host)) => messages
                .into_iter()
                .map(|message| deliver(*host, message))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Tells everybody else who is here the host and the policy.
    pub(super) fn tell_state_to_others(&self, but: &PeerId) -> Vec<Effect> {
        let state = self.state().into_iter();
        state.flat_map(|state| self.tell_others(but, &state)).collect()
    }

    /// Tells everybody who is here the host and the policy.
    pub(super) fn tell_state(&self) -> Vec<Effect> {
        let here = self.seats.iter().filter_map(|seat| match seat.holder {
            Holder::Here(connection) => Some(connection),
            Holder::Away { .. } => None,
        });
        here.filter_map(|connection| Some(deliver(connection, self.state()?)))
            .collect()
    }

    /// Makes somebody host who has a seat: tells everybody, and the new host who knocks.
    pub(super) fn make_host(&mut self, peer: PeerId) -> Vec<Effect> {
        self.host = Some(peer);
        let mut effects = self.tell_state();
        effects.extend(self.tell_host(self.lobby.knocks()));
        effects
    }

    /// After a seat became free: if it was the host's, the role passes to the person who has sat longest.
    /// People who are here come before those who are away.
    pub(super) fn settle_host(&mut self) -> Vec<Effect> {
        if self.host.as_ref().is_some_and(|host| self.seat(host).is_some()) {
            return Vec::new();
        }
        let here = |seat: &&Seat| matches!(seat.holder, Holder::Here(_));
        let next = self.seats.iter().find(here).or(self.seats.first());
        match next.map(|seat| seat.peer.clone()) {
            Some(peer) => self.make_host(peer),
            None => {
                self.host = None;
                Vec::new()
            }
        }
    }

    fn state(&self) -> Option<RelayMessage> {
        Some(RelayMessage::Room {
            host: self.host.clone()?,
            door: self.lobby.policy,
        })
    }

    /// Opens the room, and admits everybody in the lobby.
    pub(super) fn open_to_all(&mut self, capacity: usize) -> Vec<Effect> {
        self.lobby.policy = AccessPolicy::Open;
        let mut newcomers = Vec::new();
        for newcomer in self.lobby.waiting.drain(..) {
            newcomers.push((newcomer.peer.clone(), newcomer.connection));
            self.queue.push_back(newcomer);
        }
        let mut effects = self.fill_seats(capacity);
        newcomers.retain(|(peer, _)| self.seat(peer).is_none());
        // What they wait for is a seat now.
        effects.extend(
            newcomers
                .iter()
                .map(|(_, waits)| full(*waits, capacity, AccessPolicy::Open)),
        );
        effects
    }
}

impl Rooms {
    /// Whether a connection has a seat.
    #[must_use]
    pub fn is_seated(&self, connection: ConnectionId) -> bool {
        let place = self.places.get(&connection);
        place.is_some_and(|place| {
            let room = self.rooms.get(&place.room);
            room.is_some_and(|room| room.seat(&place.peer).is_some())
        })
    }
}
