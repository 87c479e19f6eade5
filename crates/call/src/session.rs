//! What goes on between us and one other person: messages in both directions, the connection from its
//! beginning to its end, and the calls over it.
//!
//! A [`Session`] is to a [`Call`](crate::Call) what a connection is to its endpoint: a state machine of its
//! own, which knows nothing of the others. See [`Session::handle`] for how it is run.

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};

use visavis_protocol::chat::Reaction;
use visavis_protocol::guest::Guest;
use visavis_protocol::ice::IceCandidate;
use visavis_protocol::id::PeerId;
use visavis_protocol::name::PersonName;
use visavis_protocol::peer::{CallKind, ConnectionId, MessageNumber, PeerBody, PeerMessage};
use visavis_protocol::relay::LeaveReason;
use visavis_sealing::Unopened;

use crate::chat::ByKind;
use crate::event::PeerOp;
use crate::negotiation::Politeness;
use crate::timer::{Time, Timers};
use crate::view::{EndReason, FailureCause};

mod calling;
mod channel;
mod chat;
mod connection;
mod encoded;
mod event;
mod guest;
mod limits;
mod link;
mod mailbox;
mod messages;
mod pre_connection;
mod progress;
mod purpose;
mod recovery;
mod safety;
mod sharing;
mod standing;
#[cfg(test)]
mod tests;
mod view;
mod waiting;

pub(crate) use chat::REACTION_SHOWN;
pub(crate) use encoded::Encoded;
pub(crate) use event::{Context, Ended, Event, SessionEvent};
use limits::Limits;
use link::Link;
use mailbox::Mailbox;
use waiting::Timer;

/// Whether somebody can be reached through the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Presence {
    /// In the room.
    Here,
    /// Their socket was lost; the relay keeps their seat for a while.
    Away,
    /// Our socket was lost, or theirs for long; a call with them goes on for as long as its own connection
    /// lasts.
    Unknown,
    /// Not in the room.
    Gone,
}

/// Somebody else, and all that is between us.
#[derive(Debug, Clone, Hash)]
pub(crate) struct Session {
    id: PeerId,
    /// What they call themselves.
    name: PersonName,
    /// What it looks like: see [`PersonName::likeness`].
    likeness: String,
    /// Since when they have it.
    named_at: Time,
    /// What they have said of themselves too often to count at once.
    hello_next: Option<PeerMessage>,
    /// When they came; `None` if they may have been here before us.
    came: Option<Time>,
    /// The call that they take part in, by their own word.
    call: Option<CallKind>,
    /// The call that we have told them that we take part in.
    told_call: Option<CallKind>,
    presence: Presence,
    /// They have another program.
    guest: Option<Guest>,
    mailbox: Mailbox,
    link: Option<Link>,
    politeness: Politeness,
    last_connection_id: ConnectionId,
    /// The number of the first message about the link.
    link_opens: MessageNumber,
    /// The newest of their connections that is over.
    finished_remote: Option<ConnectionId>,
    early: Vec<(ConnectionId, IceCandidate)>,
    /// Whether they keep candidates that come too early.
    takes_early_candidates: bool,
    /// No connection is made before a call: the last one failed, or they don't want any.
    stays_unconnected: bool,
    /// The last of what they have written that we have.
    heard: ByKind,
    /// The last of what we have written that they have.
    has_heard: ByKind,
    /// What they feel like.
    reaction: Option<Reaction>,
    /// How wide we show their video.
    shown: Option<u32>,
    /// Why the last that came in their name could not be opened, if so, and during which connection.
    unopened: Option<(Unopened, ConnectionId)>,
    shown_address: view::ShownAddress,
    /// What they may still ask of us.
    limits: Limits,
    /// Whether anybody sits between us.
    safety: safety::Known,
    timers: Timers<Timer>,
    events: Events,
}

/// What waits to be polled.
#[derive(Debug, Clone, Default)]
struct Events(VecDeque<SessionEvent>);

impl Events {
    fn push(&mut self, event: SessionEvent) {
        self.0.push_back(event);
    }
}

