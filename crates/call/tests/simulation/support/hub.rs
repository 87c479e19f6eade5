//! Places where messages meet: the relay, with its own room policy, and the tabs of one browser.

use std::time::Duration;

use visavis_call::{CloseCause, Input, Route, SignalingEvent, SignalingOp, Time};
use visavis_protocol::MAX_MESSAGE_BYTES;
use visavis_protocol::dialect::native;
use visavis_protocol::id::SeatSecret;
use visavis_protocol::relay::{ClientMessage, LeaveReason, RelayMessage};
use visavis_relay::room::{self, ConnectionId as SocketId, Effect, Rooms, SEAT_KEPT};

use super::client::{ClientId, Socket, route_index};
use super::random::Random;
use super::world::{Event, Owner, World, ms};

/// How often the relay says that it is there.
const PING_EVERY: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HubState {
    Up,
    /// Nobody listens.
    Down,
    /// The site answers that it has none.
    Absent,
    /// Attempts to connect get no answer at all.
    Silent,
    /// Sockets are opened, and closed at once.
    Fickle,
}

pub(crate) struct Hub {
    pub(crate) state: HubState,
    rooms: Rooms,
    capacity: usize,
    /// Zero where nobody is ever away.
    seat_kept: Duration,
}

impl Hub {
    pub(crate) fn relay(state: HubState, capacity: usize) -> Self {
        Self::new(state, capacity, SEAT_KEPT)
    }

    pub(crate) fn this_browser() -> Self {
        Self::new(HubState::Up, 9, Duration::ZERO)
    }

    fn new(state: HubState, capacity: usize, seat_kept: Duration) -> Self {
        Self {
            state,
            rooms: Rooms::new(capacity, seat_kept),
            capacity,
            seat_kept,
        }
    }
}

/// A socket as the network sees it.
pub(crate) struct Wire {
    pub(crate) owner: Owner,
    route: Route,
    /// The hub has it.
    open: bool,
    cause: CloseCause,
    /// Nothing passes any more, and neither end is told.
    dead: bool,
    /// When the last message arrives, each way: none overtakes another.
    last_up: Time,
    last_down: Time,
}

impl World {
    pub(crate) fn new_wire(&mut self, owner: Owner, route: Route) -> SocketId {
        let id = SocketId(self.wires.len() as u64);
        let cause = CloseCause::Unreachable;
        self.wires.insert(
            id,
            Wire {
                owner,
                route,
                open: false,
                cause,
                dead: false,
                last_up: self.now,
                last_down: self.now,
            },
        );
        id
    }

    pub(crate) fn signaling_op(&mut self, client: ClientId, route: Route, op: SignalingOp) {
        let socket = *self.clients[client].socket(route);
        match op {
            SignalingOp::Open => {
                assert!(
                    self.clients[client].held(route).is_none(),
                    "contract: {route:?} is opened twice"
                );
                if route == Route::Relay {
                    self.clients[client].attempts.push(self.now);
                }
                let id = self.new_wire(Owner::Client(client), route);
                *self.clients[client].socket(route) = Some(Socket { id, open: false });
                *self.clients[client].held(route) = Some(Socket { id, open: false });
                let page = &self.clients[client];
                let answer = self.now.max(page.hole_until) + page.options.up + page.options.down;
                if self.hubs[route_index(route)].state != HubState::Silent {
                    self.schedule_at(answer, Event::SocketAnswers(id));
                }
            }
            SignalingOp::Send(message) => {
                let held = *self.clients[client].held(route);
                assert!(
                    held.is_some_and(|held| held.open),
                    "contract: {message:?} is sent while {route:?} is closed"
                );
                let bytes = native::encode_client(&message).len();
                assert!(
                    bytes <= MAX_MESSAGE_BYTES,
                    "contract: the relay closes {route:?} for {bytes} bytes"
                );
                self.clients[client].sent_bytes += bytes;
                if let ClientMessage::Send { message, .. } = &message {
                    self.clients[client].note_shown(message);
                }
                // What is sent on a socket that has closed goes nowhere.
                if let Some(socket) = socket.filter(|socket| socket.open) {
                    self.send_up(socket.id, message);
                }
            }
            SignalingOp::Close | SignalingOp::Abandon => {
                let reason = match op {
                    SignalingOp::Close => LeaveReason::Left,
                    _ => LeaveReason::Lost,
                };
                let held = self.clients[client].held(route).take();
                assert!(held.is_some(), "contract: {route:?} is closed without being open");
                if let Some(socket) = self.clients[client].socket(route).take()
                    && !self.wires[&socket.id].dead
                {
                    let time = self.arrival_up(socket.id);
                    self.schedule_at(time, Event::HubLoses(socket.id, reason));
                }
            }
        }
    }

