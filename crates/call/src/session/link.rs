//! One connection to a peer: what it is there for, how far it has come, how it is doing.

use visavis_protocol::ice::IceServer;
use visavis_protocol::peer::{CallKind, ConnectionId, PeerBody};

use super::channel::Channel;
use super::progress::{Attempt, Progress, StateChange};
use super::purpose::LinkPurpose;
use crate::event::{ConnectionState, IceTransportPolicy, Path, PeerOp, Purpose, Role, Share};
use crate::ice_diagnostics::IceDiagnostics;
use crate::local_media::Sends;
use crate::negotiation::Negotiation;
use crate::quality::Hearing;
use crate::recovery::{Recovery, Step, Watch};
use crate::safety::Fingerprints;
use crate::view::{FailureCause, PersonState};

/// How many breakdowns of the negotiation end a call.
const BREAKDOWNS: u8 = 2;

/// How a link began, or the first of those that it replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Origin {
    /// Before a call.
    PreConnection,
    /// With a call.
    Call,
    /// With a call that we made before, when they gave up what was there: they had not heard of it. If they
    /// give up once more, they mean it.
    SecondAttempt,
}

/// What candidates a link has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Candidates {
    /// Those of the networks that are there.
    Fresh,
    /// They were found before the call, and may have become useless.
    FromBeforeCall,
}

/// What was tried since the call began, here and in the links that this one replaces.
#[derive(Debug, Clone, Copy, Hash, Default)]
struct Attempts {
    /// How often the negotiation broke down.
    breakdowns: u8,
    /// How often it was made anew for want of candidates.
    searches: u8,
}

/// What goes out over a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Sending {
    Nothing,
    /// Audio, and a small video.
    Small,
    /// Video with this part of the budget.
    Shared(Share),
}

/// One `RTCPeerConnection`.
#[derive(Debug, Clone, Hash)]
pub(super) struct Link {
    /// Our number for it.
    pub(super) connection_id: ConnectionId,
    /// The other side's number for its end; `None` before it has said anything.
    pub(super) remote: Option<ConnectionId>,
    /// The other side's end of the link that this one takes the place of.
    pub(super) replaced: Option<ConnectionId>,
    role: Role,
    pub(super) purpose: LinkPurpose,
    origin: Origin,
    progress: Progress,
    attempts: Attempts,
    candidates: Candidates,
    /// We have said `call`, and not just offered.
    pub(super) said_call: bool,
    sending: Sending,
    /// What we told them that we send.
    pub(super) told: Option<Sends>,
    /// What they send, by their own word.
    pub(super) they_send: Sends,
    /// The same, said too often to count at once.
    pub(super) they_send_next: Option<Sends>,
    /// Whether their video arrives.
    pub(super) remote_video: bool,
    pub(super) negotiation: Negotiation,
    pub(super) channel: Channel,
    /// Of the descriptions.
    pub(super) fingerprints: Fingerprints,
    pub(super) path: Option<Path>,
    /// What is being done about its silence.
    pub(super) recovery: Option<Recovery>,
    /// Whether something arrives.
    pub(super) watch: Watch,
    pub(super) diagnostics: IceDiagnostics,
    /// Which ICE servers it has.
    pub(super) servers: u32,
    /// How well they are received.
    pub(super) hearing: Hearing,
    /// What could be sent to them, by the browser's estimate, in kilobits a second; 0 while it has not told.
    pub(super) estimate: u32,
}

impl Link {
    pub(super) fn new(
        connection_id: ConnectionId,
        role: Role,
        purpose: LinkPurpose,
        negotiation: Negotiation,
    ) -> Self {
        Self {
            connection_id,
            remote: None,
            replaced: None,
            role,
            purpose,
            origin: match purpose.call_kind() {
                Some(_) => Origin::Call,
                None => Origin::PreConnection,
            },
            progress: Progress::AwaitingIceServers(Attempt::First),
            attempts: Attempts::default(),
            candidates: Candidates::Fresh,
            said_call: false,
            sending: Sending::Nothing,
            told: None,
            they_send: Sends::USUAL,
            they_send_next: None,
            remote_video: false,
            negotiation,
            channel: Channel::default(),
            fingerprints: Fingerprints::default(),
            path: None,
            recovery: None,
            watch: Watch::default(),
            diagnostics: IceDiagnostics::default(),
            servers: 0,
            hearing: Hearing::default(),
            estimate: 0,
        }
    }

