//! Our place in a room, and what we ask the server for.

use std::time::Duration;

use visavis_protocol::dialect::socket_io;
use visavis_protocol::id::{PeerId, RoomId};
use visavis_protocol::relay::{AccessPolicy, ClientMessage, RelayMessage};
use visavis_sealing::peer_id;

use super::{GREETING_PATIENCE, Gateway, Seat, SeatState, Token};
use crate::pages::Pages;
use crate::server::Server;
use crate::{Dialect, Output, Time};

/// How long a server with rooms may take to say so. Those without any say nothing.
const ROOM_PATIENCE: Duration = Duration::from_secs(2);

/// How often a full room is asked for a place: the server does not say when there is one.
const RETRY: Duration = Duration::from_secs(5);

impl Gateway {
    pub(super) fn client(&mut self, now: Time, message: ClientMessage) {
        match message {
            ClientMessage::Join { room, secret, .. } => self.join(now, room, &peer_id(&secret)),
            ClientMessage::Leave => self.leave(),
            ClientMessage::Token => self.wants_token(),
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

    pub(super) fn join(&mut self, now: Time, room: RoomId, us: &PeerId) {
        self.leave_unanswered();
        self.seat = Some(Seat {
            us: us.clone(),
            room,
            state: SeatState::Waiting { due: now },
        });
        match self.dialect {
            Dialect::SocketIo => self.ask_for_seat(now, false),
            Dialect::Broadcast | Dialect::Plain => self.joined(now),
        }
    }

    /// A relay answers each who wants to join, also if they have left since.
    pub(super) fn leave_unanswered(&mut self) {
        if let Some(Seat {
            us,
            state: SeatState::Asked { was_full: false, .. },
            ..
        }) = &self.seat
        {
            let you = us.clone();
            self.tell(RelayMessage::Joined { you, capacity: 2 });
        }
    }

    /// A server with rooms answers the second if it does not answer the first.
    pub(super) fn ask_for_seat(&mut self, now: Time, was_full: bool) {
        let tokens_before = self.tokens_due;
        let Some(seat) = &mut self.seat else { return };
        let join = socket_io::join(seat.room.as_str());
        seat.state = SeatState::Asked {
            due: now + ROOM_PATIENCE,
            tokens_before,
            was_full,
        };
        self.send(join);
        if !was_full {
            self.ask_for_token();
        }
    }

    /// We have a seat.
    pub(super) fn joined(&mut self, now: Time) {
        let capacity = self.server.as_ref().map_or(2, Server::capacity);
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
        if self.has_busy_guest() {
            // What goes on with them outlives the server.
            self.announce_guest();
        } else {
            self.lose_guest();
            self.await_anybody(now);
        }
    }

    pub(super) fn leave(&mut self) {
        self.leave_unanswered();
        self.guest = None;
        if let Some((pages, _)) = self.taken() {
            let goodbye = pages.goodbye();
            self.signal(&goodbye);
        }
        // A server with rooms knows no other way out of one.
        if self.seat.take().is_some() && self.announces() {
            self.outputs.push_back(Output::Dead);
        }
    }

    pub(super) fn room_is_full(&mut self, now: Time) {
        self.has_rooms();
        let Some(seat) = &mut self.seat else { return };
        let is_known = matches!(
            seat.state,
            SeatState::Waiting { .. } | SeatState::Asked { was_full: true, .. }
        );
        seat.state = SeatState::Waiting { due: now + RETRY };
        if !is_known {
            self.tell(RelayMessage::Full {
                capacity: 2,
                door: AccessPolicy::Open,
            });
        }
    }

    /// Two are in the room now.
    pub(super) fn room_is_ready(&mut self, now: Time) {
        self.has_rooms();
        let greeting = self.taken().map(|(pages, _)| {
            pages.doubt(now);
            pages.greeting()
        });
        match greeting {
            // Somebody has come. A guest with whom a call goes on may have begun anew: our next offer reaches
            // them.
            Some(greeting) => {
                self.signal(&greeting);
                if !self.has_busy_guest() {
                    self.lose_guest();
                }
            }
            // We have. Whoever is there was there before.
            None => self.joined(now),
        }
        if self.guest.is_none() {
            self.await_guest(Some(now + GREETING_PATIENCE));
        }
    }

    /// We are asked for ICE servers. Who asks again wants to know whether the server is there: where only its
    /// socket can tell, silence is the answer, and another socket follows.
    pub(super) fn wants_token(&mut self) {
        if self.token == Token::Unasked {
            self.token = Token::Asked;
        }
        let Some(server) = &self.server else { return };
        if server.announces() || server.is_unclear() {
            self.ask_for_token();
        } else if self.token == Token::Asked {
            self.tell_token(Vec::new(), None);
        }
    }
}
