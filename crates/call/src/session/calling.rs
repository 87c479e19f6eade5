//! The call with one person: calling, being called, answering, declining, leaving.
//!
//! Each of two people says `call` to the other; they talk once both have said it. So calling, answering and
//! joining are the same thing.

use std::time::Duration;

use visavis_protocol::peer::{CallKind, PeerBody};

use super::event::{Context, SessionEvent};
use super::pre_connection::{NEGOTIATED_PATIENCE, SMALL_VIDEO};
use super::purpose::LinkPurpose;
use super::{Session, Timer};
use crate::event::{PeerOp, Role};
use crate::view::EndReason;

/// How long a first connection may take before the call counts as failed: nobody waits longer than 20 s
/// without being told why.
const CONNECT_PATIENCE: Duration = Duration::from_secs(18);

/// How long it rings.
const RINGING: Duration = Duration::from_secs(45);

/// What somebody's call leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    TakePart,
    Ring,
    Decline {
        /// We are in another call.
        busy: bool,
    },
}

impl Answer {
    /// What a call of this kind leads to.
    pub(super) fn to(kind: CallKind, context: &Context<'_>) -> Self {
        match (context.call, kind) {
            (Some(CallKind::Open), CallKind::Open) => Self::TakePart,
            (Some(_), _) => Self::Decline { busy: true },
            (None, _) if context.is_blocked => Self::Decline { busy: false },
            (None, _) if context.is_crowd => Self::Ring,
            (None, _) => Self::TakePart,
        }
    }
}

impl Session {
    // ── How things stand ───────────────────────────────────────────────────────────────────────────────────

    /// The call that goes on with them, or is being made.
    pub(crate) fn call_kind(&self) -> Option<CallKind> {
        self.link.as_ref().and_then(super::Link::call_kind)
    }

    /// Whether a call with them goes on, or is being made.
    pub(crate) fn is_in_call(&self) -> bool {
        self.call_kind().is_some()
    }

    /// The call that they want us to take part in.
    pub(crate) fn invitation(&self) -> Option<CallKind> {
        self.link.as_ref().and_then(super::Link::invitation)
    }

    /// The call that they take part in, by their own word.
    pub(crate) fn their_call(&self) -> Option<CallKind> {
        self.call
    }

    // ── What we want ───────────────────────────────────────────────────────────────────────────────────────

    /// We call them, or answer their call.
    pub(super) fn call(&mut self, context: &Context<'_>, kind: CallKind) {
        let by_offer = self.called_by_offer(kind, context);
        let Some(link) = &mut self.link else {
            return self.start_link(context, Role::Caller, by_offer);
        };
        if link.is_call() {
            return;
        }
        let is_announced = link.is_announced();
        let rings = context.is_crowd;
        link.purpose = match link.purpose {
            LinkPurpose::Called(_) => LinkPurpose::Call(kind),
            _ if is_announced => LinkPurpose::Calling { kind, rings },
            // Our first offer will say it.
            _ => by_offer,
        };
        link.begin_call();
        if is_announced {
            self.take_part(context);
        } else {
            self.open_up(context);
        }
        self.connected_if_due(context);
    }

    /// What a connection is for over which we call by an offer: there was none, or they do not know of it
    /// yet.
    fn called_by_offer(&self, kind: CallKind, context: &Context<'_>) -> LinkPurpose {
        if context.is_crowd && self.guest.is_none() {
            LinkPurpose::Calling { kind, rings: true }
        } else {
            // Who is alone with us takes part, as a guest does: the answer says it.
            LinkPurpose::Call(kind)
        }
    }

    /// Makes our call anew, of which they had not heard.
    pub(super) fn call_once_more(&mut self, context: &Context<'_>) {
        let Some(kind) = self.call_kind() else { return };
        self.close_link(context);
        self.start_link(context, Role::Caller, self.called_by_offer(kind, context));
        if let Some(link) = &mut self.link {
            link.is_second_attempt();
        }
    }

    /// We don't take part in their call.
    pub(super) fn decline(&mut self, context: &Context<'_>, busy: bool) {
        self.send(context, PeerBody::Decline { busy });
        self.close_link(context);
        self.pre_connect(context);
    }

    /// We leave the call with them.
    pub(super) fn hang_up(&mut self, context: &Context<'_>) {
        if self.is_in_call() {
            self.send(context, PeerBody::HangUp);
            self.end_link(context, EndReason::HungUp);
        }
    }

    // ── What they say ──────────────────────────────────────────────────────────────────────────────────────

    /// They have said what call they take part in. In the open call, each is connected with everybody else,
    /// also if both have joined at the same time.
    pub(super) fn meet_in_call(&mut self, context: &Context<'_>) {
        let open = Some(CallKind::Open);
        let meets = context.call == open
            && self.call == open
            && self.is_here()
            && !self.is_in_call()
            // Somebody has to want it then.
            && !self.safety.is_broken();
        if meets && (self.link.is_some() || self.may_connect(context)) {
            self.call(context, CallKind::Open);
        }
    }

