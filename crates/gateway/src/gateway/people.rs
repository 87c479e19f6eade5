//! Who is there: pages of visavis, and a guest.

use std::time::Duration;

use visavis_protocol::dialect::signal::{Signal, Tunnelled};
use visavis_protocol::guest::{Guest, Presence};
use visavis_protocol::id::PeerId;
use visavis_protocol::relay::{LeaveReason, PeerText, RelayMessage};

use super::{GREETING_PATIENCE, Gateway, SeatState};
use crate::guest::GuestSession;
use crate::pages::{Effects, GUEST, Pages};
use crate::{Output, Time};

/// How many guests may come within [`GUESTS_WITHIN`]: each may ring, and make a peer connection.
const MOST_GUESTS: usize = 10;

/// See [`MOST_GUESTS`].
const GUESTS_WITHIN: Duration = Duration::from_secs(30);

impl Gateway {
    /// The pages, and when a guest is due, once we have a seat.
    pub(super) fn taken(&mut self) -> Option<(&mut Pages, &mut Option<Time>)> {
        match &mut self.seat.as_mut()?.state {
            SeatState::Taken { pages, guest_due } => Some((pages, guest_due)),
            SeatState::Asked { .. } | SeatState::Waiting { .. } => None,
        }
    }

    pub(super) fn say(&mut self, now: Time, to: PeerId, message: PeerText) {
        let signal = match self.guest.as_mut().filter(|guest| guest.id == to) {
            Some(guest) => guest.take(now, &message),
            None => self.taken().map(|(pages, _)| pages.message(to, message)),
        };
        if let Some(signal) = signal {
            self.signal(&signal);
        }
        self.lose_guest_to_page();
    }

    pub(super) fn page_said(&mut self, now: Time, tunnelled: Tunnelled) {
        let Some((pages, guest_due)) = self.taken() else {
            return;
        };
        let were_here = pages.are_here();
        let effects = pages.hear(now, tunnelled);
        let are_here = pages.are_here();
        if are_here {
            *guest_due = None;
        }
        self.carry_out(effects);
        if were_here && !are_here && self.guest.is_none() {
            self.await_anybody(now);
        }
    }

    pub(super) fn carry_out(&mut self, effects: Effects) {
        let came = |message: &RelayMessage| matches!(message, RelayMessage::Ready { .. });
        if effects.told.iter().any(came) && !self.has_busy_guest() {
            // It was they whom we took for a guest.
            self.lose_guest();
        }
        for signal in &effects.signals {
            self.signal(signal);
        }
        effects.told.into_iter().for_each(|message| self.tell(message));
    }

    // ── The guest ──────────────────────────────────────────────────────────────────────────────────────────

    pub(super) fn has_busy_guest(&self) -> bool {
        self.guest.as_ref().is_some_and(GuestSession::is_busy)
    }

    pub(super) fn await_guest(&mut self, due: Option<Time>) {
        if let Some((_, guest_due)) = self.taken() {
            *guest_due = due;
        }
    }

    /// Where nobody says who is there, somebody may be.
    pub(super) fn await_anybody(&mut self, now: Time) {
        let due = (!self.announces()).then_some(now + GREETING_PATIENCE);
        self.await_guest(due);
    }

    pub(super) fn guest_comes(&mut self, now: Time, presence: Presence) {
        self.guests_came.retain(|came| *came + GUESTS_WITHIN > now);
        if self.guests_came.len() >= MOST_GUESTS {
            return;
        }
        self.guests_came.push_back(now);
        self.guests += 1;
        if let Ok(id) = PeerId::new([GUEST, &self.guests.to_string()].concat()) {
            self.guest = Some(GuestSession::new(id, presence));
            self.announce_guest();
        }
    }

    pub(super) fn announce_guest(&mut self) {
        let Some(guest) = &self.guest else { return };
        let is_commons = self.seat.as_ref().is_some_and(|seat| seat.room == self.commons);
        let kind = Guest {
            presence: guest.presence,
            renewal: self.dialect.renewal(),
            is_in_room: self.announces() || is_commons,
        };
        self.outputs.push_back(Output::Guest(guest.id.clone(), kind));
    }

    /// The guest has gone, as far as we know.
    pub(super) fn lose_guest(&mut self) {
        if let Some(guest) = self.guest.take() {
            self.tell(RelayMessage::Left {
                peer: guest.id,
                reason: LeaveReason::Left,
            });
        }
    }

    /// In a room of two, a page has the guest's place once nothing goes on with them any more.
    pub(super) fn lose_guest_to_page(&mut self) {
        let has_page = self.taken().is_some_and(|(pages, _)| pages.are_here());
        if has_page && self.announces() && !self.has_busy_guest() {
            self.lose_guest();
        }
    }

    pub(super) fn guest_said(&mut self, now: Time, signal: Signal) {
        if self.taken().is_none() {
            return;
        }
        if self.guest.is_none() {
            // What begins nothing is said to others.
            if !signal.is_offer() {
                return;
            }
            self.await_guest(None);
            self.guest_comes(now, Presence::Known);
        }
        let Some(guest) = &mut self.guest else { return };
        let before = guest.presence;
        let Some(message) = guest.say(now, signal) else {
            return;
        };
        let from = guest.id.clone();
        if guest.presence != before {
            self.announce_guest();
        }
        self.tell(RelayMessage::Message { from, message });
        self.lose_guest_to_page();
    }
}
