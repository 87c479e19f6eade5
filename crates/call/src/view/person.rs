//! Somebody else, as they are to be seen.

use visavis_protocol::chat::Reaction;
use visavis_protocol::guest::Presence;
use visavis_protocol::id::PeerId;
use visavis_protocol::name::PersonName;
use visavis_protocol::peer::CallKind;
use visavis_sealing::Unopened;

use crate::event::Path;
use crate::safety::SafetyCode;
use crate::view::Danger;

/// How well somebody is received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quality {
    /// Nothing is missed.
    Good,
    /// Something is, or the way is long.
    Fair,
    /// Much is, or the way is so long that people interrupt each other.
    Poor,
}

/// Somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonView {
    /// Who it is.
    pub id: PeerId,
    /// What they call themselves; empty if they don't say.
    pub name: PersonName,
    /// Tells them from others whose names look the same: 1 for whoever had such a name first, 2 for the next
    /// one. We are always first, and so are the page's own words. To be shown from 2 on: `You (2)`.
    pub name_number: u32,
    /// Whether they are the room's host.
    pub host: bool,
    /// Whether they have another program, which knows calls and nothing else; then, how it is known that they
    /// are here.
    pub guest: Option<Presence>,
    /// How they are connected with us.
    pub state: PersonState,
    /// The call that they take part in, by their own word.
    pub call: Option<CallKind>,
    /// Whether signaling reaches them at the moment. A call goes on without.
    pub reachable: bool,
    /// Whether they send video, by their own word.
    pub camera: bool,
    /// Whether it is that of a screen.
    pub screen: bool,
    /// Whether they send audio, by their own word.
    pub microphone: bool,
    /// Whether we want to see and hear nothing of them ([`Command::Block`](crate::Command::Block)). Then
    /// there is no video, screen, hand or reaction, they seem to send what people usually send, and their
    /// audio is not to be played.
    pub blocked: bool,
    /// Whether their video arrives.
    pub video: bool,
    /// Which way media takes, once it is known.
    pub path: Option<Path>,
    /// How well they are received, once it is known.
    pub quality: Option<Quality>,
    /// Whether they speak.
    pub speaks: bool,
    /// Whether they want to.
    pub hand: bool,
    /// What they feel like.
    pub reaction: Option<Reaction>,
    /// How many of their messages are not shown because there were too many at once.
    pub messages_dropped: u32,
    /// How many of the connections that they offered were not made because there were too many.
    pub offers_dropped: u32,
    /// Whether what they say through signaling can be opened.
    pub seal: SealView,
    /// Whether what we send goes to them, also if they have not said yet that they take part.
    pub is_sent: bool,
    /// Whether they may have learnt our network address. What is known stays known.
    pub knows_address: bool,
    /// Whether we are connected with them before a call, so that one starts at once.
    pub pre_connected: bool,
    /// Whether we know that nobody sits between us and them.
    pub safety: Safety,
}

impl PersonView {
    /// Somebody who is in the room and sends what people usually send.
    #[must_use]
    pub fn new(id: PeerId) -> Self {
        Self {
            id,
            name: PersonName::default(),
            name_number: 1,
            host: false,
            guest: None,
            state: PersonState::Here,
            call: None,
            reachable: true,
            camera: true,
            screen: false,
            microphone: true,
            blocked: false,
            video: true,
            path: None,
            quality: None,
            speaks: false,
            hand: false,
            reaction: None,
            messages_dropped: 0,
            offers_dropped: 0,
            seal: SealView::Open,
            is_sent: false,
            knows_address: false,
            pre_connected: false,
            safety: Safety::Unknown,
        }
    }

    /// Whether they are in a call with us, or on the way into one.
    #[must_use]
    pub fn takes_part(&self) -> bool {
        !matches!(
            self.state,
            PersonState::Here | PersonState::Away | PersonState::Calling
        )
    }
}

/// Whether what somebody says through signaling can be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealView {
    /// The room is open: nothing is sealed.
    Open,
    /// They have said nothing yet.
    Unheard,
    /// It can: they have the link to this room.
    Sealed,
    /// Nothing of what came from them could be opened, the last for this reason.
    Unopened(Unopened),
}

/// Whether it is known that nobody sits between us and somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Safety {
    /// There is no code: we were not connected yet, or their client makes none.
    #[default]
    Unknown,
    /// Both see this one if nobody does. It was not compared.
    Code(SafetyCode),
    /// It was compared, and is the same on both sides.
    Verified(SafetyCode),
    /// Another one was. Since then, somebody's browser is another one. `None`: there is no code yet.
    Changed(Option<SafetyCode>),
    /// A connection was ended for this reason, and nothing was compared since. `None`: there is no code now.
    Broken(Danger, Option<SafetyCode>),
}

impl Safety {
    /// The code to compare, if there is one.
    #[must_use]
    pub fn code(self) -> Option<SafetyCode> {
        match self {
            Self::Unknown => None,
            Self::Code(code) | Self::Verified(code) => Some(code),
            Self::Changed(code) | Self::Broken(_, code) => code,
        }
    }
}

/// How somebody is connected with us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonState {
    /// In the room, not in a call with us.
    Here,
    /// They have lost touch with the room, and are expected back.
    Away,
    /// They call us.
    Calling,
    /// We call them, and they have not said yet that they take part.
    Ringing,
    /// The connection is being made.
    Connecting,
    /// Connected.
    Connected,
    /// Connected before, and silent at the moment; another way is being tried.
    Interrupted,
}
