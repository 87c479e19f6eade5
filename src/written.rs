//! What we have written in a room, kept by the tab for the page that comes after this one.
//!
//! The others repeat their messages to a page that is new to them, and a reloaded page is new. What we have
//! written ourselves nobody else would show us.

use std::sync::Arc;

use visavis_call::{ChatMessage, Time, Written};
use visavis_protocol::dialect::native;
use visavis_protocol::id::RoomId;
use visavis_protocol::peer::{PeerBody, PeerMessage};
use visavis_protocol::relay::PeerText;

use crate::browser::session;

/// Where the tab keeps it.
const KEPT: &str = "visavis.written";

/// Keeps our own messages in a room, instead of what was kept before.
pub(crate) fn keep(room: &RoomId, messages: &[Arc<ChatMessage>]) {
    session::keep(KEPT, &to_text(room, messages));
}

/// Our own messages in this room.
pub(crate) fn kept(room: &RoomId) -> Vec<Written> {
    session::kept(KEPT).map_or_else(Vec::new, |text| from_text(room, &text))
}

/// The room's name, and then, a line each, the messages by which it was said; with `ago` counted from 1970.
fn to_text(room: &RoomId, messages: &[Arc<ChatMessage>]) -> String {
    let mut text = room.to_string();
    for message in messages.iter().filter(|message| message.from.is_none()) {
        #[expect(clippy::cast_possible_truncation, reason = "it is enough until 2106")]
        let say = PeerBody::Say {
            number: 0,
            ago: (message.at.0 / 1000) as u32,
            private: message.private,
            place: Some(message.place),
            text: message.text.clone(),
        };
        text.push('\n');
        text.push_str(&native::encode_peer(&PeerMessage::unnumbered(say)).0);
    }
    text
}

fn from_text(room: &RoomId, text: &str) -> Vec<Written> {
    let mut lines = text.lines();
    if lines.next() != Some(room.as_str()) {
        return Vec::new();
    }
    lines
        .filter_map(|line| {
            let message = native::decode_peer(&PeerText(line.to_owned())).ok()?;
            let PeerBody::Say {
                ago,
                private,
                place,
                text,
                ..
            } = message.body
            else {
                return None;
            };
            Some(Written {
                at: Time(u64::from(ago) * 1000),
                private,
                place,
                text,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use visavis_protocol::chat::{ChatText, Place};
    use visavis_protocol::id::PeerId;
    use visavis_protocol::name::PersonName;
    use visavis_protocol::peer::MAX_NUMBER;

    use super::*;

    #[test]
    fn what_is_ours_comes_back_in_its_room() {
        let place = Place {
            position: 1_700_000_000_900,
            tie: MAX_NUMBER,
        };
        let message = |from: Option<&str>, text: &str| {
            Arc::new(ChatMessage {
                id: 1,
                from: from.map(|id| PeerId::new(id).unwrap()),
                name: PersonName::default(),
                name_number: 1,
                private: from.is_none(),
                at: Time(1_700_000_000_900),
                place,
                number: 3,
                text: ChatText::new(text).unwrap(),
            })
        };
        let (tea, soup) = (RoomId::new("tea").unwrap(), RoomId::new("soup").unwrap());
        let text = to_text(
            &tea,
            &[message(None, "two\n\nlines"), message(Some("bob"), "not ours")],
        );
        let expected = Written {
            at: Time(1_700_000_000_000),
            private: true,
            place: Some(place),
            text: ChatText::new("two\n\nlines").unwrap(),
        };
        assert_eq!(from_text(&tea, &text), [expected]);
        assert_eq!(from_text(&soup, &text), []);
        assert_eq!(from_text(&tea, "tea\nno message\n{\"number\":0}"), []);
        assert_eq!(from_text(&tea, ""), []);
        // Kept by an older version.
        let older =
            r#"{"number":0,"ack":0,"connection":0,"body":{"type":"say","number":0,"ago":7,"text":"hi"}}"#;
        let kept = from_text(&tea, &format!("tea\n{older}"));
        assert_eq!((kept[0].at, kept[0].place), (Time(7000), None));
    }
}
