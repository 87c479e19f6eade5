//! Messages to and from a peer: what each asks for, given what was said before.

use visavis_protocol::dialect::native;
use visavis_protocol::ice::IceCandidate;
use visavis_protocol::peer::{CallKind, ConnectionId, PeerBody, PeerMessage};
use visavis_protocol::relay::PeerText;

use super::calling::Answer;
use super::event::{Context, SessionEvent};
use super::purpose::LinkPurpose;
use super::safety::Whose;
use super::{Session, Timer};
use crate::event::{PeerOp, PreConnection, Role};
use crate::local_media::Sends;
use crate::sdp;
use crate::view::{Danger, EndReason, FailureCause};

/// How many candidates may come before the offer that they belong to.
const MOST_EARLY: usize = 128;

/// What a message that arrived asks for.
#[derive(Debug, PartialEq, Eq)]
enum Disposition {
    /// It is a duplicate, or about something that is over.
    Stale,
    /// It is for the link.
    ForLink,
    /// Somebody calls who does not know yet that we have hung up.
    MissedOurHangUp,
    /// Somebody opens a connection: for a call, before one, or in the place of another.
    Opening,
    /// Somebody opens a connection in the place of one that is well. If it is not, the offer comes again.
    Doubtful,
    /// They took our link with another end than the one that we have heard: both were made at once.
    Mismatched,
    /// The other side has hung up.
    HungUp,
}

impl Session {
    // ── To them ────────────────────────────────────────────────────────────────────────────────────────────

    /// Tells them what belongs to the link: at once, or when they are here again.
    pub(super) fn send(&mut self, context: &Context<'_>, body: PeerBody) {
        let is_reachable = self.is_reachable(context);
        let Some(link) = &self.link else { return };
        let opens_anew = link.remote.is_none() && matches!(body, PeerBody::Offer { .. });
        let replaces = link.replaced.filter(|_| opens_anew);
        self.shown_address.note(&body);
        let message = self.mailbox.post(link.connection_id, link.remote, replaces, body);
        let channel = link.channel.is_open.then_some(link.connection_id);
        if !is_reachable && channel.is_none() {
            return;
        }
        let text = native::encode_peer(&message);
        if is_reachable {
            self.events.push(SessionEvent::Send(text.clone()));
        }
        // The first to arrive counts.
        if let Some(connection_id) = channel {
            self.events
                .push(SessionEvent::Connection(connection_id, PeerOp::Say(text)));
        }
    }

    /// Says again what they may not have. Whoever is announced too often waits for most of it.
    pub(super) fn repeat(&mut self, context: &Context<'_>) {
        self.timers.stop(Timer::Repeat);
        let kilobytes = u32::try_from(self.mailbox.bytes().div_ceil(1024)).unwrap_or(u32::MAX);
        if !self.limits.repeats.take_many(context.now, kilobytes) {
            self.timers
                .set(Timer::Repeat, self.limits.repeats.has_at(kilobytes));
            return self.repeat_hang_up();
        }
        for message in self.mailbox.unacknowledged() {
            self.events.push(SessionEvent::Send(native::encode_peer(message)));
        }
    }

    /// [`Timer::Repeat`]
    pub(super) fn repeat_due(&mut self, context: &Context<'_>) {
        // Who is not here is announced again.
        if self.is_reachable(context) {
            self.repeat(context);
        }
    }

    fn repeat_hang_up(&mut self) {
        if let Some(hang_up) = self.mailbox.unacknowledged_hang_up() {
            let text = native::encode_peer(hang_up);
            self.events.push(SessionEvent::Send(text));
        }
    }

    pub(super) fn send_unnumbered(&mut self, message: &PeerMessage) {
        self.events.push(SessionEvent::Send(native::encode_peer(message)));
    }

    // ── From them ──────────────────────────────────────────────────────────────────────────────────────────

    /// Signaling has brought a message.
    pub(super) fn text(&mut self, context: &Context<'_>, text: &PeerText) {
        // What can't be read is from a newer version, or nonsense; either way there is nothing to do about
        // it.
        if let Ok(message) = native::decode_peer(text) {
            self.message(context, message);
        }
    }

    /// Their data channel has brought one: the same, or what concerns no relay.
    pub(super) fn said(&mut self, context: &Context<'_>, text: &PeerText) {
        if let Ok(message) = native::decode_peer(text) {
            match message.body {
                PeerBody::NoCode | PeerBody::Commit { .. } | PeerBody::Reveal { .. } => {
                    self.exchange(context, &message.body);
                }
                body if body.is_for_channel() => self.hear(context, body),
                _ => self.message(context, message),
            }
        }
    }

