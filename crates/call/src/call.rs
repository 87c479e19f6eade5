//! The whole: takes inputs to the parts that they concern, and the parts' wishes to the outputs.

use std::collections::VecDeque;
use std::time::Duration;

use visavis_protocol::dialect::native;
use visavis_protocol::ice::IceServer;
use visavis_protocol::id::{PeerId, RoomId, SeatSecret};
use visavis_protocol::peer::{Generation, PeerBody, PeerMessage};
use visavis_protocol::relay::{ClientMessage, LeaveReason, PeerText, RelayMessage};

use crate::event::{
    Command, Input, Mark, MediaOp, Output, PeerEvent, PeerOp, Role, Route, RouteChoice, SignalingEvent,
};
use crate::ice_servers::{IceServers, TOKEN_PATIENCE};
use crate::link::Turn;
use crate::local_media::LocalMedia;
use crate::meeting_point::{MeetingPoint, RouteChange};
use crate::negotiation::Effect;
use crate::room::{Presence, Room, Verdict};
use crate::timer::{Time, Timer, Timers};
use crate::view::{CallPhase, CallView, EndReason, FailureCause, SeatView};

/// How long a connection may take before the call counts as failed.
const CONNECT_PATIENCE: Duration = Duration::from_secs(30);

/// What a call is made with.
#[derive(Debug, Clone)]
pub struct CallConfig {
    /// The room to enter.
    pub room: RoomId,
    /// Who we are, to the relay.
    pub secret: SeatSecret,
    /// Which ways to the others may be used.
    pub route: RouteChoice,
    /// The site's own ICE servers.
    pub ice_servers: Vec<IceServer>,
    /// Spreads retries; any number that differs from page to page.
    pub seed: u64,
}

/// Our place in the room.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Seat {
    None,
    Joining,
    InLine { capacity: u32 },
    Seated,
}

/// The state machine. See the [crate's documentation](crate) for how it is run.
///
/// Its methods are of three kinds: what happened ([`Self::handle`]), what is to be done ([`Self::poll_output`],
/// [`Self::next_timeout`]), what there is to see ([`Self::view`]).
#[derive(Debug)]
pub struct Call {
    room_id: RoomId,
    secret: SeatSecret,
    media: LocalMedia,
    meeting_point: MeetingPoint,
    ice_servers: IceServers,
    seat: Seat,
    /// How many of our joins the relay has not answered. Only the last one is about the room that we want.
    answers_due: u32,
    /// Our name; kept when the seat is lost, since a call outlives that.
    us: Option<PeerId>,
    room: Room,
    phase: CallPhase,
    timers: Timers,
    outputs: VecDeque<Output>,
}

impl Call {
    /// A call that has not begun. Nothing happens before the first [`Command::GetMedia`].
    #[must_use]
    pub fn new(config: CallConfig) -> Self {
        Self {
            room_id: config.room,
            secret: config.secret,
            media: LocalMedia::default(),
            meeting_point: MeetingPoint::new(config.route, config.seed),
            ice_servers: IceServers::new(config.ice_servers),
            seat: Seat::None,
            answers_due: 0,
            us: None,
            room: Room::default(),
            phase: CallPhase::Idle,
            timers: Timers::default(),
            outputs: VecDeque::new(),
        }
    }

