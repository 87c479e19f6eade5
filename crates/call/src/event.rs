//! What goes into the state machine and what comes out of it.

use std::fmt;

use visavis_protocol::chat::{ChatText, Reaction};
use visavis_protocol::ice::{IceCandidate, IceServer};
use visavis_protocol::id::{PeerId, RoomId};
use visavis_protocol::name::PersonName;
use visavis_protocol::peer::ConnectionId;
use visavis_protocol::relay::{AccessPolicy, ClientMessage, PeerText, RelayMessage};

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
    /// End the call, stop calling, or decline the call of whoever calls us.
    HangUp,
    /// Mute or unmute. Opens a microphone that was lost anew.
    SetMicrophone(bool),
    /// Switch the camera on or off, its light included.
    SetCamera(bool),
    /// Show the others a screen, a window or a tab, or no longer. In a call only, with which it ends.
    ShareScreen(bool),
    /// Don't wait for the next attempt to reach the relay. If too many people waited at the door, ask once
    /// more.
    RetryNow,
    /// Go to another room, with the camera as it is.
    Enter(RoomId),
    /// Leave the room, and switch the camera off.
    Leave,
    /// Prepare calls like this from now on.
    Prepare(Preparation),
    /// Be called this from now on.
    SetName(PersonName),
    /// Write something to those who take part in the call.
    Say(ChatText),
    /// Show them a feeling.
    React(Reaction),
    /// Raise the hand, or lower it.
    RaiseHand(bool),
    /// So wide is each one's picture shown, in points of the screen; 0 if it can't be seen.
    Show(Vec<(PeerId, u32)>),
    /// As the host: open, guard or lock the room.
    SetDoor(AccessPolicy),
    /// As the host: let somebody in who knocks.
    Admit(PeerId),
    /// As the host: send somebody away who knocks.
    Refuse(PeerId),
    /// As the host: take somebody's seat.
    Remove(PeerId),
    /// As the host: let somebody else in the room be the host.
    MakeHost(PeerId),
}

/// Whether connections to the people in the room are made before anybody calls, so that a call starts at
/// once. Nothing is sent over them before that; but they show network addresses to whoever is in the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Preparation {
    /// They are.
    #[default]
    On,
    /// They are, through a TURN server, which shows no address of ours. A call then looks for a shorter way.
    OnlyTurn,
    /// They are negotiated, and not made: descriptions are exchanged, and candidates kept. Nobody learns our
    /// address, and a call needs no offer and no answer.
    Off,
    /// Nothing is: a call begins with an offer.
    Nothing,
}

impl Preparation {
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
            .find(|preparation| preparation.name() == name)
    }
}

/// What a person wants to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaWish {
    /// Picture and sound.
    CameraAndMicrophone,
    /// Sound only.
    Microphone,
    /// Picture only, for want of a microphone.
    Camera,
    /// Nothing; only see and hear the others.
    Nothing,
}

/// What became of a [`MediaOp::Open`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaEvent {
    /// It is open.
    Opened {
        /// With a picture.
        camera: bool,
        /// With sound.
        microphone: bool,
    },
    /// It could not be opened.
    Failed(MediaError),
    /// [`MediaOp::Add`] has opened a device.
    Added(Device),
    /// [`MediaOp::Add`] could not open a device.
    NotAdded(Device, MediaError),
    /// A device that was open has stopped by itself: it was unplugged, or the browser took it away.
    Lost(Device),
}

/// What sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Device {
    /// Sends the picture.
    Camera,
    /// Sends the sound.
    Microphone,
    /// A screen, a window or a tab: sends the picture in the place of the camera, which may stay open.
    Screen,
}

/// Why camera and microphone can't be had (W3C mediacapture-main, `getUserMedia`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum MediaError {
    /// The person or the browser refused (`NotAllowedError`, `SecurityError`).
    Refused,
    /// A device that was asked for does not exist (`NotFoundError`).
    NotFound {
        /// There is no camera.
        camera: bool,
        /// There is no microphone.
        microphone: bool,
    },
    /// Another program has the device, or it does not start (`NotReadableError`, `AbortError`).
    Busy,
    /// No device can do what config.json asks for (`OverconstrainedError`).
    Unsatisfiable {
        /// The name of the constraint.
        constraint: String,
    },
    /// The page may not use devices at all: it has no secure address, or the browser is too old.
    Unsupported,
    /// Something else; the name of the browser's exception.
    Other(String),
}

/// A way to reach the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    /// The relay, over a WebSocket.
    Relay,
    /// Tabs of the same browser, without any server.
    ThisBrowser,
}

