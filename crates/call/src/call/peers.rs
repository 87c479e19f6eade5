//! What goes on between us and each of the others: messages there and back, and connections from their
//! beginning to their end.

use std::time::Duration;

use visavis_protocol::dialect::native;
use visavis_protocol::id::PeerId;
use visavis_protocol::name::PersonName;
use visavis_protocol::peer::{CallKind, ConnectionId, PeerBody, PeerMessage};
use visavis_protocol::relay::PeerText;

use super::calling::Answer;
use super::{Call, Seat};
use crate::event::{OperationError, Output, PeerEvent, PeerOp, Preparation, Role};
use crate::link::{Link, LinkPurpose, StateChange};
use crate::local_media::Sends;
use crate::mailbox::to_peer;
use crate::negotiation::{Effect, OFFER_HOLDOFF};
use crate::room::{Disposition, Peer, Presence};
use crate::timer::{Time, Timer};
use crate::view::{CallPhase, EndReason, FailureCause, Obstacle};

/// How long our browser may take to find a first candidate.
const CANDIDATE_PATIENCE: Duration = Duration::from_secs(3);

impl Call {
    // ── Messages from and to a peer ────────────────────────────────────────────────────────────────────────

    /// The relay has brought a message.
    pub(super) fn peer_text(&mut self, now: Time, from: &PeerId, text: &PeerText) {
        // What can't be read is from a newer version, or nonsense; either way there is nothing to do about
        // it.
        if let Ok(message) = native::decode_peer(text) {
            self.peer_message(now, from, message);
        }
    }

    /// Their data channel has brought one: the same, or what concerns no relay.
    fn said(&mut self, now: Time, from: &PeerId, text: &PeerText) {
        match native::decode_peer(text) {
            Ok(message) if message.body.is_for_channel() => self.hear(now, from, message.body),
            Ok(message) => self.peer_message(now, from, message),
            Err(_) => {}
        }
    }

    fn peer_message(&mut self, now: Time, from: &PeerId, message: PeerMessage) {
        let Some(peer) = self.room.get(from) else { return };
        if let PeerBody::Hello { .. } = message.body {
            peer.hello(message);
            self.carry_out(now, from);
            return self.meet_in_call(now, from);
        }
        let unheard = peer.has_not_heard_of_link(&message);
        match peer.judge(&message) {
            Disposition::Stale => {}
            // It may have been lost, and until they have it we are deaf to them.
            Disposition::MissedOurHangUp => {
                if let Some(hang_up) = peer.mailbox.unacknowledged_hang_up() {
                    self.signaling_route
                        .send(to_peer(from, hang_up), &mut self.outputs);
                }
            }
            Disposition::ForLink => {
                if matches!(message.body, PeerBody::Offer { .. }) {
                    self.they_offer(now, from);
                }
                self.deliver(now, from, message);
            }
            Disposition::Opening => {
                let warm = matches!(message.body, PeerBody::Offer { warm: true, .. });
                let replaces = peer.link.is_some();
                if replaces {
                    self.replace_link(now, from, Role::Callee);
                    self.ask_for_token(now);
                    self.use_ice_servers(now);
                } else if warm && self.preparation == Preparation::Nothing {
                    return self.refuse(from, message.connection, PeerBody::GiveUp);
                } else if warm {
                    self.start_link(now, from, Role::Callee, self.prepared());
                } else {
                    let kind = kind_of(&message.body);
                    match self.answer_to(kind) {
                        Answer::TakePart => {
                            if !self.in_call() {
                                self.begin_phase(now, kind);
                            }
                            self.start_link(now, from, Role::Callee, LinkPurpose::Call);
                        }
                        Answer::Ring => self.start_link(now, from, Role::Callee, LinkPurpose::Called(kind)),
                        Answer::Decline => {
                            self.refuse(from, message.connection, PeerBody::Decline { busy: true });
                            return self.prepare(now, from);
                        }
                    }
                }
                if let Some(peer) = self.room.get(from) {
                    let early = peer.take_early(message.connection);
                    if let Some(link) = &mut peer.link {
                        link.remote = Some(message.connection);
                        for candidate in early {
                            link.deliver(PeerBody::Candidate(candidate));
                        }
                    }
                }
                // What we have said about the call may be lost with the connection that this one replaces.
                match self.link(from).map(|link| link.used_for) {
                    Some(LinkPurpose::Called(_)) => self.send(from, PeerBody::Ringing),
                    Some(LinkPurpose::Calling { .. } | LinkPurpose::Call) if replaces => self.say_call(from),
                    _ => {}
                }
                self.deliver(now, from, message);
            }
            Disposition::HungUp if message.body == PeerBody::GiveUp => {
                // They mean what was there before, and have not heard of our call yet.
                if peer
                    .link
                    .as_ref()
                    .is_some_and(|link| link.is_called_past(unheard))
                {
                    let used_for = self.called_by_offer();
                    self.close_link(from);
                    self.start_link(now, from, Role::Caller, used_for);
                    if let Some(link) = self.link(from) {
                        link.is_second_attempt = true;
                    }
                    return;
                }
                // They found no way; what we know of the networks tells why.
                let has_turn = self.ice_servers.has_turn();
                let cause = peer.link.as_ref().map(|link| link.failure(has_turn));
                let cause = cause.unwrap_or(FailureCause::ConnectionLost);
                self.end_link(now, from, EndReason::Failed(cause));
            }
            Disposition::HungUp => {
                let reason = match message.body {
                    PeerBody::Decline { busy: true } => EndReason::Busy,
                    PeerBody::Decline { busy: false } => EndReason::Declined,
                    _ => {
                        peer.call = None;
                        EndReason::PeerHungUp
                    }
                };
                self.end_link(now, from, reason);
            }
        }
    }

