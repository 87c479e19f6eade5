//! The other pages of visavis at a server that knows nothing of them: they greet each other, and what they
//! say is tunnelled.

use std::time::Duration;

use visavis_protocol::dialect::signal::{Signal, Tunnelled};
use visavis_protocol::dialect::tabs::TabMessage;
use visavis_protocol::id::{PeerId, RoomId};
use visavis_protocol::relay::{LeaveReason, PeerText, RelayMessage};

use crate::Time;

/// How often a page says that it is still there: nobody else says it.
const GREETING: Duration = Duration::from_secs(10);

/// After how long one that says nothing counts as lost.
const PATIENCE: Duration = Duration::from_secs(35);

/// Our place among the pages in a room.
#[derive(Debug)]
pub(crate) struct Pages {
    us: PeerId,
    room: RoomId,
    most: usize,
    known: Vec<(PeerId, Time)>,
    greets_at: Time,
}

/// What a page has to say, and what is told of the pages.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    pub(crate) signals: Vec<Signal>,
    pub(crate) told: Vec<RelayMessage>,
}

impl Pages {
    /// We come into a room for so many others.
    pub(crate) fn new(us: PeerId, room: RoomId, most: usize, now: Time) -> Self {
        Self {
            us,
            room,
            most,
            known: Vec::new(),
            greets_at: now + GREETING,
        }
    }

    /// Whether any other is here.
    pub(crate) fn are_here(&self) -> bool {
        !self.known.is_empty()
    }

    /// Asks who is here.
    pub(crate) fn greeting(&self) -> Signal {
        self.signal(TabMessage::Hello {
            from: self.us.clone(),
            to: None,
        })
    }

    /// Says that we leave.
    pub(crate) fn goodbye(&self) -> Signal {
        let from = self.us.clone();
        self.signal(TabMessage::Bye { from })
    }

    /// Says something to one of them.
    pub(crate) fn message(&self, to: PeerId, message: PeerText) -> Signal {
        let from = self.us.clone();
        self.signal(TabMessage::Message { from, to, message })
    }

    fn signal(&self, message: TabMessage) -> Signal {
        let room = self.room.clone();
        Signal::Tunnelled(Tunnelled { room, message })
    }

    /// A page has said something: in this room or another one, to us or to others.
    pub(crate) fn hear(&mut self, now: Time, tunnelled: Tunnelled) -> Effects {
        let mut effects = Effects::default();
        if tunnelled.room != self.room {
            return effects;
        }
        match tunnelled.message {
            // Some servers give everybody their own messages back.
            TabMessage::Hello { from, .. } | TabMessage::Message { from, .. } | TabMessage::Bye { from }
                if from == self.us => {}
            TabMessage::Hello { from, to } if to.as_ref().is_none_or(|to| *to == self.us) => {
                if to.is_none() {
                    effects.signals.push(self.reply(from.clone()));
                }
                self.meet(now, from, &mut effects);
            }
            TabMessage::Message { from, to, message } if to == self.us => {
                if self.meet(now, from.clone(), &mut effects) {
                    effects.told.push(RelayMessage::Message { from, message });
                }
            }
            TabMessage::Bye { from } => self.part(&from, LeaveReason::Left, &mut effects),
            // For somebody else.
            TabMessage::Hello { .. } | TabMessage::Message { .. } => {}
        }
        effects
    }

    fn reply(&self, to: PeerId) -> Signal {
        self.signal(TabMessage::Hello {
            from: self.us.clone(),
            to: Some(to),
        })
    }

    /// Somebody is here. Says whether there is room for them.
    fn meet(&mut self, now: Time, peer: PeerId, effects: &mut Effects) -> bool {
        if let Some((_, heard)) = self.known.iter_mut().find(|(known, _)| *known == peer) {
            *heard = now;
            return true;
        }
        let has_room = self.known.len() < self.most;
        if has_room {
            self.known.push((peer.clone(), now));
            effects.told.push(RelayMessage::Ready { peer });
        }
        has_room
    }

    fn part(&mut self, peer: &PeerId, reason: LeaveReason, effects: &mut Effects) {
        let before = self.known.len();
        self.known.retain(|(known, _)| known != peer);
        if self.known.len() < before {
            let peer = peer.clone();
            effects.told.push(RelayMessage::Left { peer, reason });
        }
    }

    pub(crate) fn next_timeout(&self) -> Time {
        self.known
            .iter()
            .map(|(_, heard)| *heard + PATIENCE)
            .fold(self.greets_at, Time::min)
    }

    /// Time has passed.
    pub(crate) fn timeout(&mut self, now: Time) -> Effects {
        let mut effects = Effects::default();
        if self.greets_at <= now {
            self.greets_at = now + GREETING;
            let known: Vec<_> = self.known.iter().map(|(peer, _)| peer.clone()).collect();
            effects
                .signals
                .extend(known.into_iter().map(|peer| self.reply(peer)));
        }
        let lost = self.known.iter().filter(|(_, heard)| *heard + PATIENCE <= now);
        let lost: Vec<_> = lost.map(|(peer, _)| peer.clone()).collect();
        for peer in lost {
            self.part(&peer, LeaveReason::Lost, &mut effects);
        }
        effects
    }
}