/// Which [`Route`] the site wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RouteChoice {
    /// The relay; until it is reached for the first time, tabs of this browser can meet without it.
    #[default]
    Auto,
    /// The relay and nothing else.
    Relay,
    /// This browser's tabs and nothing else.
    ThisBrowser,
}

/// News from a route.
#[derive(Debug, Clone)]
pub enum SignalingEvent {
    /// It can be used.
    Opened,
    /// A message came.
    Message(RelayMessage),
    /// It is closed, or could not be opened.
    Closed(CloseCause),
}

/// Why a route is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseCause {
    /// The site answers, and has no relay: it is a plain static host.
    NoRelayHere,
    /// It can't be reached now, or was lost.
    Unreachable,
}

/// News from a peer connection.
#[derive(Debug, Clone)]
pub enum PeerEvent {
    /// The operation in flight has ended; `signaling` is the connection's state after it.
    Done {
        /// The `signalingState` afterwards, successful or not.
        signaling: SignalingState,
        /// What came of it.
        result: Result<Completion, OperationError>,
    },
    /// `negotiationneeded`.
    NegotiationNeeded,
    /// `icecandidate`, the end of candidates included.
    Candidate(IceCandidate),
    /// `connectionstatechange`.
    ConnectionState(ConnectionState),
    /// The other side's picture started or stopped arriving.
    RemoteVideo(bool),
    /// Media takes another way from now on.
    PathChanged,
    /// What the statistics tell of the way that media takes, if anything.
    Path(Option<Path>),
    /// What was received in the life of the connection.
    Received(Reception),
    /// Its data channel is open: messages can take this way as well.
    ChannelOpen,
    /// Its data channel is closed: the other side has closed it, or an error has.
    ChannelClosed,
    /// A message came over its data channel.
    Said(PeerText),
    /// `icecandidateerror`: a STUN or TURN server was of no use.
    IceError {
        /// The error code of STUN (RFC 8489, section 14.8), or 701 when the server can't be reached (W3C
        /// webrtc-pc, section 4.8.2).
        code: u16,
        /// It is a TURN server.
        turn: bool,
    },
}

/// What the statistics tell of a connection: mostly, what was received in its life. 0 is what a browser does
/// not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Reception {
    /// Everything, in bytes.
    pub bytes: u64,
    /// Packets of sound and picture that came.
    pub packets: u64,
    /// Packets of sound and picture that were missed.
    pub lost: u64,
    /// How loud it was and for how long: millionths of a second of the loudest sound (`totalAudioEnergy`).
    pub energy: u64,
    /// To the other side and back, in milliseconds, lately.
    pub round_trip: u32,
    /// What could be sent to them, by the browser's own estimate, in kilobits a second.
    pub estimate: u32,
}

/// Which way media takes between two people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Path {
    /// From browser to browser.
    Direct,
    /// Through a TURN server, which can't read it.
    Relayed,
}

/// What an operation yields.
#[derive(Clone, PartialEq, Eq)]
pub enum Completion {
    /// It is done.
    Done,
    /// The local description is set, and this is it.
    LocalDescription {
        /// Offer or answer.
        kind: DescriptionKind,
        /// The text to send.
        sdp: String,
    },
}

impl fmt::Debug for Completion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The description itself must not reach a log.
        match self {
            Self::Done => f.write_str("Done"),
            Self::LocalDescription { kind, .. } => write!(f, "LocalDescription({kind:?})"),
        }
    }
}

/// Why the browser refused an operation: the name of its exception.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OperationError {
    /// `InvalidStateError`, `OperationError`, …
    pub name: String,
}

/// `RTCSignalingState`, without the states that only provisional answers have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignalingState {
    /// No exchange is under way.
    Stable,
    /// Our offer waits for an answer.
    HaveLocalOffer,
    /// Their offer waits for our answer.
    HaveRemoteOffer,
    /// The connection is closed.
    Closed,
}

/// `RTCPeerConnectionState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConnectionState {
    /// Nothing has happened yet.
    New,
    /// Transports are being set up.
    Connecting,
    /// All transports are up.
    Connected,
    /// A transport is silent; it may come back by itself.
    Disconnected,
    /// A transport has given up.
    Failed,
    /// The connection was closed.
    Closed,
}

/// The type of a session description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DescriptionKind {
    /// Opens an exchange.
    Offer,
    /// Closes it.
    Answer,
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

