//! The whole: takes inputs to the parts that they concern, and the parts' wishes to the outputs.

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::time::Duration;

use visavis_protocol::ice::IceServer;
use visavis_protocol::id::{PeerId, RoomId, SeatSecret};
use visavis_protocol::name::PersonName;
use visavis_protocol::peer::{CallKind, PeerBody};
use visavis_protocol::relay::{AccessPolicy, ClientMessage, LeaveReason, RelayMessage};

use crate::chat::Chat;
use crate::event::{
    Command, Device, Input, MediaOp, Output, Preparation, Route, RouteChoice, SignalingEvent,
};
use crate::ice_servers::{IceServers, TOKEN_PATIENCE};
use crate::journal::Journal;
use crate::local_media::LocalMedia;
use crate::mailbox::to_peer;
use crate::room::{Presence, Room};
use crate::signaling_route::{RouteChange, SignalingRoute};
use crate::timer::{Time, Timer, Timers};
use crate::view::{CallPhase, CallView, EndReason, FailureCause, RemovalReason, Written};

mod access;
mod calling;
mod chat;
mod peers;
mod preparation;
mod recovery;
mod sharing;

use access::Lobby;
use sharing::Uplink;

/// A timer that is late by this much has slept: the machine, or the page.
const SLEPT: Duration = Duration::from_secs(10);

/// What a call is made with.
#[derive(Debug, Clone)]
pub struct CallConfig {
    /// The room to enter.
    pub room: RoomId,
    /// Who we are, to the relay.
    pub secret: SeatSecret,
    /// What we are called.
    pub name: PersonName,
    /// Who we were before the page was loaded anew: that seat is given up for ours.
    pub replaces: Option<SeatSecret>,
    /// What we had written in this room then. Whoever was to read it has it.
    pub written: Vec<Written>,
    /// Which ways to the others may be used.
    pub route: RouteChoice,
    /// The site's own ICE servers.
    pub ice_servers: Vec<IceServer>,
    /// Whether calls are prepared.
    pub preparation: Preparation,
    /// Spreads retries, and tells messages of the same moment apart; any number that differs from page to
    /// page.
    pub seed: u64,
}

/// Our place in the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Seat {
    None,
    Joining,
    /// In line, or, if it is not open, at the door.
    Waiting {
        capacity: u32,
        door: AccessPolicy,
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
    room_id: RoomId,
    secret: SeatSecret,
    name: PersonName,
    replaces: Option<SeatSecret>,
    media: LocalMedia,
    signaling_route: SignalingRoute,
    ice_servers: IceServers,
    seat: Seat,
    /// How many of our joins the relay has not answered. Only the last one is about the room that we want.
    answers_due: u32,
    /// Whether we have left a room since the relay was reached: what closes the connection may be about that
    /// one.
    has_moved: bool,
    lobby: Lobby,
    /// Our name; kept when the seat is lost, since a call outlives that.
    us: Option<PeerId>,
    room: Room,
    preparation: Preparation,
    phase: CallPhase,
    /// Whom the call is for that we take part in, or did last.
    kind: CallKind,
    chat: Chat,
    uplink: Uplink,
    timers: Timers,
    outputs: VecDeque<Output>,
    journal: Journal,
}

/// Tells states apart, for whoever explores them: two calls with the same hash go on in the same way.
impl Hash for Call {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        // By name, so that a new field is not forgotten.
        let Self {
            room_id,
            secret,
            name,
            replaces,
            media,
            signaling_route,
            ice_servers,
            seat,
            answers_due,
            has_moved,
            lobby,
            us,
            room,
            preparation,
            phase,
            kind,
            chat,
            uplink,
            timers,
            // Drained after each step.
            outputs: _,
            // What has happened changes nothing that will.
            journal: _,
        } = self;
        (
            room_id,
            secret,
            replaces,
            media,
            signaling_route,
            ice_servers,
            uplink,
        )
            .hash(hasher);
        (
            name,
            seat,
            answers_due,
            has_moved,
            lobby,
            us,
            room,
            preparation,
            phase,
            kind,
            chat,
            timers,
        )
            .hash(hasher);
    }
}

