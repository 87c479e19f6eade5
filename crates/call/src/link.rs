//! One connection to one peer: from its preparation, Call, or the arrival of a call, to its end.

use visavis_protocol::ice::IceServer;
use visavis_protocol::peer::{CallKind, ConnectionId, PeerBody};

use crate::chat::ByKind;
use crate::event::{ConnectionState, Path, PeerOp, Preparation, Purpose, Role, Share};
use crate::ice_diagnostics::IceDiagnostics;
use crate::local_media::Sends;
use crate::negotiation::Negotiation;
use crate::quality::Hearing;
use crate::recovery::{Recovery, Step, Watch};
use crate::view::{FailureCause, PersonState};

/// How many breakdowns of the negotiation end a call.
const BREAKDOWNS: u8 = 2;

/// How far a link has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

/// What a link is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum LinkPurpose {
    /// A call that may come. Nothing is sent.
    Prepared(Preparation),
    /// They call, and we have not said yet that we take part. It is made already; nothing is sent.
    Called(CallKind),
    /// We call; they have not said yet that they take part.
    Calling {
        /// A person has to answer. Nothing is sent before.
        rings: bool,
    },
    /// Both take part in a call.
    Call,
}

impl LinkPurpose {
    /// Whether it is part of a call, of which the other side may not know yet.
    pub(crate) fn is_call(self) -> bool {
        matches!(self, Self::Calling { .. } | Self::Call)
    }

    /// Whether a person has to answer our call.
    pub(crate) fn rings(self) -> bool {
        self == Self::Calling { rings: true }
    }

    /// Whether candidates are kept on this side: ours are not sent, and theirs not used.
    pub(crate) fn is_hidden(self) -> bool {
        self == Self::Prepared(Preparation::Off)
    }
}

/// One `RTCPeerConnection` towards one peer.
#[derive(Debug, Clone, Hash)]
pub(crate) struct Link {
    /// Our number for it.
    pub(crate) connection_id: ConnectionId,
    /// The other side's number for its end; `None` before it has said anything.
    pub(crate) remote: Option<ConnectionId>,
    /// The other side's end of the link that this one takes the place of.
    pub(crate) replaced: Option<ConnectionId>,
    pub(crate) role: Role,
    pub(crate) used_for: LinkPurpose,
    /// Whether our picture and sound go over it.
    sends: bool,
    /// What part of what we send it has; `None` while it has not been told.
    pub(crate) share: Option<Share>,
    /// We have said `call`, and not just offered.
    pub(crate) said_call: bool,
    /// Whether it was there before the call.
    was_prepared: bool,
    /// They gave up what was before it, and that is no reason to begin once more.
    pub(crate) is_second_attempt: bool,
    /// Whether messages can take its data channel as well.
    pub(crate) channel_open: bool,
    pub(crate) negotiation: Negotiation,
    pub(crate) remote_video: bool,
    /// What they send, by their own word.
    pub(crate) they_send: Sends,
    pub(crate) path: Option<Path>,
    /// Whether this pair was ever connected, by this link or one that it replaces.
    once_connected: bool,
    /// What is being done about its silence.
    pub(crate) recovery: Option<Recovery>,
    /// Whether something arrives.
    pub(crate) watch: Watch,
    pub(crate) diagnostics: IceDiagnostics,
    /// How well they are received.
    pub(crate) hearing: Hearing,
    /// What could be sent to them, by the browser's estimate, in kilobits a second; 0 while it has not told.
    pub(crate) estimate: u32,
    /// How wide they show our picture, by their own word.
    pub(crate) shown: Option<u32>,
    /// Whether they want to speak. On a new connection, nobody does before they say so.
    pub(crate) hand: bool,
    /// Whether we told them last that we want to. On a new connection, they believe that nobody does.
    pub(crate) told_hand: bool,
    /// How wide we told them that we show their picture.
    pub(crate) told_width: Option<u32>,
    /// The last of what we have written that was said over it.
    pub(crate) has_said: ByKind,
    /// What we told them that we send.
    pub(crate) told: Option<Sends>,
    /// How often the negotiation broke down, here and in the links that this one replaces, since the call
    /// began.
    broken: u8,
    /// Whether it was made anew for want of candidates, since the call began.
    searched_anew: bool,
    /// The candidates are from before the call.
    has_old_candidates: bool,
    progress: Progress,
}

/// What a new connection state means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum StateChange {
    /// Nothing to do.
    None,
    /// It is connected, again or for the first time.
    Connected,
    /// It was connected, and is silent now.
    Interrupted,
    /// What connects it has failed: the first attempt, or a restart.
    Failed,
}