/// Polled after each step, so nothing is left when two states are compared.
impl Hash for Events {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Session {
    /// With somebody who is not here yet.
    pub(crate) fn new(us: &PeerId, id: PeerId, came: Option<Time>) -> Self {
        // Both sides compare the same two ids, so exactly one of them is polite.
        let politeness = if *us < id {
            Politeness::Polite
        } else {
            Politeness::Impolite
        };
        Self {
            id,
            name: PersonName::default(),
            likeness: String::new(),
            named_at: Time(0),
            hello_next: None,
            came,
            call: None,
            told_call: None,
            presence: Presence::Gone,
            guest: None,
            mailbox: Mailbox::default(),
            link: None,
            politeness,
            last_connection_id: ConnectionId(0),
            link_opens: 1,
            finished_remote: None,
            early: Vec::new(),
            takes_early_candidates: false,
            stays_unconnected: false,
            heard: ByKind::default(),
            has_heard: ByKind::default(),
            reaction: None,
            shown: None,
            unopened: None,
            shown_address: view::ShownAddress::default(),
            limits: Limits::default(),
            safety: safety::Known::nothing(us.clone()),
            timers: Timers::default(),
            events: Events::default(),
        }
    }

    /// Takes what happened, at [`Context::now`].
    ///
    /// Any event may come at any time; one that makes no sense changes nothing. Afterwards, [`Self::poll`]
    /// until nothing is left, and carry it out in that order: what is said waits for nobody. That may lead to
    /// further events for this session, which may be handled before the rest is polled. Then,
    /// [`Self::next_timeout`] says when [`Event::Timeout`] is due. One timer expires at each.
    ///
    /// The context tells how things stand before the event.
    pub(crate) fn handle(&mut self, context: &Context<'_>, event: Event<'_>) {
        match event {
            Event::Guest(guest) => self.is_guest(guest),
            Event::Arrived => self.arrived(context),
            Event::Away => self.away(context),
            Event::Left(reason) => self.left(context, reason),
            Event::Text(text) => self.text(context, text),
            Event::Connection(connection_id, event) => self.connection_event(context, connection_id, event),
            Event::IceServers => self.use_ice_servers(context),
            Event::Timeout => self.timeout(context),
            Event::Call(kind) => self.call(context, kind),
            Event::Decline { busy } => self.decline(context, busy),
            Event::HangUp => self.hang_up(context),
            Event::Leave => self.leave(context),
            Event::Abandon => self.end_link(context, EndReason::Failed(FailureCause::ConnectionLost)),
            Event::Doubt => self.doubt(context),
            Event::Woken => self.woken(context),
            Event::SignalingLost => self.climb(context),
            Event::PreConnection => self.pre_connect_anew(context),
            Event::IceTransportPolicy => self.follow_policy(context),
            Event::Media => self.media_changed(context),
            Event::Hello => self.say_hello(context),
            Event::Say(text) => self.say(text),
            Event::News(encoded) => self.tell_news(context, encoded),
            Event::Share(share) => self.share(share),
            Event::Verify(verdict) => self.verify(context, verdict),
        }
    }

    /// Takes the next thing that is asked for, or told.
    pub(crate) fn poll(&mut self) -> Option<SessionEvent> {
        self.events.0.pop_front()
    }

    /// When [`Event::Timeout`] is due. Valid until the next [`Self::handle`].
    pub(crate) fn next_timeout(&self) -> Option<Time> {
        self.timers.next()
    }

    fn timeout(&mut self, context: &Context<'_>) {
        match self.timers.expire(context.now) {
            Some(Timer::Candidate) => self.candidate_due(context),
            // Their share follows: see `Self::share`.
            Some(Timer::FullSize) | None => {}
            Some(Timer::OfferHoldoff) => self.offer_holdoff_over(context),
            Some(Timer::Connect) => self.connect_due(context),
            Some(Timer::Recover) => self.recovery_due(context),
            Some(Timer::GiveUp) => self.give_up(context),
            Some(Timer::Reaction) => self.reaction = None,
            Some(Timer::Shown) => self.shown_due(context),
            Some(Timer::Hello) => self.hello_due(context),
            Some(Timer::Media) => self.media_due(context),
            Some(Timer::Repeat) => self.repeat_due(context),
        }
    }

    // ── Their place in the room ────────────────────────────────────────────────────────────────────────────

    fn arrived(&mut self, context: &Context<'_>) {
        // Also if they were here already: whatever we said may be lost with their old socket.
        self.stays_unconnected = false;
        self.say_hello(context);
        self.repeat(context);
        self.climb_on(context);
        self.pre_connect(context);
    }

