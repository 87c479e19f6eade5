//! What we write and show of ourselves in a call. See [`crate::session`] for how the others hear of it.

use visavis_protocol::chat::{ChatText, Reaction};
use visavis_protocol::dialect::native;
use visavis_protocol::id::PeerId;
use visavis_protocol::peer::{CallKind, PeerBody, PeerMessage};

use super::Call;
use crate::session::{Encoded, Event, REACTION_SHOWN, Session};
use crate::timer::{Time, Timer};
use crate::view::ChatView;

impl Call {
    /// [`Command::Say`](crate::Command::Say)
    pub(super) fn write(&mut self, now: Time, text: ChatText) {
        let with = match self.takes_part_in() {
            None => return,
            Some(CallKind::Open) => None,
            Some(CallKind::Private) => self.room.ids(Session::is_in_call).pop(),
        };
        self.chat.write(now, with, text);
    }

    /// [`Command::React`](crate::Command::React)
    pub(super) fn react(&mut self, now: Time, reaction: Reaction) {
        if !self.in_call() {
            return;
        }
        self.chat.reaction = Some(reaction);
        self.timers.set(Timer::Reaction, now + REACTION_SHOWN);
        let text = native::encode_peer(&PeerMessage::unnumbered(PeerBody::React { reaction }));
        for id in self.room.ids(Session::listens) {
            self.session(now, &id, Event::Say(&text));
        }
    }

    /// [`Command::RaiseHand`](crate::Command::RaiseHand)
    pub(super) fn raise_hand(&mut self, up: bool) {
        self.chat.hand = up && self.in_call();
    }

    /// [`Command::Show`](crate::Command::Show)
    pub(super) fn show(&mut self, widths: Vec<(PeerId, u32)>) {
        for (id, width) in widths {
            if let Some(session) = self.room.get_mut(&id) {
                session.show(width);
            }
        }
    }

    /// Says whatever somebody has not been told yet, and notes how much of what we have written in the open
    /// call everybody in it has. Once it is over, that stays as it was.
    pub(super) fn tell_news(&mut self, now: Time) {
        if !self.in_call() {
            self.chat.hand = false;
        }
        let encoded = Encoded::default();
        self.all_sessions(now, Session::listens, || Event::News(&encoded));
        let least = self.room.iter().filter_map(Session::has_heard_in_open_call).min();
        if let Some(least) = least {
            self.chat.heard_by_all = least;
        }
    }

    pub(super) fn chat_view(&self) -> ChatView {
        let heard_privately = |id: &PeerId| self.room.get(id).map_or(0, Session::has_heard_privately);
        ChatView {
            messages: self.chat.messages(),
            unheard: self.chat.unheard(heard_privately),
            hand: self.chat.hand,
            reaction: self.chat.reaction,
        }
    }
}
