//! The words of the journal. Only a report needs them, so they are loaded with it: the journal itself has
//! what they stand for.

use crate::event::Device;

/// Names what can happen, and says it.
macro_rules! words {
    ($($what:ident = $words:literal,)+) => {
        /// What can happen.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum What {
            $($what),+
        }

        impl What {
            /// The words for it.
            pub(super) fn words(self) -> &'static str {
                match self {
                    $(Self::$what => $words,)+
                }
            }
        }
    };
}

words! {
    Woken = "the network may be back",
    ConnectionMade = "connection made",
    IceRestart = "ICE restart",
    NewIceServers = "new ICE servers",
    ConnectionClosed = "connection closed",
    Sends = "sends",
    SetLocalDescription = "set local description",
    SetRemoteDescription = "set remote description",
    OpensRelay = "connects to the relay",
    ClosesRelay = "closes the connection to the relay",
    RelayReached = "relay reached",
    TabsReached = "this browser's tabs reached",
    ByHand = "invitations by hand",
    NoRelay = "there is no relay",
    RelayUnreachable = "relay lost or not reached",
    OtherKindOfServer = "a server of another kind",
    GuestIsHere = "somebody with another program is here",
    InTheRoom = "in the room",
    RoomFull = "the room is full",
    InLobby = "waits in the lobby",
    IsHere = "is here",
    IsAway = "is away",
    Left = "left",
    IsLost = "is lost",
    IceServersKnown = "ICE servers known",
    KeptOut = "the host keeps us out",
    RelayFault = "the relay reports a fault",
    OperationRefused = "the browser refuses an operation",
    OurCandidate = "our candidate",
    TurnError = "TURN error",
    StunError = "STUN error",
    DataChannelOpen = "data channel open",
    DataChannelClosed = "data channel closed",
    DirectPath = "direct path",
    PathThroughTurn = "path through TURN",
    PathThroughTheirTurn = "path through their TURN",
    DevicesWanted = "camera and microphone wanted",
    Call = "call",
    CallOnePerson = "call one person",
    HangUp = "hang up",
    MicrophoneOn = "microphone on",
    MicrophoneOff = "microphone off",
    CameraOn = "camera on",
    CameraOff = "camera off",
    OtherDevice = "another device chosen",
    ScreenWanted = "screen wanted",
    ScreenOff = "screen off",
    RetryNow = "retry now",
    AnotherRoom = "another room",
    Leave = "leave",
    PreConnects = "pre-connects",
    PreConnectsThroughTurn = "pre-connects through TURN only",
    PreConnectsWithoutCandidates = "pre-connects without candidates",
    DoesNotPreConnect = "does not pre-connect",
    AnyPath = "any path",
    PathsThroughTurnOnly = "paths through TURN only",
    AnotherName = "another name",
    Writes = "writes",
    Reacts = "reacts",
    HandUp = "hand up",
    HandDown = "hand down",
    OtherSizes = "videos have other sizes",
    Blocked = "somebody is blocked",
    Unblocked = "somebody is blocked no longer",
    SafetyCodesMatch = "safety codes match",
    SafetyCodesDiffer = "safety codes differ",
    SafetyCodesTakenBack = "safety codes to be compared again",
    RoomOpened = "the room is opened",
    RoomGuarded = "the room is guarded",
    RoomLocked = "the room is locked",
    Admitted = "somebody is let in",
    Refused = "somebody is refused",
    Removed = "somebody is removed",
    HostMade = "somebody else is made host",
    DevicesOpen = "camera and microphone open",
    CameraOpen = "camera open",
    MicrophoneOpen = "microphone open",
    NoDevices = "camera and microphone can't be had",
    DeviceOpen = "device open",
    DeviceMissing = "device can't be had",
    DeviceLost = "device lost",
    DeviceHeld = "the system keeps a device silent",
    DeviceReleased = "the system lets a device go on",
    New = "new",
    Connecting = "connecting",
    Connected = "connected",
    Disconnected = "disconnected",
    Failed = "failed",
    Closed = "closed",
}

/// More about what happened.
#[derive(Debug, Clone)]
pub(super) enum Detail {
    None,
    /// Of an exception.
    Name(String),
    /// Of a candidate.
    Kind(&'static str),
    Device(Device),
    /// Of an ICE error.
    Code(u16),
    /// How many ICE servers, and how many of them are TURN servers.
    Servers(usize, usize),
}

impl Detail {
    /// The words for it.
    pub(super) fn words(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Name(name) => name.clone(),
            Self::Kind(kind) => (*kind).to_owned(),
            Self::Device(Device::Camera) => "camera".to_owned(),
            Self::Device(Device::Microphone) => "microphone".to_owned(),
            Self::Device(Device::Screen) => "screen".to_owned(),
            Self::Code(code) => code.to_string(),
            Self::Servers(all, turn) => {
                [&all.to_string(), " ICE servers, with TURN: ", &turn.to_string()].concat()
            }
        }
    }
}
