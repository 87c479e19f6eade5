//! The state machine of a call: every decision that visavis makes, and nothing else.
//!
//! It is *sans I/O*: no clock, no random source, no browser, no network. Whoever runs it
//!
//! 1. hands in what happened, with the time: [`Call::handle`];
//! 2. carries out what it asks for, until nothing is left: [`Call::poll_output`];
//! 3. wakes it at [`Call::next_timeout`] with [`Input::Timeout`];
//! 4. shows [`Call::view`].
//!
//! Every `handle` is followed by a full drain of the outputs. Operations on a peer connection are asked for
//! one at a time per peer, and each completion comes back with the [`ConnectionId`] of its connection, so
//! that one that comes too late is dropped.
//!
//! ```text
//! Call ─┬─ LocalMedia      camera and microphone, and what is wrong with them
//!       ├─ SignalingRoute  the way to the others: relay, or only this browser's tabs; reconnecting
//!       ├─ IceServers      what the relay's token says, and when it is stale
//!       └─ Room ── Peer ─┬─ Mailbox      numbers, acknowledges, keeps what can't be sent now
//!                        └─ Link ── Negotiation ── candidates   one per RTCPeerConnection
//! ```

mod call;
mod candidates;
mod chat;
mod event;
mod ice_diagnostics;
mod ice_servers;
mod journal;
mod link;
mod local_media;
mod mailbox;
mod negotiation;
mod quality;
mod recovery;
mod room;
pub mod sdp;
mod signaling_route;
mod timer;
mod view;

pub use call::{Call, CallConfig};
pub use event::{
    ALL_PICTURES, CloseCause, Command, Completion, ConnectionState, DescriptionKind, Device, Input, Mark,
    MediaError, MediaEvent, MediaOp, MediaWish, Operation, OperationError, Output, Path, PeerEvent, PeerOp,
    Preparation, Purpose, Reception, Role, Route, RouteChoice, Share, SignalingEvent, SignalingOp,
    SignalingState,
};
pub use negotiation::Politeness;
pub use timer::Time;
pub use view::{
    AccessView, CallPhase, CallView, ChatMessage, ChatView, DeviceView, EndReason, FailureCause, KnockerView,
    LocalMediaView, Obstacle, PersonState, PersonView, Quality, RemovalReason, SeatView, SignalingView,
    Stage, Written,
};
pub use visavis_protocol::chat::{ChatText, Place, Reaction};
pub use visavis_protocol::peer::{CallKind, ConnectionId};
pub use visavis_protocol::relay::AccessPolicy;
