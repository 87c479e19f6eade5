//! Pre-connected calls: connections that are made before anybody calls, so that a call starts at once.
//!
//! While two people are in a room, they are pre-connected, and send nothing. One of them makes the
//! connection; who does not want that refuses. Call is a message over it, and both begin to send: nothing is
//! left to be negotiated.
//!
//! Whoever wants to show no address before a call keeps their candidates, and does not use those of the other
//! side. Call goes through the relay then, with the candidates behind it.

use std::time::Duration;

use visavis_protocol::id::PeerId;
use visavis_protocol::peer::{ConnectionId, PeerBody};

use super::{Call, Seat};
use crate::event::{Preparation, Role};
use crate::link::LinkPurpose;
use crate::room::Presence;
use crate::timer::Time;

/// How long a connection that was only negotiated may take. What was found when it was prepared may be of no
/// use any more.
pub(super) const PREPARED_PATIENCE: Duration = Duration::from_secs(6);

/// How long the picture stays small once it is sent: the first one must be there soon. Over a long way it
/// takes that long until the browser knows how much it can send; before, it would make do with a picture of
/// middle size for long.
pub(super) const SMALL_PICTURE: Duration = Duration::from_millis(700);

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
        for id in self
            .room
            .ids(|peer| !peer.is_in_call() && peer.invitation().is_none())
        {
            self.send(&id, PeerBody::GiveUp);
            self.close_link(&id);
            // The others don't know that we have changed our mind.
            self.prepare_anew(now, &id);
        }
    }

    /// Does not answer a connection that somebody opens, and says why.
    pub(super) fn refuse(&mut self, id: &PeerId, connection: ConnectionId, why: PeerBody) {
        let used_for = self.prepared();
        let Some(peer) = self.room.get(id) else { return };
        peer.start_link(Role::Callee, used_for).remote = Some(connection);
        self.send(id, why);
        self.close_link(id);
    }

    /// The use of a connection that is prepared.
    pub(super) fn prepared(&self) -> LinkPurpose {
        LinkPurpose::Prepared(self.preparation)
    }
}
