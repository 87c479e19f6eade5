//! Carries out what [`crate::recovery`] decides: from the first doubt about a connection to its return, or
//! its end.

use std::time::Duration;

use visavis_protocol::id::PeerId;

use super::{Call, Seat};
use crate::event::{Output, PeerOp, Reception, Role};
use crate::link::{Link, LinkPurpose};
use crate::recovery::{Finding, GIVE_UP, GIVE_UP_GONE, GRACE, Means, PATIENCE, Recovery, Step, YIELD};
use crate::room::Presence;
use crate::timer::{Time, Timer};
use crate::view::FailureCause;

impl Call {
    pub(super) fn link(&mut self, id: &PeerId) -> Option<&mut Link> {
        self.room.get(id).and_then(|peer| peer.link.as_mut())
    }

    pub(super) fn ask_peer(&mut self, id: &PeerId, op: PeerOp) {
        if let Some(connection_id) = self.link(id).map(|link| link.connection_id) {
            self.outputs
                .push_back(Output::Peer(id.clone(), connection_id, op));
        }
    }

    /// Whether signaling can bring something to this peer now.
    pub(super) fn reaches(&mut self, id: &PeerId) -> bool {
        self.seat == Seat::Seated
            && self
                .room
                .get(id)
                .is_some_and(|peer| peer.presence == Presence::Here)
    }

    /// Something may be wrong with a connection: the bytes that arrive will tell.
    pub(super) fn doubt(&mut self, now: Time, id: &PeerId) {
        let Some(peer) = self.room.get(id) else { return };
        // Both sides notice; one waits a little longer, so that they don't both restart.
        let yields = if peer.is_polite() { YIELD } else { Duration::ZERO };
        let Some(link) = &mut peer.link else { return };
        if link.once_connected() && link.recovery.is_none() {
            link.recovery = Some(Recovery::doubt());
            self.timers.set(Timer::Recover(id.clone()), now + GRACE + yields);
            self.ask_peer(id, PeerOp::CountBytes);
        }
    }

    pub(super) fn doubt_all(&mut self, now: Time) {
        for id in self.room.ids(|peer| peer.link.is_some()) {
            self.doubt(now, &id);
        }
    }

    /// Nothing arrives any more.
    fn fell_silent(&mut self, now: Time, id: &PeerId) {
        self.doubt(now, id);
        // The relay's socket may be as dead as the connection. Its answer tells, and brings fresh ICE
        // servers.
        self.ask_relay(now);
    }

    /// A connection brings nothing, though the browser takes it for connected and ICE was restarted. Nothing
    /// is being tried any more, so it is made anew.
    fn stays_silent(&mut self, now: Time, id: &PeerId) {
        if let Some(link) = self.link(id).filter(|link| link.recovery.is_none()) {
            link.recovery = Some(Recovery::rebuilding());
            self.climb(now, id);
        }
    }

    /// A connection is silent: the browser says so.
    pub(super) fn interrupted(&mut self, now: Time, id: &PeerId) {
        self.fell_silent(now, id);
        self.limit_recovery(now, id);
    }

    /// Sets the end of all attempts, or brings it forward when the other side is known to have gone.
    pub(super) fn limit_recovery(&mut self, now: Time, id: &PeerId) {
        let gone = self.seat == Seat::Seated
            && self
                .room
                .get(id)
                .is_some_and(|peer| matches!(peer.presence, Presence::Unknown | Presence::Gone));
        let limit = now + if gone { GIVE_UP_GONE } else { GIVE_UP };
        let timer = Timer::GiveUp(id.clone());
        if self.timers.get(&timer).is_none_or(|set| limit < set) {
            self.timers.set(timer, limit);
        }
    }

    /// So much has arrived.
    pub(super) fn counted(&mut self, now: Time, id: &PeerId, reception: Reception) {
        // What was still under way when a doubt began says nothing.
        let due = self.timers.get(&Timer::Recover(id.clone())).is_none();
        let Some(peer) = self.room.get(id) else { return };
        // A picture that we don't show is not sent.
        let shown = peer.shown != Some(0);
        let Some(link) = &mut peer.link else { return };
        let awaited = link.they_send.microphone || link.they_send.camera && shown;
        let received = reception.bytes;
        let (talks, is_connected) = (link.talks(), link.is_connected());
        let finding = link.watch.look(received, talks && awaited);
        let moving = link
            .recovery
            .as_mut()
            .and_then(|recovery| recovery.count(received));
        if talks {
            link.hearing.look(reception);
            link.estimate = reception.estimate;
            self.ask_peer(id, PeerOp::Watch);
            self.look_at_uplink(id);
        }
        match finding {
            Finding::None => {}
            Finding::Silence => self.fell_silent(now, id),
            Finding::LastingSilence => self.stays_silent(now, id),
        }
        let Some(moving) = moving.filter(|_| due) else {
            return;
        };
        match (moving, is_connected) {
            (true, true) => self.recovered(id),
            // The browser misses the other side's answers, and yet something arrives: leave it alone for now.
            (true, false) => self.timers.set(Timer::Recover(id.clone()), now + GRACE),
            (false, _) => {
                // It was asked when the doubt began. Two that are silent mean that it is our network.
                if self.ice_servers.is_requested() {
                    self.relay_is_silent(now);
                }
                self.climb(now, id);
            }
        }
    }

    /// [`Timer::Recover`]: the present step has had its time.
    pub(super) fn recovery_due(&mut self, now: Time, id: &PeerId) {
        let Some(step) = self
            .link(id)
            .and_then(|link| link.recovery.as_ref().map(|recovery| recovery.step))
        else {
            return;
        };
        match step {
            Step::Doubt { .. } => self.ask_peer(id, PeerOp::CountBytes),
            Step::Restarting | Step::Rebuilding => self.climb(now, id),
            Step::Stuck | Step::Servers => {}
        }
    }

