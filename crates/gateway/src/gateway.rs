//! The whole: what comes from either side goes to the server, the pages and the guest that it concerns.

mod people;
mod seat;

use std::collections::VecDeque;
use std::time::Duration;

use visavis_protocol::dialect::ServerKind;
use visavis_protocol::dialect::signal::Signal;
use visavis_protocol::dialect::socket_io;
use visavis_protocol::guest::Presence;
use visavis_protocol::ice::IceServer;
use visavis_protocol::id::{PeerId, RoomId};
use visavis_protocol::relay::RelayMessage;

use crate::guest::GuestSession;
use crate::pages::Pages;
use crate::server::{Heard, Server};
use crate::{Dialect, Input, Output, Time};

/// How long pages of visavis may take to greet us: who has not by then is somebody with another program.
const GREETING_PATIENCE: Duration = Duration::from_secs(1);

/// How often we say that the server is still there, where the server itself says nothing of it. Only the end
/// of the WebSocket tells.
const PING: Duration = Duration::from_secs(10);

/// A socket that was closed less long ago may still count as somebody in the room.
const GHOST: Duration = Duration::from_secs(60);

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
    /// When the last of them came.
    guests_came: VecDeque<Time>,
    /// Where everybody meets who names no room.
    commons: RoomId,
    /// When we had a seat last over a socket that is closed.
    left_behind: Option<Time>,
    token: Token,
    /// How many answers about ICE servers are due.
    tokens_due: u32,
    ping_due: Option<Time>,
    outputs: VecDeque<Output>,
}