    fn message(&mut self, context: &Context<'_>, message: PeerMessage) {
        if let PeerBody::Hello { .. } = message.body {
            // It has no number; if it has, the next message comes after it.
            self.mailbox.receive(&message);
            return self.hello(context, message);
        }
        // They had heard nothing yet of what we have said about our link.
        let is_unheard = message.ack < self.link_opens;
        match self.judge(&message) {
            Disposition::Stale => {}
            Disposition::Doubtful => self.doubt(context),
            Disposition::ForLink | Disposition::Opening if !is_acceptable(&message.body) => {
                self.refuse_description(context, &message);
            }
            // It may have been lost, and until they have it we are deaf to them.
            Disposition::MissedOurHangUp => self.repeat_hang_up(),
            Disposition::ForLink => {
                if matches!(message.body, PeerBody::Offer { .. }) {
                    if !self.limits.may_offer(context.now) {
                        return;
                    }
                    self.they_offer(context);
                }
                self.deliver(context, message.body);
            }
            Disposition::Opening => self.opened(context, message),
            Disposition::Mismatched => self.mismatched(context, message.connection),
            Disposition::HungUp => self.hung_up(context, is_unheard, &message.body),
        }
    }

    /// Judges a message that arrived, and notes what it tells about the other side.
    fn judge(&mut self, message: &PeerMessage) -> Disposition {
        if !self.mailbox.receive(message) {
            return Disposition::Stale;
        }
        // If they hung up before they had heard of our link, they will take its opening for a part of the
        // call that is over: see below. Whatever call they meant, they will not answer ours. And if they hung
        // up a connection that we are making anew, they meant the call that ours would go on with.
        if let Some(link) = &mut self.link
            && message.body.ends()
            && (self.mailbox.crossed_all_since(self.link_opens, message)
                || link.goes_on_from(message.connection))
        {
            link.remote = link.remote.max(Some(message.connection));
            return Disposition::HungUp;
        }
        if self.finished_remote >= Some(message.connection) {
            return Disposition::Stale;
        }
        let is_offer = matches!(message.body, PeerBody::Offer { .. });
        // If they had not heard of our hang-up, they meant the call that is over: hanging up always wins.
        if self.mailbox.crossed_our_hang_up(message) {
            return if is_offer {
                Disposition::MissedOurHangUp
            } else {
                Disposition::Stale
            };
        }
        let is_from_stranger = self.is_from_stranger();
        let Some(link) = &mut self.link else {
            return match &message.body {
                PeerBody::Offer { .. } if message.to.is_none() => Disposition::Opening,
                PeerBody::Candidate(candidate) if message.to.is_none() => {
                    self.keep_early(message.connection, candidate.clone());
                    Disposition::Stale
                }
                _ => Disposition::Stale,
            };
        };
        // They have given up the connection that we know, and a newer one as well, whatever it was for.
        let is_newer = link.remote.is_some_and(|remote| remote < message.connection);
        if is_newer && message.body.ends() {
            link.remote = Some(message.connection);
            return Disposition::HungUp;
        }
        if message.to.is_some_and(|to| to != link.connection_id) {
            return Disposition::Stale;
        }
        if is_offer && message.to.is_none() && message.replaces == Some(link.connection_id) {
            return if is_from_stranger {
                Disposition::Doubtful
            } else {
                Disposition::Opening
            };
        }
        if link.remote.is_some_and(|remote| remote != message.connection) {
            // Older ones are finished. If theirs is newer, they have given up the connection that we know.
            return match message.to {
                None if is_newer && is_offer => Disposition::Opening,
                Some(_) if is_newer => Disposition::Mismatched,
                _ => Disposition::Stale,
            };
        }
        link.remote = Some(message.connection);
        if message.body.ends() {
            Disposition::HungUp
        } else {
            Disposition::ForLink
        }
    }

    fn keep_early(&mut self, connection: ConnectionId, candidate: IceCandidate) {
        if self.early.len() < MOST_EARLY {
            self.early.push((connection, candidate));
        }
    }

    /// They open a connection.
    fn opened(&mut self, context: &Context<'_>, message: PeerMessage) {
        if !self.may_connect(context) {
            // An answer to each would be a flood of our own.
            self.limits.offers_dropped = self.limits.offers_dropped.saturating_add(1);
            return;
        }
        let is_pre_connection = matches!(message.body, PeerBody::Offer { warm: true, .. });
        let kind = kind_of(&message.body);
        let replaces = self.link.is_some();
        if replaces {
            self.replace_link(context, Role::Callee);
            self.events.push(SessionEvent::WantsIceServers);
        } else if is_pre_connection {
            if context.pre_connection == PreConnection::Nothing {
                return self.refuse(context, message.connection, PeerBody::GiveUp);
            }
            let purpose = LinkPurpose::PreConnected(context.pre_connection);
            self.start_link(context, Role::Callee, purpose);
        } else {
            match self.answer(context, kind) {
                Answer::TakePart => {
                    self.events.push(SessionEvent::Answered);
                    self.start_link(context, Role::Callee, LinkPurpose::Call(kind));
                }
                Answer::Ring => self.start_link(context, Role::Callee, LinkPurpose::Called(kind)),
                Answer::Decline { busy } => {
                    let decline = PeerBody::Decline { busy };
                    self.refuse(context, message.connection, decline);
                    return self.pre_connect(context);
                }
            }
        }
        let early = std::mem::take(&mut self.early);
        if let Some(link) = &mut self.link {
            link.remote = Some(message.connection);
            for (connection, candidate) in early {
                if connection == message.connection {
                    link.deliver(PeerBody::Candidate(candidate));
                }
            }
            // What we have said about the call may be lost with the connection that this one replaces.
            match link.purpose {
                LinkPurpose::Called(_) => self.send(context, PeerBody::Ringing),
                LinkPurpose::Calling { .. } | LinkPurpose::Call(_) if replaces => self.say_call(context),
                _ => {}
            }
        }
        self.deliver(context, message.body);
    }