    pub(crate) fn send_up(&mut self, socket: SocketId, message: ClientMessage) {
        let time = self.arrival_up(socket);
        self.schedule_at(time, Event::AtHub(socket, message));
    }

    fn delays(&self, wire: &Wire) -> (Duration, Duration) {
        match wire.owner {
            _ if wire.route == Route::ThisBrowser => (ms(2), ms(2)),
            Owner::Client(client) => (self.clients[client].options.up, self.clients[client].options.down),
            Owner::Naive => (ms(20), ms(20)),
        }
    }

    /// When something can set out on a wire.
    fn passes(&self, wire: &Wire) -> Time {
        match wire.owner {
            Owner::Client(client) if wire.route == Route::Relay => {
                self.now.max(self.clients[client].hole_until)
            }
            _ => self.now,
        }
    }

    fn arrival_up(&mut self, socket: SocketId) -> Time {
        let delay = self.delays(&self.wires[&socket]).0 + self.random.up_to(self.options.jitter);
        let arrival = self.passes(&self.wires[&socket]) + delay;
        let wire = self.wires.get_mut(&socket).expect("wires are never forgotten");
        wire.last_up = wire.last_up.max(arrival);
        wire.last_up
    }

    fn arrival_down(&mut self, socket: SocketId) -> Time {
        let delay = self.delays(&self.wires[&socket]).1 + self.random.up_to(self.options.jitter);
        let arrival = self.passes(&self.wires[&socket]) + delay;
        let wire = self.wires.get_mut(&socket).expect("wires are never forgotten");
        wire.last_down = wire.last_down.max(arrival);
        wire.last_down
    }

    /// A handshake has come to its end.
    pub(crate) fn socket_answers(&mut self, id: SocketId) {
        let (owner, route) = (self.wires[&id].owner, self.wires[&id].route);
        let state = self.hubs[route_index(route)].state;
        let Owner::Client(client) = owner else { return };
        if self.clients[client]
            .socket(route)
            .is_none_or(|socket| socket.id != id)
        {
            return;
        }
        let event = match state {
            HubState::Up => {
                self.open_wire(id);
                *self.clients[client].socket(route) = Some(Socket { id, open: true });
                SignalingEvent::Opened
            }
            HubState::Fickle => {
                *self.clients[client].socket(route) = Some(Socket { id, open: true });
                self.schedule(Duration::ZERO, Event::SocketCloses(id));
                SignalingEvent::Opened
            }
            HubState::Silent => return,
            HubState::Down | HubState::Absent => {
                *self.clients[client].socket(route) = None;
                let absent = state == HubState::Absent;
                SignalingEvent::Closed(if absent {
                    CloseCause::NoRelayHere
                } else {
                    CloseCause::Unreachable
                })
            }
        };
        self.socket_says(client, id, route, event);
    }

    /// Something happens to a page's socket; a page that is frozen hears of it later.
    fn socket_says(&mut self, client: ClientId, id: SocketId, route: Route, event: SignalingEvent) {
        if let Some(waiting) = &mut self.clients[client].frozen {
            waiting.push((Some(id), Input::Signaling(route, event)));
            return;
        }
        let held = self.clients[client].held(route);
        if held.is_none_or(|held| held.id != id) {
            return;
        }
        match event {
            SignalingEvent::Opened => *held = Some(Socket { id, open: true }),
            SignalingEvent::Message(_) | SignalingEvent::Guest(..) => {}
            SignalingEvent::Closed(_) => *held = None,
        }
        self.input(client, Input::Signaling(route, event));
    }

    /// What a page heard while it was frozen. Of a socket that it has closed since, it hears nothing any
    /// more.
    pub(super) fn hear(&mut self, client: ClientId, socket: Option<SocketId>, input: Input) {
        match (socket, input) {
            (Some(id), Input::Signaling(route, event)) => self.socket_says(client, id, route, event),
            (_, input) => self.input(client, input),
        }
    }

