//! What passes between those who talk, over their data channels alone: what they write, reactions, raised
//! hands, and how large each shows the others.
//!
//! Whoever says something says it once over each connection, and over the next one what was not answered. So
//! nothing is lost with a connection, and whoever joins the open call hears what the others have written in
//! it before.

use std::time::Duration;

use visavis_protocol::chat::{ChatText, Reaction};
use visavis_protocol::dialect::native;
use visavis_protocol::id::PeerId;
use visavis_protocol::peer::{CallKind, PeerBody, PeerMessage};

use super::Call;
use crate::chat::index;
use crate::event::PeerOp;
use crate::link::Link;
use crate::timer::{Time, Timer};
use crate::view::{ChatView, Written};

/// How long a reaction is shown.
const SHOWN: Duration = Duration::from_secs(5);

impl Call {
    // ── What the person wants ──────────────────────────────────────────────────────────────────────────────

    /// [`Command::Say`](crate::Command::Say)
    pub(super) fn write(&mut self, now: Time, text: ChatText) {
        let with = match self.takes_part_in() {
            None => return,
            Some(CallKind::Open) => None,
            Some(CallKind::Private) => self.room.ids(|peer| peer.is_in_call()).pop(),
        };
        self.chat.write(now, with, text);
    }

    /// [`Command::React`](crate::Command::React)
    pub(super) fn react(&mut self, now: Time, reaction: Reaction) {
        if !self.in_call() {
            return;
        }
        self.chat.reaction = Some((reaction, now + SHOWN));
        self.reactions_fade(now);
        for id in self.who_listens() {
            self.tell(&id, PeerBody::React { reaction });
        }
    }

    /// [`Command::RaiseHand`](crate::Command::RaiseHand)
    pub(super) fn raise_hand(&mut self, up: bool) {
        self.chat.hand = up && self.in_call();
    }

    /// [`Command::Show`](crate::Command::Show)
    pub(super) fn show(&mut self, widths: Vec<(PeerId, u32)>) {
        for (id, width) in widths {
            if let Some(peer) = self.room.get(&id) {
                peer.shown = Some(width);
            }
        }
    }

    // ── What the others hear ───────────────────────────────────────────────────────────────────────────────

    /// Those who can hear us now: both talk, over a channel that is open.
    fn who_listens(&self) -> Vec<PeerId> {
        let listens = |link: &Link| link.talks() && link.channel_open;
        self.room.ids(|peer| peer.link.as_ref().is_some_and(listens))
    }

    /// Says whatever somebody has not been told yet.
    pub(super) fn tell_all(&mut self, now: Time) {
        if !self.in_call() {
            self.chat.hand = false;
        }
        for id in self.who_listens() {
            if self.kind == CallKind::Open {
                self.tell_written(now, &id, false);
            }
            // What was written to one alone before the call became open is still for them.
            self.tell_written(now, &id, true);
            let Some(peer) = self.room.get(&id) else { continue };
            let (up, shown) = (self.chat.hand, peer.shown);
            let Some(link) = &mut peer.link else { continue };
            let told_hand = std::mem::replace(&mut link.told_hand, up);
            let told_width = std::mem::replace(&mut link.told_width, shown);
            if told_hand != up {
                self.tell(&id, PeerBody::Hand { up });
            }
            if let Some(width) = shown.filter(|_| told_width != shown) {
                self.tell(&id, PeerBody::Show { width });
            }
        }
    }

    /// Says what we have written since what they have: to everybody in the open call, or to them alone.
    fn tell_written(&mut self, now: Time, id: &PeerId, private: bool) {
        let kind = index(private);
        let Some(peer) = self.room.get(id) else { return };
        let has = peer.has_heard[kind];
        let Some(link) = &mut peer.link else { return };
        let news = self
            .chat
            .after(link.has_said[kind].max(has), private.then_some(id));
        let Some(last) = news.last() else { return };
        link.has_said[kind] = last.number;
        for own in news {
            #[expect(clippy::cast_possible_truncation, reason = "no room lives for a century")]
            let ago = now.since(own.at).as_secs() as u32;
            let say = PeerBody::Say {
                number: own.number,
                ago,
                private,
                place: Some(own.place),
                text: own.text,
            };
            self.tell(id, say);
        }
    }

    /// Says something over the data channel, and nowhere else.
    fn tell(&mut self, id: &PeerId, body: PeerBody) {
        let message = PeerMessage::unnumbered(body);
        self.ask_peer(id, PeerOp::Say(native::encode_peer(&message)));
    }

    /// Notes how much of what we have written in the open call everybody in it has. Once it is over, that
    /// stays as it was.
    pub(super) fn note_heard(&mut self) {
        let agreed = |link: &Link| link.is_agreed();
        let listeners = self
            .room
            .iter()
            .filter(|peer| peer.link.as_ref().is_some_and(agreed));
        let least = listeners.map(|peer| peer.has_heard[index(false)]).min();
        if let Some(least) = least.filter(|_| self.kind == CallKind::Open) {
            self.chat.heard_by_all = least;
        }
    }

    // ── What we hear ───────────────────────────────────────────────────────────────────────────────────────

    /// Somebody has said something over the data channel.
    pub(super) fn hear(&mut self, now: Time, id: &PeerId, body: PeerBody) {
        let Some(peer) = self.room.get(id) else { return };
        let Some(link) = peer.link.as_mut().filter(|link| link.is_agreed()) else {
            return;
        };
        match body {
            PeerBody::Say {
                number,
                ago,
                private,
                place,
                text,
            } => {
                let heard = &mut peer.heard[index(private)];
                if number > *heard {
                    *heard = number;
                    let name = peer.name.clone();
                    let written = Written {
                        at: Time(now.0.saturating_sub(u64::from(ago) * 1000)),
                        private,
                        place: self.chat.believe(now, place),
                        text,
                    };
                    self.chat.read(Some(id.clone()), name, 0, written);
                }
                let number = *heard;
                self.tell(id, PeerBody::Heard { number, private });
            }
            PeerBody::Heard { number, private } => {
                let has_heard = &mut peer.has_heard[index(private)];
                *has_heard = number.max(*has_heard);
            }
            PeerBody::React { reaction } => {
                peer.reaction = Some((reaction, now + SHOWN));
                self.reactions_fade(now);
            }
            PeerBody::Hand { up } => link.hand = up,
            PeerBody::Show { width } => link.shown = Some(width),
            _ => {}
        }
    }

    /// [`Timer::Reactions`]: takes away those that were shown for long enough.
    pub(super) fn reactions_fade(&mut self, now: Time) {
        let of_others = self.room.iter_mut().map(|peer| &mut peer.reaction);
        let next = of_others.chain([&mut self.chat.reaction]).filter_map(|shown| {
            *shown = shown.filter(|(_, until)| *until > now);
            shown.map(|(_, until)| until)
        });
        if let Some(next) = next.min() {
            self.timers.set(Timer::Reactions, next);
        }
    }

    // ── What there is to see ───────────────────────────────────────────────────────────────────────────────

    pub(super) fn chat_view(&self) -> ChatView {
        ChatView {
            messages: self.chat.messages(),
            unheard: self.chat.unheard(|id| {
                let mut peers = self.room.iter();
                peers
                    .find(|peer| peer.id == *id)
                    .map_or(0, |peer| peer.has_heard[index(true)])
            }),
            hand: self.chat.hand,
            reaction: self.chat.reaction.map(|(reaction, _)| reaction),
        }
    }
}