    fn deliver(&mut self, now: Time, id: &PeerId, message: PeerMessage) {
        match message.body {
            PeerBody::Call { .. } => {
                self.they_call(now, id, kind_of(&message.body));
                self.they_wait_for_call(id);
            }
            PeerBody::Offer { warm: false, .. } => self.they_call(now, id, kind_of(&message.body)),
            PeerBody::Ringing => self.it_rings(now, id),
            PeerBody::Offer { warm: true, .. } => self.they_prepare(id),
            _ => {}
        }
        if let Some(link) = self.room.get(id).and_then(|peer| peer.link.as_mut()) {
            link.deliver(message.body);
        }
        // Failures of the negotiation come with a completion, never with a message.
        self.carry_out(now, id);
    }

    pub(super) fn send(&mut self, id: &PeerId, body: PeerBody) {
        let usable = self.seat == Seat::Seated;
        let Some(peer) = self.room.get(id) else { return };
        let Some(link) = &peer.link else { return };
        let opens_anew = link.remote.is_none() && matches!(body, PeerBody::Offer { .. });
        let replaces = link.replaced.filter(|_| opens_anew);
        let message = peer.mailbox.post(link.connection_id, link.remote, replaces, body);
        // What can't be sent now is said when the peer is here again.
        if usable && peer.presence == Presence::Here {
            self.signaling_route
                .send(to_peer(id, &message), &mut self.outputs);
        }
        // The first to arrive counts.
        if link.channel_open {
            let say = PeerOp::Say(native::encode_peer(&message));
            self.outputs
                .push_back(Output::Peer(id.clone(), link.connection_id, say));
        }
    }

    // ── Connections ────────────────────────────────────────────────────────────────────────────────────────

    pub(super) fn start_link(&mut self, now: Time, id: &PeerId, role: Role, used_for: LinkPurpose) {
        let Some(peer) = self.room.get(id) else { return };
        peer.start_link(role, used_for);
        self.limit_connecting(now, id);
        self.ask_for_token(now);
        self.use_ice_servers(now);
    }

    /// Makes the connections and restarts that were waiting for ICE servers, if these are known.
    pub(super) fn use_ice_servers(&mut self, now: Time) {
        self.restart_due(now);
        let Some(ice_servers) = self.ice_servers.get() else {
            return;
        };
        let has_turn = self.ice_servers.has_turn();
        for id in self.room.ids(|peer| peer.link.is_some()) {
            let Some(link) = self.link(&id).filter(|link| !link.is_made()) else {
                continue;
            };
            if link.is_only_turn() && !has_turn {
                self.fail(now, &id, FailureCause::NoPath(Obstacle::NoTurn));
                continue;
            }
            let create = link.create(ice_servers.clone());
            let connection_id = link.connection_id;
            self.timers
                .set(Timer::Candidate(id.clone()), now + CANDIDATE_PATIENCE);
            self.outputs.push_back(Output::Peer(id, connection_id, create));
        }
    }

