//! One `RTCPeerConnection`.

use std::fmt;

use visavis_protocol::ice::{IceCandidate, IceServer};
use visavis_protocol::relay::PeerText;

use crate::safety::Fingerprints;

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
    /// The other side's video started or stopped arriving.
    RemoteVideo(bool),
    /// Media takes another way from now on.
    PathChanged,
    /// What the statistics tell of the way that media takes, if anything, and of the certificates at its
    /// ends.
    Path(Option<Path>, Fingerprints),
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
    /// Packets of audio and video that came.
    pub packets: u64,
    /// Packets of audio and video that were missed.
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
    /// Through a TURN server at our end, which can't read it. They don't see our address.
    Relayed,
    /// Through one at their end alone. It sees our address, and so may they.
    RelayedByThem,
}

/// Which paths connections may take, and which addresses of ours they may show (W3C webrtc-pc,
/// `RTCIceTransportPolicy`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum IceTransportPolicy {
    /// All.
    #[default]
    All,
    /// Those through a TURN server at our end, whose addresses are all that is shown.
    Relay,
}

impl IceTransportPolicy {
    /// Its name, to a browser and in configurations.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Relay => "relay",
        }
    }

    /// The one with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "all" => Some(Self::All),
            "relay" => Some(Self::Relay),
            _ => None,
        }
    }
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
        /// Which paths it may take.
        policy: IceTransportPolicy,
    },
    /// Send audio and video over a connection from before the call. The other side need not be asked.
    Send,
    /// Send video with this share of the budget for all outgoing video. Before, it is sent small, so that
    /// the first frame is there soon.
    SendShare(Share),
    /// Say this over its data channel.
    Say(PeerText),
    /// Carry out an operation. Answered by [`PeerEvent::Done`]; until then no other is asked for.
    Run(Operation),
    /// Ask its statistics for the way that media takes, and for the certificates. Answered by
    /// [`PeerEvent::Path`].
    FindPath,
    /// Ask its statistics how much was received. Answered by [`PeerEvent::Received`].
    CountBytes,
    /// The same a second from now, and once however often it is asked for until then. It is asked for again
    /// and again, in a call only.
    ///
    /// The wait is not one of [`Call::next_timeout`](crate::Call::next_timeout): what waits for nothing but
    /// the next look is at rest.
    Watch,
    /// Use these ICE servers from the next ICE restart on, or for whatever else the browser looks for
    /// (`setConfiguration()`). What is in use stays.
    Configure {
        /// STUN and TURN servers.
        ice_servers: Vec<IceServer>,
        /// Which paths may be taken, as before.
        policy: IceTransportPolicy,
    },
    /// Use these ICE servers from now on, and find a new path (`setConfiguration()`, `restartIce()`).
    /// [`PeerEvent::NegotiationNeeded`] follows.
    RestartIce {
        /// STUN and TURN servers.
        ice_servers: Vec<IceServer>,
        /// Which paths may be taken.
        policy: IceTransportPolicy,
    },
    /// Close it. No event of this connection counts any more.
    Close {
        /// What was said over its data channel last should still arrive: nothing else carries it.
        flush: bool,
    },
}

/// The budget for all outgoing video together, in kilobits a second: what is usual for one stream of 1280 by
/// 720 pixels.
pub const TOTAL_VIDEO_BITRATE: u32 = 1700;

/// Which part of the budget for all outgoing video one stream has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Share {
    /// How much of the pixels and bits of all together; 0: this video is not sent.
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
    PreConnection,
    /// For a call that goes on.
    Call,
}

/// The side that one takes in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The one who called: offers to receive audio and video even without having any to send.
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
