//! What is due, and what has happened while the page slept.

use std::time::Duration;

use visavis_protocol::id::PeerId;

use super::{Call, Seat};
use crate::session::Event;
use crate::timer::{Time, Timer};

/// A timer that is late by this much has slept: the machine, or the page.
const SLEPT: Duration = Duration::from_secs(10);

impl Call {
    pub(super) fn timeouts(&mut self, now: Time) {
        let slept = self.next_timeout().is_some_and(|due| now.since(due) >= SLEPT);
        while let Some(due) = self.next_timeout().filter(|due| *due <= now) {
            if self.timers.next() == Some(due) {
                self.timeout(now);
            } else if let Some(id) = self.due_session(due) {
                self.session(now, &id, Event::Timeout);
            }
        }
        if slept {
            self.woken(now);
        }
    }

    /// One that waits for this time.
    fn due_session(&self, due: Time) -> Option<PeerId> {
        let mut sessions = self.room.iter();
        let session = sessions.find(|session| session.next_timeout() == Some(due))?;
        Some(session.id().clone())
    }

    fn timeout(&mut self, now: Time) {
        match self.timers.expire(now) {
            Some(Timer::RelayOpen) => {
                self.signaling_route
                    .open_timed_out(now, &mut self.timers, &mut self.outputs);
            }
            Some(Timer::RelayRetry) => self.retry_relay(now),
            Some(Timer::Token) => {
                self.ice_servers.unavailable();
                self.use_ice_servers(now);
                self.plan_renewal(now);
            }
            Some(Timer::Renew) => self.renew_token(now),
            Some(Timer::RelaySilent) => self.relay_is_silent(now),
            Some(Timer::Restore) => self.restored_if_due(true),
            Some(Timer::Reaction) => self.chat.reaction = None,
            None => {}
        }
    }

    /// The network may be back, or be another one, or the page has slept.
    pub(super) fn woken(&mut self, now: Time) {
        self.retry_relay(now);
        if self.in_call() || self.seat != Seat::None {
            self.ask_relay(now);
        }
        self.all_sessions(now, |_| true, || Event::Woken);
    }
}
