//! Carries out what [`crate::recovery`] decides: from the first doubt about a connection to its return, or
//! its end.

use std::time::Duration;

use visavis_protocol::ice::IceServer;

use super::event::{Context, SessionEvent};
use super::{Link, Presence, Session, Timer};
use crate::event::{PeerOp, Reception, Role};
use crate::ice_servers::IceServers;
use crate::recovery::{Finding, GIVE_UP, GIVE_UP_GONE, GRACE, Means, PATIENCE, Recovery, Step, YIELD};
use crate::view::FailureCause;

impl Link {
    /// The ICE servers that it gets, now or with what is done next.
    pub(super) fn take_servers(&mut self, known: &IceServers) -> Vec<IceServer> {
        self.servers = known.number();
        known.all()
    }
}

impl Session {
    /// Something may be wrong with the connection: the bytes that arrive will tell.
    pub(super) fn doubt(&mut self, context: &Context<'_>) {
        // Both sides notice; one waits a little longer, so that they don't both restart.
        let yields = if self.is_polite() { YIELD } else { Duration::ZERO };
        let Some(link) = &mut self.link else { return };
        if link.once_connected() && link.recovery.is_none() {
            link.recovery = Some(Recovery::doubt());
            self.timers.set(Timer::Recover, context.now + GRACE + yields);
            self.ask(PeerOp::CountBytes);
        }
    }

    /// Nothing arrives any more.
    fn fell_silent(&mut self, context: &Context<'_>) {
        self.doubt(context);
        // The relay's socket may be as dead as the connection. Its answer tells, and brings fresh ICE
        // servers.
        self.events.push(SessionEvent::Silent);
    }

    /// The connection brings nothing, though the browser takes it for connected and ICE was restarted.
    /// Nothing is being tried any more, so it is made anew.
    fn stays_silent(&mut self, context: &Context<'_>) {
        if let Some(link) = &mut self.link
            && link.recovery.is_none()
        {
            link.recovery = Some(Recovery::rebuilding());
            self.climb(context);
        }
    }

    /// The connection is silent: the browser says so.
    pub(super) fn interrupted(&mut self, context: &Context<'_>) {
        self.fell_silent(context);
        self.limit_recovery(context);
    }

    /// Sets the end of all attempts, or brings it forward when the other side is known to have gone.
    pub(super) fn limit_recovery(&mut self, context: &Context<'_>) {
        let has_gone = context.is_seated && matches!(self.presence, Presence::Unknown | Presence::Gone);
        let limit = context.now + if has_gone { GIVE_UP_GONE } else { GIVE_UP };
        if self.timers.get(Timer::GiveUp).is_none_or(|set| limit < set) {
            self.timers.set(Timer::GiveUp, limit);
        }
    }

    /// A connection is made in the place of one that was up.
    pub(super) fn limit_rebuilding(&mut self, context: &Context<'_>) {
        self.timers.set(Timer::Recover, context.now + PATIENCE);
        self.limit_recovery(context);
    }

    /// So much has arrived.
    pub(super) fn counted(&mut self, context: &Context<'_>, reception: Reception) {
        // What was still under way when a doubt began says nothing.
        let is_due = !self.timers.is_set(Timer::Recover);
        // Video that we don't show is not sent.
        let shows = self.shown != Some(0);
        let Some(link) = &mut self.link else { return };
        let is_awaited = link.they_send.microphone || link.they_send.camera && shows;
        let (talks, is_connected) = (link.talks(), link.is_connected());
        let finding = link.watch.look(reception.bytes, talks && is_awaited);
        let recovery = link.recovery.as_mut();
        let moves = recovery.and_then(|recovery| recovery.count(reception.bytes));
        if talks {
            link.hearing.look(reception);
            link.estimate = reception.estimate;
            // Not every browser says when the path changes.
            if link.is_relay_only() {
                self.ask(PeerOp::FindPath);
            }
            self.ask(PeerOp::Watch);
            self.events.push(SessionEvent::Estimated);
        }
        match finding {
            Finding::None => {}
            Finding::Silence => self.fell_silent(context),
            Finding::LastingSilence => self.stays_silent(context),
        }
        let Some(moves) = moves.filter(|_| is_due) else {
            return;
        };
        match (moves, is_connected) {
            (true, true) => self.recovered(),
            // The browser misses the other side's answers, and yet something arrives: leave it alone for now.
            (true, false) => self.timers.set(Timer::Recover, context.now + GRACE),
            // The relay was asked when the doubt began. Two that are silent mean that it is our network.
            (false, _) if context.ice_servers.is_requested() => {
                self.events.push(SessionEvent::SilentLikeTheRelay);
            }
            (false, _) => self.climb(context),
        }
    }

