//! The lobby of one room: who waits in it, who may pass without asking, and who stays out.

use std::collections::VecDeque;

use visavis_protocol::id::PeerId;
use visavis_protocol::name::PersonName;
use visavis_protocol::relay::{AccessPolicy, RelayMessage};

use super::{CloseReason, ConnectionId};

/// How many people may wait at a room's door. All of them are shown to a new host at once, which has to fit
/// into a client's queue.
pub const AT_THE_DOOR: usize = 16;

/// How many people a room remembers whom its host has refused or removed, and how many who have left. Beyond
/// that, whoever was first is forgotten.
pub const REMEMBERED: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Lobby {
    pub(super) door: AccessPolicy,
    /// Those whom the door keeps out; nobody while it is open. Whoever has waited longest comes first.
    pub(super) waiting: Vec<Waiting>,
    /// Those who can't come back, and why.
    barred: VecDeque<(PeerId, CloseReason)>,
    /// Those who had a seat since the door is as it is, and gave it up or lost it. They are not new.
    left: VecDeque<PeerId>,
}

/// Somebody in the lobby or in the queue.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) peer: PeerId,
    pub(super) connection: ConnectionId,
    pub(super) name: PersonName,
}

impl Lobby {
    /// Why a page must stay out, if it must: it, or the page whose place it takes, was refused or removed. If
    /// it was the latter, the newer one has to stay out by itself from now on.
    pub(super) fn bar_of(&mut self, peer: &PeerId, ghost: Option<&PeerId>) -> Option<CloseReason> {
        let bar = |whom: &PeerId| {
            let mut barred = self.barred.iter();
            barred.find(|(peer, _)| peer == whom).map(|(_, why)| *why)
        };
        if let Some(why) = bar(peer) {
            return Some(why);
        }
        let why = bar(ghost?)?;
        self.bar(peer.clone(), why);
        Some(why)
    }

    /// Keeps somebody out for as long as the room exists.
    pub(super) fn bar(&mut self, peer: PeerId, why: CloseReason) {
        self.barred.push_back((peer, why));
        if self.barred.len() > REMEMBERED {
            self.barred.pop_front();
        }
    }

    /// Remembers that somebody had a seat.
    pub(super) fn remember(&mut self, peer: PeerId) {
        self.left.push_back(peer);
        if self.left.len() > REMEMBERED {
            self.left.pop_front();
        }
    }

    /// Whether the door lets a page in: it is open, or somebody comes back who had a seat, which counts once.
    /// They may come as a newer page.
    pub(super) fn lets_in(&mut self, peer: &PeerId, ghost: Option<&PeerId>) -> bool {
        let known = |left: &PeerId| left == peer || Some(left) == ghost;
        let position = self.left.iter().position(known);
        position.and_then(|position| self.left.remove(position)).is_some() || self.door == AccessPolicy::Open
    }

    /// Sets the door, which makes everybody new who has no seat.
    pub(super) fn set(&mut self, door: AccessPolicy) {
        self.door = door;
        self.left.clear();
    }

    /// Forgets everybody but those who wait, who are in front of a door that nobody has set.
    pub(super) fn forget(&mut self) {
        self.barred.clear();
        self.set(AccessPolicy::Open);
    }

    /// Lets somebody wait at the door, behind so many others or all; `false`: too many do already.
    pub(super) fn enter(&mut self, position: usize, newcomer: Waiting) -> bool {
        let has_room = self.waiting.len() < AT_THE_DOOR;
        if has_room {
            let position = position.min(self.waiting.len());
            self.waiting.insert(position, newcomer);
        }
        has_room
    }

    /// Takes somebody away from the door; returns their position, too.
    pub(super) fn leave(&mut self, peer: &PeerId) -> Option<(usize, Waiting)> {
        let position = self.waiting.iter().position(|waiting| waiting.peer == *peer)?;
        Some((position, self.waiting.remove(position)))
    }

    /// Takes somebody away who knocks.
    pub(super) fn take_knocker(&mut self, peer: &PeerId) -> Option<Waiting> {
        match self.door {
            AccessPolicy::Knock => self.leave(peer).map(|(_, waiting)| waiting),
            // Those at a locked door don't.
            AccessPolicy::Open | AccessPolicy::Locked => None,
        }
    }

    /// Lets those wait at the door, before all others, who were in line; returns for whom there is no room.
    pub(super) fn keep_out(&mut self, line: impl Iterator<Item = Waiting>) -> Vec<Waiting> {
        self.waiting.splice(..0, line);
        self.waiting.split_off(self.waiting.len().min(AT_THE_DOOR))
    }

    /// What the host is told of those who knock.
    pub(super) fn knocks(&self) -> Vec<RelayMessage> {
        self.waiting
            .iter()
            .filter_map(|waiting| self.knock(waiting))
            .collect()
    }

    /// What the host is told of somebody at the door. Nobody knocks at a locked one.
    pub(super) fn knock(&self, waiting: &Waiting) -> Option<RelayMessage> {
        (self.door == AccessPolicy::Knock).then(|| RelayMessage::Knock {
            peer: waiting.peer.clone(),
            name: waiting.name.clone(),
        })
    }

    /// What the host is told when the door is one to knock at no longer.
    pub(super) fn knocks_over(&self) -> Vec<RelayMessage> {
        let waiting = self.waiting.iter();
        waiting
            .filter_map(|waiting| self.knock_over(&waiting.peer))
            .collect()
    }

    /// What the host is told when somebody is at the door no longer.
    pub(super) fn knock_over(&self, peer: &PeerId) -> Option<RelayMessage> {
        (self.door == AccessPolicy::Knock).then(|| RelayMessage::KnockOver { peer: peer.clone() })
    }
}