impl Link {
    pub(crate) fn new(
        connection_id: ConnectionId,
        role: Role,
        used_for: LinkPurpose,
        negotiation: Negotiation,
    ) -> Self {
        Self {
            connection_id,
            remote: None,
            replaced: None,
            role,
            used_for,
            sends: false,
            share: None,
            said_call: false,
            was_prepared: !used_for.is_call(),
            is_second_attempt: false,
            channel_open: false,
            negotiation,
            remote_video: false,
            they_send: Sends::USUAL,
            path: None,
            once_connected: false,
            recovery: None,
            watch: Watch::default(),
            diagnostics: IceDiagnostics::default(),
            hearing: Hearing::default(),
            estimate: 0,
            shown: None,
            hand: false,
            told_hand: false,
            told_width: None,
            has_said: ByKind::default(),
            told: None,
            broken: 0,
            searched_anew: false,
            has_old_candidates: false,
            progress: Progress::AwaitingIceServers,
        }
    }

    /// Takes the place of a link that can't be mended.
    pub(crate) fn replaces(&mut self, old: &Self) {
        self.replaced = old.remote.or(old.replaced);
        self.once_connected = old.once_connected;
        self.they_send = old.they_send;
        self.watch = old.watch.for_successor();
        self.recovery = old.once_connected.then(Recovery::rebuilding);
        self.broken = old.broken;
        self.searched_anew = old.searched_anew;
        self.was_prepared = old.was_prepared;
        self.is_second_attempt = old.is_second_attempt;
    }

    /// Whether it takes the place of a link whose other end was this one, or an older one, and nobody has
    /// answered it.
    pub(crate) fn goes_on_from(&self, connection: ConnectionId) -> bool {
        self.remote.is_none() && self.replaced.is_some_and(|replaced| replaced <= connection)
    }

    /// Whether we call, and they gave up something else: what was prepared, or the call before. They have not
    /// heard of this one if it is `unheard`.
    pub(crate) fn is_called_past(&self, unheard: bool) -> bool {
        let unheard = self.role == Role::Caller && unheard;
        let began = self.replaced.is_none() || self.was_prepared;
        matches!(self.used_for, LinkPurpose::Calling { rings } if !(rings && self.is_second_attempt))
            || self.is_call() && unheard && began && !self.once_connected && !self.is_second_attempt
    }

    /// The negotiation broke down. Says whether the connection may be made anew for that; it may once.
    pub(crate) fn take_rebuild(&mut self) -> bool {
        self.broken += 1;
        self.broken < BREAKDOWNS
    }

    /// Candidates are missing, or of no use. Says whether the connection may be made anew for that; it may
    /// once.
    pub(crate) fn take_search(&mut self) -> bool {
        !std::mem::replace(&mut self.searched_anew, true)
    }

    /// A call begins, which has attempts of its own.
    pub(crate) fn begin_call(&mut self) {
        self.broken = 0;
        self.searched_anew = false;
        self.has_old_candidates = self.is_made() && self.is_announced();
    }

    /// Whether what was found when it was prepared is of no use for the call, unless it is connected.
    pub(crate) fn has_old_candidates(&self) -> bool {
        self.has_old_candidates && self.is_call()
    }

    /// Makes the peer connection.
    pub(crate) fn create(&mut self, ice_servers: Vec<IceServer>) -> PeerOp {
        self.progress = Progress::Connecting;
        let purpose = self.purpose();
        self.sends = purpose == Purpose::Call;
        PeerOp::Create {
            role: self.role,
            ice_servers,
            purpose,
        }
    }

    /// Whether it is to begin to send now. One that is not made yet will send from the beginning.
    pub(crate) fn take_sending(&mut self) -> bool {
        let begins = self.is_made() && self.is_call() && !self.used_for.rings() && !self.sends;
        self.sends |= begins;
        begins
    }

    /// Whether there is a peer connection.
    pub(crate) fn is_made(&self) -> bool {
        self.progress != Progress::AwaitingIceServers
    }

    pub(crate) fn once_connected(&self) -> bool {
        self.once_connected
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.progress == Progress::Connected
    }

    /// Whether the ladder waits at this step.
    pub(crate) fn is_at(&self, step: Step) -> bool {
        self.recovery
            .as_ref()
            .is_some_and(|recovery| recovery.step == step)
    }

