//! What goes into the state machine and what comes out of it.

use visavis_protocol::chat::{ChatText, Reaction};
use visavis_protocol::id::PeerId;
use visavis_protocol::name::PersonName;
use visavis_protocol::peer::ConnectionId;
use visavis_protocol::relay::AccessPolicy;
use visavis_sealing::RoomAddress;

use crate::safety::SafetyCode;

mod media;
mod peer;
mod signaling;

pub use media::{Device, MediaError, MediaEvent, MediaOp, MediaWish, Outcome};
pub use peer::{
    Completion, ConnectionState, DescriptionKind, IceTransportPolicy, Operation, OperationError, Path,
    PeerEvent, PeerOp, Purpose, Reception, Role, Share, SignalingState, TOTAL_VIDEO_BITRATE,
};
pub use signaling::{CloseCause, Route, RouteChoice, SignalingEvent, SignalingOp};

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Input {
    /// The person asked for something.
    Command(Command),
    /// The way to the others changed, or brought a message.
    Signaling(Route, SignalingEvent),
    /// Camera and microphone were opened, or could not be.
    Media(MediaEvent),
    /// A peer connection did something.
    Peer(PeerId, ConnectionId, PeerEvent),
    /// The time of [`Call::next_timeout`](crate::Call::next_timeout) has come.
    Timeout,
    /// The network may be back, or another one: the browser says that it is online, the page is visible
    /// again.
    Woken,
}

/// What a person can ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Open camera and microphone, or what there is of them, and enter the room.
    GetMedia(MediaWish),
    /// Answer who calls us. If nobody does, join the call that goes on in the room. If none does, call
    /// everybody who is here.
    Call,
    /// Call this person, and nobody else.
    CallPerson(PeerId),
    /// End the call, stop calling, or decline the calls of those who call us.
    HangUp,
    /// Mute or unmute. Opens a microphone that was lost anew.
    SetMicrophone(bool),
    /// Switch the camera on or off, its light included.
    SetCamera(bool),
    /// Another camera or microphone was chosen, or other settings of it: one that is open is opened anew.
    Reopen(Device),
    /// Show the others a screen, a window or a tab, or no longer. In a call only, with which it ends.
    ShareScreen(bool),
    /// Don't wait for the next attempt to reach the relay. If too many people waited in the lobby, ask
    /// once more.
    RetryNow,
    /// Go to another room, with the camera as it is.
    Enter(RoomAddress),
    /// Leave the room, and switch the camera off.
    Leave,
    /// Make connections like this before a call from now on.
    PreConnect(PreConnection),
    /// Show addresses by this policy from now on, also in a call that goes on.
    SetIceTransportPolicy(IceTransportPolicy),
    /// Be called this from now on.
    SetName(PersonName),
    /// Write something to those who take part in the call.
    Say(ChatText),
    /// Show them a feeling.
    React(Reaction),
    /// Raise the hand, or lower it.
    RaiseHand(bool),
    /// How wide each one's video is shown, in pixels of the screen; 0 if it can't be seen.
    Show(Vec<(PeerId, u32)>),
    /// See and hear nothing of this person any more, or again. Their calls are declined without ringing; what
    /// they write, and their hand and reactions, are not shown. It lasts as long as the page; they are not
    /// told.
    Block(PeerId, bool),
    /// The person has compared safety codes with this one.
    Verify(PeerId, Verdict),
    /// As the host: open, guard or lock the room.
    SetAccess(AccessPolicy),
    /// As the host: let somebody in who knocks.
    Admit(PeerId),
    /// As the host: send somebody away who knocks.
    Refuse(PeerId),
    /// As the host: take somebody's seat.
    Remove(PeerId),
    /// As the host: let somebody else in the room be the host.
    MakeHost(PeerId),
}

/// What came of comparing safety codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// This one is the same on both sides: nobody sits between.
    Match(SafetyCode),
    /// They differ. What goes on with this person ends.
    Differ,
    /// Nothing, after all.
    TakeBack,
}

/// Whether connections to the people in the room are made before anybody calls, so that a call starts at
/// once. Nothing is sent over them before that; but they show network addresses to everybody in the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PreConnection {
    /// They are.
    #[default]
    On,
    /// They are, through a TURN server, which shows no address of ours. A call then looks for a shorter way,
    /// if the [`IceTransportPolicy`] allows it.
    OnlyTurn,
    /// They are negotiated, and not made: descriptions are exchanged, and candidates kept. Nobody learns our
    /// address, and a call needs no offer and no answer.
    Off,
    /// Nothing is: a call begins with an offer.
    Nothing,
}

impl PreConnection {
    /// All of them, the fastest first.
    pub const ALL: [Self; 4] = [Self::On, Self::OnlyTurn, Self::Off, Self::Nothing];

    /// Its name in configurations.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::OnlyTurn => "only-turn",
            Self::Off => "off",
            Self::Nothing => "nothing",
        }
    }

    /// The one with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|pre_connection| pre_connection.name() == name)
    }
}

/// Something to be carried out.
#[derive(Debug, Clone)]
pub enum Output {
    /// On a way to the others.
    Signaling(Route, SignalingOp),
    /// On camera and microphone.
    Media(MediaOp),
    /// On a peer connection.
    Peer(PeerId, ConnectionId, PeerOp),
    /// A moment for the User Timing API, anew in each call.
    Mark(Mark),
}

/// A moment worth measuring from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The click on Call, or, on the other side, the call's arrival.
    Call,
    /// `connectionstatechange` said `connected` for the first time in this call.
    Connected,
}
