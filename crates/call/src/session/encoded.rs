//! What goes over data channels, as texts.

use std::cell::RefCell;

use visavis_protocol::dialect::native;
use visavis_protocol::peer::{MessageNumber, PeerBody, PeerMessage};
use visavis_protocol::relay::PeerText;

use crate::chat::Own;
use crate::timer::Time;

/// What we have written as it was encoded, at one time: the same for everybody who hears it then.
#[derive(Debug, Default)]
pub(crate) struct Encoded(RefCell<Vec<(MessageNumber, PeerText)>>);

impl Encoded {
    pub(super) fn of(&self, now: Time, own: Own) -> PeerText {
        let mut all = self.0.borrow_mut();
        if let Some((_, text)) = all.iter().find(|(number, _)| *number == own.number) {
            return text.clone();
        }
        #[expect(clippy::cast_possible_truncation, reason = "no room lives for a century")]
        let ago = now.since(own.at).as_secs() as u32;
        let text = encode(PeerBody::Say {
            number: own.number,
            ago,
            private: own.with.is_some(),
            place: Some(own.place),
            text: own.text,
        });
        all.push((own.number, text.clone()));
        text
    }
}

/// As it goes over a data channel.
pub(super) fn encode(body: PeerBody) -> PeerText {
    native::encode_peer(&PeerMessage::unnumbered(body))
}
