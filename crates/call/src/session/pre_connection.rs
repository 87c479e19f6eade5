//! Pre-connected calls: connections that are made before anybody calls, so that a call starts at once.
//!
//! While two people are in a room, they are pre-connected, and send nothing. One of them makes the
//! connection; who does not want that refuses. Call is a message over it, and both begin to send: nothing is
//! left to be negotiated.
//!
//! A person who wants to show no address before a call keeps their candidates, and does not use those of the
//! other side. Call goes through the relay then, with the candidates behind it.

use std::time::Duration;

use visavis_protocol::peer::PeerBody;

use super::Session;
use super::event::Context;
use super::purpose::LinkPurpose;
use crate::event::{IceTransportPolicy, PreConnection, Role};

/// How long a connection that was only negotiated may take. The candidates from before the call may have
/// become useless.
pub(super) const NEGOTIATED_PATIENCE: Duration = Duration::from_secs(6);

/// How long video stays small once it is sent: the first frame must be there soon. Over a long path it takes
/// that long until the browser knows how much it can send; before, it would stay at a middle size for long.
pub(super) const SMALL_VIDEO: Duration = Duration::from_millis(700);

impl Session {
    /// Makes a connection before a call, if that is wanted and ours to do.
    pub(super) fn pre_connect(&mut self, context: &Context<'_>) {
        // One of the two is enough, or else both offers would meet each time.
        let is_ours = !self.is_polite() && !self.stays_unconnected;
        // Whoever ends them all the time is called without.
        if is_ours && self.wants_pre_connection(context) && self.may_connect(context) {
            self.make_pre_connection(context);
        }
    }

    fn wants_pre_connection(&self, context: &Context<'_>) -> bool {
        let is_wanted = context.pre_connection != PreConnection::Nothing && self.guest.is_none();
        is_wanted && self.is_reachable(context) && self.link.is_none()
    }

    fn make_pre_connection(&mut self, context: &Context<'_>) {
        let purpose = LinkPurpose::PreConnected(context.pre_connection);
        self.start_link(context, Role::Caller, purpose);
    }

    /// [`Event::PreConnection`](super::Event::PreConnection)
    pub(super) fn pre_connect_anew(&mut self, context: &Context<'_>) {
        if self.is_in_call() || self.invitation().is_some() {
            return;
        }
        self.send(context, PeerBody::GiveUp);
        self.close_link(context);
        // The others don't know that we have changed our mind.
        if self.wants_pre_connection(context) {
            self.make_pre_connection(context);
        }
    }

    /// [`Event::IceTransportPolicy`](super::Event::IceTransportPolicy)
    pub(super) fn follow_policy(&mut self, context: &Context<'_>) {
        if !self.is_in_call() && self.invitation().is_none() {
            return self.pre_connect_anew(context);
        }
        match context.ice_transport_policy {
            IceTransportPolicy::All if !self.needs_new_connections() => self.widen(context),
            // After an ICE restart, browsers go on listening at the addresses from before, and may stay.
            IceTransportPolicy::All | IceTransportPolicy::Relay => self.rebuild(context),
        }
    }

    /// [`Event::Woken`](super::Event::Woken)
    pub(super) fn woken(&mut self, context: &Context<'_>) {
        self.doubt(context);
        // What could not be connected in another network may be possible in this one.
        if std::mem::take(&mut self.stays_unconnected) {
            self.pre_connect(context);
        }
    }
}
