//! The lobby of one room: who waits in it, who may pass without asking, and who stays out.

use std::collections::VecDeque;

use visavis_protocol::id::PeerId;
use visavis_protocol::name::GivenName;
use visavis_protocol::relay::{AccessPolicy, LeaveReason, RelayMessage};

use super::{CloseReason, ConnectionId, Effect, Rooms, turn_away};

/// How many people may wait in a room's lobby. A new host hears of all of them at once, and these messages
/// must fit into a connection's queue.
pub const AT_THE_DOOR: usize = 16;

/// How many people a room remembers whom its host has refused or removed, and how many who have left. Beyond
/// that, the oldest are forgotten.
pub const REMEMBERED: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Lobby {
    pub(super) policy: AccessPolicy,
    /// Those whom the policy keeps out; nobody while the room is open. Those who have waited longest come
    /// first.
    pub(super) waiting: Vec<Waiting>,
    /// Those who can't come back, and why.
    removed: VecDeque<(PeerId, CloseReason)>,
    /// Those who had a seat under this policy, and gave it up or lost it. They are not new.
    left: VecDeque<PeerId>,
}

/// Somebody in the lobby or in the queue.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) peer: PeerId,
    pub(super) connection: ConnectionId,
    pub(super) name: GivenName,
}

impl Lobby {
    /// Why a page must stay out, if it must: it was refused or removed, or the page whose place it takes was.
    /// In the second case, the newer page has to stay out by itself from now on.
    pub(super) fn removal_of(&mut self, peer: &PeerId, ghost: Option<&PeerId>) -> Option<CloseReason> {
        let removal = |whom: &PeerId| {
            let mut removed = self.removed.iter();
            removed.find(|(peer, _)| peer == whom).map(|(_, why)| *why)
        };
        if let Some(why) = removal(peer) {
            return Some(why);
        }
        let why = removal(ghost?)?;
        self.mark_removed(peer.clone(), why);
        Some(why)
    }

    /// Keeps somebody out for as long as the room exists.
    pub(super) fn mark_removed(&mut self, peer: PeerId, why: CloseReason) {
        self.removed.push_back((peer, why));
        if self.removed.len() > REMEMBERED {
            self.removed.pop_front();
        }
    }

    /// Remembers that somebody had a seat.
    pub(super) fn remember(&mut self, peer: PeerId) {
        self.left.push_back(peer);
        if self.left.len() > REMEMBERED {
            self.left.pop_front();
        }
    }

    /// Whether a page may enter: the room is open, or somebody comes back who had a seat, which counts once.
    /// They may come as a newer page.
    pub(super) fn admits(&mut self, peer: &PeerId, ghost: Option<&PeerId>) -> bool {
        let known = |left: &PeerId| left == peer || Some(left) == ghost;
        let position = self.left.iter().position(known);
        position.and_then(|position| self.left.remove(position)).is_some()
            || self.policy == AccessPolicy::Open
    }

    /// Sets the policy, which makes everybody new who has no seat.
    pub(super) fn set_policy(&mut self, policy: AccessPolicy) {
        self.policy = policy;
        self.left.clear();
    }

    /// Opens the room, and forgets everybody except those who wait.
    pub(super) fn forget(&mut self) {
        self.removed.clear();
        self.set_policy(AccessPolicy::Open);
    }

    /// Lets somebody wait in the lobby, at this position or at the end. `false`: too many do already.
    pub(super) fn enter(&mut self, position: usize, newcomer: Waiting) -> bool {
        let has_room = self.waiting.len() < AT_THE_DOOR;
        if has_room {
            let position = position.min(self.waiting.len());
            self.waiting.insert(position, newcomer);
        }
        has_room
    }

    /// Takes somebody out of the lobby; returns their position, too.
    pub(super) fn leave(&mut self, peer: &PeerId) -> Option<(usize, Waiting)> {
        let position = self.waiting.iter().position(|waiting| waiting.peer == *peer)?;
        Some((position, self.waiting.remove(position)))
    }

    /// Takes somebody away who knocks.
    pub(super) fn take_knocker(&mut self, peer: &PeerId) -> Option<Waiting> {
        match self.policy {
            AccessPolicy::Knock => self.leave(peer).map(|(_, waiting)| waiting),
            // Those who wait for a locked room don't.
            AccessPolicy::Open | AccessPolicy::Locked => None,
        }
    }

    /// Lets the people of the queue wait in the lobby, before all others. Returns those for whom there is no
    /// room.
    pub(super) fn take_queue(&mut self, queue: impl Iterator<Item = Waiting>) -> Vec<Waiting> {
        self.waiting.splice(..0, queue);
        self.waiting.split_off(self.waiting.len().min(AT_THE_DOOR))
    }

    /// What the host is told of those who knock.
    pub(super) fn knocks(&self) -> Vec<RelayMessage> {
        self.waiting
            .iter()
            .filter_map(|waiting| self.knock(waiting))
            .collect()
    }

    /// What the host is told of somebody in the lobby. Nobody knocks at a locked room.
    pub(super) fn knock(&self, waiting: &Waiting) -> Option<RelayMessage> {
        (self.policy == AccessPolicy::Knock).then(|| RelayMessage::Knock {
            peer: waiting.peer.clone(),
            name: waiting.name.clone(),
        })
    }

    /// What the host is told when people no longer knock.
    pub(super) fn knocks_over(&self) -> Vec<RelayMessage> {
        let waiting = self.waiting.iter();
        waiting
            .filter_map(|waiting| self.knock_over(&waiting.peer))
            .collect()
    }

    /// What the host is told when somebody no longer waits in the lobby.
    pub(super) fn knock_over(&self, peer: &PeerId) -> Option<RelayMessage> {
        (self.policy == AccessPolicy::Knock).then(|| RelayMessage::KnockOver { peer: peer.clone() })
    }
}

impl Rooms {
    /// Those who wait in the same lobby as a connection, itself among them; nobody if it waits in none.
    #[must_use]
    pub fn lobby_of(&self, connection: ConnectionId) -> Vec<ConnectionId> {
        let room = self
            .places
            .get(&connection)
            .and_then(|place| self.rooms.get(&place.room));
        let waiting = room.map_or(&[][..], |room| &room.lobby.waiting[..]);
        let all: Vec<_> = waiting.iter().map(|waiting| waiting.connection).collect();
        if all.contains(&connection) {
            all
        } else {
            Vec::new()
        }
    }

    /// Takes a connection's place, because too many like it wait already.
    pub fn crowd_out(&mut self, connection: ConnectionId) -> Vec<Effect> {
        let mut effects = self.vacate(connection, LeaveReason::Left);
        effects.extend(turn_away(connection, CloseReason::Crowded));
        effects
    }
}
