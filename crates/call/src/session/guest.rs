//! Somebody whose program is another one: it knows an offer, its answer, candidates, and at most a hang-up.
//!
//! A gateway numbers what they say, and leaves out what they can't understand. What is left is decided here:
//! nothing is connected before a call, nothing goes over a data channel, an answer takes part in the call,
//! and where their program can't restart ICE, the connection is made anew.

use visavis_protocol::guest::{Guest, Renewal};
use visavis_protocol::peer::CallKind;

use super::Session;
use super::calling::Answer;
use super::event::Context;
use crate::event::PeerOp;
use crate::negotiation::Politeness;
use crate::recovery::Step;

impl Session {
    /// [`Event::Guest`](super::Event::Guest)
    pub(super) fn is_guest(&mut self, guest: Guest) {
        self.guest = Some(guest);
        // They answer our offer, even if they have made one.
        self.politeness = Politeness::Impolite;
    }

    /// Whether an offer for the connection that is there would be answered by another connection.
    pub(super) fn needs_new_connections(&self) -> bool {
        self.guest
            .is_some_and(|guest| guest.renewal == Renewal::NewConnection)
    }

    /// Whether an offer in the place of the connection that is there can't be theirs, as far as we can tell:
    /// at a server where everybody hears everything, others call as well.
    pub(super) fn is_from_stranger(&self) -> bool {
        // A doubt is none yet: a stranger can raise one.
        let is_well = |link: &super::Link| {
            let step = link.recovery_step();
            link.is_connected() && matches!(step, None | Some(Step::Doubt { .. }))
        };
        self.guest.is_some() && self.link.as_ref().is_some_and(is_well)
    }

    /// What an offer of theirs leads to. A guest takes part in no call with others, and whoever may not even
    /// know the name of the room is answered by the person.
    pub(super) fn answer(&mut self, context: &Context<'_>, kind: CallKind) -> Answer {
        let is_strange = |guest: Guest| !guest.is_in_room || context.call.is_some();
        let asks = self.safety.is_broken() || self.guest.is_some_and(is_strange);
        self.limits.answer(context, kind, asks)
    }

    /// Asks for an ICE restart. The browser says then that this is to be negotiated; with a guest, it would
    /// have said so for ever, for the sake of our data channel.
    pub(super) fn ask_restart(&mut self, context: &Context<'_>, restart: PeerOp) {
        self.ask(restart);
        if self.guest.is_none() {
            return;
        }
        if let Some(link) = &mut self.link {
            link.negotiation.negotiation_needed();
        }
        self.negotiate(context);
    }
}