    fn away(&mut self, context: &Context<'_>) {
        self.presence = Presence::Away;
        self.doubt(context);
    }

    fn left(&mut self, context: &Context<'_>, reason: LeaveReason) {
        self.presence = Presence::Gone;
        (self.call, self.hello_next) = (None, None);
        // Media needs no relay: who only lost the relay may still be seen and heard, and may come back.
        let link = self
            .link
            .as_ref()
            .filter(|link| reason == LeaveReason::Lost && link.is_call() && link.once_connected());
        if let Some(link) = link {
            self.presence = Presence::Unknown;
            if !link.is_connected() {
                self.limit_recovery(context);
            }
        } else {
            // Who has left hears no more, unless they come back before our offer arrives.
            if reason == LeaveReason::Lost || self.mailbox.is_unheard_since(self.link_opens) {
                self.send(context, PeerBody::GiveUp);
            }
            self.end_link(context, EndReason::PeerLeft);
        }
    }

    /// They are in the room. [`Event::Arrived`] or [`Event::Away`] follows.
    pub(crate) fn enter(&mut self) {
        self.presence = Presence::Here;
    }

    /// Our way to the room is lost: nobody can be said to be here.
    pub(crate) fn lose_sight(&mut self) {
        if self.is_present() {
            self.presence = Presence::Unknown;
        }
    }

    /// We leave the room. What was said there is over; our ids are the same in every room, and so is the
    /// numbering of what we say to each other.
    fn leave(&mut self, context: &Context<'_>) {
        if self.is_in_call() {
            self.send(context, PeerBody::HangUp);
        } else if self.invitation().is_some() {
            self.send(context, PeerBody::Decline { busy: false });
        }
        self.close_link(context);
        self.presence = Presence::Gone;
        self.unopened = None;
        (self.call, self.told_call) = (None, None);
        self.hello_next = None;
        self.early.clear();
    }

    /// The number of the last connection with them.
    pub(crate) fn last_connection_id(&self) -> ConnectionId {
        self.last_connection_id
    }

    /// Connections are numbered on from this one, which was made in another room.
    pub(crate) fn number_on_from(&mut self, before: Option<ConnectionId>) {
        self.last_connection_id = self.last_connection_id.max(before.unwrap_or(ConnectionId(0)));
    }

    /// Something came in their name that can't be opened.
    pub(crate) fn could_not_open(&mut self, why: Unopened) {
        self.unopened = Some((why, self.last_connection_id));
    }

    // ── How things stand ───────────────────────────────────────────────────────────────────────────────────

    pub(crate) fn id(&self) -> &PeerId {
        &self.id
    }

    pub(crate) fn name(&self) -> &PersonName {
        &self.name
    }

    /// Why the last of what came in their name could not be opened, if it could not.
    pub(crate) fn unopened(&self) -> Option<Unopened> {
        self.unopened.map(|(why, _)| why)
    }

    /// Since when they have their name.
    pub(crate) fn named_at(&self) -> Time {
        self.named_at
    }

    /// What their name looks like. Empty if they have none.
    pub(crate) fn likeness(&self) -> &str {
        &self.likeness
    }

    /// Whether signaling takes messages to them, if it takes any.
    pub(crate) fn is_here(&self) -> bool {
        self.presence == Presence::Here
    }

    /// Whether they are in the room, for all we know.
    pub(crate) fn is_present(&self) -> bool {
        matches!(self.presence, Presence::Here | Presence::Away)
    }

    /// Whether they were in the room before we, or they, lost the way to it, and may come back.
    pub(crate) fn is_missed(&self) -> bool {
        self.presence == Presence::Unknown
    }

    /// Whether nothing is left of them but the numbers of messages.
    pub(crate) fn is_gone(&self) -> bool {
        !self.is_present() && self.link.is_none()
    }

    /// Whether signaling can bring something to them now.
    fn is_reachable(&self, context: &Context<'_>) -> bool {
        context.is_seated && self.is_here()
    }

    /// Whether we give way to them when both offer at once.
    fn is_polite(&self) -> bool {
        self.politeness == Politeness::Polite
    }

    /// Asks something of their peer connection.
    fn ask(&mut self, op: PeerOp) {
        if let Some(link) = &self.link {
            self.events.push(SessionEvent::Connection(link.connection_id, op));
        }
    }
}
