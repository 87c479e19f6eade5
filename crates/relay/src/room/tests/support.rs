//! People, rooms, and what they are told.

use std::ops::Deref;

use super::*;

pub(super) const A: ConnectionId = ConnectionId(1);
pub(super) const B: ConnectionId = ConnectionId(2);
pub(super) const C: ConnectionId = ConnectionId(3);
pub(super) const D: ConnectionId = ConnectionId(4);

pub(super) fn secret(name: &str) -> SeatSecret {
    SeatSecret::new(name).unwrap()
}

pub(super) fn id(name: &str) -> PeerId {
    peer_id(&secret(name))
}

pub(super) fn room(name: &str) -> RoomId {
    RoomId::new(name).unwrap()
}

pub(super) fn text(text: &str) -> PeerText {
    PeerText(text.into())
}

pub(super) fn joined(to: ConnectionId, name: &str) -> Effect {
    deliver(
        to,
        RelayMessage::Joined {
            you: id(name),
            capacity: 2,
        },
    )
}

pub(super) fn ready(to: ConnectionId, name: &str) -> Effect {
    deliver(to, RelayMessage::Ready { peer: id(name) })
}

pub(super) fn left(to: ConnectionId, name: &str, reason: LeaveReason) -> Effect {
    deliver(
        to,
        RelayMessage::Left {
            peer: id(name),
            reason,
        },
    )
}

pub(super) fn away(to: ConnectionId, name: &str) -> Effect {
    deliver(to, RelayMessage::Away { peer: id(name) })
}

pub(super) fn close(connection: ConnectionId) -> Effect {
    Effect::Close {
        connection,
        reason: CloseReason::Replaced,
    }
}

pub(super) fn codes(effects: &[Effect]) -> Vec<(ConnectionId, ErrorCode)> {
    let code = |effect: &Effect| match effect {
        Effect::Deliver {
            to,
            message: RelayMessage::Error { code, .. },
        } => Some((*to, *code)),
        _ => None,
    };
    effects.iter().filter_map(code).collect()
}

pub(super) fn queued(to: ConnectionId) -> Effect {
    full(to, 2, AccessPolicy::Open)
}

/// Rooms that tell only who sits where, which is what most tests are about. Who is host is told as well;
/// host.rs and histories.rs look at that.
pub(super) struct Seats(pub(super) Rooms);

impl Seats {
    pub(super) fn new(capacity: usize) -> Self {
        Self(Rooms::new(capacity, SEAT_KEPT))
    }

    pub(super) fn join(
        &mut self,
        connection: ConnectionId,
        room: RoomId,
        secret: &SeatSecret,
        replaces: Option<&SeatSecret>,
    ) -> Vec<Effect> {
        without_state(
            self.0
                .join(connection, room, secret, replaces, GivenName::default()),
        )
    }

    pub(super) fn leave(&mut self, connection: ConnectionId) -> Vec<Effect> {
        without_state(self.0.leave(connection))
    }

    pub(super) fn disconnect(
        &mut self,
        connection: ConnectionId,
        reason: LeaveReason,
        now: Time,
    ) -> Vec<Effect> {
        without_state(self.0.disconnect(connection, reason, now))
    }

    pub(super) fn expire(&mut self, now: Time) -> Vec<Effect> {
        without_state(self.0.expire(now))
    }

    pub(super) fn send(&mut self, connection: ConnectionId, to: &PeerId, message: PeerText) -> Vec<Effect> {
        self.0.send(connection, to, message)
    }
}

impl Deref for Seats {
    type Target = Rooms;

    fn deref(&self) -> &Rooms {
        &self.0
    }
}

pub(super) fn without_state(mut effects: Vec<Effect>) -> Vec<Effect> {
    let is_state = |effect: &Effect| {
        matches!(
            effect,
            Effect::Deliver {
                message: RelayMessage::Room { .. },
                ..
            }
        )
    };
    effects.retain(|effect| !is_state(effect));
    effects
}

/// A room `r` for two, with these people in it or in its queue, in this order.
pub(super) fn rooms_with(people: &[(ConnectionId, &str)]) -> Seats {
    let mut rooms = Seats::new(2);
    for (connection, name) in people {
        rooms.join(*connection, room("r"), &secret(name), None);
    }
    rooms
}

/// A room `r` with these people in it, as it is.
pub(super) fn full_rooms_with(capacity: usize, people: &[(ConnectionId, &str)]) -> Rooms {
    let mut rooms = Rooms::new(capacity, SEAT_KEPT);
    for (connection, name) in people {
        come(&mut rooms, *connection, name);
    }
    rooms
}

/// Somebody joins the room `r`, and says no name.
pub(super) fn come(rooms: &mut Rooms, connection: ConnectionId, name: &str) -> Vec<Effect> {
    rooms.join(connection, room("r"), &secret(name), None, GivenName::default())
}

/// Somebody joins the room `r` as a newer page of somebody.
pub(super) fn come_as(rooms: &mut Rooms, connection: ConnectionId, name: &str, ghost: &str) -> Vec<Effect> {
    let ghost = secret(ghost);
    rooms.join(
        connection,
        room("r"),
        &secret(name),
        Some(&ghost),
        GivenName::default(),
    )
}

pub(super) fn state(to: ConnectionId, host: &str, door: AccessPolicy) -> Effect {
    let host = id(host);
    deliver(to, RelayMessage::Room { host, door })
}

pub(super) fn knock(to: ConnectionId, peer: &str) -> Effect {
    let (peer, name) = (id(peer), GivenName::default());
    deliver(to, RelayMessage::Knock { peer, name })
}

pub(super) fn knock_over(to: ConnectionId, peer: &str) -> Effect {
    deliver(to, RelayMessage::KnockOver { peer: id(peer) })
}

/// Whether a connection gets a seat.
pub(super) fn gets_in(effects: &[Effect], connection: ConnectionId) -> bool {
    effects.iter().any(|effect| {
        matches!(effect, Effect::Deliver { to, message: RelayMessage::Joined { .. } } if *to == connection)
    })
}

/// A connection is told by this error, and nothing else, that it has no place, and is closed.
pub(super) fn assert_turned_away(
    effects: &[Effect],
    connection: ConnectionId,
    code: ErrorCode,
    reason: CloseReason,
) {
    assert_eq!(codes(effects), [(connection, code)]);
    assert_eq!(effects.last(), Some(&Effect::Close { connection, reason }));
    let to = |effect: &&Effect| matches!(effect, Effect::Deliver { to, .. } if *to == connection);
    assert_eq!(effects.iter().filter(to).count(), 1);
}