    /// They say that they call, or that they take part in our call.
    pub(super) fn they_call(&mut self, context: &Context<'_>, kind: CallKind) {
        let Some(link) = &mut self.link else { return };
        match link.purpose {
            LinkPurpose::PreConnected(_) => {
                match self.limits.answer(context, kind, self.safety.is_broken()) {
                    Answer::TakePart => {
                        link.purpose = LinkPurpose::Call(kind);
                        link.begin_call();
                        self.events.push(SessionEvent::Answered);
                        self.take_part(context);
                    }
                    Answer::Ring => {
                        link.purpose = LinkPurpose::Called(kind);
                        link.begin_call();
                        self.send(context, PeerBody::Ringing);
                        self.open_up(context);
                    }
                    Answer::Decline { busy } => return self.decline(context, busy),
                }
            }
            LinkPurpose::Called(_) => link.purpose = LinkPurpose::Called(kind),
            LinkPurpose::Calling { kind: ours, rings } => {
                // Of two who call each other, one privately, both take part in what is open.
                let is_open = [ours, kind].contains(&CallKind::Open);
                link.purpose = LinkPurpose::Call(if is_open { CallKind::Open } else { ours });
                if rings {
                    self.limit_connecting(context);
                }
                self.start_sending(context);
            }
            LinkPurpose::Call(_) => {}
        }
        self.connected_if_due(context);
    }

    /// They have said `call`, and not just offered: they wait for the same from us.
    pub(super) fn they_wait_for_call(&mut self, context: &Context<'_>) {
        let waits = |link: &super::Link| link.agreed_kind().is_some() && !link.said_call;
        if self.link.as_ref().is_some_and(waits) {
            self.say_call(context);
        }
    }

    /// It rings at their place: for all we knew they were alone with us, and somebody has come.
    pub(super) fn it_rings(&mut self, context: &Context<'_>) {
        if let Some(link) = &mut self.link
            && let Some(kind) = link.call_kind()
        {
            link.purpose = LinkPurpose::Calling { kind, rings: true };
            self.limit_connecting(context);
        }
    }

    /// They offer a connection, and don't know of a call. If there is one, it is ours.
    pub(super) fn they_pre_connect(&mut self, context: &Context<'_>) {
        let Some(link) = &mut self.link else { return };
        if let LinkPurpose::Call(kind) = link.purpose {
            link.purpose = LinkPurpose::Calling { kind, rings: false };
        }
        self.say_call(context);
    }

    // ── One step after the other ───────────────────────────────────────────────────────────────────────────

    /// Says that we call them, or take part in their call.
    pub(super) fn say_call(&mut self, context: &Context<'_>) {
        if let Some(link) = &mut self.link
            && let Some(kind) = link.call_kind()
        {
            link.said_call = true;
            let private = kind == CallKind::Private;
            self.send(context, PeerBody::Call { private });
        }
    }

    fn take_part(&mut self, context: &Context<'_>) {
        self.say_call(context);
        self.tell_media(context);
        if self.link.as_ref().is_some_and(|link| !link.is_connected()) {
            self.timers
                .set(Timer::Candidate, context.now + NEGOTIATED_PATIENCE);
        }
        self.open_up(context);
    }

    /// A connection from before the call takes any path that is allowed from now on, and sends, unless
    /// somebody has to answer first.
    fn open_up(&mut self, context: &Context<'_>) {
        let Some(link) = &mut self.link else { return };
        link.negotiation.reveal();
        self.limit_connecting(context);
        self.start_sending(context);
        self.widen(context);
        self.negotiate(context);
    }

    /// The connection may take any path from now on that the person allows, and looks for it if that is more
    /// than before.
    pub(super) fn widen(&mut self, context: &Context<'_>) {
        let Some(link) = &mut self.link else { return };
        let policy = context.ice_transport_policy;
        let widens = link.is_made() && link.policy() != policy;
        link.negotiation.disclosure.show_by(policy);
        if widens && context.ice_servers.are_known() {
            let ice_servers = link.take_servers(context.ice_servers);
            self.ask_restart(context, PeerOp::RestartIce { ice_servers, policy });
        }
    }

    /// Sends audio and video, if that is due and not done yet.
    fn start_sending(&mut self, context: &Context<'_>) {
        let Some(link) = &mut self.link else { return };
        if link.take_sending() {
            if link.is_connected() {
                self.timers.set(Timer::FullSize, context.now + SMALL_VIDEO);
            }
            self.ask(PeerOp::Send);
        }
    }

    /// Sets the time that a connection has to come about, and they have to answer.
    pub(super) fn limit_connecting(&mut self, context: &Context<'_>) {
        let Some(link) = &self.link else { return };
        let patience = match link.purpose {
            LinkPurpose::Calling { rings: true, .. } => RINGING,
            // It is up; how long it rings is up to them.
            LinkPurpose::Called(_) if link.is_connected() => return,
            _ => CONNECT_PATIENCE,
        };
        self.timers.set(Timer::Connect, context.now + patience);
    }

    /// The call is there once both take part in it, and are connected.
    pub(super) fn connected_if_due(&mut self, context: &Context<'_>) {
        let is_due = |link: &super::Link| link.agreed_kind().is_some() && link.is_connected();
        if !self.link.as_ref().is_some_and(is_due) {
            return;
        }
        self.timers.stop(Timer::Connect);
        self.ask(PeerOp::Watch);
        // Over a connection from before the call, we may have been sending for a while.
        if !self.timers.is_set(Timer::FullSize) {
            self.timers.set(Timer::FullSize, context.now + SMALL_VIDEO);
        }
        self.events.push(SessionEvent::Connected);
    }
}
