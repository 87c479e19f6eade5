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

/// After how long one that says nothing counts as lost. In the background, a page has one timer a minute.
const PATIENCE: Duration = Duration::from_secs(75);

/// The same, for one that is in doubt.
const DOUBT: Duration = Duration::from_secs(2);

/// How often one that asks who is here is answered.
const ANSWERS: Duration = Duration::from_secs(1);

/// Our place among the pages in a room.
#[derive(Debug)]
pub(crate) struct Pages {
    us: PeerId,
    room: RoomId,
    most: usize,
    known: Vec<Known>,
    greets_at: Time,
}

/// A page that is here.
#[derive(Debug)]
struct Known {
    peer: PeerId,
    /// When it counts as lost, unless it says something before.
    lost_at: Time,
    /// The server says that somebody has come who may have its place.
    is_doubted: bool,
    /// When we said last that we are here.
    greeted: Option<Time>,
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
        let (TabMessage::Hello { from, .. } | TabMessage::Message { from, .. } | TabMessage::Bye { from }) =
            &tunnelled.message;
        // Some servers give everybody their own messages back. And nobody can pretend to be a guest.
        if tunnelled.room != self.room || *from == self.us || is_guest(from) {
            return effects;
        }
        match tunnelled.message {
            TabMessage::Hello { from, to: None } => {
                let is_due = |greeted: Option<Time>| greeted.is_none_or(|at| at + ANSWERS <= now);
                if let Some(known) = self.meet(now, from, &mut effects)
                    && is_due(known.greeted)
                {
                    known.greeted = Some(now);
                    let to = known.peer.clone();
                    effects.signals.push(self.reply(to));
                }
            }
            TabMessage::Hello { from, to: Some(to) } if to == self.us => {
                self.meet(now, from, &mut effects);
            }
            TabMessage::Message { from, to, message } if to == self.us => {
                if self.meet(now, from.clone(), &mut effects).is_some() {
                    effects.told.push(RelayMessage::Message { from, message });
                }
            }
            // Nobody vouches for the name. If a call goes on with them, they hang up by themselves.
            TabMessage::Bye { from } => self.part(&from, &mut effects),
            // For somebody else.
            TabMessage::Hello { .. } | TabMessage::Message { .. } => {}
        }
        effects
    }

    /// Somebody has come into a room of two: one of those who were here may have gone.
    pub(crate) fn doubt(&mut self, now: Time) {
        for known in &mut self.known {
            (known.lost_at, known.is_doubted) = (known.lost_at.min(now + DOUBT), true);
        }
    }

    fn reply(&self, to: PeerId) -> Signal {
        self.signal(TabMessage::Hello {
            from: self.us.clone(),
            to: Some(to),
        })
    }

    /// Somebody is here, if there is room for them.
    fn meet(&mut self, now: Time, peer: PeerId, effects: &mut Effects) -> Option<&mut Known> {
        let index = match self.known.iter().position(|known| known.peer == peer) {
            Some(index) => index,
            None => {
                let doubted = self.known.iter().find(|known| known.is_doubted);
                if let Some(doubted) = doubted.map(|known| known.peer.clone()) {
                    self.part(&doubted, effects);
                }
                if self.known.len() >= self.most {
                    return None;
                }
                self.known.push(Known {
                    peer: peer.clone(),
                    lost_at: now,
                    is_doubted: false,
                    greeted: None,
                });
                effects.told.push(RelayMessage::Ready { peer });
                self.known.len() - 1
            }
        };
        let known = self.known.get_mut(index)?;
        (known.lost_at, known.is_doubted) = (now + PATIENCE, false);
        Some(known)
    }

    fn part(&mut self, peer: &PeerId, effects: &mut Effects) {
        let before = self.known.len();
        self.known.retain(|known| known.peer != *peer);
        if self.known.len() < before {
            effects.told.push(RelayMessage::Left {
                peer: peer.clone(),
                reason: LeaveReason::Lost,
            });
        }
    }

    pub(crate) fn next_timeout(&self) -> Time {
        let lost = self.known.iter().map(|known| known.lost_at);
        lost.fold(self.greets_at, Time::min)
    }

    /// Time has passed.
    pub(crate) fn timeout(&mut self, now: Time) -> Effects {
        let mut effects = Effects::default();
        if self.greets_at <= now {
            self.greets_at = now + GREETING;
            let known = self.known.iter().map(|known| self.reply(known.peer.clone()));
            effects.signals.extend(known);
        }
        let lost = self.known.iter().filter(|known| known.lost_at <= now);
        let lost: Vec<_> = lost.map(|known| known.peer.clone()).collect();
        for peer in lost {
            self.part(&peer, &mut effects);
        }
        effects
    }
}

/// What names of guests begin with. Names of pages are hashes, which nobody checks.
pub(crate) const GUEST: &str = "guest-";

fn is_guest(name: &PeerId) -> bool {
    name.as_str().starts_with(GUEST)
}
