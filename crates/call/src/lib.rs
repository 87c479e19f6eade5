//! The state machine of a call: every decision that visavis makes, and nothing else.
//!
//! It is *sans I/O*: no clock, no random source, no browser, no network. A program that runs it
//!
//! 1. hands in what happened, with the time: [`Call::handle`];
//! 2. carries out what it asks for, until nothing is left: [`Call::poll_output`];
//! 3. wakes it at [`Call::next_timeout`] with [`Input::Timeout`];
//! 4. shows [`Call::view`].
//!
//! [`Call::handle`] has the contract, and an example that runs. Operations on a peer connection are asked for
//! one at a time per peer, and each completion comes back with the [`ConnectionId`] of its connection, so
//! that one that comes too late is dropped.
//!
//! ```text
//! Call ─┬─ LocalMedia      camera and microphone, and what is wrong with them
//!       ├─ SignalingRoute  the way to the others: relay, or only this browser's tabs; reconnecting
//!       ├─ IceServers      what the relay's token says, and when it is stale
//!       ├─ Chat            what was written
//!       └─ Room ── Session ─┬─ Mailbox      numbers, acknowledges, keeps what can't be sent now
//!          one per person   ├─ timers
//!                           └─ Link ─┬─ Negotiation ── candidates    one per RTCPeerConnection
//!                                    └─ Channel, Recovery, quality
//! ```
//!
//! A session takes events with a context that says how things stand around it, and never sees the others.
//! `Call` routes events to sessions, carries out what they ask for, and decides what concerns the room as a
//! whole: membership, the phase of the call, the video budget.

mod budget;
mod call;
mod candidates;
mod chat;
mod disclosure;
mod event;
mod ice_diagnostics;
mod ice_servers;
mod journal;
mod local_media;
mod negotiation;
mod quality;
mod recovery;
mod room;
mod safety;
pub mod sdp;
mod session;
mod signaling_route;
mod timer;
mod view;

pub use budget::Budget;
pub use call::{Call, CallConfig};
pub use event::{
    CloseCause, Command, Completion, ConnectionState, DescriptionKind, Device, IceTransportPolicy, Input,
    Mark, MediaError, MediaEvent, MediaOp, MediaWish, Operation, OperationError, Outcome, Output, Path,
    PeerEvent, PeerOp, PreConnection, Purpose, Reception, Role, Route, RouteChoice, Share, SignalingEvent,
    SignalingOp, SignalingState, TOTAL_VIDEO_BITRATE, Verdict,
};
pub use negotiation::Politeness;
pub use safety::{Entropy, Fingerprint, Fingerprints, SafetyCode};
pub use timer::Time;
pub use view::{
    AccessView, CallPhase, CallView, ChatMessage, ChatView, Danger, DeviceErrors, DeviceView, EndReason,
    FailureCause, KnockerView, LocalMediaView, Obstacle, PersonState, PersonView, Quality, RemovalReason,
    Safety, SealView, SeatView, Seen, Seer, ServersView, Sight, SignalingView, Stage, Written,
};
pub use visavis_protocol::chat::{ChatText, Place, Reaction};
pub use visavis_protocol::peer::{CallKind, ConnectionId};
pub use visavis_protocol::relay::AccessPolicy;
pub use visavis_sealing::{InvalidAddress, RoomAddress, RoomSecret, Unopened, peer_id};