    /// Takes what happened at this time. Drain [`Self::poll_output`] afterwards.
    pub fn handle(&mut self, now: Time, input: Input) {
        match input {
            Input::Command(command) => self.command(now, command),
            Input::Signaling(route, event) => self.signaling(now, route, event),
            Input::Media(event) => {
                let ops = self.media.answered(event);
                self.outputs.extend(ops.into_iter().map(Output::Media));
                self.join_if_due();
            }
            Input::Peer(peer, generation, event) => self.peer_event(now, &peer, generation, event),
            Input::Timeout => self.timeouts(now),
        }
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

    /// What there is to see.
    #[must_use]
    pub fn view(&self) -> CallView {
        CallView {
            room: self.room_id.clone(),
            media: self.media.view(),
            meeting_point: self.meeting_point.view(&self.timers),
            seat: match self.seat {
                Seat::None => SeatView::None,
                Seat::Joining => SeatView::Joining,
                Seat::InLine { capacity } => SeatView::InLine { capacity },
                Seat::Seated => SeatView::Seated,
            },
            people: self.room.view(),
            call: self.phase.clone(),
        }
    }

    // ── Commands ────────────────────────────────────────────────────────────────────────────────────────────

    fn command(&mut self, now: Time, command: Command) {
        match command {
            Command::GetMedia(wish) => {
                if self.in_call() {
                    return;
                }
                // The way to the others opens while the browser asks the person.
                self.meeting_point.start(now, &mut self.timers, &mut self.outputs);
                let op = self.media.get(wish);
                self.media_op(op);
                self.join_if_due();
            }
            Command::Call => self.call(now),
            Command::HangUp => self.hang_up(now),
            Command::SetMicrophone(on) => {
                let op = self.media.set_microphone(on);
                self.media_op(op);
            }
            Command::SetCamera(on) => {
                let op = self.media.set_camera(on);
                self.media_op(op);
            }
            Command::RetryNow => {
                let in_call = self.in_call();
                self.meeting_point
                    .retry(in_call, now, &mut self.timers, &mut self.outputs);
            }
            Command::Enter(room) => {
                self.leave_room(now);
                self.room_id = room;
                self.join_if_due();
            }
            Command::Leave => {
                self.leave_room(now);
                self.answers_due = 0;
                self.meeting_point.stop(&mut self.timers, &mut self.outputs);
                let op = self.media.close();
                self.media_op(Some(op));
            }
        }
    }

    fn call(&mut self, now: Time) {
        if !self.view().can_call() {
            return;
        }
        self.begin_phase(now);
        for id in self
            .room
            .ids(|peer| peer.presence == Presence::Here && peer.link.is_none())
        {
            self.start_link(now, &id, Role::Caller);
        }
    }

    fn hang_up(&mut self, now: Time) {
        for id in self.room.ids(|peer| peer.link.is_some()) {
            self.send(&id, PeerBody::HangUp);
            self.end_link(now, &id, EndReason::HungUp);
        }
    }

    fn leave_room(&mut self, now: Time) {
        self.hang_up(now);
        if self.seat != Seat::None {
            self.meeting_point.send(ClientMessage::Leave, &mut self.outputs);
        }
        self.seat = Seat::None;
        self.room.leave();
        self.phase = CallPhase::Idle;
    }

    fn media_op(&mut self, op: Option<MediaOp>) {
        self.outputs.extend(op.map(Output::Media));
    }

    fn in_call(&self) -> bool {
        self.room.iter().any(|peer| peer.link.is_some())
    }

    // ── The way to the others ───────────────────────────────────────────────────────────────────────────────

    fn signaling(&mut self, now: Time, route: Route, event: SignalingEvent) {
        let change = match event {
            SignalingEvent::Opened => {
                let in_call = self.in_call();
                self.meeting_point
                    .opened(route, in_call, now, &mut self.timers, &mut self.outputs)
            }
            SignalingEvent::Closed(cause) => {
                self.meeting_point
                    .closed(route, cause, now, &mut self.timers, &mut self.outputs)
            }
            SignalingEvent::Message(message) => {
                if self.meeting_point.route() == Some(route) {
                    self.relay_message(now, message);
                }
                return;
            }
        };
        match change {
            RouteChange::None => {}
            RouteChange::Usable => {
                self.seat = Seat::None;
                self.answers_due = 0;
                self.ice_servers.request_lost();
                self.ask_for_token(now);
                self.join_if_due();
            }
            RouteChange::Lost => {
                self.seat = Seat::None;
                self.room.lose_sight();
            }
        }
    }

    fn ask_for_token(&mut self, now: Time) {
        match self.meeting_point.route() {
            Some(Route::Relay) if self.ice_servers.wants_token(now) => {
                self.ice_servers.requested();
                self.timers.set(Timer::Token, now + TOKEN_PATIENCE);
                self.meeting_point.send(ClientMessage::Token, &mut self.outputs);
            }
            Some(Route::Relay) => {}
            Some(Route::ThisBrowser) | None => self.ice_servers.unavailable(),
        }
    }

    fn join_if_due(&mut self) {
        if self.seat == Seat::None && self.media.is_settled() && self.meeting_point.route().is_some() {
            self.seat = Seat::Joining;
            self.answers_due += 1;
            let join = ClientMessage::Join {
                room: self.room_id.clone(),
                secret: self.secret.clone(),
            };
            self.meeting_point.send(join, &mut self.outputs);
        }
    }

    fn relay_message(&mut self, now: Time, message: RelayMessage) {
        if matches!(message, RelayMessage::Joined { .. } | RelayMessage::Full { .. }) {
            self.meeting_point.proved_useful();
            self.answers_due = self.answers_due.saturating_sub(1);
        }
        match message {
            // The connector knows by it that the relay was reached.
            RelayMessage::Welcome => {}
            // Still about a room that we have left since.
            RelayMessage::Joined { .. } | RelayMessage::Full { .. } if self.answers_due > 0 => {}
            RelayMessage::Ready { .. } | RelayMessage::Left { .. } | RelayMessage::Message { .. }
                if self.seat != Seat::Seated => {}
            RelayMessage::Joined { you, .. } => {
                // Whoever is here is announced anew.
                self.room.lose_sight();
                if self.us.as_ref() != Some(&you) {
                    self.abandon_all(now);
                    self.room.clear();
                }
                self.us = Some(you);
                self.seat = Seat::Seated;
            }
            RelayMessage::Full { capacity } => self.seat = Seat::InLine { capacity },
            RelayMessage::Ready { peer } => self.peer_is_here(peer),
            RelayMessage::Left { peer, reason } => self.peer_left(now, &peer, reason),
            RelayMessage::Token {
                ice_servers,
                expires_in,
            } => {
                self.timers.stop(&Timer::Token);
                self.ice_servers.received(now, ice_servers, expires_in);
                self.create_due_connections(now);
            }
            RelayMessage::Message { from, message } => self.peer_text(now, &from, &message),
            // Faults of ours, to be found in development: the driver logs them. What is closed is reopened.
            RelayMessage::Error { .. } => {}
        }
    }

    fn peer_is_here(&mut self, id: PeerId) {
        let Some(us) = &self.us else { return };
        if id == *us {
            return;
        }
        // Also if they were here already: whatever we said may be lost with their old socket.
        let peer = self.room.arrive(us, id.clone());
        for message in peer.mailbox.unacknowledged() {
            self.meeting_point.send(to_peer(&id, message), &mut self.outputs);
        }
    }

    fn peer_left(&mut self, now: Time, id: &PeerId, reason: LeaveReason) {
        let Some(peer) = self.room.get(id) else { return };
        peer.presence = Presence::Gone;
        // Media needs no relay: who only lost the relay may still be seen and heard.
        let goes_on =
            reason == LeaveReason::Lost && peer.link.as_ref().is_some_and(|link| link.is_connected());
        if goes_on {
            peer.presence = Presence::Unknown;
        } else {
            if reason == LeaveReason::Lost {
                self.send(id, PeerBody::HangUp);
            }
            self.end_link(now, id, EndReason::PeerLeft);
        }
    }

    // ── Messages from and to a peer ─────────────────────────────────────────────────────────────────────────

    fn peer_text(&mut self, now: Time, from: &PeerId, text: &PeerText) {
        // What can't be read is from a newer version, or nonsense; either way there is nothing to do about it.
        let Ok(message) = native::decode_peer(text) else {
            return;
        };
        let Some(peer) = self.room.get(from) else { return };
        match peer.judge(&message) {
            Verdict::Stale => {}
            // It may have been lost, and until they have it we are deaf to them.
            Verdict::MissedOurHangUp => {
                if let Some(hang_up) = peer.mailbox.unacknowledged_hang_up() {
                    self.meeting_point.send(to_peer(from, hang_up), &mut self.outputs);
                }
            }
            Verdict::ForLink => self.deliver(from, message),
            Verdict::Call => {
                self.close_link(from);
                if !self.in_call()
                    && !matches!(
                        self.phase,
                        CallPhase::Connecting { .. } | CallPhase::InCall { .. }
                    )
                {
                    self.begin_phase(now);
                }
                self.start_link(now, from, Role::Callee);
                if let Some(peer) = self.room.get(from) {
                    let early = peer.take_early(message.connection);
                    if let Some(link) = &mut peer.link {
                        link.remote = Some(message.connection);
                        for candidate in early {
                            link.negotiation.candidate(candidate);
                        }
                    }
                }
                self.deliver(from, message);
            }
            Verdict::HungUp => self.end_link(now, from, EndReason::PeerHungUp),
        }
    }

    fn deliver(&mut self, id: &PeerId, message: PeerMessage) {
        if let Some(link) = self.room.get(id).and_then(|peer| peer.link.as_mut()) {
            link.deliver(message.body);
        }
        // Failures of the negotiation come with a completion, never with a message.
        self.carry_out(id);
    }

    fn send(&mut self, id: &PeerId, body: PeerBody) {
        let usable = self.seat == Seat::Seated;
        let Some(peer) = self.room.get(id) else { return };
        let Some(link) = &peer.link else { return };
        let message = peer.mailbox.post(link.generation, link.remote, body);
        // What can't be sent now is said when the peer is here again.
        if usable && peer.presence == Presence::Here {
            self.meeting_point.send(to_peer(id, &message), &mut self.outputs);
        }
    }

    // ── Connections ─────────────────────────────────────────────────────────────────────────────────────────

    fn begin_phase(&mut self, now: Time) {
        self.phase = CallPhase::Connecting { since: now };
        self.outputs.push_back(Output::Mark(Mark::Call));
    }

    fn start_link(&mut self, now: Time, id: &PeerId, role: Role) {
        let Some(peer) = self.room.get(id) else { return };
        peer.start_link(role);
        self.timers
            .set(Timer::Connect(id.clone()), now + CONNECT_PATIENCE);
        self.ask_for_token(now);
        self.create_due_connections(now);
    }

    /// Makes the connections that were waiting for ICE servers, if these are known.
    fn create_due_connections(&mut self, now: Time) {
        let Some(ice_servers) = self.ice_servers.get(now) else {
            return;
        };
        for id in self.room.ids(|peer| peer.link.is_some()) {
            let Some(link) = self.room.get(&id).and_then(|peer| peer.link.as_mut()) else {
                continue;
            };
            if link.take_creation() {
                let create = PeerOp::Create {
                    role: link.role,
                    ice_servers: ice_servers.clone(),
                };
                self.outputs.push_back(Output::Peer(id, link.generation, create));
            }
        }
    }

    fn peer_event(&mut self, now: Time, id: &PeerId, generation: Generation, event: PeerEvent) {
        let has_turn = self.ice_servers.has_turn();
        let Some(link) = self.room.get(id).and_then(|peer| peer.link.as_mut()) else {
            return;
        };
        if link.generation != generation {
            return;
        }
        match event {
            PeerEvent::Done { signaling, result } => link.negotiation.completed(signaling, result),
            PeerEvent::NegotiationNeeded => link.negotiation.negotiation_needed(),
            PeerEvent::Candidate(candidate) => link.negotiation.gathered(candidate),
            PeerEvent::RemoteVideo(arrives) => link.remote_video = arrives,
            PeerEvent::Path(path) => link.path = path,
            PeerEvent::ConnectionState(state) => {
                let turn = link.connection_state(state, has_turn);
                self.turn(now, id, turn);
            }
        }
        if let Some(error) = self.carry_out(id) {
            self.fail(now, id, FailureCause::Browser(error.name));
        }
    }

    /// Hands on what the negotiation with a peer wants. Returns why it can't go on, if it can't.
    fn carry_out(&mut self, id: &PeerId) -> Option<crate::event::OperationError> {
        loop {
            let link = self.room.get(id)?.link.as_mut()?;
            let generation = link.generation;
            match link.negotiation.poll_effect()? {
                Effect::Run(operation) => {
                    self.outputs
                        .push_back(Output::Peer(id.clone(), generation, PeerOp::Run(operation)));
                }
                Effect::Send(body) => self.send(id, body),
                Effect::Broken(error) => return Some(error),
            }
        }
    }

    fn turn(&mut self, now: Time, id: &PeerId, turn: Turn) {
        match turn {
            Turn::None => {}
            Turn::Connected => {
                self.timers.stop(&Timer::Connect(id.clone()));
                let generation = self
                    .room
                    .get(id)
                    .and_then(|peer| peer.link.as_ref())
                    .map(|link| link.generation);
                if let Some(generation) = generation {
                    self.outputs
                        .push_back(Output::Peer(id.clone(), generation, PeerOp::FindPath));
                }
                if matches!(self.phase, CallPhase::Connecting { .. }) {
                    self.phase = CallPhase::InCall { since: now };
                    self.outputs.push_back(Output::Mark(Mark::Connected));
                }
            }
            Turn::Interrupted => {
                // Neither relay nor media: they are gone.
                if self
                    .room
                    .get(id)
                    .is_some_and(|peer| peer.presence == Presence::Unknown)
                    && self.seat == Seat::Seated
                {
                    self.send(id, PeerBody::HangUp);
                    self.end_link(now, id, EndReason::PeerLeft);
                }
            }
            Turn::Failed(cause) => self.fail(now, id, cause),
        }
    }

    fn fail(&mut self, now: Time, id: &PeerId, cause: FailureCause) {
        self.send(id, PeerBody::HangUp);
        self.end_link(now, id, EndReason::Failed(cause));
    }

    fn end_link(&mut self, now: Time, id: &PeerId, reason: EndReason) {
        if !self.close_link(id) || self.in_call() {
            return;
        }
        let lasted = match self.phase {
            CallPhase::InCall { since } => Some(now.since(since)),
            _ => None,
        };
        self.phase = CallPhase::Ended { reason, lasted };
    }

    /// Closes the connection to a peer, if there is one.
    fn close_link(&mut self, id: &PeerId) -> bool {
        self.timers.stop(&Timer::Connect(id.clone()));
        let Some(peer) = self.room.get(id) else {
            return false;
        };
        let Some(link) = peer.finish_link() else {
            return false;
        };
        if link.is_made() {
            self.outputs
                .push_back(Output::Peer(id.clone(), link.generation, PeerOp::Close));
        }
        true
    }

    /// Ends what can't go on because we have become somebody else.
    fn abandon_all(&mut self, now: Time) {
        for id in self.room.ids(|peer| peer.link.is_some()) {
            self.end_link(now, &id, EndReason::Failed(FailureCause::ConnectionLost));
        }
    }

    // ── Time ────────────────────────────────────────────────────────────────────────────────────────────────

    fn timeouts(&mut self, now: Time) {
        while let Some(timer) = self.timers.expire(now) {
            match timer {
                Timer::RelayOpen => {
                    self.meeting_point
                        .open_timed_out(now, &mut self.timers, &mut self.outputs);
                }
                Timer::RelayRetry => {
                    let in_call = self.in_call();
                    self.meeting_point
                        .retry(in_call, now, &mut self.timers, &mut self.outputs);
                }
                Timer::Token => {
                    self.ice_servers.unavailable();
                    self.create_due_connections(now);
                }
                Timer::Connect(id) => {
                    let has_turn = self.ice_servers.has_turn();
                    let cause = self.room.get(&id).and_then(|peer| peer.link.as_ref());
                    if let Some(cause) = cause.map(|link| link.failure(has_turn)) {
                        self.fail(now, &id, cause);
                    }
                }
            }
        }
    }
}

fn to_peer(id: &PeerId, message: &PeerMessage) -> ClientMessage {
    ClientMessage::Send {
        to: id.clone(),
        message: native::encode_peer(message),
    }
}