    /// [`Timer::Recover`]: the present step has had its time.
    pub(super) fn recovery_due(&mut self, context: &Context<'_>) {
        let step = self.link.as_ref().and_then(Link::recovery_step);
        match step {
            Some(Step::Doubt { .. }) => self.ask(PeerOp::CountBytes),
            Some(Step::Restarting | Step::Rebuilding) => self.climb(context),
            Some(Step::Stuck | Step::Servers) | None => {}
        }
    }

    /// What was tried has failed: the browser says so.
    pub(super) fn attempt_failed(&mut self, context: &Context<'_>) {
        self.interrupted(context);
        // A rebuilt connection that fails at once would be made again and again: it has its time.
        if !self.is_at(Step::Rebuilding) {
            self.climb(context);
        }
    }

    /// Whether the recovery waits at this step.
    fn is_at(&self, step: Step) -> bool {
        let link = self.link.as_ref();
        link.is_some_and(|link| link.recovery_step() == Some(step))
    }

    /// The next step, if signaling is there for it.
    pub(super) fn climb(&mut self, context: &Context<'_>) {
        let is_reachable = self.is_reachable(context);
        let needs_new_connections = self.needs_new_connections();
        let Some(recovery) = self.link.as_mut().and_then(|link| link.recovery.as_mut()) else {
            return;
        };
        if !is_reachable {
            recovery.step = Step::Stuck;
            self.timers.stop(Timer::Recover);
            return;
        }
        match recovery.next(context.now) {
            Means::Restart if !needs_new_connections => {
                recovery.step = Step::Servers;
                self.events.push(SessionEvent::WantsIceServers);
            }
            Means::Restart | Means::Rebuild => self.rebuild(context),
        }
    }

    /// They can be reached again.
    pub(super) fn climb_on(&mut self, context: &Context<'_>) {
        if self.is_at(Step::Stuck) {
            self.climb(context);
        }
    }

    /// Makes the restart that was waiting for ICE servers.
    pub(super) fn restart_due(&mut self, context: &Context<'_>) {
        let is_due = self.is_at(Step::Servers);
        let Some(link) = self.link.as_mut().filter(|_| is_due) else {
            return;
        };
        let restart = PeerOp::RestartIce {
            ice_servers: link.take_servers(context.ice_servers),
            policy: link.policy(),
        };
        self.ask_restart(context, restart);
        self.restarting(context);
    }

    /// Gives a connection newer ICE servers, without a restart. What a TURN server has lent it lasts, but the
    /// next address needs a credential that is good then, and the other side may be the one who restarts.
    pub(super) fn renew_servers(&mut self, context: &Context<'_>) {
        let number = context.ice_servers.number();
        let Some(link) = self.link.as_mut() else { return };
        if link.is_made() && link.servers != number {
            let configure = PeerOp::Configure {
                ice_servers: link.take_servers(context.ice_servers),
                policy: link.policy(),
            };
            self.ask(configure);
        }
    }

    /// Whether there is a connection that uses ICE servers.
    pub(crate) fn has_connection(&self) -> bool {
        self.link.as_ref().is_some_and(Link::is_made)
    }

    /// An ICE restart is under way, by us or by the other side.
    fn restarting(&mut self, context: &Context<'_>) {
        let Some(link) = &mut self.link else { return };
        // A connection that only seemed silent is restarted, and doubted no longer: if there is something
        // wrong with it, the browser will say so, or what it does not bring (see `Finding::LastingSilence`).
        if link.is_connected() {
            self.recovered();
        } else if let Some(recovery) = &mut link.recovery {
            let deadline = recovery.restart(context.now);
            self.timers.set(Timer::Recover, deadline);
        }
    }

    /// A restart by the other side makes ours superfluous.
    pub(super) fn they_offer(&mut self, context: &Context<'_>) {
        let Some(link) = &self.link else { return };
        let waits = matches!(
            link.recovery_step(),
            Some(Step::Doubt { .. } | Step::Stuck | Step::Servers)
        );
        if waits && !link.is_connected() {
            self.restarting(context);
        }
    }

    /// Makes the connection anew.
    pub(super) fn rebuild(&mut self, context: &Context<'_>) {
        self.replace_link(context, Role::Caller);
        self.events.push(SessionEvent::WantsIceServers);
    }

    /// It is as it should be.
    pub(super) fn recovered(&mut self) {
        if let Some(link) = &mut self.link {
            link.recovery = None;
        }
        self.timers.stop(Timer::Recover);
        self.timers.stop(Timer::GiveUp);
    }

    /// [`Timer::GiveUp`].
    pub(super) fn give_up(&mut self, context: &Context<'_>) {
        if self.link.as_ref().is_some_and(|link| link.recovery.is_some()) {
            self.fail(context, FailureCause::ConnectionLost);
        }
    }
}
