//! What a user interface may show. A plain value, made anew after each change and compared with the last.

use std::sync::Arc;
use std::time::Duration;

use visavis_protocol::chat::{ChatText, Place, Reaction};
use visavis_protocol::id::{PeerId, RoomId};
use visavis_protocol::name::PersonName;
use visavis_protocol::peer::{CallKind, MessageNumber};
use visavis_protocol::relay::AccessPolicy;

use crate::event::{MediaError, Path};
use crate::timer::Time;

/// Everything there is to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallView {
    /// The room that is meant, joined or not.
    pub room: RoomId,
    /// Camera and microphone.
    pub media: LocalMediaView,
    /// The way to the others.
    pub signaling_route: SignalingView,
    /// Our place in the room.
    pub seat: SeatView,
    /// Who may come in, and who wants to.
    pub access: AccessView,
    /// The others, in the order of their arrival.
    pub people: Vec<PersonView>,
    /// The call.
    pub call: CallPhase,
    /// Whom it is for; `None` while we take part in none.
    pub kind: Option<CallKind>,
    /// While a call is being connected: why that may take long, or fail.
    pub suspicion: Option<FailureCause>,
    /// What is said beside it.
    pub chat: ChatView,
}

/// What is said beside the call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChatView {
    /// What was written in this room, in the order of [`ChatMessage::place`], which is the same for
    /// everybody.
    pub messages: Arc<Vec<ChatMessage>>,
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

/// Camera and microphone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocalMediaView {
    /// Not asked for.
    Off,
    /// The browser is asking the person.
    Asking,
    /// Settled, if only that nothing is sent.
    Open {
        /// What sends the picture.
        camera: DeviceView,
        /// What sends the sound.
        microphone: DeviceView,
        /// What sends another picture in the place of the camera's; never [`DeviceView::Off`].
        screen: DeviceView,
        /// Why the device that was last asked for could not be opened.
        trouble: Option<MediaError>,
    },
    /// They can't be had.
    Failed(MediaError),
}

/// A camera or a microphone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeviceView {
    /// There is none, or it is not wanted.
    Absent,
    /// It is being opened.
    Opening,
    /// It sends.
    On,
    /// It is switched off, and can be switched on again.
    Off,
    /// It has stopped by itself: unplugged, for one. It can be switched on again.
    Lost,
}

/// The way to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignalingView {
    /// Not needed yet.
    Off,
    /// The relay is being reached for the first time.
    Opening,
    /// Through the relay.
    Relay,
    /// The relay can't be reached.
    Unreachable {
        /// When it is tried again; `None` while an attempt is under way.
        retry_at: Option<Time>,
        /// Tabs of this browser can meet meanwhile.
        tabs_can_meet: bool,
    },
    /// There is no relay: only tabs of this browser can meet.
    OnlyThisBrowser,
}

/// Our place in the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeatView {
    /// None, and none asked for.
    None,
    /// Asked for.
    Joining,
    /// The room is full; we wait in line.
    Queued {
        /// How many people the room holds.
        capacity: u32,
    },
    /// The host has not let us in; we wait.
    InLobby {
        /// Nobody new gets in at present, so nobody is asked either.
        locked: bool,
    },
    /// In the room.
    Seated,
    /// We were sent away, and try no longer.
    Removed(RemovalReason),
}

/// Why we were sent away from a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RemovalReason {
    /// The host did not let us in.
    Refused,
    /// The host has taken our seat.
    Removed,
    /// Too many people want to come in. This may change; see [`Command::RetryNow`](crate::Command::RetryNow).
    Crowded,
}

/// The door of the room, for whoever has a seat in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccessView {
    /// Who may come in. Always open where there is no host.
    pub policy: AccessPolicy,
    /// Whether we are the host.
    pub is_ours: bool,
    /// Who knocks, whoever came first before the others. Only the host knows.
    pub knocking: Vec<KnockerView>,
}

/// Somebody who wants to come in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KnockerView {
    /// Who it is.
    pub id: PeerId,
    /// What they call themselves; empty if they don't say.
    pub name: PersonName,
}

/// Somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonView {
    /// Who it is.
    pub id: PeerId,
    /// What they call themselves; empty if they don't say.
    pub name: PersonName,
    /// Whether they are the room's host.
    pub host: bool,
    /// How they are connected with us.
    pub state: PersonState,
    /// The call that they take part in, by their own word.
    pub call: Option<CallKind>,
    /// Whether signaling reaches them at the moment. A call goes on without.
    pub reachable: bool,
    /// Whether they send a picture, by their own word.
    pub camera: bool,
    /// Whether it is that of a screen.
    pub screen: bool,
    /// Whether they send sound, by their own word.
    pub microphone: bool,
    /// Whether their picture arrives.
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
    /// Whether a connection to them stands ready, so that a call starts at once.
    pub prepared: bool,
}

