//! The way to the others: reaching the relay, entering the room, and what the relay says.

use visavis_protocol::id::PeerId;
use visavis_protocol::relay::{ClientMessage, PeerText, RelayMessage};

use super::{Call, Seat};
use crate::event::{Route, SignalingEvent};
use crate::ice_servers::TOKEN_PATIENCE;
use crate::session::{Event, Session};
use crate::signaling_route::RouteChange;
use crate::timer::{Time, Timer};

impl Call {
    // ── The connection to the relay ────────────────────────────────────────────────────────────────────────

    pub(super) fn signaling(&mut self, now: Time, route: Route, event: SignalingEvent) {
        let change = match event {
            SignalingEvent::Opened => {
                let in_call = self.in_call();
                self.signaling_route
                    .opened(route, in_call, now, &mut self.timers, &mut self.outputs)
            }
            SignalingEvent::Closed(cause) => {
                self.signaling_route
                    .closed(route, cause, now, &mut self.timers, &mut self.outputs)
            }
            SignalingEvent::Message(message) => {
                if self.signaling_route.route() == Some(route) {
                    self.signaling_route.heard(now, &mut self.timers);
                    self.relay_message(now, message);
                }
                return;
            }
            SignalingEvent::Guest(peer, guest) => {
                if self.signaling_route.route() == Some(route) {
                    self.guest_is_here(now, &peer, guest);
                }
                return;
            }
        };
        self.route_changed(now, change);
    }

    fn route_changed(&mut self, now: Time, change: RouteChange) {
        match change {
            RouteChange::None => {}
            RouteChange::Usable => {
                self.seat = Seat::None;
                self.answers_due = 0;
                self.has_moved = false;
                self.ice_servers.request_lost();
                self.ask_for_token(now);
                self.join_if_due();
            }
            RouteChange::Lost => {
                self.seat = Seat::None;
                // We can decide about nobody, and hear anew who is there when we are back.
                self.lobby.lose_sight();
                self.room.lose_sight();
                // What took the relay may have taken the connections, too.
                self.all_sessions(now, |_| true, || Event::Doubt);
            }
        }
    }

    /// Tries the relay at once, if it is not there.
    pub(super) fn retry_relay(&mut self, now: Time) {
        let in_call = self.in_call();
        self.signaling_route
            .retry(in_call, now, &mut self.timers, &mut self.outputs);
    }

    /// Asks the relay something, to hear whether it is there, and what ICE servers there are now.
    pub(super) fn ask_relay(&mut self, now: Time) {
        if self.signaling_route.route() == Some(Route::Relay) {
            if !self.ice_servers.is_requested() {
                self.request_token(now);
            }
            self.signaling_route.suspected(now, &mut self.timers);
        }
    }

    /// The relay's socket is dead, whatever the browser thinks of it.
    pub(super) fn relay_is_silent(&mut self, now: Time) {
        let change = self
            .signaling_route
            .silent(now, &mut self.timers, &mut self.outputs);
        self.route_changed(now, change);
    }

    fn request_token(&mut self, now: Time) {
        self.ice_servers.requested();
        self.timers.set(Timer::Token, now + TOKEN_PATIENCE);
        self.signaling_route.send(ClientMessage::Token, &mut self.outputs);
    }

    pub(super) fn ask_for_token(&mut self, now: Time) {
        match self.signaling_route.route() {
            Some(Route::Relay) if self.ice_servers.wants_token(now) => self.request_token(now),
            Some(Route::Relay) => {}
            Some(Route::ThisBrowser | Route::ByHand) | None => self.ice_servers.unavailable(),
        }
    }

    /// Sets the time at which connections that last get newer ICE servers.
    pub(super) fn plan_renewal(&mut self, now: Time) {
        match self.ice_servers.renewal(now) {
            Some(due) => self.timers.set(Timer::Renew, due),
            None => self.timers.stop(Timer::Renew),
        }
    }

    /// [`Timer::Renew`]. Without connections, the next one asks; without the relay, the next way to it does.
    pub(super) fn renew_token(&mut self, now: Time) {
        let is_relay = self.signaling_route.route() == Some(Route::Relay);
        let lasts = self.room.iter().any(Session::has_connection);
        if is_relay && lasts && self.ice_servers.wants_token(now) {
            self.request_token(now);
            self.ice_servers.renewing(now);
        }
    }