impl Call {
    /// A call that has not begun. Nothing happens before the first [`Command::GetMedia`].
    #[must_use]
    pub fn new(config: CallConfig) -> Self {
        Self {
            room_id: config.room,
            secret: config.secret,
            name: config.name,
            replaces: config.replaces,
            media: LocalMedia::default(),
            signaling_route: SignalingRoute::new(config.route, config.seed),
            ice_servers: IceServers::new(config.ice_servers),
            seat: Seat::None,
            answers_due: 0,
            has_moved: false,
            lobby: Lobby::default(),
            us: None,
            room: Room::default(),
            preparation: config.preparation,
            phase: CallPhase::Idle,
            kind: CallKind::Open,
            chat: Chat::after_reload(config.written, config.seed),
            uplink: Uplink::default(),
            timers: Timers::default(),
            outputs: VecDeque::new(),
            journal: Journal::default(),
        }
    }

    /// Takes what happened at this time. Drain [`Self::poll_output`] afterwards.
    pub fn handle(&mut self, now: Time, input: Input) {
        self.journal.input(now, &input);
        self.take(now, input);
        for output in &self.outputs {
            self.journal.output(now, output);
        }
    }

    fn take(&mut self, now: Time, input: Input) {
        match input {
            Input::Command(command) => self.command(now, command),
            Input::Signaling(route, event) => self.signaling(now, route, event),
            Input::Media(event) => {
                let ops = self.media.event(event);
                self.media_ops(ops);
                self.join_if_due();
            }
            Input::Peer(peer, connection_id, event) => self.peer_event(now, &peer, connection_id, event),
            Input::Timeout => self.timeouts(now),
            Input::Woken => self.woken(now),
        }
        if self.media.has_screen() && !self.in_call() {
            let ops = self.media.switch(Device::Screen, false);
            self.media_ops(ops);
        }
        self.tell_call();
        self.share_out();
        self.tell_all(now);
        self.note_heard();
    }

    /// Takes the next thing to be done.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Timeout`] is due. Valid until the next [`Self::handle`].
    #[must_use]
    pub fn next_timeout(&self) -> Option<Time> {
        self.timers.next()
    }

    /// What has happened lately, a line each, for whoever helps when something does not work. Nothing in it
    /// says who or where anybody is: no addresses, names, rooms or credentials.
    #[must_use]
    pub fn report(&self, now: Time) -> String {
        self.journal.text(now)
    }

    /// What there is to see.
    #[must_use]
    pub fn view(&self) -> CallView {
        CallView {
            room: self.room_id.clone(),
            media: self.media.view(),
            signaling_route: self.signaling_route.view(&self.timers),
            seat: self.seat.view(),
            access: self.access_view(),
            people: self.room.view(self.lobby.host.as_ref()),
            call: self.phase.clone(),
            kind: self.takes_part_in(),
            suspicion: self.suspicion(),
            chat: self.chat_view(),
        }
    }

    fn suspicion(&self) -> Option<FailureCause> {
        let connecting = matches!(self.phase, CallPhase::Connecting { .. });
        let mut links = self.room.iter().filter_map(|peer| peer.link.as_ref());
        links
            .find(|link| connecting && link.is_call())
            .map(|link| link.failure(self.ice_servers.has_turn()))
    }

    // ── Commands ───────────────────────────────────────────────────────────────────────────────────────────