impl PersonView {
    /// Somebody who is in the room and sends what people usually send.
    #[must_use]
    pub fn new(id: PeerId) -> Self {
        Self {
            id,
            name: PersonName::default(),
            host: false,
            state: PersonState::Here,
            call: None,
            reachable: true,
            camera: true,
            screen: false,
            microphone: true,
            video: true,
            path: None,
            quality: None,
            speaks: false,
            hand: false,
            reaction: None,
            prepared: false,
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

/// The call.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum CallPhase {
    /// There was none yet.
    Idle,
    /// Nobody is connected yet.
    Connecting {
        /// The click, or the arrival of the call.
        since: Time,
    },
    /// Somebody is connected.
    InCall {
        /// When the first one was.
        since: Time,
    },
    /// It is over.
    Ended {
        /// Why.
        reason: EndReason,
        /// For how long somebody was connected; `None`: nobody ever was.
        lasted: Option<Duration>,
        /// Whom it was with, of several the last one.
        with: PersonName,
    },
}

/// Why a call is over.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum EndReason {
    /// We hung up.
    HungUp,
    /// The other side hung up.
    PeerHungUp,
    /// The other side left the room, or closed the page.
    PeerLeft,
    /// They did not want to take part.
    Declined,
    /// They are in another call.
    Busy,
    /// They have not answered for as long as it may ring.
    Unanswered,
    /// They called, and gave up before we answered.
    Missed,
    /// It failed.
    Failed(FailureCause),
}

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum FailureCause {
    /// The other side's page never answered.
    NoAnswer,
    /// No network path to the other side was found.
    NoPath(Obstacle),
    /// There was a path, and it is gone.
    ConnectionLost,
    /// The browser refused; the name of its exception.
    Browser(String),
}

/// What is in the way of a network path, as far as candidates and ICE servers tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Obstacle {
    /// Our browser has no network address to offer: there is no network, or something forbids WebRTC.
    NothingToOffer,
    /// The other side's browser has none.
    NothingOffered,
    /// A browser hides its addresses in this network until it is allowed to use a camera or a microphone
    /// (mDNS candidates), and there is no TURN server.
    HiddenAddresses,
    /// There is no TURN server that could help.
    NoTurn,
    /// The TURN server refuses the site's credentials; its code (RFC 8656, section 18).
    TurnRefuses(u16),
    /// The TURN server has no room for another call.
    TurnIsFull,
    /// The TURN server can't be reached.
    TurnUnreachable,
    /// There was a TURN server, and not even it helped.
    EvenWithTurn,
}

/// The screen that fits a view: exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was asked for yet.
    Start,
    /// The browser is asking for permission.
    Asking,
    /// Camera and microphone can't be had.
    Blocked,
    /// On the way into the room.
    Joining,
    /// The room is full.
    Queued,
    /// The host has not let us in yet.
    InLobby,
    /// We were sent away.
    Removed,
    /// Nobody else is here.
    Alone,
    /// Somebody is here and can be called.
    Ready,
    /// Somebody calls us.
    Ringing,
    /// A connection is being made.
    Connecting,
    /// In a call.
    InCall,
    /// A call is over.
    Ended,
}

impl CallView {
    /// Before anything has happened.
    #[must_use]
    pub fn new(room: RoomId) -> Self {
        Self {
            room,
            media: LocalMediaView::Off,
            signaling_route: SignalingView::Off,
            seat: SeatView::None,
            access: AccessView::default(),
            people: Vec::new(),
            call: CallPhase::Idle,
            kind: None,
            suspicion: None,
            chat: ChatView::default(),
        }
    }

    /// Whether a device has stopped by itself, or did not start when it was asked to.
    #[must_use]
    pub fn has_lost_device(&self) -> bool {
        matches!(
            self.media,
            LocalMediaView::Open { camera, microphone, screen, .. }
                if [camera, microphone, screen].contains(&DeviceView::Lost)
        )
    }

    /// The screen to show.
    #[must_use]
    pub fn stage(&self) -> Stage {
        match (&self.call, &self.media, self.seat) {
            (CallPhase::InCall { .. }, ..) => Stage::InCall,
            (CallPhase::Connecting { .. }, ..) => Stage::Connecting,
            (_, LocalMediaView::Off, _) => Stage::Start,
            (_, LocalMediaView::Asking, _) => Stage::Asking,
            (_, LocalMediaView::Failed(_), _) => Stage::Blocked,
            _ if self.caller().is_some() => Stage::Ringing,
            (CallPhase::Ended { .. }, ..) => Stage::Ended,
            (_, _, SeatView::None | SeatView::Joining) => Stage::Joining,
            (_, _, SeatView::Queued { .. }) => Stage::Queued,
            (_, _, SeatView::InLobby { .. }) => Stage::InLobby,
            (_, _, SeatView::Removed(_)) => Stage::Removed,
            (_, _, SeatView::Seated) if self.people.is_empty() => Stage::Alone,
            (_, _, SeatView::Seated) => Stage::Ready,
        }
    }

    /// The person of this name, while they are to be seen.
    #[must_use]
    pub fn person(&self, id: &PeerId) -> Option<&PersonView> {
        self.people.iter().find(|person| person.id == *id)
    }

    /// Whether a call is being made, or goes on.
    #[must_use]
    pub fn is_going_on(&self) -> bool {
        matches!(self.call, CallPhase::Connecting { .. } | CallPhase::InCall { .. })
    }

    /// Whether Call would call somebody, or answer somebody's call.
    #[must_use]
    pub fn can_call(&self) -> bool {
        matches!(self.call, CallPhase::Idle | CallPhase::Ended { .. })
            && self
                .people
                .iter()
                .any(|person| matches!(person.state, PersonState::Here | PersonState::Calling))
    }

    /// Who calls us; of several, the one whose call would be answered.
    #[must_use]
    pub fn caller(&self) -> Option<&PersonView> {
        self.people
            .iter()
            .find(|person| person.state == PersonState::Calling)
    }

    /// Those who take part in a call that is open to us.
    pub fn to_join(&self) -> impl Iterator<Item = &PersonView> {
        let is_open =
            |person: &&PersonView| person.state == PersonState::Here && person.call == Some(CallKind::Open);
        self.people.iter().filter(is_open)
    }
}
