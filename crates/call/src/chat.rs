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
            chat.read(None, PersonName::default(), 0, written);
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
        self.read(None, PersonName::default(), number, written);
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

    /// Somebody has written something.
    pub(crate) fn heard(&mut self, now: Time, from: PeerId, name: PersonName, written: Written) {
        let place = self.believe(now, written.place);
        self.read(Some(from), name, 0, Written { place, ..written });
    }

    /// Something is there to be read.
    fn read(&mut self, from: Option<PeerId>, name: PersonName, number: MessageNumber, written: Written) {
        let Written {
            at,
            private,
            place,
            text,
        } = written;
        let messages = Arc::make_mut(&mut self.messages);
        let (index, place) = stand(messages, at, place);
        self.last_message += 1;
        let message = ChatMessage {
            id: self.last_message,
            from,
            name,
            private,
            at,
            place,
            number,
            text,
        };
        messages.insert(index, Arc::new(message));
        make_room(messages, MOST_MESSAGES);
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
mod tests {
    use super::*;

    fn words(text: &str) -> ChatText {
        ChatText::new(text).unwrap()
    }

    fn texts(chat: &Chat) -> Vec<String> {
        let messages = chat.messages();
        messages
            .iter()
            .map(|message| message.text.as_str().to_owned())
            .collect()
    }

    fn read(chat: &mut Chat, at: u64, place: Option<(u64, u64)>, text: &str) {
        let written = Written {
            at: Time(at),
            private: false,
            place: place.map(|(position, tie)| Place { position, tie }),
            text: words(text),
        };
        chat.read(None, PersonName::default(), 0, written);
    }

    fn believe(chat: &mut Chat, now: u64, position: u64) -> bool {
        let place = Place { position, tie: 7 };
        chat.believe(Time(now), Some(place)).is_some()
    }

    fn write(chat: &mut Chat, at: u64) -> Place {
        chat.write(Time(at), None, words("mine"));
        chat.own.last().unwrap().place
    }

    #[test]
    fn places_decide_and_not_when_something_comes_or_was_written() {
        let places = [(10, 2), (20, 1), (20, 3), (21, 0)].map(Some);
        // Each comes first once.
        for first in 0..places.len() {
            let mut chat = Chat::default();
            for index in (0..places.len()).cycle().skip(first).take(places.len()) {
                read(&mut chat, 100 - index as u64, places[index], &index.to_string());
            }
            assert_eq!(texts(&chat), ["0", "1", "2", "3"], "{first} came first");
        }
    }

    #[test]
    fn without_places_what_was_written_before_stands_before() {
        let mut chat = Chat::default();
        for (at, text) in [(10, "a"), (30, "c"), (20, "b"), (30, "d"), (5, "first")] {
            read(&mut chat, at, None, text);
        }
        assert_eq!(texts(&chat), ["first", "a", "b", "c", "d"]);
    }

    #[test]
    fn what_has_no_place_disturbs_no_others() {
        let mut chat = Chat::default();
        // Their clock is far ahead of ours.
        read(&mut chat, 10, Some((1010, 1)), "a");
        read(&mut chat, 20, None, "old");
        read(&mut chat, 30, Some((1030, 1)), "c");
        read(&mut chat, 20, Some((1020, 1)), "b");
        assert_eq!(texts(&chat), ["a", "old", "b", "c"]);
        assert!(chat.messages().is_sorted_by_key(|message| message.place));
        let mut chat = Chat::default();
        read(&mut chat, 1010, Some((10, 1)), "a");
        read(&mut chat, 1000, None, "old");
        read(&mut chat, 1020, Some((5, 1)), "before");
        assert_eq!(texts(&chat), ["before", "old", "a"]);
        assert!(chat.messages().is_sorted_by_key(|message| message.place));
    }

    #[test]
    fn what_we_write_stands_behind_all_that_we_know() {
        let mut chat = Chat::default();
        assert_eq!(write(&mut chat, 10).position, 10);
        assert_eq!(write(&mut chat, 10).position, 11, "twice at once");
        assert!(believe(&mut chat, 12, 50));
        assert_eq!(write(&mut chat, 13).position, 51, "their clock is ahead of ours");
        assert_eq!(write(&mut chat, 5).position, 52, "ours was set back");
        assert_eq!(write(&mut chat, 100).position, 100);
    }

    #[test]
    fn what_we_wrote_before_a_reload_keeps_its_place() {
        let place = Place {
            position: 500,
            tie: 9,
        };
        let written = Written {
            at: Time(100),
            private: false,
            place: Some(place),
            text: words("before"),
        };
        let mut chat = Chat::after_reload(vec![written], u64::MAX);
        assert_eq!(chat.messages()[0].place, place);
        let next = write(&mut chat, 200);
        assert_eq!((next.position, next.tie), (501, MAX_NUMBER));
    }

    #[test]
    fn positions_that_no_clock_can_have_are_not_believed() {
        let now = 1_700_000_000_000;
        let year = 366 * 24 * 3600 * 1000;
        let mut chat = Chat::default();
        for absurd in [MAX_NUMBER, now + 2 * year + 1] {
            assert!(!believe(&mut chat, now, absurd), "{absurd}");
        }
        assert_eq!(write(&mut chat, now).position, now);
        // We do not follow this one, since nobody would follow us.
        assert!(believe(&mut chat, now, now + 2 * year));
        assert_eq!(write(&mut chat, now).position, now + 1);
        // However far somebody leads us, others still believe us.
        assert!(believe(&mut chat, now, now + year));
        let position = write(&mut chat, now + 1000).position;
        assert_eq!(position, now + year + 1);
        assert!(
            believe(&mut Chat::default(), now - 60_000, position),
            "their clock is behind"
        );
    }

    #[test]
    fn the_newest_are_kept() {
        let mut chat = Chat::default();
        for number in 0..1000 {
            chat.write(Time(number), None, words(&number.to_string()));
        }
        assert_eq!(chat.after(0, None).len(), MOST_OWN as usize);
        assert_eq!(texts(&chat).len(), MOST_MESSAGES);
        assert_eq!(texts(&chat).last().unwrap(), "999");
        read(&mut chat, 0, Some((0, 0)), "older than all that is kept");
        assert_eq!(texts(&chat)[0], "500");
        chat.leave();
        assert!(texts(&chat).is_empty() && chat.after(0, None).is_empty());
        chat.write(Time(1000), None, words("again"));
        assert_eq!(chat.after(0, None)[0].number, 1001, "numbers go on");
    }

    #[test]
    fn what_is_written_to_one_is_not_for_all() {
        let mut chat = Chat::default();
        let ada = PeerId::new("ada").unwrap();
        chat.write(Time(1), None, words("to all"));
        chat.write(Time(2), Some(ada.clone()), words("to Ada"));
        let numbers = |with| {
            chat.after(0, with)
                .iter()
                .map(|own| own.number)
                .collect::<Vec<_>>()
        };
        assert_eq!(numbers(None), [1]);
        assert_eq!(numbers(Some(&ada)), [2]);
        assert!(numbers(Some(&PeerId::new("eve").unwrap())).is_empty());
    }
}
