//! What is said beside a call: what we have written, and what there is to read.

use std::sync::Arc;
use std::time::Duration;

use visavis_protocol::chat::{ChatText, Place, Reaction};
use visavis_protocol::id::PeerId;
use visavis_protocol::name::PersonName;
use visavis_protocol::peer::{MAX_NUMBER, MessageNumber};

use crate::timer::Time;
use crate::view::{ChatMessage, Written};

/// How many of our own messages are kept for those who join.
pub(crate) const MOST_OWN: u32 = 200;

/// How many messages are kept to be read.
const MOST_MESSAGES: usize = 500;

/// By how much two clocks may differ. A browser whose clock is more than that beside the truth takes no
/// site's certificate for valid.
const CLOCKS_DIFFER: Duration = Duration::from_hours(366 * 24);

/// One number for what is written in the open call, and one for private ones.
pub(crate) type ByKind = [MessageNumber; 2];

/// Where the number for a kind of call stands.
pub(crate) fn index(private: bool) -> usize {
    usize::from(private)
}

/// Something that we have written.
#[derive(Debug, Clone, Hash)]
pub(crate) struct Own {
    pub(crate) number: MessageNumber,
    /// In a call with this person alone.
    pub(crate) with: Option<PeerId>,
    pub(crate) at: Time,
    pub(crate) place: Place,
    pub(crate) text: ChatText,
}

/// Somebody else who has written something.
#[derive(Debug, Clone)]
pub(crate) struct Author {
    pub(crate) id: PeerId,
    pub(crate) name: PersonName,
    /// See [`PersonView::name_number`](crate::PersonView::name_number).
    pub(crate) name_number: u32,
}

/// What was said in this room, and what we show of ourselves.
#[derive(Debug, Clone, Hash, Default)]
pub(crate) struct Chat {
    /// Goes on in other rooms: we are the same person there.
    last_number: MessageNumber,
    /// The highest that we know: what we write stands behind it.
    last_position: MessageNumber,
    /// Ours: see [`Place::tie`].
    tie: MessageNumber,
    last_message: u64,
    own: Vec<Own>,
    /// The last of it, in the open call, that everybody has who takes part, or took part last.
    pub(crate) heard_by_all: MessageNumber,
    /// Each is shared, too: whoever holds the list makes us copy it, at a pointer for each.
    messages: Arc<Vec<Arc<ChatMessage>>>,
    /// Of people who are blocked: not shown, unless they are blocked no longer.
    hidden: Vec<Arc<ChatMessage>>,
    pub(crate) hand: bool,
    /// What we feel like.
    pub(crate) reaction: Option<Reaction>,
}

impl Chat {
    /// What there is to read of what we have written before the page was loaded anew. The seed differs from
    /// page to page.
    pub(crate) fn after_reload(written: Vec<Written>, seed: u64) -> Self {
        let mut chat = Self {
            tie: seed & MAX_NUMBER,
            ..Self::default()
        };
        for written in written {
            let position = written.place.map_or(0, |place| place.position);
            chat.last_position = chat.last_position.max(position);
            chat.read(0, written);
        }
        chat
    }

    /// We have written something.
    pub(crate) fn write(&mut self, at: Time, with: Option<PeerId>, text: ChatText) {
        self.last_number += 1;
        self.last_position = at.0.max(self.last_position + 1).min(MAX_NUMBER);
        let number = self.last_number;
        let place = Place {
            position: self.last_position,
            tie: self.tie,
        };
        let written = Written {
            at,
            private: with.is_some(),
            place: Some(place),
            text: text.clone(),
        };
        self.read(number, written);
        self.own.push(Own {
            number,
            with,
            at,
            place,
            text,
        });
        make_room(&mut self.own, MOST_OWN as usize);
    }

    /// Somebody says where something stands that they have written: what of that is believed, and remembered.
    ///
    /// A position that no clock can have would stand behind all others for good, or have them run out of
    /// numbers. What we believe is twice what we remember: what we put behind the highest that we
    /// remember, others believe whose clocks are behind ours. So the order is one, whatever anybody says.
    /// Between two whose clocks differ, a person who goes to the very limit can prevent that an answer stands
    /// behind its question, for as long as they differ.
    fn believe(&mut self, now: Time, place: Option<Place>) -> Option<Place> {
        let place = place?;
        let highest = now + CLOCKS_DIFFER;
        if place.position <= highest.0 {
            self.last_position = self.last_position.max(place.position);
        }
        (place.position <= (highest + CLOCKS_DIFFER).0).then_some(place)
    }

