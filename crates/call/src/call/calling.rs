//! Who takes part in a call: calling everybody or one person, being called, answering, declining, leaving.
//!
//! A room has one open call, in which whoever wants takes part, and private ones between two. Each of two
//! people says `call` to the other; they talk once both have said it. So calling, answering and joining are
//! the same thing, and each pair has its connection, whatever becomes of the others.
//!
//! Where there is one other person, a call needs no answer. Where there are more, it rings, and nothing is
//! sent before it is answered.

use std::time::Duration;

use visavis_protocol::id::PeerId;
use visavis_protocol::peer::{CallKind, PeerBody};

use super::preparation::{PREPARED_PATIENCE, SMALL_PICTURE};
use super::{Call, Seat};
use crate::event::{Mark, Output, PeerOp, Preparation, Role};
use crate::link::LinkPurpose;
use crate::mailbox::to_peer;
use crate::room::{Peer, Presence};
use crate::timer::{Time, Timer};
use crate::view::{CallPhase, EndReason};

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
    /// We are in another call.
    Decline,
}

impl Call {
    // ── What the person wants ──────────────────────────────────────────────────────────────────────────────

    /// [`Command::Call`](crate::Command::Call)
    pub(super) fn call(&mut self, now: Time) {
        if !self.view().can_call() {
            return;
        }
        let first = self.room.iter().find(|peer| peer.invitation().is_some());
        let invited = first.and_then(|peer| Some((peer.id.clone(), peer.invitation()?)));
        if let Some((id, CallKind::Private)) = invited {
            return self.call_these(now, CallKind::Private, vec![id]);
        }
        let is_here = |peer: &Peer| peer.presence == Presence::Here;
        let takes_part = |peer: &Peer| is_here(peer) && peer.call == Some(CallKind::Open);
        let invites = |peer: &Peer| peer.can_hear() && peer.invitation() == Some(CallKind::Open);
        let mut whom = self.room.ids(|peer| takes_part(peer) || invites(peer));
        if whom.is_empty() {
            whom = self.room.ids(is_here);
        }
        self.call_these(now, CallKind::Open, whom);
    }

    /// [`Command::CallPerson`](crate::Command::CallPerson)
    pub(super) fn call_person(&mut self, now: Time, id: PeerId) {
        let can_be_called = self.room.get(&id).is_some_and(|peer| {
            peer.presence == Presence::Here || peer.invitation().is_some() && peer.can_hear()
        });
        if !can_be_called || self.in_call() {
            return;
        }
        let asked = self.room.get(&id).and_then(|peer| peer.invitation());
        let kind = asked.unwrap_or(if self.is_crowd() {
            CallKind::Private
        } else {
            CallKind::Open
        });
        self.call_these(now, kind, vec![id]);
    }

    fn call_these(&mut self, now: Time, kind: CallKind, whom: Vec<PeerId>) {
        for id in self.invited_by() {
            if !whom.contains(&id) {
                self.decline(now, &id, true);
            }
        }
        self.begin_phase(now, kind);
        for id in whom {
            self.call_one(now, &id);
        }
    }

    /// [`Command::HangUp`](crate::Command::HangUp)
    pub(super) fn hang_up(&mut self, now: Time) {
        if !self.in_call() {
            return self.decline_all(now);
        }
        for id in self.room.ids(Peer::is_in_call) {
            self.send(&id, PeerBody::HangUp);
            self.end_link(now, &id, EndReason::HungUp);
        }
    }

    fn decline_all(&mut self, now: Time) {
        for id in self.invited_by() {
            self.decline(now, &id, false);
            self.phase = CallPhase::Idle;
        }
    }

    fn decline(&mut self, now: Time, id: &PeerId, busy: bool) {
        self.send(id, PeerBody::Decline { busy });
        self.close_link(id);
        self.prepare(now, id);
    }

    // ── Where things stand ─────────────────────────────────────────────────────────────────────────────────

    pub(super) fn in_call(&self) -> bool {
        self.room.iter().any(Peer::is_in_call)
    }

    /// The call that we take part in.
    pub(super) fn takes_part_in(&self) -> Option<CallKind> {
        self.in_call().then_some(self.kind)
    }

    /// Whether there are several others, so that nobody is called without being asked.
    fn is_crowd(&self) -> bool {
        self.room.iter().filter(|peer| peer.is_present()).count() > 1
    }

    /// Who calls us, and has no answer yet.
    pub(super) fn invited_by(&self) -> Vec<PeerId> {
        self.room.ids(|peer| peer.invitation().is_some())
    }