/// What was said about ICE servers over this socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    /// Nothing.
    Unasked,
    /// We were asked.
    Asked,
    /// We have answered.
    Answered,
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
        /// So many answers about ICE servers come before the one that says that we have a seat.
        tokens_before: u32,
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
    /// For servers of this kind. `commons` is the room of those who name none: where servers have no rooms,
    /// whoever calls is taken to be in this one.
    #[must_use]
    pub fn new(dialect: Dialect, commons: RoomId) -> Self {
        Self {
            dialect,
            server: None,
            seat: None,
            guest: None,
            guests: 0,
            guests_came: VecDeque::new(),
            commons,
            left_behind: None,
            token: Token::Unasked,
            tokens_due: 0,
            ping_due: None,
            outputs: VecDeque::new(),
        }
    }

    /// Takes what happened, and when. Any input may come at any time. Afterwards, [`Self::poll`] until
    /// nothing is left.
    pub fn handle(&mut self, now: Time, input: Input) {
        match input {
            Input::Opened => self.opened(now),
            Input::Text(text) => {
                self.text(now, &text);
                // In the background, timers sleep, and sockets don't.
                if self.next_timeout().is_some_and(|due| due <= now) {
                    self.timeout(now);
                }
            }
            Input::Closed => self.closed(now),
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
        let guest = self.guest.as_ref().and_then(GuestSession::next_timeout);
        let timeouts = [server.silent_at, self.ping_due, seat, guest];
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

    fn closed(&mut self, now: Time) {
        if self.seat.take().is_some() {
            self.left_behind = Some(now);
        }
        self.server = None;
        (self.token, self.tokens_due, self.ping_due) = (Token::Unasked, 0, None);
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
            Heard::Ready(room) if self.is_in(room.as_ref()) => self.room_is_ready(now),
            Heard::Full(room) if self.is_in(room.as_ref()) => self.room_is_full(now),
            Heard::Ready(_) | Heard::Full(_) => {}
            Heard::Token(ice_servers, expires_in) => self.token_came(now, ice_servers, expires_in),
            Heard::Signal(Signal::Tunnelled(tunnelled)) => self.page_said(now, tunnelled),
            Heard::Signal(signal) => self.guest_said(now, signal),
        }
    }

    /// Whether this is about the room that we are in, or want to be.
    fn is_in(&self, room: Option<&RoomId>) -> bool {
        let ours = self.seat.as_ref().map(|seat| &seat.room);
        ours.is_some() && (room.is_none() || room == ours)
    }

    /// The server knows rooms.
    fn has_rooms(&mut self) {
        if self.server.as_mut().is_some_and(Server::has_rooms) {
            // It was slow, and what we have said went nowhere.
            let greeting = self.taken().map(|(pages, _)| pages.greeting());
            greeting.iter().for_each(|greeting| self.signal(greeting));
        }
    }

    fn announces(&self) -> bool {
        self.server.as_ref().is_some_and(Server::announces)
    }

    fn token_came(&mut self, now: Time, ice_servers: Vec<IceServer>, expires_in: Option<u32>) {
        self.has_rooms();
        self.tokens_due = self.tokens_due.saturating_sub(1);
        if let Some(Seat {
            state: SeatState::Asked { tokens_before, .. },
            ..
        }) = &mut self.seat
        {
            match tokens_before.checked_sub(1) {
                Some(before) => *tokens_before = before,
                // Of the room, it would have said before this that it is full.
                None => self.joined(now),
            }
        }
        self.tell_token(ice_servers, expires_in);
    }

    fn tell_token(&mut self, ice_servers: Vec<IceServer>, expires_in: Option<u32>) {
        self.token = Token::Answered;
        self.tell(RelayMessage::Token {
            ice_servers,
            expires_in,
        });
    }

    fn ask_for_token(&mut self) {
        self.tokens_due += 1;
        self.send(socket_io::token());
    }

    // ── Time ───────────────────────────────────────────────────────────────────────────────────────────────

    fn timeout(&mut self, now: Time) {
        let is_due = |due: Option<Time>| due.is_some_and(|due| due <= now);
        let Some(server) = &mut self.server else { return };
        if is_due(server.silent_at) {
            server.silent_at = None;
            let end = if server.has_spoken() {
                Output::Dead
            } else {
                Output::Mistaken(ServerKind::Silent)
            };
            return self.outputs.push_back(end);
        }
        if is_due(self.ping_due) {
            self.ping_due = Some(now + PING);
            self.tell(RelayMessage::Ping);
        }
        if let Some(guest) = &mut self.guest {
            let from = guest.id.clone();
            for message in guest.timeout(now) {
                let from = from.clone();
                self.outputs
                    .push_back(Output::Relay(RelayMessage::Message { from, message }));
            }
        }
        match self.seat.as_ref().map(|seat| &seat.state) {
            Some(SeatState::Asked { due, .. }) if *due <= now => self.nothing_was_said(now),
            Some(SeatState::Waiting { due }) if *due <= now => self.ask_for_seat(now, true),
            _ => self.pages_are_due(now),
        }
    }

    /// The server has not answered who wants a seat.
    fn nothing_was_said(&mut self, now: Time) {
        if let Some(server) = &mut self.server {
            server.has_no_rooms();
        }
        self.joined(now);
        if self.token == Token::Asked && !self.announces() {
            self.tell_token(Vec::new(), None);
        }
    }

    fn pages_are_due(&mut self, now: Time) {
        let presence = match self.announces() && !self.is_ghost(now) {
            true => Presence::Known,
            false => Presence::Assumed,
        };
        let Some((pages, guest_due)) = self.taken() else {
            return;
        };
        let were_here = pages.are_here();
        let comes = guest_due.take_if(|due| *due <= now).is_some();
        let effects = pages.timeout(now);
        let are_here = pages.are_here();
        self.carry_out(effects);
        if comes && self.guest.is_none() {
            self.guest_comes(now, presence);
        } else if were_here && !are_here && self.guest.is_none() {
            self.await_anybody(now);
        }
    }

    /// Whether a socket of ours from before may be what the server takes for somebody.
    fn is_ghost(&self, now: Time) -> bool {
        self.left_behind.is_some_and(|left| now < left + GHOST)
    }
}