/// What is done to a route.
#[derive(Debug, Clone)]
pub enum SignalingOp {
    /// Open it; answered by [`SignalingEvent::Opened`] or [`SignalingEvent::Closed`].
    Open,
    /// Send this. Only asked for while the route is open.
    Send(ClientMessage),
    /// Close it. No event follows.
    Close,
    /// Close it, because it seems dead; what it belongs to is to be kept. No event follows.
    Abandon,
}

/// What is done to camera and microphone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaOp {
    /// Open what is wanted; answered by a [`MediaEvent`].
    Open(MediaWish),
    /// Send sound, or silence, from the microphone that is open.
    EnableMicrophone(bool),
    /// Open one more device, or one that was closed, and send what it yields on all connections; answered by
    /// [`MediaEvent::Added`] or [`MediaEvent::NotAdded`].
    Add(Device),
    /// Close one device; its light goes out, and connections send nothing in its place.
    Remove(Device),
    /// Close them; the camera's light goes out.
    Close,
}

/// What is done to a peer connection.
#[derive(Debug, Clone)]
pub enum PeerOp {
    /// Make it. Answered by [`PeerEvent::Done`].
    Create {
        /// Whether we call or are called.
        role: Role,
        /// STUN and TURN servers.
        ice_servers: Vec<IceServer>,
        /// What is to be done with it at first.
        purpose: Purpose,
    },
    /// Send picture and sound over a connection that was only prepared. The other side need not be asked.
    Send,
    /// Send the picture with this part of what all pictures together may take. Before, it is sent small, so
    /// that the first one is there soon.
    SendShare(Share),
    /// Say this over its data channel.
    Say(PeerText),
    /// Carry out an operation. Answered by [`PeerEvent::Done`]; until then no other is asked for.
    Run(Operation),
    /// Ask its statistics for the way that media takes. Answered by [`PeerEvent::Path`].
    FindPath,
    /// Ask its statistics how much was received. Answered by [`PeerEvent::Received`].
    CountBytes,
    /// The same a second from now, and once however often it is asked for until then. It is asked for again
    /// and again, in a call only.
    ///
    /// The wait is not one of [`Call::next_timeout`](crate::Call::next_timeout): what waits for nothing but
    /// the next look is at rest.
    Watch,
    /// Use these ICE servers from now on, and find a new path (`setConfiguration()`, `restartIce()`).
    /// [`PeerEvent::NegotiationNeeded`] follows.
    RestartIce {
        /// STUN and TURN servers.
        ice_servers: Vec<IceServer>,
        /// Whether only paths through TURN servers may be taken.
        only_turn: bool,
    },
    /// Close it. No event of this connection counts any more.
    Close {
        /// What was said over its data channel last should still arrive: nothing else carries it.
        flush: bool,
    },
}

/// What all pictures that we send take together at most, in kilobits a second: what is usual for one of 1280
/// by 720 points.
pub const ALL_PICTURES: u32 = 1700;

/// Which part of the budget for all pictures one of them has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Share {
    /// How much of the pixels and bits that all take together; 0: this picture is not sent.
    pub percent: u8,
    /// How much of the whole budget our uplink bears, in percent.
    pub uplink: u8,
    /// How wide it is shown, in points of the screen, if that is known. No more need be sent.
    pub shown: Option<u32>,
}

/// What a connection is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// For a call that may come: it sends nothing yet.
    Prepared {
        /// Whether only paths through TURN servers may be taken.
        only_turn: bool,
    },
    /// For a call that goes on.
    Call,
}

/// The side that one takes in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The one who called: offers to receive picture and sound even without having any to send.
    Caller,
    /// The one who was called: answers what is offered.
    Callee,
}

/// One asynchronous operation of `RTCPeerConnection`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `setLocalDescription()` without argument: an answer if an offer waits for one, else an offer.
    SetLocalDescription,
    /// `setRemoteDescription()`; an offer rolls our own back if there is one.
    SetRemoteDescription {
        /// Offer or answer.
        kind: DescriptionKind,
        /// What the other side sent.
        sdp: String,
    },
    /// `addIceCandidate()`.
    AddCandidate(IceCandidate),
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither description nor candidate must reach a log.
        match self {
            Self::SetLocalDescription => f.write_str("SetLocalDescription"),
            Self::SetRemoteDescription { kind, .. } => write!(f, "SetRemoteDescription({kind:?})"),
            Self::AddCandidate(_) => f.write_str("AddCandidate"),
        }
    }
}

/// A moment worth measuring from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The click on Call, or, on the other side, the call's arrival.
    Call,
    /// `connectionstatechange` said `connected` for the first time in this call.
    Connected,
}