    /// A message for this link.
    pub(crate) fn deliver(&mut self, body: PeerBody) {
        match body {
            PeerBody::Offer { sdp, exchange, .. } => self.negotiation.offer(sdp, exchange),
            PeerBody::Answer { sdp, exchange } => self.negotiation.answer(sdp, exchange),
            PeerBody::Candidate(candidate) => {
                self.diagnostics.note_theirs(&candidate);
                self.negotiation.candidate(candidate);
            }
            PeerBody::Media {
                camera,
                microphone,
                screen,
            } => {
                self.they_send = Sends {
                    camera,
                    microphone,
                    screen,
                };
            }
            PeerBody::Hello { .. }
            | PeerBody::Call { .. }
            | PeerBody::Ringing
            | PeerBody::HangUp
            | PeerBody::GiveUp
            | PeerBody::Decline { .. }
            | PeerBody::Say { .. }
            | PeerBody::Heard { .. }
            | PeerBody::React { .. }
            | PeerBody::Hand { .. }
            | PeerBody::Show { .. }
            | PeerBody::Unknown => {}
        }
    }

    pub(crate) fn connection_state(&mut self, state: ConnectionState) -> StateChange {
        match state {
            ConnectionState::New | ConnectionState::Connecting => StateChange::None,
            ConnectionState::Connected => {
                self.progress = Progress::Connected;
                self.once_connected = true;
                StateChange::Connected
            }
            ConnectionState::Disconnected | ConnectionState::Failed | ConnectionState::Closed
                if self.progress == Progress::Connected =>
            {
                self.progress = Progress::Interrupted;
                if state == ConnectionState::Disconnected {
                    StateChange::Interrupted
                } else {
                    StateChange::Failed
                }
            }
            // Checks may still succeed.
            ConnectionState::Disconnected => StateChange::None,
            ConnectionState::Failed | ConnectionState::Closed => StateChange::Failed,
        }
    }

    /// Whether it is part of a call, of which the other side may not know yet.
    pub(crate) fn is_call(&self) -> bool {
        self.used_for.is_call()
    }

    /// Whether both have said that they take part in a call, connected or not.
    pub(crate) fn is_agreed(&self) -> bool {
        self.used_for == LinkPurpose::Call
    }

    /// Whether both chat: they see what we send, and we see whether something arrives.
    pub(crate) fn talks(&self) -> bool {
        self.is_agreed() && self.once_connected && self.is_made()
    }

    /// The call that they want us to take part in.
    pub(crate) fn invitation(&self) -> Option<CallKind> {
        match self.used_for {
            LinkPurpose::Called(kind) => Some(kind),
            _ => None,
        }
    }

    /// What its connection is made for.
    fn purpose(&self) -> Purpose {
        match self.used_for {
            LinkPurpose::Call | LinkPurpose::Calling { rings: false } => Purpose::Call,
            LinkPurpose::Prepared(_) | LinkPurpose::Called(_) | LinkPurpose::Calling { rings: true } => {
                Purpose::Prepared {
                    only_turn: self.is_only_turn(),
                }
            }
        }
    }

    /// Whether it may only take paths through TURN servers.
    pub(crate) fn is_only_turn(&self) -> bool {
        self.used_for == LinkPurpose::Prepared(Preparation::OnlyTurn)
    }

    /// Whether it is prepared and answered, and one of the two keeps its candidates: there is nothing to be
    /// waited for.
    pub(crate) fn awaits_call(&self) -> bool {
        let is_answered = self.remote.is_some();
        !self.is_call() && is_answered && (self.used_for.is_hidden() || self.diagnostics.theirs_are_missing())
    }

    /// Whether the other side has heard of it, or will.
    pub(crate) fn is_announced(&self) -> bool {
        self.remote.is_some() || self.negotiation.has_offered()
    }

    /// Why the link, if it were to end now, would have failed.
    pub(crate) fn failure(&self, has_turn: bool) -> FailureCause {
        if matches!(self.used_for, LinkPurpose::Calling { .. }) && self.is_connected() {
            FailureCause::NoAnswer
        } else if self.once_connected {
            FailureCause::ConnectionLost
        } else if self.remote.is_none() {
            FailureCause::NoAnswer
        } else {
            FailureCause::NoPath(self.diagnostics.obstacle(has_turn))
        }
    }

    /// How the other side is connected with us by a link that is part of a call.
    pub(crate) fn person_state(&self) -> PersonState {
        match self.progress {
            _ if self.used_for.rings() => PersonState::Ringing,
            _ if matches!(self.used_for, LinkPurpose::Calling { .. }) => PersonState::Connecting,
            Progress::AwaitingIceServers | Progress::Connecting if self.once_connected => {
                PersonState::Interrupted
            }
            Progress::AwaitingIceServers | Progress::Connecting => PersonState::Connecting,
            Progress::Connected => PersonState::Connected,
            Progress::Interrupted => PersonState::Interrupted,
        }
    }
}