    pub(crate) fn open_wire(&mut self, id: SocketId) {
        let wire = self.wires.get_mut(&id).expect("wires are never forgotten");
        wire.open = true;
        if wire.route == Route::Relay {
            self.schedule(PING_EVERY, Event::HubPings(id));
        }
    }

    pub(crate) fn hub_pings(&mut self, id: SocketId) {
        if self.wires[&id].open {
            self.deliver(id, RelayMessage::Ping);
            self.schedule(PING_EVERY, Event::HubPings(id));
        }
    }

    /// A page learns that its socket is closed.
    pub(crate) fn socket_closes(&mut self, id: SocketId) {
        let Wire {
            owner: Owner::Client(client),
            route,
            cause,
            ..
        } = self.wires[&id]
        else {
            return;
        };
        if self.clients[client]
            .socket(route)
            .take_if(|socket| socket.id == id)
            .is_some()
        {
            self.socket_says(client, id, route, SignalingEvent::Closed(cause));
        }
    }

    pub(crate) fn hub_loses(&mut self, id: SocketId, reason: LeaveReason) {
        let wire = self.wires.get_mut(&id).expect("wires are never forgotten");
        if std::mem::take(&mut wire.open) {
            let route = wire.route;
            let now = self.relay_time();
            let rooms = &mut self.hubs[route_index(route)].rooms;
            let effects = rooms.disconnect(id, reason, now);
            self.hub_effects(effects);
            self.schedule_expiry(route);
        }
    }

    /// Somebody was away for too long, unless they have come back.
    pub(crate) fn seats_expire(&mut self, route: Route) {
        let now = self.relay_time();
        let effects = self.hubs[route_index(route)].rooms.expire(now);
        self.hub_effects(effects);
        self.schedule_expiry(route);
    }

    fn schedule_expiry(&mut self, route: Route) {
        if let Some(room::Time(expiry)) = self.hubs[route_index(route)].rooms.next_expiry() {
            self.schedule_at(Time(expiry), Event::SeatsExpire(route));
        }
    }

    fn relay_time(&self) -> room::Time {
        room::Time(self.now.0)
    }

    pub(crate) fn at_hub(&mut self, id: SocketId, message: ClientMessage) {
        let Wire {
            open: true,
            dead: false,
            route,
            owner,
            ..
        } = self.wires[&id]
        else {
            return;
        };
        let serial = self.random.next();
        let hub = &mut self.hubs[route_index(route)];
        let effects = match message {
            ClientMessage::Join {
                room,
                secret,
                replaces,
                name,
            } => {
                // Between tabs everybody takes a new name each time.
                let fresh = || SeatSecret::new(format!("tab-{serial}")).unwrap();
                let secret = if route == Route::Relay { secret } else { fresh() };
                hub.rooms.join(id, room, &secret, replaces.as_ref(), name)
            }
            ClientMessage::Name { name } => hub.rooms.rename(id, name),
            ClientMessage::Leave => hub.rooms.leave(id),
            ClientMessage::Send { to, message } => hub.rooms.send(id, &to, message),
            ClientMessage::Door { state } => hub.rooms.set_door(id, state),
            ClientMessage::Admit { peer } => hub.rooms.admit(id, &peer),
            ClientMessage::Refuse { peer } => hub.rooms.refuse(id, &peer),
            ClientMessage::Remove { peer } => hub.rooms.remove(id, &peer),
            ClientMessage::Host { peer } => hub.rooms.hand_over(id, &peer),
            ClientMessage::Token => {
                let Owner::Client(client) = owner else { return };
                let seconds = self.options.token_seconds;
                let dies = self.now.0 / 1000 + u64::from(seconds);
                let mut ice_servers = self.options.ice_servers.clone();
                for server in ice_servers.iter_mut().filter(|server| server.is_turn()) {
                    server.username.get_or_insert_with(|| dies.to_string());
                }
                self.clients[client].tokens.push(self.now);
                let token = RelayMessage::Token {
                    ice_servers,
                    expires_in: Some(seconds),
                };
                let delay = self.clients[client].options.token;
                self.schedule(delay, Event::FromHub(id, token));
                return;
            }
        };
        self.hub_effects(effects);
    }