    fn command(&mut self, now: Time, command: Command) {
        match command {
            Command::GetMedia(wish) => {
                if self.in_call() {
                    return;
                }
                // The way to the others opens while the browser asks the person.
                if !matches!(self.seat, Seat::Removed(_)) {
                    self.signaling_route
                        .start(now, &mut self.timers, &mut self.outputs);
                }
                let ops = self.media.get(wish);
                self.media_ops(ops);
                self.join_if_due();
            }
            Command::Call => self.call(now),
            Command::CallPerson(id) => self.call_person(now, id),
            Command::HangUp => self.hang_up(now),
            Command::SetMicrophone(on) => {
                let ops = self.media.switch(Device::Microphone, on);
                self.media_ops(ops);
            }
            Command::SetCamera(on) => {
                let ops = self.media.switch(Device::Camera, on);
                self.media_ops(ops);
            }
            Command::ShareScreen(on) => {
                let ops = self.media.switch(Device::Screen, on && self.in_call());
                self.media_ops(ops);
            }
            Command::RetryNow => {
                self.ask_again(now);
                let in_call = self.in_call();
                self.signaling_route
                    .retry(in_call, now, &mut self.timers, &mut self.outputs);
            }
            Command::Enter(room) => {
                let was_barred = matches!(self.seat, Seat::Removed(_));
                self.leave_room(now);
                self.room_id = room;
                if was_barred {
                    self.signaling_route
                        .start(now, &mut self.timers, &mut self.outputs);
                }
                self.join_if_due();
            }
            Command::Leave => {
                self.leave_room(now);
                self.answers_due = 0;
                self.signaling_route.stop(&mut self.timers, &mut self.outputs);
                let op = self.media.close();
                self.media_ops(vec![op]);
            }
            Command::Prepare(preparation) => self.prepare_like_this(now, preparation),
            Command::SetDoor(state) => self.ask_as_host(ClientMessage::Door { state }),
            Command::Admit(peer) => self.ask_as_host(ClientMessage::Admit { peer }),
            Command::Refuse(peer) => self.ask_as_host(ClientMessage::Refuse { peer }),
            Command::Remove(peer) => self.ask_as_host(ClientMessage::Remove { peer }),
            Command::MakeHost(peer) => self.ask_as_host(ClientMessage::Host { peer }),
            Command::SetName(name) => {
                self.name = name.clone();
                // Whoever waits is known to the host by it.
                if matches!(self.seat, Seat::Joining | Seat::Waiting { .. }) {
                    self.signaling_route
                        .send(ClientMessage::Name { name }, &mut self.outputs);
                }
                // Who is away is told when they are back.
                for id in self.room.ids(|peer| peer.presence == Presence::Here) {
                    self.say_hello(&id);
                }
            }
            Command::Say(words) => self.write(now, words),
            Command::React(reaction) => self.react(now, reaction),
            Command::RaiseHand(up) => self.raise_hand(up),
            Command::Show(widths) => self.show(widths),
        }
    }

    fn leave_room(&mut self, now: Time) {
        // Nothing is prepared for the next call here.
        let preparation = std::mem::replace(&mut self.preparation, Preparation::Nothing);
        self.hang_up(now);
        self.preparation = preparation;
        for id in self.room.ids(|peer| peer.link.is_some()) {
            self.close_link(&id);
        }
        if self.seat != Seat::None {
            self.signaling_route.send(ClientMessage::Leave, &mut self.outputs);
            self.has_moved = true;
        }
        self.seat = Seat::None;
        self.lobby = Lobby::default();
        self.room.leave();
        self.chat.leave();
        self.phase = CallPhase::Idle;
    }

    fn media_ops(&mut self, ops: Vec<MediaOp>) {
        self.outputs.extend(ops.into_iter().map(Output::Media));
        for id in self
            .room
            .ids(|peer| peer.link.as_ref().is_some_and(|link| link.told.is_some()))
        {
            self.tell_media(&id);
        }
    }

    // ── The way to the others ──────────────────────────────────────────────────────────────────────────────