    /// Takes the place of a link that can't be mended.
    pub(super) fn replaces(&mut self, old: &Self) {
        self.replaced = old.remote.or(old.replaced);
        if old.once_connected() {
            self.progress = Progress::AwaitingIceServers(Attempt::Again);
            self.recovery = Some(Recovery::rebuilding());
        }
        self.they_send = old.they_send_next.unwrap_or(old.they_send);
        self.watch = old.watch.for_successor();
        self.attempts = old.attempts;
        self.origin = old.origin;
    }

    /// Makes the call that they have not heard of once more.
    pub(super) fn is_second_attempt(&mut self) {
        self.origin = Origin::SecondAttempt;
    }

    /// Whether it takes the place of a link whose other end was this one, or an older one, and nobody has
    /// answered it.
    pub(super) fn goes_on_from(&self, connection: ConnectionId) -> bool {
        self.remote.is_none() && self.replaced.is_some_and(|replaced| replaced <= connection)
    }

    /// Whether we call, and they gave up something else: a connection from before, or the call before. They
    /// have not heard of this one if it is `unheard`.
    pub(super) fn is_called_past(&self, unheard: bool) -> bool {
        let is_second = self.origin == Origin::SecondAttempt;
        let began = self.replaced.is_none() || self.origin == Origin::PreConnection;
        let unheard = self.role == Role::Caller && unheard && began && !self.once_connected();
        match self.purpose {
            LinkPurpose::Calling { rings, .. } => !(rings && is_second),
            LinkPurpose::Call(_) => unheard && !is_second,
            LinkPurpose::PreConnected(_) | LinkPurpose::Called(_) => false,
        }
    }

    /// Whether we connect before a call, and they gave up something else. They have not heard of this link if
    /// it is `unheard`.
    pub(super) fn is_pre_connected_past(&self, unheard: bool) -> bool {
        self.role == Role::Caller && unheard && matches!(self.purpose, LinkPurpose::PreConnected(_))
    }

    /// The negotiation broke down. Says whether the connection may be made anew for that; it may once.
    pub(super) fn take_rebuild(&mut self) -> bool {
        self.attempts.breakdowns += 1;
        self.attempts.breakdowns < BREAKDOWNS
    }

    /// Candidates are missing, or useless. Says whether the connection may be made anew for that; it may
    /// once.
    pub(super) fn take_search(&mut self) -> bool {
        let is_first = self.attempts.searches == 0;
        self.attempts.searches = 1;
        is_first
    }

    /// A call begins, which has attempts of its own.
    pub(super) fn begin_call(&mut self) {
        self.attempts = Attempts::default();
        if self.is_made() && self.is_announced() {
            self.candidates = Candidates::FromBeforeCall;
        }
    }

    /// Whether what was found before the call is useless for it, unless it is connected.
    pub(super) fn has_old_candidates(&self) -> bool {
        self.candidates == Candidates::FromBeforeCall && self.is_call()
    }

    /// Makes the peer connection.
    pub(super) fn create(&mut self, ice_servers: Vec<IceServer>) -> PeerOp {
        self.progress.make();
        let purpose = match self.purpose {
            LinkPurpose::Call(_) | LinkPurpose::Calling { rings: false, .. } => Purpose::Call,
            LinkPurpose::PreConnected(_)
            | LinkPurpose::Called(_)
            | LinkPurpose::Calling { rings: true, .. } => Purpose::PreConnection,
        };
        if purpose == Purpose::Call {
            self.sending = Sending::Small;
        }
        PeerOp::Create {
            role: self.role,
            ice_servers,
            purpose,
            policy: self.policy(),
        }
    }

    /// Whether it is to begin to send now. One that is not made yet will send from the beginning.
    pub(super) fn take_sending(&mut self) -> bool {
        let begins =
            self.is_made() && self.is_call() && !self.purpose.rings() && self.sending == Sending::Nothing;
        if begins {
            self.sending = Sending::Small;
        }
        begins
    }

    /// Whether it has to be told this share of the budget.
    pub(super) fn take_share(&mut self, share: Share) -> bool {
        let changes = self.talks() && self.sending != Sending::Shared(share);
        if changes {
            self.sending = Sending::Shared(share);
        }
        changes
    }

    /// Another kind of video is sent: how much smaller depends on how large it is, so it is told anew.
    pub(super) fn forget_share(&mut self) {
        if matches!(self.sending, Sending::Shared(_)) {
            self.sending = Sending::Small;
        }
    }

    /// Whether audio or video goes out over it.
    pub(super) fn is_sending(&self) -> bool {
        self.sending != Sending::Nothing && self.once_connected()
    }

