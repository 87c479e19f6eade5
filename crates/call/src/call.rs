//! The whole: takes inputs to the parts that they concern, and what the parts ask for to the outputs.

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};

use visavis_protocol::id::{PeerId, SeatSecret};
use visavis_protocol::name::PersonName;
use visavis_protocol::relay::AccessPolicy;
use visavis_sealing::peer_id;

use crate::chat::Chat;
use crate::event::{Device, IceTransportPolicy, Input, Output, PreConnection, Route};
use crate::ice_servers::IceServers;
use crate::journal::Journal;
use crate::local_media::LocalMedia;
use crate::room::Room;
use crate::safety::{Entropy, challenge};
use crate::session::{Event, Session};
use crate::signaling_route::SignalingRoute;
use crate::timer::{Time, Timer, Timers};
use crate::view::{CallPhase, CallView, FailureCause, RemovalReason, ServersView};

mod access;
mod calling;
mod chat;
mod command;
mod config;
mod relay;
mod sealing;
mod sessions;
mod sharing;
mod time;

use access::Lobby;
pub use config::CallConfig;
use sealing::Sealing;
use sharing::Uplink;

/// Our place in the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Seat {
    None,
    Joining,
    /// In the queue if the room is open, in the lobby otherwise.
    Waiting {
        capacity: u32,
        policy: AccessPolicy,
    },
    Seated,
    /// We were sent away, and have closed the connection to the relay.
    Removed(RemovalReason),
}

/// The state machine. See the [crate's documentation](crate) for how it is run.
///
/// Its methods are of three kinds: what happened ([`Self::handle`]), what is to be done
/// ([`Self::poll_output`], [`Self::next_timeout`]), what there is to see ([`Self::view`]).
#[derive(Debug, Clone)]
pub struct Call {
    sealing: Sealing,
    secret: SeatSecret,
    /// Our name at the relay, which follows from the secret.
    name_at_relay: PeerId,
    name: PersonName,
    replaces: Option<SeatSecret>,
    media: LocalMedia,
    signaling_route: SignalingRoute,
    ice_servers: IceServers,
    seat: Seat,
    /// When we got it last.
    seated_since: Time,
    /// How many of our joins the relay has not answered. Only the last one is about the room that we want.
    answers_due: u32,
    /// Whether we have left a room since the relay was reached: what closes the connection may be about that
    /// one.
    has_moved: bool,
    lobby: Lobby,
    /// Our name; kept when the seat is lost, since a call outlives that.
    us: Option<PeerId>,
    room: Room,
    /// Those whom we have met in open rooms while we are in a sealed one, and the other way round: what was
    /// forged in an open room must not count in a sealed one.
    other_room: Room,
    /// Of whom we want to see and hear nothing, for as long as the page lives.
    blocked: Vec<PeerId>,
    pre_connection: PreConnection,
    ice_transport_policy: IceTransportPolicy,
    entropy: Entropy,
    phase: CallPhase,
    chat: Chat,
    uplink: Uplink,
    timers: Timers<Timer>,
    outputs: VecDeque<Output>,
    journal: Journal,
}

/// Tells states apart, for those who explore them: two calls with the same hash go on in the same way.
impl Hash for Call {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        // By name, so that a new field is not forgotten.
        let Self {
            sealing,
            secret,
            // It follows from the secret.
            name_at_relay: _,
            name,
            replaces,
            media,
            signaling_route,
            ice_servers,
            seat,
            seated_since,
            answers_due,
            has_moved,
            lobby,
            us,
            room,
            other_room,
            blocked,
            pre_connection,
            entropy,
            ice_transport_policy,
            phase,
            chat,
            uplink,
            timers,
            // Drained after each step.
            outputs: _,
            // What has happened changes nothing that will.
            journal: _,
        } = self;
        (
            sealing,
            secret,
            replaces,
            media,
            signaling_route,
            ice_servers,
            uplink,
            timers,
            blocked,
            entropy,
        )
            .hash(hasher);
        (
            name,
            seat,
            seated_since,
            answers_due,
            has_moved,
            lobby,
            us,
            (room, other_room),
            pre_connection,
            ice_transport_policy,
            phase,
            chat,
        )
            .hash(hasher);
    }
}