    pub(super) fn peer_event(
        &mut self,
        now: Time,
        id: &PeerId,
        connection_id: ConnectionId,
        event: PeerEvent,
    ) {
        let Some(link) = self.room.get(id).and_then(|peer| peer.link.as_mut()) else {
            return;
        };
        if link.connection_id != connection_id {
            return;
        }
        match event {
            PeerEvent::Done { signaling, result } => link.negotiation.completed(signaling, result),
            PeerEvent::NegotiationNeeded => link.negotiation.negotiation_needed(),
            PeerEvent::Candidate(candidate) => {
                link.diagnostics.note_ours(&candidate);
                link.negotiation.gathered(candidate);
            }
            PeerEvent::IceError { code, turn } => link.diagnostics.note_error(code, turn),
            PeerEvent::Received(reception) => self.counted(now, id, reception),
            PeerEvent::RemoteVideo(arrives) => link.remote_video = arrives,
            PeerEvent::PathChanged => self.ask_peer(id, PeerOp::FindPath),
            PeerEvent::Path(path) => link.path = path,
            PeerEvent::ChannelOpen => link.channel_open = true,
            PeerEvent::ChannelClosed => link.channel_open = false,
            PeerEvent::Said(text) => return self.said(now, id, &text),
            PeerEvent::ConnectionState(state) => {
                let change = link.connection_state(state);
                self.state_changed(now, id, change);
            }
        }
        if let Some(error) = self.carry_out(now, id) {
            let link = self.room.get(id).and_then(|peer| peer.link.as_mut());
            if link.is_some_and(Link::take_rebuild) {
                self.rebuild(now, id);
            } else {
                self.fail(now, id, FailureCause::Browser(error.name));
            }
        }
    }

    /// Hands on what the negotiation with a peer wants. Returns why it can't go on, if it can't.
    pub(super) fn carry_out(&mut self, now: Time, id: &PeerId) -> Option<OperationError> {
        loop {
            let link = self.room.get(id)?.link.as_mut()?;
            let connection_id = link.connection_id;
            match link.negotiation.poll_effect()? {
                Effect::Run(operation) => {
                    self.outputs
                        .push_back(Output::Peer(id.clone(), connection_id, PeerOp::Run(operation)));
                }
                Effect::Send(mut body) => {
                    let is_call = link.is_call();
                    if let PeerBody::Offer { warm, private, .. } = &mut body {
                        *warm = !is_call;
                        *private = is_call && self.kind == CallKind::Private;
                    }
                    let opens = matches!(body, PeerBody::Offer { .. } | PeerBody::Answer { .. });
                    let asks = link.used_for.rings() && !link.said_call;
                    self.send(id, body);
                    // An answer is none: a person has to say it.
                    if opens && asks {
                        self.say_call(id);
                    }
                    if opens && is_call {
                        self.tell_media(id);
                    }
                }
                Effect::HoldOffers => self
                    .timers
                    .set(Timer::OfferHoldoff(id.clone()), now + OFFER_HOLDOFF),
                Effect::Broken(error) => return Some(error),
            }
        }
    }

    /// [`Timer::OfferHoldoff`]
    pub(super) fn offer_holdoff_over(&mut self, now: Time, id: &PeerId) {
        if let Some(link) = self.link(id) {
            link.negotiation.holdoff_over();
            self.carry_out(now, id);
        }
    }

    /// Tells a peer what we send, unless they know.
    pub(super) fn tell_media(&mut self, id: &PeerId) {
        let sends = self.media.sends();
        let link = self.room.get(id).and_then(|peer| peer.link.as_mut());
        let Some(link) = link else { return };
        let told = link.told.replace(sends);
        if told == Some(sends) {
            return;
        }
        if told.is_some_and(|told| told.screen != sends.screen) {
            // How much smaller it is sent depends on how large it is.
            link.share = None;
        }
        let Sends {
            camera,
            microphone,
            screen,
        } = sends;
        self.send(
            id,
            PeerBody::Media {
                camera,
                microphone,
                screen,
            },
        );
    }

