//! One room: its seats, and the line for them.

use std::collections::VecDeque;

use visavis_protocol::id::PeerId;
use visavis_protocol::relay::{LeaveReason, RelayMessage};

use super::{ConnectionId, Effect, Time, deliver, on_the_wire};

#[derive(Debug, Default)]
pub(super) struct Room {
    pub(super) seats: Vec<Seat>,
    /// Whoever has waited longest comes first.
    pub(super) line: VecDeque<Waiting>,
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

#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) peer: PeerId,
    pub(super) connection: ConnectionId,
}

impl Room {
    pub(super) fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }

    /// Who holds a person's seat, if they have one.
    pub(super) fn seat(&self, peer: &PeerId) -> Option<&Holder> {
        self.seats
            .iter()
            .find(|seat| seat.peer == *peer)
            .map(|seat| &seat.holder)
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

    /// Frees a person's seat, and tells the others; returns who held it.
    pub(super) fn free(&mut self, peer: &PeerId, reason: LeaveReason) -> Option<(Holder, Vec<Effect>)> {
        let index = self.seats.iter().position(|seat| seat.peer == *peer)?;
        let Seat { peer, holder } = self.seats.remove(index);
        let left = RelayMessage::Left {
            peer: peer.clone(),
            reason,
        };
        Some((holder, self.tell_others(&peer, &left)))
    }

    /// Puts somebody in line, at this position or at the end.
    pub(super) fn enter_line(&mut self, position: usize, peer: PeerId, connection: ConnectionId) {
        let position = position.min(self.line.len());
        self.line.insert(position, Waiting { peer, connection });
    }

    /// Takes somebody out of line; returns their position and connection.
    pub(super) fn leave_line(&mut self, peer: &PeerId) -> Option<(usize, ConnectionId)> {
        let position = self.line.iter().position(|waiting| waiting.peer == *peer)?;
        let waiting = self.line.remove(position)?;
        Some((position, waiting.connection))
    }

    /// Seats whoever waits, for as long as there are seats.
    pub(super) fn fill_seats(&mut self, capacity: usize) -> Vec<Effect> {
        let mut effects = Vec::new();
        while self.seats.len() < capacity {
            let Some(Waiting { peer, connection }) = self.line.pop_front() else {
                break;
            };
            effects.extend(self.show_in(&peer, connection, capacity));
            effects.extend(self.tell_others(&peer, &RelayMessage::Ready { peer: peer.clone() }));
            let holder = Holder::Here(connection);
            self.seats.push(Seat { peer, holder });
        }
        effects
    }

    /// Tells a connection of its seat, and of everybody else who has one.
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
        std::iter::once(joined)
            .chain(others)
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
}