    /// What somebody's call leads to.
    pub(super) fn answer_to(&self, kind: CallKind) -> Answer {
        match (self.takes_part_in(), kind) {
            (Some(CallKind::Open), CallKind::Open) => Answer::TakePart,
            (Some(_), _) => Answer::Decline,
            (None, _) if self.is_crowd() => Answer::Ring,
            (None, _) => Answer::TakePart,
        }
    }

    /// What a connection is for over which we call by an offer: there was none, or they do not know of it
    /// yet.
    pub(super) fn called_by_offer(&self) -> LinkPurpose {
        if self.is_crowd() {
            LinkPurpose::Calling { rings: true }
        } else {
            // Who is alone with us takes part: the answer says it.
            LinkPurpose::Call
        }
    }

    /// We take part in a call.
    pub(super) fn begin_phase(&mut self, now: Time, kind: CallKind) {
        self.kind = kind;
        self.phase = CallPhase::Connecting { since: now };
        self.outputs.push_back(Output::Mark(Mark::Call));
    }

    // ── What the others know ───────────────────────────────────────────────────────────────────────────────

    /// Says to somebody what we can do, what we are called, and what call we take part in.
    pub(super) fn say_hello(&mut self, id: &PeerId) {
        let call = self.takes_part_in();
        let name = self.name.clone();
        let Some(peer) = self.room.get(id) else { return };
        peer.told_call = call;
        let hello = peer.mailbox.unnumbered(PeerBody::Hello {
            early_candidates: true,
            name,
            call,
        });
        self.signaling_route.send(to_peer(id, &hello), &mut self.outputs);
    }

    /// Tells whoever does not know it yet what call we take part in. Somebody who is alone with us knows.
    pub(super) fn tell_call(&mut self) {
        if self.seat != Seat::Seated {
            return;
        }
        let call = self.takes_part_in();
        let crowd = self.is_crowd();
        let untold = |peer: &Peer| {
            peer.presence == Presence::Here && peer.told_call != call && (crowd || peer.told_call.is_some())
        };
        for id in self.room.ids(untold) {
            self.say_hello(&id);
        }
    }

    /// Somebody has said how things stand with them. Whoever takes part in the open call is connected with
    /// everybody else who does, also if both have joined at the same time.
    pub(super) fn meet_in_call(&mut self, now: Time, id: &PeerId) {
        let joined = self.room.get(id).is_some_and(|peer| {
            peer.call == Some(CallKind::Open) && peer.presence == Presence::Here && !peer.is_in_call()
        });
        if joined && self.takes_part_in() == Some(CallKind::Open) {
            self.call_one(now, id);
        }
    }

    // ── One of the others ──────────────────────────────────────────────────────────────────────────────────

    /// We call somebody, or answer their call.
    fn call_one(&mut self, now: Time, id: &PeerId) {
        let by_offer = self.called_by_offer();
        let rings = self.is_crowd();
        let Some(peer) = self.room.get(id) else { return };
        let Some(link) = &mut peer.link else {
            return self.start_link(now, id, Role::Caller, by_offer);
        };
        if link.is_call() {
            return;
        }
        let (before, announced) = (link.used_for, link.is_announced());
        link.used_for = match before {
            LinkPurpose::Called(_) => LinkPurpose::Call,
            _ if announced => LinkPurpose::Calling { rings },
            // Our first offer will say it.
            _ => by_offer,
        };
        link.begin_call();
        if announced {
            self.take_part(now, id, before);
        } else {
            self.open_up(now, id, before);
        }
        self.in_call_if_due(now, id);
    }

    /// They say that they call, or that they take part in our call.
    pub(super) fn they_call(&mut self, now: Time, id: &PeerId, kind: CallKind) {
        let answer = self.answer_to(kind);
        let Some(link) = self.link(id) else { return };
        let before = link.used_for;
        match (before, answer) {
            (LinkPurpose::Prepared(_), Answer::TakePart) => {
                link.used_for = LinkPurpose::Call;
                link.begin_call();
                if !self.in_call_with_others(id) {
                    self.begin_phase(now, kind);
                }
                self.take_part(now, id, before);
            }
            (LinkPurpose::Prepared(_), Answer::Ring) => {
                link.used_for = LinkPurpose::Called(kind);
                link.begin_call();
                self.send(id, PeerBody::Ringing);
                self.open_up(now, id, before);
            }
            (LinkPurpose::Prepared(_), Answer::Decline) => self.decline(now, id, true),
            (LinkPurpose::Called(_), _) => link.used_for = LinkPurpose::Called(kind),
            (LinkPurpose::Calling { .. }, _) => {
                link.used_for = LinkPurpose::Call;
                // Of two who call each other, one privately, both take part in what is open.
                if kind == CallKind::Open {
                    self.kind = kind;
                }
                if before.rings() {
                    self.limit_connecting(now, id);
                }
                self.start_sending(now, id);
            }
            (LinkPurpose::Call, _) => {}
        }
        self.in_call_if_due(now, id);
    }

