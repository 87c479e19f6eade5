//! The whole: what comes from either side goes to the server, the pages and the guest that it concerns.

use std::collections::VecDeque;
use std::time::Duration;

use visavis_protocol::dialect::signal::{Signal, Tunnelled};
use visavis_protocol::dialect::socket_io;
use visavis_protocol::guest::{Guest, Presence};
use visavis_protocol::ice::IceServer;
use visavis_protocol::id::{PeerId, RoomId};
use visavis_protocol::relay::{AccessPolicy, ClientMessage, LeaveReason, PeerText, RelayMessage};
use visavis_sealing::peer_id;

use crate::guest::{GuestSession, Said};
use crate::pages::{Effects, Pages};
use crate::server::{Heard, Server};
use crate::{Dialect, Input, Output, Time};

/// How long a server with rooms may take to say so. Those without any say nothing.
const ROOM_PATIENCE: Duration = Duration::from_secs(2);

/// How long pages of visavis may take to greet us: who has not by then is somebody with another program.
const GREETING_PATIENCE: Duration = Duration::from_secs(1);

/// How often a full room is asked for a place: the server does not say when there is one.
const RETRY: Duration = Duration::from_secs(5);

/// How often we say that the server is still there, where the server itself says nothing of it. Only the end
/// of the WebSocket tells.
const PING: Duration = Duration::from_secs(10);

/// Plays the relay. See the [crate's documentation](crate).
#[derive(Debug)]
pub struct Gateway {
    dialect: Dialect,
    server: Option<Server>,
    seat: Option<Seat>,
    /// It outlives the WebSocket, as a call with them does.
    guest: Option<GuestSession>,
    /// How many guests there were.
    guests: u32,
    /// When the answer about ICE servers is due.
    token_due: Option<Time>,
    ping_due: Option<Time>,
    outputs: VecDeque<Output>,
}

/// Our place in a room.
#[derive(Debug)]
struct Seat {
    us: PeerId,
    room: RoomId,
    state: SeatState,
}

#[derive(Debug)]
enum SeatState {
    /// The server is to say whether it has rooms, until then.
    Asked {
        due: Time,
        /// The room was full when we asked before.
        was_full: bool,
    },
    /// The room is full, and is asked again then.
    Waiting { due: Time },
    /// We have it.
    Taken {
        pages: Pages,
        /// When whoever has not greeted us counts as a guest.
        guest_due: Option<Time>,
    },
}

