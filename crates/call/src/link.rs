//! One connection to one peer: from Call, or the arrival of a call, to its end.

use visavis_protocol::peer::{Generation, PeerBody};

use crate::event::{ConnectionState, Path, Role};
use crate::negotiation::{Negotiation, Politeness};
use crate::view::{FailureCause, PersonState};

/// How far a link has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// The ICE servers are awaited; the peer connection is not made yet.
    AwaitingIceServers,
    /// The peer connection is made, and not connected yet.
    Connecting,
    /// Connected.
    Connected,
    /// It was connected, and is silent at the moment.
    Interrupted,
}

/// One `RTCPeerConnection` towards one peer.
#[derive(Debug)]
pub(crate) struct Link {
    /// Our number for it.
    pub(crate) generation: Generation,
    /// The other side's number for its end; `None` before it has said anything.
    pub(crate) remote: Option<Generation>,
    pub(crate) role: Role,
    pub(crate) negotiation: Negotiation,
    pub(crate) remote_video: bool,
    pub(crate) path: Option<Path>,
    progress: Progress,
}

/// What a new connection state means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Nothing to do.
    None,
    /// It is connected for the first time.
    Connected,
    /// It was connected, and is silent now.
    Interrupted,
    /// It is over.
    Failed(FailureCause),
}

impl Link {
    pub(crate) fn new(generation: Generation, role: Role, politeness: Politeness) -> Self {
        Self {
            generation,
            remote: None,
            role,
            negotiation: Negotiation::new(politeness),
            remote_video: false,
            path: None,
            progress: Progress::AwaitingIceServers,
        }
    }

    /// Whether the peer connection is still to be made. Says yes once.
    pub(crate) fn take_creation(&mut self) -> bool {
        let due = self.progress == Progress::AwaitingIceServers;
        if due {
            self.progress = Progress::Connecting;
        }
        due
    }

    /// Whether there is a peer connection.
    pub(crate) fn is_made(&self) -> bool {
        self.progress != Progress::AwaitingIceServers
    }

    pub(crate) fn was_connected(&self) -> bool {
        matches!(self.progress, Progress::Connected | Progress::Interrupted)
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.progress == Progress::Connected
    }

    /// A message for this link.
    pub(crate) fn deliver(&mut self, body: PeerBody) {
        match body {
            PeerBody::Offer { sdp, exchange } => self.negotiation.offer(sdp, exchange),
            PeerBody::Answer { sdp, exchange } => self.negotiation.answer(sdp, exchange),
            PeerBody::Candidate(candidate) => self.negotiation.candidate(candidate),
            PeerBody::HangUp => {}
        }
    }

    pub(crate) fn connection_state(&mut self, state: ConnectionState, has_turn: bool) -> Turn {
        match state {
            ConnectionState::New | ConnectionState::Connecting => Turn::None,
            ConnectionState::Connected => {
                let first = !self.was_connected();
                self.progress = Progress::Connected;
                if first { Turn::Connected } else { Turn::None }
            }
            ConnectionState::Disconnected if self.was_connected() => {
                self.progress = Progress::Interrupted;
                Turn::Interrupted
            }
            // Checks may still succeed.
            ConnectionState::Disconnected => Turn::None,
            ConnectionState::Failed | ConnectionState::Closed => Turn::Failed(self.failure(has_turn)),
        }
    }

    /// Why the link, if it were to end now, would have failed.
    pub(crate) fn failure(&self, has_turn: bool) -> FailureCause {
        if self.was_connected() {
            FailureCause::ConnectionLost
        } else if self.remote.is_none() {
            FailureCause::NoAnswer
        } else {
            FailureCause::NoPath { turn: has_turn }
        }
    }

    pub(crate) fn person_state(&self) -> PersonState {
        match self.progress {
            Progress::AwaitingIceServers | Progress::Connecting => PersonState::Connecting,
            Progress::Connected => PersonState::Connected,
            Progress::Interrupted => PersonState::Interrupted,
        }
    }
}