    /// See [`Progress::is_made`].
    pub(super) fn is_made(&self) -> bool {
        self.progress.is_made()
    }

    /// See [`Progress::once_connected`].
    pub(super) fn once_connected(&self) -> bool {
        self.progress.once_connected()
    }

    pub(super) fn is_connected(&self) -> bool {
        self.progress == Progress::Connected
    }

    pub(super) fn connection_state(&mut self, state: ConnectionState) -> StateChange {
        self.progress.connection_state(state)
    }

    /// The step that the recovery is at.
    pub(super) fn recovery_step(&self) -> Option<Step> {
        self.recovery.as_ref().map(|recovery| recovery.step)
    }

    /// The call that it is part of, of which the other side may not know yet.
    pub(super) fn call_kind(&self) -> Option<CallKind> {
        self.purpose.call_kind()
    }

    /// Whether it is part of a call, of which the other side may not know yet.
    pub(super) fn is_call(&self) -> bool {
        self.call_kind().is_some()
    }

    /// The call that both have said that they take part in, connected or not.
    pub(super) fn agreed_kind(&self) -> Option<CallKind> {
        match self.purpose {
            LinkPurpose::Call(kind) => Some(kind),
            _ => None,
        }
    }

    /// Whether both talk: they see what we send, and we see whether something arrives.
    pub(super) fn talks(&self) -> bool {
        self.agreed_kind().is_some() && self.once_connected() && self.is_made()
    }

    /// The call that they want us to take part in.
    pub(super) fn invitation(&self) -> Option<CallKind> {
        match self.purpose {
            LinkPurpose::Called(kind) => Some(kind),
            _ => None,
        }
    }

    /// Which paths it may take.
    pub(super) fn policy(&self) -> IceTransportPolicy {
        self.negotiation.disclosure.policy()
    }

    /// Whether it may only take paths through TURN servers.
    pub(super) fn is_relay_only(&self) -> bool {
        self.policy() == IceTransportPolicy::Relay
    }

    /// Whether it is negotiated before a call, and one of the two keeps its candidates: there is nothing to
    /// be waited for.
    pub(super) fn awaits_call(&self) -> bool {
        let is_answered = self.remote.is_some();
        !self.is_call() && is_answered && (self.purpose.is_hidden() || self.diagnostics.theirs_are_missing())
    }

    /// Whether the other side has heard of it, or will.
    pub(super) fn is_announced(&self) -> bool {
        self.remote.is_some() || self.negotiation.has_offered()
    }

    /// Why the link, if it were to end now, would have failed.
    pub(super) fn failure(&self, has_turn: bool) -> FailureCause {
        let is_calling = matches!(self.purpose, LinkPurpose::Calling { .. });
        if is_calling && self.is_connected() {
            FailureCause::NoAnswer
        } else if self.once_connected() {
            FailureCause::ConnectionLost
        } else if self.remote.is_none() {
            FailureCause::NoAnswer
        } else {
            FailureCause::NoPath(self.diagnostics.obstacle(has_turn))
        }
    }

    /// How the other side is connected with us by a link that is part of a call.
    pub(super) fn person_state(&self) -> PersonState {
        match (self.purpose, self.progress) {
            (LinkPurpose::Calling { rings: true, .. }, _) => PersonState::Ringing,
            (LinkPurpose::Calling { rings: false, .. }, _) => PersonState::Connecting,
            (_, Progress::AwaitingIceServers(attempt) | Progress::Connecting(attempt)) => match attempt {
                Attempt::First => PersonState::Connecting,
                Attempt::Again => PersonState::Interrupted,
            },
            (_, Progress::Connected) => PersonState::Connected,
            (_, Progress::Interrupted) => PersonState::Interrupted,
        }
    }

    /// A message for this link.
    pub(super) fn deliver(&mut self, body: PeerBody) {
        match body {
            PeerBody::Offer { sdp, exchange, .. } => self.negotiation.offer(sdp, exchange),
            PeerBody::Answer { sdp, exchange } => self.negotiation.answer(sdp, exchange),
            PeerBody::Candidate(candidate) => {
                self.diagnostics.note_theirs(&candidate);
                self.negotiation.candidate(candidate);
            }
            PeerBody::Hello { .. }
            | PeerBody::Media { .. }
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
            | PeerBody::NoCode
            | PeerBody::Commit { .. }
            | PeerBody::Reveal { .. }
            | PeerBody::Unknown => {}
        }
    }
}