    fn state_changed(&mut self, now: Time, id: &PeerId, change: StateChange) {
        match change {
            StateChange::None => {}
            StateChange::Connected => {
                self.timers.stop(&Timer::Candidate(id.clone()));
                if !self.link(id).is_some_and(|link| link.is_call()) {
                    self.timers.stop(&Timer::Connect(id.clone()));
                }
                self.recovered(id);
                self.ask_peer(id, PeerOp::FindPath);
                self.in_call_if_due(now, id);
            }
            StateChange::Interrupted => self.interrupted(now, id),
            StateChange::Failed => {
                let Some(link) = self.link(id) else { return };
                if link.once_connected() {
                    self.attempt_failed(now, id);
                } else if link.has_old_candidates() && link.take_search() {
                    self.rebuild(now, id);
                } else {
                    self.not_connected(now, id);
                }
            }
        }
    }

    /// Makes a connection anew for which our browser has not found a single candidate, or only such as have
    /// become useless before the call. Once: it may be the truth.
    ///
    /// Chromium sometimes finds none if its very first offer is rolled back before it knows the networks.
    pub(super) fn candidate_due(&mut self, now: Time, id: &PeerId) {
        let Some(peer) = self.room.get(id) else { return };
        let is_polite = peer.is_polite();
        let Some(link) = &mut peer.link else { return };
        let useless = link.has_old_candidates() && !is_polite;
        if (useless || link.diagnostics.ours_are_missing()) && link.take_search() {
            self.rebuild(now, id);
        }
    }

    /// [`Timer::Connect`]
    pub(super) fn connect_due(&mut self, now: Time, id: &PeerId) {
        let Some(link) = self.link(id) else { return };
        if link.used_for.rings() {
            self.send(id, PeerBody::GiveUp);
            self.end_link(now, id, EndReason::Unanswered);
        } else if !link.awaits_call() {
            self.not_connected(now, id);
        }
    }

    /// No connection has come about, and none will.
    pub(super) fn not_connected(&mut self, now: Time, id: &PeerId) {
        let has_turn = self.ice_servers.has_turn();
        let link = self.room.get(id).and_then(|peer| peer.link.as_ref());
        if let Some(cause) = link.map(|link| link.failure(has_turn)) {
            self.fail(now, id, cause);
        }
    }

    pub(super) fn fail(&mut self, now: Time, id: &PeerId, cause: FailureCause) {
        self.send(id, PeerBody::GiveUp);
        self.end_link(now, id, EndReason::Failed(cause));
    }

    pub(super) fn end_link(&mut self, now: Time, id: &PeerId, reason: EndReason) {
        let Some(peer) = self.room.get(id) else { return };
        let was_call = peer.is_in_call();
        let was_invited = peer.invitation().is_some();
        // Another one would fail as well.
        peer.unprepared |= matches!(reason, EndReason::Failed(_));
        let with = peer.name.clone();
        self.close_link(id);
        if was_call && !self.in_call() {
            self.end_phase(now, reason, with);
        } else if was_invited && !self.in_call() && self.invited_by().is_empty() {
            self.end_phase(now, EndReason::Missed, with);
        }
        self.prepare(now, id);
    }

    fn end_phase(&mut self, now: Time, reason: EndReason, with: PersonName) {
        let lasted = match self.phase {
            CallPhase::InCall { since } => Some(now.since(since)),
            _ => None,
        };
        self.phase = CallPhase::Ended { reason, lasted, with };
    }

    /// Closes the connection to a peer, if there is one.
    pub(super) fn close_link(&mut self, id: &PeerId) {
        for timer in [
            Timer::Candidate,
            Timer::Connect,
            Timer::FullSize,
            Timer::OfferHoldoff,
            Timer::Recover,
            Timer::GiveUp,
        ] {
            self.timers.stop(&timer(id.clone()));
        }
        let flush = !self.reaches(id);
        let Some(link) = self.room.get(id).and_then(Peer::finish_link) else {
            return;
        };
        if link.is_made() {
            let close = PeerOp::Close {
                flush: flush && link.channel_open,
            };
            self.outputs
                .push_back(Output::Peer(id.clone(), link.connection_id, close));
        }
    }

    /// Ends what can't go on because we have become somebody else.
    pub(super) fn abandon_all(&mut self, now: Time) {
        for id in self.room.ids(|peer| peer.link.is_some()) {
            self.end_link(now, &id, EndReason::Failed(FailureCause::ConnectionLost));
        }
    }
}

/// Whom a call is for, by the message that says it.
fn kind_of(body: &PeerBody) -> CallKind {
    match body {
        PeerBody::Call { private: true } | PeerBody::Offer { private: true, .. } => CallKind::Private,
        _ => CallKind::Open,
    }
}