    /// They have said `call`, and not just offered: they wait for the same from us.
    pub(super) fn they_wait_for_call(&mut self, id: &PeerId) {
        if self
            .link(id)
            .is_some_and(|link| link.used_for == LinkPurpose::Call && !link.said_call)
        {
            self.say_call(id);
        }
    }

    /// It rings at their place: for all we knew they were alone with us, and somebody has come.
    pub(super) fn it_rings(&mut self, now: Time, id: &PeerId) {
        if let Some(link) = self.link(id).filter(|link| link.is_call()) {
            link.used_for = LinkPurpose::Calling { rings: true };
            self.limit_connecting(now, id);
        }
    }

    fn in_call_with_others(&self, id: &PeerId) -> bool {
        self.room.iter().any(|peer| peer.id != *id && peer.is_in_call())
    }

    /// They offer a connection, and don't know of a call. If there is one, it is ours.
    pub(super) fn they_prepare(&mut self, id: &PeerId) {
        let Some(link) = self.link(id).filter(|link| link.is_call()) else {
            return;
        };
        if link.used_for == LinkPurpose::Call {
            link.used_for = LinkPurpose::Calling { rings: false };
        }
        self.say_call(id);
    }

    pub(super) fn say_call(&mut self, id: &PeerId) {
        let private = self.kind == CallKind::Private;
        if let Some(link) = self.link(id) {
            link.said_call = true;
        }
        self.send(id, PeerBody::Call { private });
    }

    fn take_part(&mut self, now: Time, id: &PeerId, before: LinkPurpose) {
        self.say_call(id);
        self.tell_media(id);
        if self.link(id).is_some_and(|link| !link.is_connected()) {
            self.timers
                .set(Timer::Candidate(id.clone()), now + PREPARED_PATIENCE);
        }
        self.open_up(now, id, before);
    }

    /// A connection that was prepared takes any path from now on, and sends, unless somebody has to answer
    /// first.
    fn open_up(&mut self, now: Time, id: &PeerId, before: LinkPurpose) {
        let Some(link) = self.link(id) else { return };
        link.negotiation.reveal();
        let widens = link.is_made() && before == LinkPurpose::Prepared(Preparation::OnlyTurn);
        self.limit_connecting(now, id);
        self.start_sending(now, id);
        if let Some(ice_servers) = self.ice_servers.get().filter(|_| widens) {
            let restart = PeerOp::RestartIce {
                ice_servers,
                only_turn: false,
            };
            self.ask_peer(id, restart);
        }
        self.carry_out(now, id);
    }

    /// Sends picture and sound, if that is due and not done yet.
    fn start_sending(&mut self, now: Time, id: &PeerId) {
        let Some(link) = self.link(id) else { return };
        if link.take_sending() {
            if link.is_connected() {
                self.timers.set(Timer::FullSize(id.clone()), now + SMALL_PICTURE);
            }
            self.ask_peer(id, PeerOp::Send);
        }
    }

    /// Sets the time that a connection has to come about, and they have to answer.
    pub(super) fn limit_connecting(&mut self, now: Time, id: &PeerId) {
        let Some(link) = self.link(id) else { return };
        let patience = match link.used_for {
            LinkPurpose::Calling { rings: true } => RINGING,
            // It is up; how long it rings is up to them.
            LinkPurpose::Called(_) if link.is_connected() => return,
            _ => CONNECT_PATIENCE,
        };
        self.timers.set(Timer::Connect(id.clone()), now + patience);
    }

    /// The call is there once both take part in it, and are connected.
    pub(super) fn in_call_if_due(&mut self, now: Time, id: &PeerId) {
        let due = self
            .link(id)
            .is_some_and(|link| link.used_for == LinkPurpose::Call && link.is_connected());
        if !due {
            return;
        }
        self.timers.stop(&Timer::Connect(id.clone()));
        self.ask_peer(id, PeerOp::Watch);
        // Whoever has called over a connection that stood ready has been sending for a while.
        let full_size = Timer::FullSize(id.clone());
        if self.timers.get(&full_size).is_none() {
            self.timers.set(full_size, now + SMALL_PICTURE);
        }
        if matches!(self.phase, CallPhase::Connecting { .. }) {
            self.phase = CallPhase::InCall { since: now };
            self.outputs.push_back(Output::Mark(Mark::Connected));
        }
    }
}
