//! Connections from their beginning to their end, one after the other.

use std::time::Duration;

use visavis_protocol::peer::{CallKind, ConnectionId, PeerBody};
use visavis_sealing::Unopened;

use super::event::{Context, Ended, SessionEvent};
use super::link::Link;
use super::messages::is_acceptable;
use super::progress::StateChange;
use super::purpose::LinkPurpose;
use super::safety::Whose;
use super::{Session, Timer};
use crate::event::{OperationError, Path, PeerEvent, PeerOp, Role};
use crate::local_media::Sends;
use crate::negotiation::{Effect, Negotiation, OFFER_HOLDOFF};
use crate::view::{Danger, EndReason, FailureCause, Obstacle};

/// How long our browser may take to find a first candidate.
const CANDIDATE_PATIENCE: Duration = Duration::from_secs(3);

/// What belongs to a connection, and ends with it.
const OF_CONNECTION: [Timer; 8] = [
    Timer::Shown,
    Timer::Media,
    Timer::Candidate,
    Timer::Connect,
    Timer::FullSize,
    Timer::OfferHoldoff,
    Timer::Recover,
    Timer::GiveUp,
];

impl Session {
    // ── Beginning ──────────────────────────────────────────────────────────────────────────────────────────

    /// Starts a new link, which is made as soon as the ICE servers are known.
    pub(super) fn start_link(&mut self, context: &Context<'_>, role: Role, purpose: LinkPurpose) {
        self.insert_link(context, role, purpose);
        self.limit_connecting(context);
        self.events.push(SessionEvent::WantsIceServers);
    }

    /// Whether they may have us make a connection.
    pub(super) fn may_connect(&mut self, context: &Context<'_>) -> bool {
        self.limits.may_connect(context.now, self.next_connection_id())
    }

    pub(super) fn next_connection_id(&self) -> ConnectionId {
        ConnectionId(self.last_connection_id.0 + 1)
    }

    pub(super) fn insert_link(
        &mut self,
        context: &Context<'_>,
        role: Role,
        purpose: LinkPurpose,
    ) -> &mut Link {
        self.last_connection_id = self.next_connection_id();
        self.link_opens = self.mailbox.next_number();
        // Before a call there is time, and those who decline one need not hear where we are.
        let early_candidates = self.takes_early_candidates && purpose.call_kind().is_some();
        let negotiation = Negotiation::new(
            role,
            self.politeness,
            early_candidates,
            purpose.disclosure(context.ice_transport_policy),
        );
        let link = Link::new(self.last_connection_id, role, purpose, negotiation);
        self.link.insert(link)
    }

    /// Puts a new link into the place of one that can't be mended.
    pub(super) fn replace_link(&mut self, context: &Context<'_>, role: Role) {
        let Some(old) = self.finish_link() else { return };
        if old.is_made() {
            let close = PeerOp::Close { flush: false };
            self.events
                .push(SessionEvent::Connection(old.connection_id, close));
        }
        let purpose = match (role, old.purpose) {
            // Our offer will say it.
            (Role::Caller, LinkPurpose::Calling { kind, rings: false }) => LinkPurpose::Call(kind),
            (_, purpose) => purpose,
        };
        self.insert_link(context, role, purpose).replaces(&old);
        // Its first video is a small one, too.
        self.timers.stop(Timer::FullSize);
        self.timers.stop(Timer::OfferHoldoff);
        if old.once_connected() {
            self.limit_rebuilding(context);
        }
    }

    /// Makes the connections and restarts that were waiting for ICE servers, if these are known.
    pub(super) fn use_ice_servers(&mut self, context: &Context<'_>) {
        if !context.ice_servers.are_known() {
            return;
        }
        self.restart_due(context);
        self.renew_servers(context);
        let Some(link) = self.link.as_mut().filter(|link| !link.is_made()) else {
            return;
        };
        if link.is_relay_only() && !context.ice_servers.has_turn() {
            return self.fail(context, FailureCause::NoPath(Obstacle::NoTurnToHideBehind));
        }
        let servers = link.take_servers(context.ice_servers);
        let create = link.create(servers);
        self.timers
            .set(Timer::Candidate, context.now + CANDIDATE_PATIENCE);
        self.ask(create);
    }

    // ── While it is there ──────────────────────────────────────────────────────────────────────────────────

