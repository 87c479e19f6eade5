//! How things stand with somebody, by their own word: what they can do, who they are, what call they take
//! part in, and what they send. Each of these replaces what was said before, so if they say it all the time,
//! the last one counts, a little later.

use visavis_protocol::peer::{CallKind, PeerBody, PeerMessage};

use super::event::Context;
use super::link::Link;
use super::{Session, Timer};
use crate::local_media::Sends;

impl Session {
    // ── What we say ────────────────────────────────────────────────────────────────────────────────────────

    /// Says to them what we can do, what we are called, and what call we take part in.
    pub(super) fn say_hello(&mut self, context: &Context<'_>) {
        self.told_call = context.call;
        let hello = self.mailbox.unnumbered(PeerBody::Hello {
            early_candidates: true,
            name: context.name.clone(),
            call: context.call,
        });
        self.send_unnumbered(&hello);
    }

    /// Whether they don't know what call we take part in. Somebody who is alone with us knows.
    pub(crate) fn wants_hello(&self, call: Option<CallKind>, is_crowd: bool) -> bool {
        self.is_here() && self.told_call != call && (is_crowd || self.told_call.is_some())
    }

    // ── What we hear ───────────────────────────────────────────────────────────────────────────────────────

    /// They say what they can do, and who they are.
    pub(super) fn hello(&mut self, context: &Context<'_>, message: PeerMessage) {
        self.timers.stop(Timer::Hello);
        self.hello_next = None;
        if self.tells_nothing_new(&message.body) || self.limits.hellos.take(context.now) {
            self.take_hello(context, message);
        } else {
            self.hello_next = Some(message);
            self.timers.set(Timer::Hello, self.limits.hellos.has_at(1));
        }
    }

    /// [`Timer::Hello`]
    pub(super) fn hello_due(&mut self, context: &Context<'_>) {
        if let Some(message) = self.hello_next.take() {
            self.hello(context, message);
        }
    }

    fn tells_nothing_new(&self, hello: &PeerBody) -> bool {
        matches!(hello, PeerBody::Hello { name, call, .. } if *name == self.name && *call == self.call)
    }

    fn take_hello(&mut self, context: &Context<'_>, message: PeerMessage) {
        let is_late = self.mailbox.was_before_their_hang_up(&message);
        let PeerBody::Hello {
            early_candidates,
            name,
            call,
        } = message.body
        else {
            return;
        };
        if self.name != name {
            self.likeness = name.likeness();
            self.named_at = context.now;
            self.name = name;
        }
        // What they said when they left a call may have come another way, and sooner.
        if !is_late {
            self.call = call;
        }
        self.takes_early_candidates = early_candidates;
        if let Some(link) = self.link.as_mut().filter(|link| link.is_call()) {
            link.negotiation.allow_early_candidates(early_candidates);
        }
        self.negotiate(context);
        self.meet_in_call(context);
    }

    /// They say that they send this over the link.
    pub(super) fn they_send(&mut self, context: &Context<'_>, sends: Sends) {
        let Some(link) = &mut self.link else { return };
        self.timers.stop(Timer::Media);
        link.they_send_next = None;
        if link.they_send == sends || self.limits.media.take(context.now) {
            link.they_send = sends;
        } else {
            link.they_send_next = Some(sends);
            self.timers.set(Timer::Media, self.limits.media.has_at(1));
        }
    }

    /// [`Timer::Media`]
    pub(super) fn media_due(&mut self, context: &Context<'_>) {
        let next = |link: &mut Link| link.they_send_next.take();
        if let Some(sends) = self.link.as_mut().and_then(next) {
            self.they_send(context, sends);
        }
    }
}
