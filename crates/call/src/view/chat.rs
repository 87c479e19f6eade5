//! What is written beside a call.

use std::sync::Arc;

use visavis_protocol::chat::{ChatText, Place, Reaction};
use visavis_protocol::id::PeerId;
use visavis_protocol::name::PersonName;
use visavis_protocol::peer::MessageNumber;

use crate::timer::Time;

/// What is said beside the call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChatView {
    /// What was written in this room, in the order of [`ChatMessage::place`], which is the same for
    /// everybody.
    pub messages: Arc<Vec<Arc<ChatMessage>>>,
    /// The numbers of our own that not everybody has whom they are for.
    pub unheard: Vec<MessageNumber>,
    /// Whether we want to speak.
    pub hand: bool,
    /// What we feel like.
    pub reaction: Option<Reaction>,
}

/// Something that was written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ChatMessage {
    /// Tells it from others: each that comes has a larger one.
    pub id: u64,
    /// Who has written it; `None`: we have.
    pub from: Option<PeerId>,
    /// What they called themselves then.
    pub name: PersonName,
    /// What told them from others then: see [`PersonView::name_number`](crate::PersonView::name_number).
    pub name_number: u32,
    /// In a call for two alone.
    pub private: bool,
    /// When, by our clock.
    pub at: Time,
    /// Where it stands.
    pub place: Place,
    /// Of our own, its number: see [`ChatView::unheard`].
    pub number: MessageNumber,
    /// What it says.
    pub text: ChatText,
}

/// Something that was written: what a reader, or the page after a reload, is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// When, by our clock.
    pub at: Time,
    /// In a call for two alone.
    pub private: bool,
    /// Where it stands. Older versions don't say.
    pub place: Option<Place>,
    /// What it says.
    pub text: ChatText,
}