    pub(super) fn connection_event(
        &mut self,
        context: &Context<'_>,
        connection_id: ConnectionId,
        event: PeerEvent,
    ) {
        let is_meant = |link: &&mut Link| link.connection_id == connection_id;
        let Some(link) = self.link.as_mut().filter(is_meant) else {
            return;
        };
        match event {
            PeerEvent::Done { signaling, result } => link.negotiation.completed(signaling, result),
            // It would be for our data channel, of which a guest knows nothing.
            PeerEvent::NegotiationNeeded if self.guest.is_some() && link.is_announced() => {}
            PeerEvent::NegotiationNeeded => link.negotiation.negotiation_needed(),
            PeerEvent::Candidate(candidate) => {
                link.diagnostics.note_ours(&candidate);
                link.negotiation.gathered(candidate);
            }
            PeerEvent::IceError { code, turn } => link.diagnostics.note_error(code, turn),
            PeerEvent::Received(reception) => self.counted(context, reception),
            PeerEvent::RemoteVideo(arrives) => link.remote_video = arrives,
            PeerEvent::PathChanged => self.ask(PeerOp::FindPath),
            PeerEvent::Path(path, certificates) => {
                link.path = path;
                self.shown_address.note_path(path);
                // What the browser was asked for is not what it must do.
                if link.is_relay_only() && path.is_some_and(|path| path != Path::Relayed) {
                    return self.fail(context, FailureCause::NotRelayed);
                }
                if link.fingerprints.contradict(certificates) {
                    return self.distrust(context, Danger::Certificate);
                }
            }
            // A guest has none, and takes ours all the same.
            PeerEvent::ChannelOpen if self.guest.is_some() => {}
            PeerEvent::ChannelOpen => {
                link.channel.is_open = true;
                self.ask_for_code(context);
            }
            PeerEvent::ChannelClosed => link.channel.is_open = false,
            PeerEvent::Said(text) => return self.said(context, &text),
            PeerEvent::ConnectionState(state) => {
                let change = link.connection_state(state);
                self.state_changed(context, change);
            }
        }
        if let Some(error) = self.negotiate(context) {
            if self.link.as_mut().is_some_and(Link::take_rebuild) {
                self.rebuild(context);
            } else {
                self.fail(context, FailureCause::Browser(error.name));
            }
        }
    }

    /// Hands on what the negotiation wants. Returns why it can't go on, if it can't.
    pub(super) fn negotiate(&mut self, context: &Context<'_>) -> Option<OperationError> {
        loop {
            let link = self.link.as_mut()?;
            match link.negotiation.poll_effect()? {
                Effect::Run(operation) => self.ask(PeerOp::Run(operation)),
                Effect::Send(mut body) => {
                    if !is_acceptable(&body) {
                        // The relay would close the connection for it, and again whenever it is repeated.
                        self.fail(context, FailureCause::TooLarge);
                        return None;
                    }
                    let call = link.call_kind();
                    let asks = link.purpose.rings() && !link.said_call;
                    if !self.note_fingerprint(Whose::Ours, &body) {
                        self.distrust(context, Danger::Certificate);
                        return None;
                    }
                    if let PeerBody::Offer { warm, private, .. } = &mut body {
                        *warm = call.is_none();
                        *private = call == Some(CallKind::Private);
                    }
                    let opens = matches!(body, PeerBody::Offer { .. } | PeerBody::Answer { .. });
                    self.send(context, body);
                    // An answer is none: a person has to say it.
                    if opens && asks {
                        self.say_call(context);
                    }
                    if opens && call.is_some() {
                        self.tell_media(context);
                    }
                }
                Effect::HoldOffers => self.timers.set(Timer::OfferHoldoff, context.now + OFFER_HOLDOFF),
                Effect::Broken(error) => return Some(error),
            }
        }
    }

    /// [`Timer::OfferHoldoff`]
    pub(super) fn offer_holdoff_over(&mut self, context: &Context<'_>) {
        if let Some(link) = &mut self.link {
            link.negotiation.holdoff_over();
            self.negotiate(context);
        }
    }

    /// [`Event::Media`](super::Event::Media)
    pub(super) fn media_changed(&mut self, context: &Context<'_>) {
        if self.link.as_ref().is_some_and(|link| link.told.is_some()) {
            self.tell_media(context);
        }
    }

