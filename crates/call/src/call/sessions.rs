//! Between a call and its sessions: what concerns one of the others goes in, what they ask for goes on.

use std::time::Duration;

use visavis_protocol::guest::Guest;
use visavis_protocol::id::PeerId;
use visavis_protocol::relay::{ClientMessage, LeaveReason};

use super::Call;
use super::Seat;
use crate::chat::Author;
use crate::event::{Output, Route};
use crate::session::{Context, Event, Session, SessionEvent};
use crate::timer::Time;

/// How long it may take until all are announced who were in the room before us.
const ANNOUNCED: Duration = Duration::from_secs(5);

impl Call {
    /// Hands an event to the session with this person, if there is one, and carries out what it asks for.
    pub(super) fn session(&mut self, now: Time, id: &PeerId, event: Event<'_>) {
        let call = self.takes_part_in();
        let is_crowd = self.is_crowd();
        let Some(session) = self.room.get_mut(id) else {
            return;
        };
        let context = Context {
            now,
            is_seated: self.seat == Seat::Seated,
            name: &self.name,
            sends: self.media.sends(),
            pre_connection: self.pre_connection,
            ice_transport_policy: self.ice_transport_policy,
            ice_servers: &self.ice_servers,
            entropy: &self.entropy,
            chat: &self.chat,
            call,
            is_blocked: self.blocked.contains(id),
            is_crowd,
        };
        session.handle(&context, event);
        while let Some(event) = self.room.get_mut(id).and_then(Session::poll) {
            self.session_event(now, id, event);
        }
    }

    fn session_event(&mut self, now: Time, id: &PeerId, event: SessionEvent) {
        match event {
            SessionEvent::Send(message) => {
                let Some(us) = &self.us else { return };
                let to = id.clone();
                let message = self.sealing.message(us, &to, message);
                self.signaling_route
                    .send(ClientMessage::Send { to, message }, &mut self.outputs);
            }
            SessionEvent::Connection(connection_id, op) => {
                self.outputs
                    .push_back(Output::Peer(id.clone(), connection_id, op));
            }
            SessionEvent::WantsIceServers => {
                self.ask_for_token(now);
                self.use_ice_servers(now);
            }
            SessionEvent::Answered => {
                if !self.in_call_with_others(id) {
                    self.begin_phase(now);
                }
            }
            SessionEvent::Connected => self.connected(now),
            SessionEvent::Ended(ended, reason) => self.ended(now, id, ended, reason),
            SessionEvent::Silent => self.ask_relay(now),
            SessionEvent::SilentLikeTheRelay => {
                self.relay_is_silent(now);
                self.session(now, id, Event::SignalingLost);
            }
            SessionEvent::Estimated => self.look_at_uplink(id),
            SessionEvent::Wrote(written) => {
                if let Some(session) = self.room.get(id) {
                    let author = Author {
                        id: id.clone(),
                        name: session.name().clone(),
                        name_number: self.room.name_number(&self.name, session),
                    };
                    let is_blocked = self.blocked.contains(id);
                    self.chat.heard(now, author, written, is_blocked);
                }
            }
        }
    }

    /// The same for all of them.
    pub(super) fn all_sessions<'a>(
        &mut self,
        now: Time,
        condition: impl Fn(&Session) -> bool,
        event: impl Fn() -> Event<'a>,
    ) {
        for id in self.room.ids(condition) {
            self.session(now, &id, event());
        }
    }

    /// Makes the connections and restarts that were waiting for ICE servers, if these are known.
    pub(super) fn use_ice_servers(&mut self, now: Time) {
        if self.ice_servers.are_known() {
            self.all_sessions(now, |_| true, || Event::IceServers);
        }
    }

    // ── Who is here ────────────────────────────────────────────────────────────────────────────────────────

    /// When somebody came who is announced now. The relay says at once who was here before us, and does not
    /// say that they were.
    fn came(&self, now: Time) -> Option<Time> {
        (now.since(self.seated_since) >= ANNOUNCED).then_some(now)
    }

    /// Somebody has a seat. Says whether it is somebody else.
    fn enters(&mut self, now: Time, id: &PeerId) -> bool {
        let came = self.came(now);
        let Some(us) = self.us.as_ref().filter(|us| *us != id) else {
            return false;
        };
        let before = self.other_room.get(id).map(Session::last_connection_id);
        let session = self.room.enter(us, id, came);
        session.number_on_from(before);
        if self.signaling_route.route() == Some(Route::ByHand) {
            session.has_our_letter(self.ice_transport_policy);
        }
        true
    }

    pub(super) fn peer_is_here(&mut self, now: Time, id: &PeerId) {
        if self.enters(now, id) {
            self.session(now, id, Event::Arrived);
            self.restored_if_due(false);
        }
    }

    /// Somebody with another program is here. In a sealed room they would understand nothing.
    pub(super) fn guest_is_here(&mut self, now: Time, id: &PeerId, guest: Guest) {
        let may_enter = self.seat == Seat::Seated && !self.sealing.address().is_sealed();
        let was_here = self.room.get(id).is_some_and(Session::is_here);
        if may_enter && self.enters(now, id) {
            self.session(now, id, Event::Guest(guest));
            // Only more is known of who was here: nothing is to be said again.
            if !was_here {
                self.session(now, id, Event::Arrived);
            }
        }
    }

    pub(super) fn peer_is_away(&mut self, now: Time, id: &PeerId) {
        if self.enters(now, id) {
            self.session(now, id, Event::Away);
        }
    }

    pub(super) fn peer_left(&mut self, now: Time, id: &PeerId, reason: LeaveReason) {
        self.session(now, id, Event::Left(reason));
    }
}