impl Call {
    /// A call that has not begun. Nothing happens before the first
    /// [`Command::GetMedia`](crate::Command::GetMedia).
    #[must_use]
    pub fn new(config: CallConfig) -> Self {
        let challenge = challenge(&config.entropy);
        Self {
            sealing: Sealing::new(config.room, challenge),
            name_at_relay: peer_id(&config.secret),
            secret: config.secret,
            name: config.name,
            replaces: config.replaces,
            media: LocalMedia::default(),
            signaling_route: SignalingRoute::new(config.route, config.seed),
            ice_servers: IceServers::new(config.ice_servers),
            seat: Seat::None,
            seated_since: Time(0),
            answers_due: 0,
            has_moved: false,
            lobby: Lobby::default(),
            us: None,
            room: Room::default(),
            other_room: Room::default(),
            blocked: Vec::new(),
            pre_connection: config.pre_connection,
            ice_transport_policy: config.ice_transport_policy,
            entropy: config.entropy,
            phase: CallPhase::Idle,
            chat: Chat::after_reload(config.written, config.seed),
            uplink: Uplink::default(),
            timers: Timers::default(),
            outputs: VecDeque::new(),
            journal: Journal::default(),
        }
    }

    /// Takes what happened, and when.
    ///
    /// # Contract
    /// **Inputs.** Any input may come at any time, in any order, more than once. One that makes no sense any
    /// more changes nothing: an event of a connection that is closed, a message from somebody who has left, a
    /// command for another stage. They are handed in one after the other. What carrying out an output leads
    /// to is an input of its own, after that output.
    ///
    /// **Outputs.** Each `handle` adds to what [`Self::poll_output`] gives. Carry it out in that order. What
    /// is not polled stays there for later and makes nobody fail, but things stand still: nothing is sent,
    /// and an operation that is not run never ends. Every [`PeerOp::Create`](crate::PeerOp::Create) and
    /// [`PeerOp::Run`](crate::PeerOp::Run) is answered by one
    /// [`PeerEvent::Done`](crate::PeerEvent::Done) unless the connection is closed before, and every
    /// [`MediaOp::Open`](crate::MediaOp::Open) and [`MediaOp::Add`](crate::MediaOp::Add) by one
    /// [`MediaEvent`](crate::MediaEvent).
    ///
    /// **Time.** `now` comes from a clock that is never set: see [`Time`]. Should it go back, durations are
    /// zero until it has caught up, and timers wait as much longer. After each `handle`, wait until
    /// [`Self::next_timeout`], which may be earlier or later than before, and hand in [`Input::Timeout`]. One
    /// that comes too early does nothing. One that comes more than 10 s late counts as sleep, as
    /// [`Input::Woken`] does.
    ///
    /// # Example
    /// Somebody without a camera enters a room of this browser's tabs, and is alone there.
    ///
    /// ```
    /// use std::collections::VecDeque;
    ///
    /// use visavis_call::{
    ///     Call, CallConfig, Command, Entropy, IceTransportPolicy, Input, MediaWish, Output, PreConnection,
    ///     RouteChoice, SignalingEvent, SignalingOp, Stage, Time,
    /// };
    /// use visavis_protocol::id::{PeerId, RoomId, SeatSecret};
    /// use visavis_protocol::name::PersonName;
    /// use visavis_protocol::relay::{ClientMessage, RelayMessage};
    ///
    /// let mut call = Call::new(CallConfig {
    ///     room: RoomId::new("quiet-river")?.into(),
    ///     secret: SeatSecret::new("0123456789abcdef")?,
    ///     name: PersonName::new("Ada"),
    ///     replaces: None,
    ///     written: Vec::new(),
    ///     route: RouteChoice::ThisBrowser,
    ///     ice_servers: Vec::new(),
    ///     pre_connection: PreConnection::On,
    ///     ice_transport_policy: IceTransportPolicy::All,
    ///     seed: 1,
    ///     entropy: Entropy([1; 32]),
    /// });
    /// let mut now = Time(0);
    /// let mut inputs = VecDeque::from([Input::Command(Command::GetMedia(MediaWish::Nothing))]);
    /// loop {
    ///     // What has happened comes first; if nothing has, time passes until something is due.
    ///     let input = match (inputs.pop_front(), call.next_timeout()) {
    ///         (Some(input), _) => input,
    ///         (None, Some(due)) => {
    ///             now = now.max(due);
    ///             Input::Timeout
    ///         }
    ///         (None, None) => break,
    ///     };
    ///     call.handle(now, input);
    ///     while let Some(output) = call.poll_output() {
    ///         // A program opens channels and devices here. This one is its own other side.
    ///         if let Output::Signaling(route, op) = output {
    ///             let event = match op {
    ///                 SignalingOp::Open => SignalingEvent::Opened,
    ///                 SignalingOp::Send(ClientMessage::Join { .. }) => {
    ///                     SignalingEvent::Message(RelayMessage::Joined {
    ///                         you: PeerId::new("ada")?,
    ///                         capacity: 8,
    ///                     })
    ///                 }
    ///                 _ => continue,
    ///             };
    ///             inputs.push_back(Input::Signaling(route, event));
    ///         }
    ///     }
    /// }
    /// assert_eq!(call.view().stage(), Stage::Alone);
    /// # Ok::<(), visavis_protocol::id::InvalidId>(())
    /// ```
    pub fn handle(&mut self, now: Time, input: Input) {
        self.journal.input(now, &input);
        let pending = self.outputs.len();
        self.take(now, input);
        for output in self.outputs.iter().skip(pending) {
            self.journal.output(now, output);
        }
    }