    /// What was tried has failed: the browser says so.
    pub(super) fn attempt_failed(&mut self, now: Time, id: &PeerId) {
        self.interrupted(now, id);
        let rebuilding = self.link(id).is_some_and(|link| link.is_at(Step::Rebuilding));
        // A rebuilt connection that fails at once would be made again and again: it has its time.
        if !rebuilding {
            self.climb(now, id);
        }
    }

    /// The next step, if signaling is there for it.
    pub(super) fn climb(&mut self, now: Time, id: &PeerId) {
        let reaches = self.reaches(id);
        let Some(recovery) = self.link(id).and_then(|link| link.recovery.as_mut()) else {
            return;
        };
        if !reaches {
            recovery.step = Step::Stuck;
            self.timers.stop(&Timer::Recover(id.clone()));
            return;
        }
        match recovery.next(now) {
            Means::Restart => {
                recovery.step = Step::Servers;
                self.ask_for_token(now);
                self.use_ice_servers(now);
            }
            Means::Rebuild => self.rebuild(now, id),
        }
    }

    /// The other side can be reached again.
    pub(super) fn climb_on(&mut self, now: Time, id: &PeerId) {
        if self.link(id).is_some_and(|link| link.is_at(Step::Stuck)) {
            self.climb(now, id);
        }
    }

    /// Makes the restarts that were waiting for ICE servers.
    pub(super) fn restart_due(&mut self, now: Time) {
        let Some(ice_servers) = self.ice_servers.get() else {
            return;
        };
        let waiting = |link: &Link| link.is_at(Step::Servers);
        for id in self.room.ids(|peer| peer.link.as_ref().is_some_and(waiting)) {
            let only_turn = self.link(&id).is_some_and(|link| link.is_only_turn());
            let ice_servers = ice_servers.clone();
            self.ask_peer(
                &id,
                PeerOp::RestartIce {
                    ice_servers,
                    only_turn,
                },
            );
            self.restarting(now, &id);
        }
    }

    /// An ICE restart is under way, by us or by the other side.
    pub(super) fn restarting(&mut self, now: Time, id: &PeerId) {
        let Some(link) = self.link(id) else { return };
        // A connection that only seemed silent is restarted, and doubted no longer: if there is something
        // wrong with it, the browser will say so, or what it does not bring (see `Finding::LastingSilence`).
        if link.is_connected() {
            self.recovered(id);
        } else if let Some(recovery) = &mut link.recovery {
            let deadline = recovery.restart(now);
            self.timers.set(Timer::Recover(id.clone()), deadline);
        }
    }

    /// A restart by the other side makes ours superfluous.
    pub(super) fn they_offer(&mut self, now: Time, id: &PeerId) {
        let waits = |link: &mut Link| {
            let step = link.recovery.as_ref().map(|recovery| recovery.step);
            !link.is_connected() && matches!(step, Some(Step::Doubt { .. } | Step::Stuck | Step::Servers))
        };
        if self.link(id).is_some_and(waits) {
            self.restarting(now, id);
        }
    }

    /// Makes the connection anew.
    pub(super) fn rebuild(&mut self, now: Time, id: &PeerId) {
        self.replace_link(now, id, Role::Caller);
        self.ask_for_token(now);
        self.use_ice_servers(now);
    }

    /// Puts a new link into the place of one that can't be mended.
    pub(super) fn replace_link(&mut self, now: Time, id: &PeerId, role: Role) {
        let Some(peer) = self.room.get(id) else { return };
        let Some(old) = peer.finish_link() else { return };
        if old.is_made() {
            self.outputs.push_back(Output::Peer(
                id.clone(),
                old.connection_id,
                PeerOp::Close { flush: false },
            ));
        }
        let used_for = match (role, old.used_for) {
            // Our offer will say it.
            (Role::Caller, LinkPurpose::Calling { rings: false }) => LinkPurpose::Call,
            (_, used_for) => used_for,
        };
        peer.start_link(role, used_for).replaces(&old);
        // Its first picture is a small one, too.
        self.timers.stop(&Timer::FullSize(id.clone()));
        self.timers.stop(&Timer::OfferHoldoff(id.clone()));
        if old.once_connected() {
            self.timers.set(Timer::Recover(id.clone()), now + PATIENCE);
            self.limit_recovery(now, id);
        }
    }

    /// It is as it should be.
    pub(super) fn recovered(&mut self, id: &PeerId) {
        if let Some(link) = self.link(id) {
            link.recovery = None;
        }
        self.timers.stop(&Timer::Recover(id.clone()));
        self.timers.stop(&Timer::GiveUp(id.clone()));
    }

    /// [`Timer::GiveUp`].
    pub(super) fn give_up(&mut self, now: Time, id: &PeerId) {
        if self.link(id).is_some_and(|link| link.recovery.is_some()) {
            self.fail(now, id, FailureCause::ConnectionLost);
        }
    }

    /// The network may be back, or be another one, or the page has slept.
    pub(super) fn woken(&mut self, now: Time) {
        let in_call = self.in_call();
        self.signaling_route
            .retry(in_call, now, &mut self.timers, &mut self.outputs);
        if in_call || self.seat != Seat::None {
            self.ask_relay(now);
        }
        self.doubt_all(now);
        // What could not be prepared in another network may be possible in this one.
        for id in self.room.ids(|peer| peer.unprepared) {
            if let Some(peer) = self.room.get(&id) {
                peer.unprepared = false;
            }
            self.prepare(now, &id);
        }
    }
}
