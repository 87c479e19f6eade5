//! What passes between two who talk, over their data channel alone: what they write, reactions, raised hands,
//! and how large each shows the other.
//!
//! Each thing is said once over each connection, and over the next one what was not answered. So nothing is
//! lost with a connection, and a person who joins the open call hears what the others have written in it
//! before.

use std::time::Duration;

use visavis_protocol::peer::{CallKind, PeerBody};
use visavis_protocol::relay::PeerText;

use super::encoded::{Encoded, encode};
use super::event::{Context, SessionEvent};
use super::link::Link;
use super::{Session, Timer};
use crate::chat::index;
use crate::event::PeerOp;
use crate::view::Written;

/// How long a reaction is shown.
pub(crate) const REACTION_SHOWN: Duration = Duration::from_secs(5);

/// How long ago something may have been written, by somebody who may have been in the room before us. Others
/// have written nothing before they came.
const EARLIEST: Duration = Duration::from_hours(24);

impl Session {
    // ── What we say ────────────────────────────────────────────────────────────────────────────────────────

    /// Whether they can hear us now: both talk, over a channel that is open.
    pub(crate) fn listens(&self) -> bool {
        let link = self.link.as_ref();
        link.is_some_and(|link| link.talks() && link.channel.is_open)
    }

    /// [`Event::Say`](super::Event::Say)
    pub(super) fn say(&mut self, text: &PeerText) {
        if self.listens() {
            self.ask(PeerOp::Say(text.clone()));
        }
    }

    /// Says something over the data channel, and nowhere else.
    pub(super) fn tell(&mut self, body: PeerBody) {
        self.ask(PeerOp::Say(encode(body)));
    }

    /// Says whatever they have not been told yet.
    pub(super) fn tell_news(&mut self, context: &Context<'_>, encoded: &Encoded) {
        if !self.listens() {
            return;
        }
        if self.call_kind() == Some(CallKind::Open) {
            self.tell_written(context, encoded, false);
        }
        // What was written to them alone before the call became open is still for them.
        self.tell_written(context, encoded, true);
        let (up, shown) = (context.chat.hand, self.shown);
        let Some(link) = &mut self.link else { return };
        let told_hand = std::mem::replace(&mut link.channel.told_hand, up);
        let told_width = std::mem::replace(&mut link.channel.told_width, shown);
        if told_hand != up {
            self.tell(PeerBody::Hand { up });
        }
        if let Some(width) = shown.filter(|_| told_width != shown) {
            self.tell(PeerBody::Show { width });
        }
    }

    /// Says what we have written since what they have: to everybody in the open call, or to them alone.
    fn tell_written(&mut self, context: &Context<'_>, encoded: &Encoded, private: bool) {
        let kind = index(private);
        let has_heard = self.has_heard[kind];
        let Some(link) = &mut self.link else { return };
        let has_said = &mut link.channel.has_said[kind];
        let news = context
            .chat
            .after(has_heard.max(*has_said), private.then_some(&self.id));
        let Some(last) = news.last() else { return };
        *has_said = last.number;
        for own in news {
            self.ask(PeerOp::Say(encoded.of(context.now, own)));
        }
    }

    /// How much of what we have written in the open call they have, if they take part in it.
    pub(crate) fn has_heard_in_open_call(&self) -> Option<u64> {
        let kind = self.link.as_ref().and_then(Link::agreed_kind);
        (kind == Some(CallKind::Open)).then(|| self.has_heard[index(false)])
    }

    /// The last of what we have written to them alone that they have.
    pub(crate) fn has_heard_privately(&self) -> u64 {
        self.has_heard[index(true)]
    }

    // ── What we hear ───────────────────────────────────────────────────────────────────────────────────────

    /// They have said something over the data channel that concerns no relay.
    pub(super) fn hear(&mut self, context: &Context<'_>, body: PeerBody) {
        let agreed = |link: &&mut Link| link.agreed_kind().is_some();
        let Some(link) = self.link.as_mut().filter(agreed) else {
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
                let heard = &mut self.heard[index(private)];
                if number > *heard {
                    if !self.limits.messages.take(context.now) {
                        // It is not acknowledged: their page shows that, and may say it again later.
                        let dropped = &mut self.limits.messages_dropped;
                        *dropped = dropped.saturating_add(1);
                        return;
                    }
                    *heard = number;
                    let earliest = self.came.unwrap_or(context.now.before(EARLIEST));
                    let at = context.now.before(Duration::from_secs(ago.into()));
                    self.events.push(SessionEvent::Wrote(Written {
                        at: at.max(earliest),
                        private,
                        place,
                        text,
                    }));
                }
                let number = *heard;
                self.tell(PeerBody::Heard { number, private });
            }
            PeerBody::Heard { number, private } => {
                let has_heard = &mut self.has_heard[index(private)];
                *has_heard = number.max(*has_heard);
            }
            PeerBody::React { reaction } if self.limits.reactions.take(context.now) => {
                self.reaction = Some(reaction);
                self.timers.set(Timer::Reaction, context.now + REACTION_SHOWN);
            }
            // Lowered it is in any case.
            PeerBody::Hand { up } if !up || self.limits.hands.take(context.now) => link.channel.hand = up,
            PeerBody::Show { width } => self.they_show(context, width),
            _ => {}
        }
    }
}