    fn take(&mut self, now: Time, input: Input) {
        match input {
            Input::Command(command) => self.command(now, command),
            Input::Signaling(route, event) => self.signaling(now, route, event),
            Input::Media(event) => {
                let ops = self.media.event(event);
                self.media_ops(now, ops);
                self.join_if_due();
            }
            Input::Peer(id, connection_id, event) => {
                self.session(now, &id, Event::Connection(connection_id, event));
            }
            Input::Timeout => self.timeouts(now),
            Input::Woken => self.woken(now),
        }
        if self.media.has_screen() && !self.in_call() {
            let ops = self.media.switch(Device::Screen, false);
            self.media_ops(now, ops);
        }
        // Whatever has changed, the others hear of it.
        self.tell_call(now);
        self.share_out(now);
        self.tell_news(now);
    }

    /// Takes the next thing to be done.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Timeout`] is due. Valid until the next [`Self::handle`].
    #[must_use]
    pub fn next_timeout(&self) -> Option<Time> {
        let sessions = self.room.iter().filter_map(Session::next_timeout);
        sessions.chain(self.timers.next()).min()
    }

    /// What has happened lately, a line each, for somebody who helps when something does not work. Nothing in
    /// it says who or where anybody is: no addresses, names, rooms or credentials.
    #[must_use]
    pub fn report(&self, now: Time) -> String {
        let mut report = self.journal.text(now);
        report.push_str(&self.sealing.report());
        report
    }

    /// What there is to see.
    #[must_use]
    pub fn view(&self) -> CallView {
        CallView {
            room: self.sealing.address().clone(),
            media: self.media.view(),
            signaling_route: self.signaling_route.view(&self.timers),
            seat: self.seat.view(),
            access: self.access_view(),
            people: self
                .room
                .view(&self.name, self.lobby.host.as_ref(), &self.blocked, |session| {
                    self.sealing.view(session)
                }),
            call: self.phase.clone(),
            kind: self.takes_part_in(),
            servers: self.servers_view(),
            suspicion: self.suspicion(),
            chat: self.chat_view(),
        }
    }

    fn servers_view(&self) -> ServersView {
        // By hand, browsers look for what a letter says as soon as we are in the room.
        let is_by_hand = self.signaling_route.route() == Some(Route::ByHand) && self.seat == Seat::Seated;
        let for_letter = is_by_hand.then_some(self.ice_transport_policy);
        let policies = || {
            self.room
                .iter()
                .filter_map(Session::asks_servers)
                .chain(for_letter)
        };
        ServersView {
            // Where only TURN may be used, browsers ask nothing else.
            stun: self.ice_servers.has_stun() && policies().any(|policy| policy == IceTransportPolicy::All),
            turn: self.ice_servers.has_turn() && policies().next().is_some(),
        }
    }

    fn suspicion(&self) -> Option<FailureCause> {
        let has_turn = self.ice_servers.has_turn();
        let is_connecting = matches!(self.phase, CallPhase::Connecting { .. });
        let mut suspicions = self.room.iter().map(|session| session.suspicion(has_turn));
        suspicions.find(|_| is_connecting)?
    }
}

#[cfg(test)]
mod tests {
    use visavis_protocol::id::RoomId;

    use super::*;
    use crate::event::RouteChoice;
    use crate::event::{Command, MediaWish};

    #[test]
    fn what_is_not_polled_stays_and_is_noted_once() {
        let mut call = Call::new(CallConfig {
            room: RoomId::new("room").unwrap().into(),
            secret: SeatSecret::new("secret").unwrap(),
            name: PersonName::default(),
            replaces: None,
            written: Vec::new(),
            route: RouteChoice::Relay,
            ice_servers: Vec::new(),
            pre_connection: PreConnection::On,
            ice_transport_policy: IceTransportPolicy::All,
            seed: 1,
            entropy: Entropy([1; 32]),
        });
        call.handle(Time(0), Input::Command(Command::GetMedia(MediaWish::Nothing)));
        let waiting = call.outputs.len();
        assert_ne!(waiting, 0);
        for _ in 0..3 {
            call.handle(Time(0), Input::Timeout);
        }
        assert_eq!(call.outputs.len(), waiting);
        let report = call.report(Time(0));
        assert_eq!(report.matches("connects to the relay").count(), 1, "{report}");
    }
}