    /// Somebody has written something. It is not shown if they are blocked.
    pub(crate) fn heard(&mut self, now: Time, author: Author, written: Written, is_blocked: bool) {
        let place = self.believe(now, written.place);
        let (index, message) = self.message(Some(author), 0, Written { place, ..written });
        if is_blocked {
            self.hidden.push(message);
            make_room(&mut self.hidden, MOST_MESSAGES);
        } else {
            self.show(index, message);
        }
    }

    /// Somebody is blocked: what they have written is not shown any more.
    pub(crate) fn hide(&mut self, from: &PeerId) {
        let messages = Arc::make_mut(&mut self.messages);
        let theirs = |message: &Arc<ChatMessage>| message.from.as_ref() == Some(from);
        let hidden = messages.iter().filter(|message| theirs(message)).cloned();
        self.hidden.extend(hidden);
        messages.retain(|message| !theirs(message));
        make_room(&mut self.hidden, MOST_MESSAGES);
    }

    /// Somebody is blocked no longer.
    pub(crate) fn reveal(&mut self, from: &PeerId) {
        for message in std::mem::take(&mut self.hidden) {
            if message.from.as_ref() == Some(from) {
                let (index, _) = stand(&self.messages, message.at, Some(message.place));
                self.show(index, message);
            } else {
                self.hidden.push(message);
            }
        }
    }

    /// Something of ours is there to be read.
    fn read(&mut self, number: MessageNumber, written: Written) {
        let (index, message) = self.message(None, number, written);
        self.show(index, message);
    }

    fn show(&mut self, index: usize, message: Arc<ChatMessage>) {
        let messages = Arc::make_mut(&mut self.messages);
        messages.insert(index, message);
        make_room(messages, MOST_MESSAGES);
    }

    /// Something that was written, and where it stands in the list.
    fn message(
        &mut self,
        author: Option<Author>,
        number: MessageNumber,
        written: Written,
    ) -> (usize, Arc<ChatMessage>) {
        let Written {
            at,
            private,
            place,
            text,
        } = written;
        let (from, name, name_number) = match author {
            Some(author) => (Some(author.id), author.name, author.name_number),
            None => (None, PersonName::default(), 1),
        };
        let (index, place) = stand(&self.messages, at, place);
        self.last_message += 1;
        let message = ChatMessage {
            id: self.last_message,
            from,
            name,
            name_number,
            private,
            at,
            place,
            number,
            text,
        };
        (index, Arc::new(message))
    }

    /// What we have written after this number, in the open call, or to this person alone.
    pub(crate) fn after(&self, number: MessageNumber, with: Option<&PeerId>) -> Vec<Own> {
        let meant = |own: &&Own| own.number > number && own.with.as_ref() == with;
        self.own.iter().filter(meant).cloned().collect()
    }

    /// The numbers of what not everybody has whom it is for. The function says what somebody has who was
    /// written to alone.
    pub(crate) fn unheard(&self, heard_privately: impl Fn(&PeerId) -> MessageNumber) -> Vec<MessageNumber> {
        let is_unheard =
            |own: &&Own| own.number > own.with.as_ref().map_or(self.heard_by_all, &heard_privately);
        self.own.iter().filter(is_unheard).map(|own| own.number).collect()
    }

    pub(crate) fn messages(&self) -> Arc<Vec<Arc<ChatMessage>>> {
        Arc::clone(&self.messages)
    }

    /// We have left the room: what was said stays there.
    pub(crate) fn leave(&mut self) {
        self.own.clear();
        self.hidden.clear();
        self.messages = Arc::default();
    }
}

/// Where a message goes into the list. One that has no place of its own stands behind those that were written
/// before it, by our clock, and takes a place between its neighbours.
fn stand(messages: &[Arc<ChatMessage>], at: Time, place: Option<Place>) -> (usize, Place) {
    let behind = |is_before: &dyn Fn(&ChatMessage) -> bool| {
        let last = messages.iter().rposition(|message| is_before(message));
        last.map_or(0, |before| before + 1)
    };
    if let Some(place) = place {
        return (behind(&|other| other.place <= place), place);
    }
    let index = behind(&|other| other.at <= at);
    let mut place = Place {
        position: at.0,
        tie: 0,
    };
    if let Some(next) = messages.get(index) {
        place = place.min(next.place);
    }
    if let Some(before) = messages[..index].last() {
        place = place.max(before.place);
    }
    (index, place)
}

/// Drops the first ones, so that no more than so many are left.
fn make_room<T>(list: &mut Vec<T>, most: usize) {
    list.drain(..list.len().saturating_sub(most));
}

#[cfg(test)]
mod tests;
