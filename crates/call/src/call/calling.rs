//! Who takes part in a call: calling everybody or one person, answering, hanging up.
//!
//! A room has one open call, which everybody may join, and private ones between two. A call of
//! several is a call with each of them, and each pair has its connection, whatever becomes of the others.
//!
//! Where there is one other person, a call needs no answer. Where there are more, it rings, and nothing is
//! sent before it is answered.

use visavis_protocol::id::PeerId;
use visavis_protocol::peer::CallKind;

use super::{Call, Seat};
use crate::event::{Mark, Output};
use crate::session::{Ended, Event, Session};
use crate::timer::Time;
use crate::view::{CallPhase, EndReason};

impl Call {
    // ── What the person wants ──────────────────────────────────────────────────────────────────────────────

    /// [`Command::Call`](crate::Command::Call)
    pub(super) fn call(&mut self, now: Time) {
        let first = self.room.iter().find(|session| session.invitation().is_some());
        if let Some(first) = first
            && first.invitation() == Some(CallKind::Private)
        {
            let id = first.id().clone();
            return self.call_these(now, CallKind::Private, &[id]);
        }
        let open = Some(CallKind::Open);
        let mut whom = self
            .room
            .ids(|session| session.invitation() == open || session.is_here() && session.their_call() == open);
        if whom.is_empty() {
            whom = self
                .room
                .ids(|session| session.is_here() && !self.blocked.contains(session.id()));
        }
        self.call_these(now, CallKind::Open, &whom);
    }

    /// [`Command::CallPerson`](crate::Command::CallPerson)
    pub(super) fn call_person(&mut self, now: Time, id: PeerId) {
        let Some(session) = self.room.get(&id) else { return };
        let kind = match session.invitation() {
            Some(kind) => kind,
            None if !session.is_here() => return,
            None if self.is_crowd() => CallKind::Private,
            None => CallKind::Open,
        };
        self.call_these(now, kind, &[id]);
    }

    fn call_these(&mut self, now: Time, kind: CallKind, whom: &[PeerId]) {
        if whom.is_empty() || self.in_call() {
            return;
        }
        let is_left_out = |session: &Session| session.invitation().is_some() && !whom.contains(session.id());
        self.all_sessions(now, is_left_out, || Event::Decline { busy: true });
        self.begin_phase(now);
        for id in whom {
            self.session(now, id, Event::Call(kind));
        }
    }

    /// [`Command::HangUp`](crate::Command::HangUp)
    pub(super) fn hang_up(&mut self, now: Time) {
        if self.in_call() {
            self.all_sessions(now, Session::is_in_call, || Event::HangUp);
        } else if self.is_invited() {
            let is_invited = |session: &Session| session.invitation().is_some();
            self.all_sessions(now, is_invited, || Event::Decline { busy: false });
            self.phase = CallPhase::Idle;
        }
    }

    /// [`Command::Block`](crate::Command::Block)
    pub(super) fn block(&mut self, now: Time, id: PeerId, is_blocked: bool) {
        self.blocked.retain(|blocked| *blocked != id);
        if !is_blocked {
            return self.chat.reveal(&id);
        }
        self.chat.hide(&id);
        let calls = |session: &Session| *session.id() == id && session.invitation().is_some();
        self.all_sessions(now, calls, || Event::Decline { busy: false });
        self.blocked.push(id);
    }

    // ── Where things stand ─────────────────────────────────────────────────────────────────────────────────

    /// The call that we take part in, or make.
    pub(super) fn takes_part_in(&self) -> Option<CallKind> {
        self.room.iter().find_map(Session::call_kind)
    }

    pub(super) fn in_call(&self) -> bool {
        self.takes_part_in().is_some()
    }

    pub(super) fn in_call_with_others(&self, id: &PeerId) -> bool {
        let mut sessions = self.room.iter();
        sessions.any(|session| session.id() != id && session.is_in_call())
    }

    /// Whether there are several others, so that nobody is called without being asked.
    pub(super) fn is_crowd(&self) -> bool {
        self.room.iter().filter(|session| session.is_present()).count() > 1
    }

    /// Whether somebody calls us, and has no answer yet.
    fn is_invited(&self) -> bool {
        self.room.iter().any(|session| session.invitation().is_some())
    }

    // ── From its beginning to its end ──────────────────────────────────────────────────────────────────────

    /// We take part in a call.
    pub(super) fn begin_phase(&mut self, now: Time) {
        self.phase = CallPhase::Connecting { since: now };
        self.outputs.push_back(Output::Mark(Mark::Call));
    }

    /// One of those who take part is connected with us.
    pub(super) fn connected(&mut self, now: Time) {
        if matches!(self.phase, CallPhase::Connecting { .. }) {
            self.phase = CallPhase::InCall { since: now };
            self.outputs.push_back(Output::Mark(Mark::Connected));
        }
    }

    /// Something is over with one of them. The call is when it is over with all.
    pub(super) fn ended(&mut self, now: Time, id: &PeerId, ended: Ended, reason: EndReason) {
        let reason = match ended {
            Ended::Call => reason,
            Ended::Invitation if !self.is_invited() => EndReason::Missed,
            Ended::Invitation | Ended::PreConnection => return,
        };
        let Some(session) = self.room.get(id).filter(|_| !self.in_call()) else {
            return;
        };
        let with = session.name().clone();
        let lasted = match self.phase {
            CallPhase::InCall { since } => Some(now.since(since)),
            _ => None,
        };
        self.phase = CallPhase::Ended { reason, lasted, with };
    }

    /// Tells those who don't know it what call we take part in.
    pub(super) fn tell_call(&mut self, now: Time) {
        if self.seat == Seat::Seated {
            let (call, is_crowd) = (self.takes_part_in(), self.is_crowd());
            let wants_hello = |session: &Session| session.wants_hello(call, is_crowd);
            self.all_sessions(now, wants_hello, || Event::Hello);
        }
    }
}