    fn hub_effects(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                // Between tabs nobody is host.
                Effect::Deliver {
                    to,
                    message: RelayMessage::Room { .. },
                } if self.wires[&to].route == Route::ThisBrowser => {}
                Effect::Deliver { to, message } => self.deliver(to, message),
                Effect::Close { connection, .. } => {
                    self.open_wire_closes(connection);
                    let time = self.arrival_down(connection);
                    self.schedule_at(time, Event::SocketCloses(connection));
                }
            }
        }
    }

    fn open_wire_closes(&mut self, id: SocketId) {
        self.wires.get_mut(&id).expect("wires are never forgotten").open = false;
    }

    fn deliver(&mut self, to: SocketId, message: RelayMessage) {
        if !self.lie(to, &message) {
            return;
        }
        let faults = self.options.faults;
        let is_peer_message = matches!(message, RelayMessage::Message { .. });
        let mut time = self.arrival_down(to);
        if is_peer_message {
            if self.random.percent(faults.loss) {
                return;
            }
            if self.random.percent(faults.reordering) {
                time = time + self.random.up_to(ms(100));
            }
            if self.random.percent(faults.duplicates) {
                let later = time + self.random.up_to(ms(2000));
                self.schedule_at(later, Event::FromHub(to, message.clone()));
            }
        }
        self.schedule_at(time, Event::FromHub(to, message));
    }

    pub(crate) fn hub_says(&mut self, id: SocketId, message: RelayMessage) {
        let (owner, route) = (self.wires[&id].owner, self.wires[&id].route);
        if self.wires[&id].dead {
            return;
        }
        match owner {
            Owner::Client(client) => {
                let current = *self.clients[client].socket(route);
                if current.is_some_and(|socket| socket.id == id && socket.open) {
                    self.socket_says(client, id, route, SignalingEvent::Message(message));
                }
            }
            Owner::Naive => self.naive_hears(message),
        }
    }

    // ── What tests do to the network ───────────────────────────────────────────────────────────────────────

    /// The relay goes, with all its sockets and rooms, or comes.
    pub(crate) fn set_hub(&mut self, route: Route, state: HubState) {
        let hub = &mut self.hubs[route_index(route)];
        hub.state = state;
        hub.rooms = Rooms::new(hub.capacity, hub.seat_kept);
        let open: Vec<_> = self
            .wires
            .iter()
            .filter(|(_, wire)| wire.open && wire.route == route)
            .collect();
        for id in open.into_iter().map(|(id, _)| *id).collect::<Vec<_>>() {
            self.open_wire_closes(id);
            let time = self.arrival_down(id);
            self.schedule_at(time, Event::SocketCloses(id));
        }
    }

    pub(crate) fn set_relay(&mut self, state: HubState) {
        self.set_hub(Route::Relay, state);
    }

    /// The relay goes now, and comes back.
    pub(crate) fn restart_relay(&mut self, away: Duration) {
        self.set_relay(HubState::Down);
        self.schedule(away, Event::HubChanges(Route::Relay, HubState::Up));
    }

    /// A page's way to the relay breaks: all that is under way is lost. The relay notices later.
    #[track_caller]
    pub(crate) fn break_socket(&mut self, client: ClientId, relay_notices: Duration) {
        let socket = self.clients[client].socket(Route::Relay);
        let socket = socket.unwrap_or_else(|| panic!("{client} has no way to the relay"));
        self.schedule(relay_notices, Event::HubLoses(socket.id, LeaveReason::Lost));
        self.socket_closes(socket.id);
    }

    /// The socket of a page leads nowhere any more, as after a change of its address, and neither end is
    /// told. Others can be opened.
    #[track_caller]
    pub(crate) fn deafen_socket(&mut self, client: ClientId) {
        let socket = self.clients[client].socket(Route::Relay);
        let socket = socket.unwrap_or_else(|| panic!("{client} has no way to the relay"));
        let wire = self.wires.get_mut(&socket.id).expect("wires are never forgotten");
        wire.dead = true;
    }

    /// A page is closed: its goodbye still gets out, unless it crashes.
    pub(crate) fn close_page(&mut self, client: ClientId, reason: LeaveReason) {
        self.clients[client].closed = true;
        self.clients[client].connections.clear();
        for socket in std::mem::take(&mut self.clients[client].sockets)
            .into_iter()
            .flatten()
        {
            let time = self.arrival_up(socket.id);
            self.schedule_at(time, Event::HubLoses(socket.id, reason));
        }
    }
}

/// Latencies by chance.
pub(crate) fn random_latency(random: &mut Random) -> Duration {
    ms(random.below(150))
}
