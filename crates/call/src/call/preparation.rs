//! Connections that are made before anybody calls, so that a call starts at once.
//!
//! While two people are in a room, a connection between them stands ready, and sends nothing. One of them makes it; who
//! does not want that refuses. Call is a message over it, and both begin to send: nothing is left to be negotiated.
//!
//! Whoever wants to show no address before a call keeps their candidates, and does not use those of the other side. Call
//! goes through the relay then, with the candidates behind it.

use std::time::Duration;

use visavis_protocol::id::PeerId;
use visavis_protocol::peer::{Generation, PeerBody};

use super::peers::CONNECT_PATIENCE;
use super::{Call, Seat};
use crate::event::{Mark, Output, PeerOp, Preparation, Role};
use crate::link::Use;
use crate::room::Presence;
use crate::timer::{Time, Timer};
use crate::view::CallPhase;

/// How long a connection that was only negotiated may take. What was found when it was prepared may be of no use any more.
const PREPARED_PATIENCE: Duration = Duration::from_secs(6);

/// How long the picture stays small once it is sent: the first one must be there soon. Over a long way it takes that
/// long until the browser knows how much it can send; before, it would make do with a picture of middle size for long.
const SMALL_PICTURE: Duration = Duration::from_millis(700);

impl Call {
    /// Prepares a call with somebody, if that is wanted and ours to do.
    pub(super) fn prepare(&mut self, now: Time, id: &PeerId) {
        let Some(peer) = self.room.get(id) else { return };
        // One of the two is enough, or else both offers would meet each time.
        if !peer.is_polite() && !peer.unprepared {
            self.prepare_anew(now, id);
        }
    }

    fn prepare_anew(&mut self, now: Time, id: &PeerId) {
        let wanted = self.preparation != Preparation::Nothing && self.seat == Seat::Seated;
        let possible = self
            .room
            .get(id)
            .is_some_and(|peer| peer.presence == Presence::Here && peer.link.is_none());
        if wanted && possible {
            self.start_link(now, id, Role::Caller, self.prepared());
        }
    }

    /// [`Command::Prepare`](crate::Command::Prepare)
    pub(super) fn prepare_like_this(&mut self, now: Time, preparation: Preparation) {
        if self.preparation == preparation {
            return;
        }
        self.preparation = preparation;
        for id in self.room.ids(|peer| !peer.is_in_call()) {
            self.send(&id, PeerBody::GiveUp);
            self.close_link(&id);
            // The others don't know that we have changed our mind.
            self.prepare_anew(now, &id);
        }
    }

    /// Declines a connection that somebody prepares.
    pub(super) fn refuse(&mut self, id: &PeerId, connection: Generation) {
        let used_for = self.prepared();
        let Some(peer) = self.room.get(id) else { return };
        peer.start_link(Role::Callee, used_for).remote = Some(connection);
        self.send(id, PeerBody::GiveUp);
        self.close_link(id);
    }

    /// The use of a connection that is prepared.
    pub(super) fn prepared(&self) -> Use {
        Use::Prepared(self.preparation)
    }

    /// We call somebody to whom there is a connection.
    pub(super) fn call_prepared(&mut self, now: Time, id: &PeerId) {
        let Some(link) = self.link(id).filter(|link| !link.is_call()) else {
            return;
        };
        link.begin_call();
        let (before, announced) = (link.used_for, link.is_announced());
        if announced {
            link.used_for = Use::Calling;
            self.take_part(now, id, before);
        } else {
            // Our first offer will say it.
            link.used_for = Use::Call;
            self.start_sending(now, id, before);
        }
    }

    /// They say that they call, or that they take part in our call.
    pub(super) fn they_call(&mut self, now: Time, id: &PeerId) {
        let in_call = self.in_call();
        let Some(link) = self.link(id) else { return };
        match std::mem::replace(&mut link.used_for, Use::Call) {
            before @ Use::Prepared(_) => {
                link.begin_call();
                if !in_call {
                    self.begin_phase(now);
                }
                self.take_part(now, id, before);
            }
            Use::Calling => {}
            Use::Call => return,
        }
        self.in_call_if_due(now, id);
    }

    /// They offer a connection, and don't know of a call. If there is one, it is ours.
    pub(super) fn they_prepare(&mut self, id: &PeerId) {
        let Some(link) = self.link(id).filter(|link| link.is_call()) else {
            return;
        };
        link.used_for = Use::Calling;
        self.send(id, PeerBody::Call);
    }

    fn take_part(&mut self, now: Time, id: &PeerId, before: Use) {
        self.send(id, PeerBody::Call);
        self.tell_media(id);
        if self.link(id).is_some_and(|link| !link.is_connected()) {
            self.timers
                .set(Timer::Candidate(id.clone()), now + PREPARED_PATIENCE);
        }
        self.start_sending(now, id, before);
    }

    fn start_sending(&mut self, now: Time, id: &PeerId, before: Use) {
        self.timers
            .set(Timer::Connect(id.clone()), now + CONNECT_PATIENCE);
        let Some(link) = self.link(id) else { return };
        link.negotiation.reveal();
        // One that is not made yet will send from the beginning.
        if link.is_made() {
            if link.is_connected() {
                self.timers.set(Timer::FullSize(id.clone()), now + SMALL_PICTURE);
            }
            self.ask_peer(id, PeerOp::Send);
            // From now on, any path may be taken.
            let widens = before == Use::Prepared(Preparation::OnlyTurn);
            if let Some(ice_servers) = self.ice_servers.get().filter(|_| widens) {
                let restart = PeerOp::RestartIce {
                    ice_servers,
                    only_turn: false,
                };
                self.ask_peer(id, restart);
            }
        }
        self.carry_out(id);
    }

    /// The call is there once both take part in it, and are connected.
    pub(super) fn in_call_if_due(&mut self, now: Time, id: &PeerId) {
        let due = self
            .link(id)
            .is_some_and(|link| link.used_for == Use::Call && link.is_connected());
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