    pub(super) fn join_if_due(&mut self) {
        if self.seat == Seat::None && self.media.is_settled() && self.signaling_route.route().is_some() {
            self.seat = Seat::Joining;
            self.answers_due += 1;
            let join = ClientMessage::Join {
                room: self.sealing.address().room(),
                secret: self.secret.clone(),
                replaces: self.replaces.clone(),
                name: self.sealing.given_name(&self.name_at_relay, &self.name),
            };
            self.signaling_route.send(join, &mut self.outputs);
        }
    }

    fn relay_message(&mut self, now: Time, message: RelayMessage) {
        // It may want messages to be opened that were for a page of another day. What it says from then on is
        // about somebody else; another connection may be better.
        if let RelayMessage::Joined { you, .. } = &message
            && self.answers_due <= 1
            && self.is_misnamed(you)
        {
            self.sealing.count_foreign_name();
            return self.relay_is_silent(now);
        }
        if matches!(message, RelayMessage::Joined { .. } | RelayMessage::Full { .. }) {
            self.signaling_route.proved_useful();
            self.answers_due = self.answers_due.saturating_sub(1);
        }
        match message {
            // The connector knows by the first that the relay was reached, and we by any that it still is.
            RelayMessage::Welcome | RelayMessage::Ping => {}
            // Still about a room that we have left since.
            RelayMessage::Joined { .. } | RelayMessage::Full { .. } if self.answers_due > 0 => {}
            RelayMessage::Ready { .. }
            | RelayMessage::Away { .. }
            | RelayMessage::Left { .. }
            | RelayMessage::Message { .. }
            | RelayMessage::Room { .. }
            | RelayMessage::Knock { .. }
            | RelayMessage::KnockOver { .. }
                if self.seat != Seat::Seated => {}
            RelayMessage::Joined { you, .. } => {
                // Those who are here are announced anew, and so are those who knock.
                self.room.lose_sight();
                self.lobby.lose_sight();
                if self.us.as_ref() != Some(&you) {
                    self.all_sessions(now, |_| true, || Event::Abandon);
                    self.room.clear();
                    self.other_room.clear();
                }
                self.us = Some(you);
                self.seat = Seat::Seated;
                self.seated_since = now;
                self.replaces = None;
            }
            RelayMessage::Full { capacity, door } => {
                self.seat = Seat::Waiting {
                    capacity,
                    policy: door,
                };
            }
            RelayMessage::Ready { peer } => self.peer_is_here(now, &peer),
            RelayMessage::Away { peer } => self.peer_is_away(now, &peer),
            RelayMessage::Left { peer, reason } => self.peer_left(now, &peer, reason),
            RelayMessage::Token {
                ice_servers,
                expires_in,
            } => {
                self.timers.stop(Timer::Token);
                self.ice_servers.received(now, ice_servers, expires_in);
                self.use_ice_servers(now);
                self.plan_renewal(now);
            }
            RelayMessage::Message { from, message } => self.said(now, &from, message),
            RelayMessage::Room { host, door } => self.policy_is(now, host, door),
            RelayMessage::Knock { peer, name } => self.somebody_knocks(now, peer, &name),
            RelayMessage::KnockOver { peer } => self.knock_is_over(&peer),
            RelayMessage::Error { code, .. } => self.relay_reports(now, code),
        }
    }

    /// Whether a name that we got is not ours. Between tabs, each chooses its own.
    fn is_misnamed(&self, you: &PeerId) -> bool {
        let is_relay = self.signaling_route.route() == Some(Route::Relay);
        self.sealing.address().is_sealed() && is_relay && *you != self.name_at_relay
    }

    /// Signaling has brought a message of somebody's.
    fn said(&mut self, now: Time, from: &PeerId, message: PeerText) {
        let (Some(us), Some(session)) = (&self.us, self.room.get_mut(from)) else {
            return;
        };
        match self.sealing.open(us, from, message) {
            Ok(text) => self.session(now, from, Event::Text(&text)),
            Err(why) => session.could_not_open(why),
        }
    }
}