    /// Our link may have been negotiated with an end of theirs that is over: it is made anew, for the present
    /// one.
    fn mismatched(&mut self, context: &Context<'_>, theirs: ConnectionId) {
        if !self.may_connect(context) {
            return;
        }
        if let Some(link) = &mut self.link {
            link.remote = Some(theirs);
            self.rebuild(context);
        }
    }

    /// Does not answer a connection that they open, and says why.
    fn refuse(&mut self, context: &Context<'_>, connection: ConnectionId, why: PeerBody) {
        let link = self.insert_link(
            context,
            Role::Callee,
            LinkPurpose::PreConnected(context.pre_connection),
        );
        link.remote = Some(connection);
        self.send(context, why);
        self.close_link(context);
    }

    /// They offer or answer more than a call can need: what goes on with them is over.
    fn refuse_description(&mut self, context: &Context<'_>, message: &PeerMessage) {
        if self.link.is_some() {
            self.fail(context, FailureCause::TooLarge);
        } else if self.may_connect(context) {
            self.refuse(context, message.connection, PeerBody::GiveUp);
        }
    }

    /// They have hung up. They had not heard of our link if that `is_unheard`.
    fn hung_up(&mut self, context: &Context<'_>, is_unheard: bool, body: &PeerBody) {
        let Some(link) = &self.link else { return };
        let is_past = *body == PeerBody::GiveUp && link.is_called_past(is_unheard);
        // They mean what was there before, and have not heard of our call yet.
        if is_past && self.limits.may_connect(context.now, self.next_connection_id()) {
            return self.call_once_more(context);
        }
        if *body == PeerBody::GiveUp && link.is_pre_connected_past(is_unheard) {
            self.close_link(context);
            return self.pre_connect(context);
        }
        let has_turn = context.ice_servers.has_turn();
        let Some(failure) = self.failure(has_turn) else {
            return;
        };
        let reason = match body {
            // They found no way; what we know of the networks tells why.
            PeerBody::GiveUp => EndReason::Failed(failure),
            PeerBody::Decline { busy: true } => EndReason::Busy,
            PeerBody::Decline { busy: false } => EndReason::Declined,
            _ => {
                self.call = None;
                EndReason::PeerHungUp
            }
        };
        self.end_link(context, reason);
    }

    fn deliver(&mut self, context: &Context<'_>, body: PeerBody) {
        if !self.note_fingerprint(Whose::Theirs, &body) {
            return self.distrust(context, Danger::Certificate);
        }
        let meant = self.last_connection_id;
        match body {
            PeerBody::Call { .. } => {
                self.they_call(context, kind_of(&body));
                self.they_wait_for_call(context);
            }
            PeerBody::Offer { warm: false, .. } => self.they_call(context, kind_of(&body)),
            PeerBody::Ringing => self.it_rings(context),
            PeerBody::Media {
                camera,
                microphone,
                screen,
            } => {
                let sends = Sends {
                    camera,
                    microphone,
                    screen,
                };
                self.they_send(context, sends);
            }
            PeerBody::Offer { warm: true, .. } => self.they_pre_connect(context),
            _ => {}
        }
        // If we have just declined, it is not for the link that we make next.
        if let Some(link) = self.link.as_mut().filter(|link| link.connection_id == meant) {
            link.deliver(body);
        }
        // Failures of the negotiation come with a completion, never with a message.
        self.negotiate(context);
    }
}

/// Whether a description, if this has one, may go to a browser or the relay.
pub(super) fn is_acceptable(body: &PeerBody) -> bool {
    match body {
        PeerBody::Offer { sdp, .. } | PeerBody::Answer { sdp, .. } => sdp::is_acceptable(sdp),
        _ => true,
    }
}

/// Whom a call is for, by the message that says it.
fn kind_of(body: &PeerBody) -> CallKind {
    match body {
        PeerBody::Call { private: true } | PeerBody::Offer { private: true, .. } => CallKind::Private,
        _ => CallKind::Open,
    }
}