    fn signaling(&mut self, now: Time, route: Route, event: SignalingEvent) {
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
                self.lobby = Lobby::default();
                self.room.lose_sight();
                // What took the relay may have taken the connections, too.
                self.doubt_all(now);
            }
        }
    }

    /// Asks the relay something, to hear whether it is there, and what ICE servers there are now.
    fn ask_relay(&mut self, now: Time) {
        if self.signaling_route.route() == Some(Route::Relay) {
            if !self.ice_servers.is_requested() {
                self.request_token(now);
            }
            self.signaling_route.suspected(now, &mut self.timers);
        }
    }

    /// The relay's socket is dead, whatever the browser thinks of it.
    fn relay_is_silent(&mut self, now: Time) {
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

    fn ask_for_token(&mut self, now: Time) {
        match self.signaling_route.route() {
            Some(Route::Relay) if self.ice_servers.wants_token(now) => self.request_token(now),
            Some(Route::Relay) => {}
            Some(Route::ThisBrowser) | None => self.ice_servers.unavailable(),
        }
    }

    fn join_if_due(&mut self) {
        if self.seat == Seat::None && self.media.is_settled() && self.signaling_route.route().is_some() {
            self.seat = Seat::Joining;
            self.answers_due += 1;
            let join = ClientMessage::Join {
                room: self.room_id.clone(),
                secret: self.secret.clone(),
                replaces: self.replaces.clone(),
                name: self.name.clone(),
            };
            self.signaling_route.send(join, &mut self.outputs);
        }
    }

    fn relay_message(&mut self, now: Time, message: RelayMessage) {
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
                // Whoever is here is announced anew, and so is whoever knocks.
                self.room.lose_sight();
                self.lobby = Lobby::default();
                if self.us.as_ref() != Some(&you) {
                    self.abandon_all(now);
                    self.room.clear();
                }
                self.us = Some(you);
                self.seat = Seat::Seated;
                self.replaces = None;
            }
            RelayMessage::Full { capacity, door } => self.seat = Seat::Waiting { capacity, door },
            RelayMessage::Ready { peer } => self.peer_is_here(now, peer),
            RelayMessage::Away { peer } => self.peer_is_away(now, &peer),
            RelayMessage::Left { peer, reason } => self.peer_left(now, &peer, reason),
            RelayMessage::Token {
                ice_servers,
                expires_in,
            } => {
                self.timers.stop(&Timer::Token);
                self.ice_servers.received(now, ice_servers, expires_in);
                self.use_ice_servers(now);
            }
            RelayMessage::Message { from, message } => self.peer_text(now, &from, &message),
            RelayMessage::Room { host, door } => self.room_is_like_this(host, door),
            RelayMessage::Knock { peer, name } => self.somebody_knocks(peer, name),
            RelayMessage::KnockOver { peer } => self.knock_is_over(&peer),
            RelayMessage::Error { code, .. } => self.relay_reports(now, code),
        }
    }

    fn peer_is_here(&mut self, now: Time, id: PeerId) {
        let Some(us) = &self.us else { return };
        if id == *us {
            return;
        }
        // Also if they were here already: whatever we said may be lost with their old socket.
        let peer = self.room.arrive(us, id.clone());
        peer.unprepared = false;
        let again: Vec<_> = peer.mailbox.unacknowledged().cloned().collect();
        self.say_hello(&id);
        for message in again {
            self.signaling_route
                .send(to_peer(&id, &message), &mut self.outputs);
        }
        self.climb_on(now, &id);
        self.prepare(now, &id);
    }

    fn peer_is_away(&mut self, now: Time, id: &PeerId) {
        let Some(us) = self.us.clone().filter(|us| us != id) else {
            return;
        };
        self.room.arrive(&us, id.clone()).presence = Presence::Away;
        self.doubt(now, id);
    }

    fn peer_left(&mut self, now: Time, id: &PeerId, reason: LeaveReason) {
        let Some(peer) = self.room.get(id) else { return };
        peer.presence = Presence::Gone;
        peer.call = None;
        // Media needs no relay: who only lost the relay may still be seen and heard, and may come back.
        let goes_on = reason == LeaveReason::Lost
            && peer
                .link
                .as_ref()
                .is_some_and(|link| link.is_call() && link.once_connected());
        if goes_on {
            peer.presence = Presence::Unknown;
            if peer.link.as_ref().is_some_and(|link| !link.is_connected()) {
                self.limit_recovery(now, id);
            }
        } else {
            if reason == LeaveReason::Lost {
                self.send(id, PeerBody::GiveUp);
            }
            self.end_link(now, id, EndReason::PeerLeft);
        }
    }

    // ── Time ───────────────────────────────────────────────────────────────────────────────────────────────

    fn timeouts(&mut self, now: Time) {
        let slept = self.timers.next().is_some_and(|due| now.since(due) >= SLEPT);
        while let Some(timer) = self.timers.expire(now) {
            match timer {
                Timer::RelayOpen => {
                    self.signaling_route
                        .open_timed_out(now, &mut self.timers, &mut self.outputs);
                }
                Timer::RelayRetry => {
                    let in_call = self.in_call();
                    self.signaling_route
                        .retry(in_call, now, &mut self.timers, &mut self.outputs);
                }
                Timer::Token => {
                    self.ice_servers.unavailable();
                    self.use_ice_servers(now);
                }
                Timer::RelaySilent => self.relay_is_silent(now),
                Timer::Recover(id) => self.recovery_due(now, &id),
                Timer::GiveUp(id) => self.give_up(now, &id),
                // See `share_out`.
                Timer::FullSize(_) => {}
                Timer::OfferHoldoff(id) => self.offer_holdoff_over(now, &id),
                Timer::Reactions => self.reactions_fade(now),
                Timer::Candidate(id) => self.candidate_due(now, &id),
                Timer::Connect(id) => self.connect_due(now, &id),
            }
        }
        if slept {
            self.woken(now);
        }
    }
}