    /// Tells them what we send, unless they know.
    pub(super) fn tell_media(&mut self, context: &Context<'_>) {
        let sends = context.sends;
        let Some(link) = &mut self.link else { return };
        let told = link.told.replace(sends);
        if told == Some(sends) {
            return;
        }
        if told.is_some_and(|told| told.screen != sends.screen) {
            link.forget_share();
        }
        let Sends {
            camera,
            microphone,
            screen,
        } = sends;
        let media = PeerBody::Media {
            camera,
            microphone,
            screen,
        };
        self.send(context, media);
    }

    fn state_changed(&mut self, context: &Context<'_>, change: StateChange) {
        match change {
            StateChange::None => {}
            StateChange::Connected => {
                self.timers.stop(Timer::Candidate);
                self.limits.connected(self.last_connection_id);
                if !self.is_in_call() {
                    self.timers.stop(Timer::Connect);
                }
                self.recovered();
                self.ask(PeerOp::FindPath);
                self.connected_if_due(context);
            }
            StateChange::Interrupted => self.interrupted(context),
            StateChange::Failed => {
                let Some(link) = &mut self.link else { return };
                if link.once_connected() {
                    self.attempt_failed(context);
                } else if link.has_old_candidates() && link.take_search() {
                    self.rebuild(context);
                } else {
                    self.not_connected(context);
                }
            }
        }
    }

    /// Makes a connection anew for which our browser has not found a single candidate, or only such as have
    /// become useless before the call. Once: it may be the truth.
    ///
    /// Chromium sometimes finds none if its very first offer is rolled back before it knows the networks.
    pub(super) fn candidate_due(&mut self, context: &Context<'_>) {
        let is_polite = self.is_polite();
        let Some(link) = &mut self.link else { return };
        let useless = link.has_old_candidates() && !is_polite;
        if (useless || link.diagnostics.ours_are_missing()) && link.take_search() {
            self.rebuild(context);
        }
    }

    // ── End ────────────────────────────────────────────────────────────────────────────────────────────────

    /// [`Timer::Connect`]
    pub(super) fn connect_due(&mut self, context: &Context<'_>) {
        let Some(link) = &self.link else { return };
        if link.purpose.rings() {
            self.send(context, PeerBody::GiveUp);
            self.end_link(context, EndReason::Unanswered);
        } else if !link.awaits_call() {
            self.not_connected(context);
        }
    }

    /// No connection has come about, and none will.
    fn not_connected(&mut self, context: &Context<'_>) {
        if let Some(cause) = self.failure(context.ice_servers.has_turn()) {
            self.fail(context, cause);
        }
    }

    /// Why the link, if it were to end now, would have failed.
    pub(super) fn failure(&self, has_turn: bool) -> Option<FailureCause> {
        let link = self.link.as_ref()?;
        Some(match self.unopened {
            // What came late, or twice, was not missed.
            Some((why, during))
                if during == link.connection_id && why != Unopened::Stale && !link.once_connected() =>
            {
                FailureCause::Unopened(why)
            }
            _ => link.failure(has_turn),
        })
    }

    pub(super) fn fail(&mut self, context: &Context<'_>, cause: FailureCause) {
        self.send(context, PeerBody::GiveUp);
        self.end_link(context, EndReason::Failed(cause));
    }

    /// Closes the connection, tells why it is over, and makes one for the next call.
    pub(super) fn end_link(&mut self, context: &Context<'_>, reason: EndReason) {
        let ended = match &self.link {
            Some(link) if link.is_call() => Ended::Call,
            Some(link) if link.invitation().is_some() => Ended::Invitation,
            _ => Ended::PreConnection,
        };
        // Another one would fail as well.
        self.stays_unconnected |= matches!(reason, EndReason::Failed(_));
        self.close_link(context);
        self.events.push(SessionEvent::Ended(ended, reason));
        self.pre_connect(context);
    }

    /// Closes the connection, if there is one.
    pub(super) fn close_link(&mut self, context: &Context<'_>) {
        for timer in OF_CONNECTION {
            self.timers.stop(timer);
        }
        let Some(link) = self.finish_link() else { return };
        if link.is_made() {
            let flush = link.channel.is_open && !self.is_reachable(context);
            let close = PeerOp::Close { flush };
            self.events
                .push(SessionEvent::Connection(link.connection_id, close));
        }
    }

    /// Takes the link away; what still comes for it is stale.
    fn finish_link(&mut self) -> Option<Link> {
        let link = self.link.take()?;
        self.finished_remote = self.finished_remote.max(link.remote);
        self.mailbox.forget_connection();
        Some(link)
    }
}