impl Gateway {
    /// For servers of this kind.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            server: None,
            seat: None,
            guest: None,
            guests: 0,
            token_due: None,
            ping_due: None,
            outputs: VecDeque::new(),
        }
    }

    /// Takes what happened, and when. Any input may come at any time. Afterwards, [`Self::poll`] until
    /// nothing is left.
    pub fn handle(&mut self, now: Time, input: Input) {
        match input {
            Input::Opened => self.opened(now),
            Input::Text(text) => self.text(now, &text),
            Input::Closed => self.closed(),
            Input::Client(message) => self.client(now, message),
            Input::Timeout => self.timeout(now),
        }
    }

    /// Takes the next thing that is asked for, or told.
    pub fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Timeout`] is due. Valid until the next [`Self::handle`].
    #[must_use]
    pub fn next_timeout(&self) -> Option<Time> {
        let server = self.server.as_ref()?;
        let seat = self.seat.as_ref().map(|seat| match &seat.state {
            SeatState::Asked { due, .. } | SeatState::Waiting { due } => *due,
            SeatState::Taken { pages, guest_due } => {
                guest_due.map_or(pages.next_timeout(), |due| due.min(pages.next_timeout()))
            }
        });
        let timeouts = [server.silent_at, self.token_due, self.ping_due, seat];
        timeouts.into_iter().flatten().min()
    }

    fn tell(&mut self, message: RelayMessage) {
        self.outputs.push_back(Output::Relay(message));
    }

    fn send(&mut self, text: impl Into<String>) {
        self.outputs.push_back(Output::Send(text.into()));
    }

    fn signal(&mut self, signal: &Signal) {
        let is_caller = self.guest.as_ref().is_none_or(GuestSession::is_caller);
        let texts = self.server.as_ref().map(|server| server.texts(signal, is_caller));
        for text in texts.into_iter().flatten() {
            self.send(text);
        }
    }

    // ── The server ─────────────────────────────────────────────────────────────────────────────────────────

    fn opened(&mut self, now: Time) {
        let server = Server::new(self.dialect, now);
        if server.is_reached() {
            self.reached(now);
        }
        self.server = Some(server);
    }

    fn reached(&mut self, now: Time) {
        self.ping_due = Some(now + PING);
        self.outputs.push_back(Output::Reached);
    }

    fn closed(&mut self) {
        (self.server, self.seat) = (None, None);
        (self.token_due, self.ping_due) = (None, None);
    }

    fn text(&mut self, now: Time, text: &str) {
        let Some(server) = &mut self.server else { return };
        let (heard, reply) = server.hear(now, text);
        if let Some(reply) = reply {
            self.send(reply);
        }
        match heard {
            Heard::Nothing => {}
            Heard::Reached => self.reached(now),
            Heard::Mistaken(kind) => self.outputs.push_back(Output::Mistaken(kind)),
            Heard::Refused => self.outputs.push_back(Output::Dead),
            Heard::Ready => self.room_is_ready(now),
            Heard::Full => self.room_is_full(now),
            Heard::Token(ice_servers) => {
                self.server_has_rooms(true);
                if matches!(
                    &self.seat,
                    Some(Seat {
                        state: SeatState::Asked { .. },
                        ..
                    })
                ) {
                    // It was asked after the room, and answers in this order.
                    self.joined(now);
                }
                if self.token_due.take().is_some() {
                    self.token(ice_servers);
                }
            }
            Heard::Signal(Signal::Tunnelled(tunnelled)) => self.page_said(now, tunnelled),
            Heard::Signal(signal) => self.guest_said(now, signal),
        }
    }

    fn server_has_rooms(&mut self, has: bool) {
        if let Some(server) = &mut self.server {
            server.has_rooms(has);
        }
    }

    fn token(&mut self, ice_servers: Vec<IceServer>) {
        self.tell(RelayMessage::Token {
            ice_servers,
            expires_in: None,
        });
    }

    // ── Our seat ───────────────────────────────────────────────────────────────────────────────────────────

    fn client(&mut self, now: Time, message: ClientMessage) {
        match message {
            ClientMessage::Join { room, secret, .. } => self.join(now, room, &peer_id(&secret)),
            ClientMessage::Leave => self.leave(),
            ClientMessage::Token => self.ask_for_token(now),
            ClientMessage::Send { to, message } => self.say(now, to, message),
            // No such server knows of these.
            ClientMessage::Name { .. }
            | ClientMessage::Door { .. }
            | ClientMessage::Admit { .. }
            | ClientMessage::Refuse { .. }
            | ClientMessage::Remove { .. }
            | ClientMessage::Host { .. } => {}
        }
    }

    fn join(&mut self, now: Time, room: RoomId, us: &PeerId) {
        let due = now + ROOM_PATIENCE;
        self.seat = Some(Seat {
            us: us.clone(),
            room,
            state: SeatState::Asked { due, was_full: false },
        });
        match self.dialect {
            Dialect::SocketIo => self.ask_for_seat(),
            Dialect::Broadcast | Dialect::Plain => self.joined(now),
        }
    }

    /// A server with rooms answers the second if it does not answer the first.
    fn ask_for_seat(&mut self) {
        let Some(seat) = &self.seat else { return };
        let join = socket_io::join(seat.room.as_str());
        self.send(join);
        self.send(socket_io::token());
    }

    /// We have a seat.
    fn joined(&mut self, now: Time) {
        let capacity = self.dialect.capacity();
        let Some(seat) = &mut self.seat else { return };
        let most = usize::try_from(capacity - 1).unwrap_or(usize::MAX);
        let pages = Pages::new(seat.us.clone(), seat.room.clone(), most, now);
        let greeting = pages.greeting();
        seat.state = SeatState::Taken {
            pages,
            guest_due: None,
        };
        let you = seat.us.clone();
        self.tell(RelayMessage::Joined { you, capacity });
        self.signal(&greeting);
        let tells_who_comes = self.server.as_ref().is_some_and(Server::announces);
        if self.guest.as_ref().is_some_and(GuestSession::is_busy) {
            // What goes on with them outlives the server.
            self.announce_guest();
        } else {
            self.forget_guest();
            self.await_guest((!tells_who_comes).then_some(now + GREETING_PATIENCE));
        }
    }

    fn leave(&mut self) {
        self.forget_guest();
        if let Some(Seat {
            state: SeatState::Taken { pages, .. },
            ..
        }) = self.seat.take()
        {
            self.signal(&pages.goodbye());
        }
    }

    fn room_is_full(&mut self, now: Time) {
        self.server_has_rooms(true);
        let Some(seat) = &mut self.seat else { return };
        let is_news = matches!(seat.state, SeatState::Asked { was_full: false, .. });
        seat.state = SeatState::Waiting { due: now + RETRY };
        if is_news {
            self.tell(RelayMessage::Full {
                capacity: self.dialect.capacity(),
                door: AccessPolicy::Open,
            });
        }
    }

    /// Two are in the room now.
    fn room_is_ready(&mut self, now: Time) {
        self.server_has_rooms(true);
        let greeting = match &self.seat {
            None => return,
            Some(Seat {
                state: SeatState::Taken { pages, .. },
                ..
            }) => Some(pages.greeting()),
            Some(_) => None,
        };
        match greeting {
            // Somebody has come. Whoever was there before has gone, or begins anew.
            Some(greeting) => {
                self.signal(&greeting);
                self.lose_guest();
            }
            // We have. Whoever is there was there before.
            None => self.joined(now),
        }
        if self.guest.is_none() {
            self.await_guest(Some(now + GREETING_PATIENCE));
        }
    }

    fn ask_for_token(&mut self, now: Time) {
        if self.dialect == Dialect::SocketIo {
            self.token_due = Some(now + ROOM_PATIENCE);
            self.send(socket_io::token());
        } else {
            self.token(Vec::new());
        }
    }

    // ── Pages ──────────────────────────────────────────────────────────────────────────────────────────────

    fn say(&mut self, now: Time, to: PeerId, message: PeerText) {
        if let Some(guest) = self.guest.as_mut().filter(|guest| guest.id == to) {
            if let Some(signal) = guest.take(now, &message) {
                self.signal(&signal);
            }
        } else if let Some(Seat {
            state: SeatState::Taken { pages, .. },
            ..
        }) = &self.seat
        {
            let signal = pages.message(to, message);
            self.signal(&signal);
        }
    }

    fn page_said(&mut self, now: Time, tunnelled: Tunnelled) {
        let Some(Seat {
            state: SeatState::Taken { pages, guest_due },
            ..
        }) = &mut self.seat
        else {
            return;
        };
        let effects = pages.hear(now, tunnelled);
        if pages.are_here() {
            *guest_due = None;
        }
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Effects) {
        let somebody_came = effects
            .told
            .iter()
            .any(|it| matches!(it, RelayMessage::Ready { .. }));
        if somebody_came && !self.guest.as_ref().is_some_and(GuestSession::is_busy) {
            // It was they whom we took for a guest.
            self.lose_guest();
        }
        for signal in &effects.signals {
            self.signal(signal);
        }
        effects.told.into_iter().for_each(|message| self.tell(message));
    }

    // ── The guest ──────────────────────────────────────────────────────────────────────────────────────────

    fn await_guest(&mut self, due: Option<Time>) {
        if let Some(Seat {
            state: SeatState::Taken { guest_due, .. },
            ..
        }) = &mut self.seat
        {
            *guest_due = due;
        }
    }

    fn guest_comes(&mut self, presence: Presence) {
        self.guests += 1;
        // Nobody else has such a name: others' are hashes.
        if let Ok(id) = PeerId::new(["guest-", &self.guests.to_string()].concat()) {
            self.guest = Some(GuestSession::new(id, presence));
            self.announce_guest();
        }
    }

    fn announce_guest(&mut self) {
        if let Some(guest) = &self.guest {
            let kind = Guest {
                presence: guest.presence,
                renewal: self.dialect.renewal(),
            };
            self.outputs.push_back(Output::Guest(guest.id.clone(), kind));
        }
    }

    /// The guest has gone, as far as we know.
    fn lose_guest(&mut self) {
        if let Some(guest) = self.guest.take() {
            self.tell(RelayMessage::Left {
                peer: guest.id,
                reason: LeaveReason::Left,
            });
        }
    }

    fn forget_guest(&mut self) {
        self.guest = None;
    }

    fn guest_said(&mut self, now: Time, signal: Signal) {
        if !matches!(
            &self.seat,
            Some(Seat {
                state: SeatState::Taken { .. },
                ..
            })
        ) {
            return;
        }
        if self.guest.is_none() {
            // What begins nothing is said to others.
            if !is_offer(&signal) {
                return;
            }
            self.await_guest(None);
            self.guest_comes(Presence::Known);
        }
        let Some(guest) = &mut self.guest else { return };
        let before = guest.presence;
        match guest.say(now, signal) {
            Said::Message(message) => {
                let from = guest.id.clone();
                if guest.presence != before {
                    self.announce_guest();
                }
                self.tell(RelayMessage::Message { from, message });
            }
            Said::SomebodyElse => {
                self.lose_guest();
                self.guest_comes(Presence::Known);
            }
            Said::Nothing => {}
        }
    }

    // ── Time ───────────────────────────────────────────────────────────────────────────────────────────────

    fn timeout(&mut self, now: Time) {
        let is_due = |due: Option<Time>| due.is_some_and(|due| due <= now);
        let Some(server) = &mut self.server else { return };
        if is_due(server.silent_at) {
            server.silent_at = None;
            return self.outputs.push_back(Output::Dead);
        }
        if is_due(self.ping_due) {
            self.ping_due = Some(now + PING);
            self.tell(RelayMessage::Ping);
        }
        if is_due(self.token_due) {
            self.token_due = None;
            self.token(Vec::new());
        }
        let effects = match &mut self.seat {
            Some(Seat {
                state: SeatState::Taken { pages, guest_due },
                ..
            }) => {
                if is_due(*guest_due) {
                    *guest_due = None;
                    let presence = match self.server.as_ref().is_some_and(Server::announces) {
                        true => Presence::Known,
                        false => Presence::Assumed,
                    };
                    self.guest_comes(presence);
                    return;
                }
                pages.timeout(now)
            }
            Some(Seat {
                state: SeatState::Asked { due, .. },
                ..
            }) if *due <= now => {
                self.server_has_rooms(false);
                return self.joined(now);
            }
            Some(seat) if matches!(seat.state, SeatState::Waiting { due } if due <= now) => {
                let due = now + ROOM_PATIENCE;
                seat.state = SeatState::Asked { due, was_full: true };
                return self.ask_for_seat();
            }
            _ => return,
        };
        self.carry_out(effects);
    }
}

fn is_offer(signal: &Signal) -> bool {
    use visavis_protocol::dialect::signal::{Description, DescriptionKind};
    matches!(
        signal,
        Signal::Description(Description {
            kind: DescriptionKind::Offer,
            ..
        })
    )
}
