//! What the host of a room may do, and nobody else.

use visavis_protocol::id::{PeerId, RoomId};
use visavis_protocol::relay::{AccessPolicy, ErrorCode, LeaveReason};

use super::seats::{Holder, Room};
use super::{
    CloseReason, ConnectionId, END_OF_QUEUE, Effect, IN_A_ROOM, NOBODY_ELSE, Rooms, error, full, turn_away,
};

impl Rooms {
    /// The host sets the access policy (`door` on the wire). It applies to everybody who has no seat at that
    /// moment, even to admitted people in the queue.
    pub fn set_door(&mut self, connection: ConnectionId, policy: AccessPolicy) -> Vec<Effect> {
        let capacity = self.capacity;
        let (_, room) = match self.hosted_by(connection) {
            Ok(hosted) => hosted,
            Err(refusal) => return refusal,
        };
        if room.lobby.policy == policy {
            return Vec::new();
        }
        let over = room.lobby.knocks_over();
        room.lobby.set_policy(policy);
        let mut effects = room.tell_state();
        effects.extend(room.tell_host(over));
        if policy == AccessPolicy::Open {
            effects.extend(room.open_to_all(capacity));
            return effects;
        }
        let crowd = room.lobby.take_queue(room.queue.drain(..));
        for waiting in &room.lobby.waiting {
            effects.push(full(waiting.connection, capacity, policy));
        }
        effects.extend(room.tell_host(room.lobby.knocks()));
        for waiting in crowd {
            self.places.remove(&waiting.connection);
            effects.extend(turn_away(waiting.connection, CloseReason::Crowded));
        }
        effects
    }

    /// The host lets somebody in who knocks.
    pub fn admit(&mut self, connection: ConnectionId, peer: &PeerId) -> Vec<Effect> {
        let capacity = self.capacity;
        let (_, room) = match self.hosted_by(connection) {
            Ok(hosted) => hosted,
            Err(refusal) => return refusal,
        };
        let Some(newcomer) = room.lobby.take_knocker(peer) else {
            return vec![error(connection, ErrorCode::NoSuchPeer, NOBODY_KNOCKS)];
        };
        let mut effects = room.tell_host(room.lobby.knock_over(peer));
        effects.extend(room.enter_queue(END_OF_QUEUE, newcomer, capacity));
        effects
    }

    /// The host sends somebody away who knocks.
    pub fn refuse(&mut self, connection: ConnectionId, peer: &PeerId) -> Vec<Effect> {
        let (_, room) = match self.hosted_by(connection) {
            Ok(hosted) => hosted,
            Err(refusal) => return refusal,
        };
        let Some(refused) = room.lobby.take_knocker(peer) else {
            return vec![error(connection, ErrorCode::NoSuchPeer, NOBODY_KNOCKS)];
        };
        room.lobby.mark_removed(refused.peer, CloseReason::Refused);
        let mut effects = room.tell_host(room.lobby.knock_over(peer));
        self.places.remove(&refused.connection);
        effects.extend(turn_away(refused.connection, CloseReason::Refused));
        effects
    }

    /// The host takes somebody's seat, taken or kept.
    pub fn remove(&mut self, connection: ConnectionId, peer: &PeerId) -> Vec<Effect> {
        let (id, room) = match self.hosted_by(connection) {
            Ok(hosted) => hosted,
            Err(refusal) => return refusal,
        };
        if room.is_host(peer) {
            return vec![error(connection, ErrorCode::NoSuchPeer, NOBODY_ELSE)];
        }
        let Some((_, holder, mut effects)) = room.free(peer, LeaveReason::Left) else {
            return vec![error(connection, ErrorCode::NoSuchPeer, NOBODY_ELSE)];
        };
        room.lobby.mark_removed(peer.clone(), CloseReason::Removed);
        match holder {
            Holder::Here(removed) => {
                self.places.remove(&removed);
                effects.extend(turn_away(removed, CloseReason::Removed));
            }
            Holder::Away { until } => {
                self.kept.remove(&(until, id.clone(), peer.clone()));
            }
        }
        effects.extend(self.settle(&id));
        effects
    }

    /// The host makes somebody else host who has a seat, taken or kept.
    pub fn hand_over(&mut self, connection: ConnectionId, peer: &PeerId) -> Vec<Effect> {
        let (_, room) = match self.hosted_by(connection) {
            Ok(hosted) => hosted,
            Err(refusal) => return refusal,
        };
        if room.is_host(peer) || room.seat(peer).is_none() {
            return vec![error(connection, ErrorCode::NoSuchPeer, NOBODY_ELSE)];
        }
        room.make_host(peer.clone())
    }

    /// The room whose host is at this connection; or what the connection is told.
    fn hosted_by(&mut self, connection: ConnectionId) -> Result<(RoomId, &mut Room), Vec<Effect>> {
        let seat = self.places.get(&connection).and_then(|place| {
            let room = self.rooms.get(&place.room)?;
            room.seat(&place.peer)?;
            Some((place, room.is_host(&place.peer)))
        });
        match seat {
            Some((place, true)) => {
                let id = place.room.clone();
                let room = self.rooms.get_mut(&id).expect(IN_A_ROOM);
                Ok((id, room))
            }
            Some((_, false)) => {
                let detail = "only the host of a room may do that";
                Err(vec![error(connection, ErrorCode::NotHost, detail)])
            }
            None => {
                let detail = "this needs a seat in a room: send `join` first";
                Err(vec![error(connection, ErrorCode::NotJoined, detail)])
            }
        }
    }
}

const NOBODY_KNOCKS: &str = "nobody who knocks has that name";
