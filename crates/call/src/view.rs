//! What a user interface may show. A plain value, made anew after each change and compared with the last.

use visavis_protocol::id::PeerId;
use visavis_protocol::peer::CallKind;
use visavis_sealing::{RoomAddress, Unopened};

use crate::event::{Device, MediaError};

mod chat;
mod person;
mod phase;
mod place;
mod sight;

pub use chat::{ChatMessage, ChatView, Written};
pub use person::{PersonState, PersonView, Quality, Safety, SealView};
pub use phase::{CallPhase, Danger, EndReason, FailureCause, Obstacle};
pub use place::{AccessView, KnockerView, RemovalReason, SeatView, SignalingView};
pub use sight::{Seen, Seer, ServersView, Sight};

/// Everything there is to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallView {
    /// The room that is meant, joined or not.
    pub room: RoomAddress,
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
    /// Which servers our connections ask.
    pub servers: ServersView,
    /// While a call is being connected: why that may take long, or fail.
    pub suspicion: Option<FailureCause>,
    /// What is said beside it.
    pub chat: ChatView,
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
        /// What sends video.
        camera: DeviceView,
        /// What sends audio.
        microphone: DeviceView,
        /// What sends video in the place of the camera's; never [`DeviceView::Off`].
        screen: DeviceView,
        /// Why some of them could not be opened.
        errors: DeviceErrors,
    },
    /// Nothing of what was wanted can be had.
    Failed(DeviceErrors),
}

impl LocalMediaView {
    /// Whether it is settled what is sent, if only nothing.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open { .. })
    }

    /// How a device is: absent, while nothing is settled.
    #[must_use]
    pub fn device(&self, device: Device) -> DeviceView {
        match (self, device) {
            (Self::Open { camera, .. }, Device::Camera) => *camera,
            (Self::Open { microphone, .. }, Device::Microphone) => *microphone,
            (Self::Open { screen, .. }, Device::Screen) => *screen,
            _ => DeviceView::Absent,
        }
    }

    /// Why a device could not be opened.
    #[must_use]
    pub fn error(&self, device: Device) -> Option<&MediaError> {
        let (Self::Open { errors, .. } | Self::Failed(errors)) = self else {
            return None;
        };
        match device {
            Device::Camera => errors.camera.as_ref(),
            Device::Microphone => errors.microphone.as_ref(),
            Device::Screen => errors.screen.as_ref(),
        }
    }
}

/// Why devices could not be opened; `None` of one that was, or that nobody has asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct DeviceErrors {
    /// The camera.
    pub camera: Option<MediaError>,
    /// The microphone.
    pub microphone: Option<MediaError>,
    /// The screen.
    pub screen: Option<MediaError>,
}

impl DeviceErrors {
    /// The same for camera and microphone.
    #[must_use]
    pub fn both(error: MediaError) -> Self {
        Self {
            camera: Some(error.clone()),
            microphone: Some(error),
            screen: None,
        }
    }

    pub(crate) fn set(&mut self, device: Device, error: Option<MediaError>) {
        *match device {
            Device::Camera => &mut self.camera,
            Device::Microphone => &mut self.microphone,
            Device::Screen => &mut self.screen,
        } = error;
    }
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
    /// It is open, and the system keeps it from sending anything: a phone call, a lid, a switch on the
    /// device. That ends by itself.
    Held,
    /// It has stopped by itself, or could not be opened. It can be switched on again.
    Lost,
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
    /// Whether all who take part in the call have other programs, which know nothing of messages.
    #[must_use]
    pub fn has_only_guests(&self) -> bool {
        let mut others = self.people.iter().filter(|person| person.takes_part()).peekable();
        others.peek().is_some() && others.all(|person| person.guest.is_some())
    }

    /// Before anything has happened.
    #[must_use]
    pub fn new(room: RoomAddress) -> Self {
        Self {
            room,
            media: LocalMediaView::Off,
            signaling_route: SignalingView::Off,
            seat: SeatView::None,
            access: AccessView::default(),
            people: Vec::new(),
            call: CallPhase::Idle,
            kind: None,
            servers: ServersView::default(),
            suspicion: None,
            chat: ChatView::default(),
        }
    }

    /// Which of camera, microphone and screen have stopped by themselves, or did not start when they were
    /// asked to.
    #[must_use]
    pub fn lost_devices(&self) -> [bool; 3] {
        [Device::Camera, Device::Microphone, Device::Screen]
            .map(|device| self.media.device(device) == DeviceView::Lost)
    }

    /// Whether the system keeps camera or microphone from sending anything.
    #[must_use]
    pub fn has_held_device(&self) -> bool {
        [Device::Camera, Device::Microphone]
            .iter()
            .any(|device| self.media.device(*device) == DeviceView::Held)
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
            && self.people.iter().any(|person| match person.state {
                PersonState::Here => !matches!(person.seal, SealView::Unopened(_)),
                state => state == PersonState::Calling,
            })
    }

    /// If nothing can be opened of what anybody says who is here: why.
    #[must_use]
    pub fn unopened(&self) -> Option<Unopened> {
        let mut here = self
            .people
            .iter()
            .filter(|person| person.state == PersonState::Here);
        let unopened = |person: &PersonView| match person.seal {
            SealView::Unopened(why) => Some(why),
            _ => None,
        };
        let first = unopened(here.next()?)?;
        here.all(|person| unopened(person).is_some()).then_some(first)
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
