//! A model of `RTCPeerConnection`, faithful to JSEP (RFC 9429) and W3C webrtc-pc where a state machine can
//! tell: signaling states with implicit rollback, `negotiationneeded`, ICE generations, trickled candidates.
//!
//! It panics where its user breaks the contract, and returns an error where a browser would refuse.

use std::collections::BTreeSet;
use std::time::Duration;

use visavis_call::{
    Completion, ConnectionState, DescriptionKind, IceTransportPolicy, Operation, OperationError, Reception,
    SignalingState, Time,
};
use visavis_protocol::ice::IceCandidate;

use super::description::{Description, Sections};

/// ICE gives up when nothing has worked for so long.
pub(crate) const CHECKS_GIVEN_UP: Duration = Duration::from_secs(15);
/// A connected transport is silent for so long before it is `disconnected`, mostly.
pub(crate) const SILENCE_NOTICED: Duration = Duration::from_secs(5);
/// And for so long before it is `failed`.
pub(crate) const SILENCE_GIVEN_UP: Duration = Duration::from_secs(30);

#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct FakeConnection {
    /// No two connections have the same.
    pub(crate) serial: u32,
    /// What its descriptions say, and the other side is shown.
    certificate: Option<u8>,
    pub(crate) state: SignalingState,
    /// The media sections that `addTrack` and `addTransceiver` ask for.
    wants: Sections,
    sends: Sections,
    pub(crate) local: Option<Description>,
    pub(crate) remote: Option<Description>,
    pending_local: Option<Description>,
    pending_remote: Option<Description>,
    in_flight: Option<Operation>,
    /// `[[NegotiationNeeded]]`.
    negotiation_needed: bool,
    generations: u32,
    /// How many descriptions it has made.
    versions: u32,
    /// What `addIceCandidate` took, in order.
    pub(crate) added: Vec<IceCandidate>,
    reachable: BTreeSet<String>,
    pub(crate) ice: ConnectionState,
    ice_since: Time,
    silent_since: Option<Time>,
    /// `restartIce()` was called while this was the local connection_id.
    restart_from: Option<String>,
    /// The generations, ours and theirs, that ICE works with.
    checked: Option<(String, String)>,
    /// For how long a connected transport is silent before it is `disconnected`.
    pub(crate) silence_noticed: Duration,
    /// Without a candidate of theirs, ICE waits, as it does in Chromium. In Firefox it gives up.
    patient: bool,
    /// Which candidates it finds.
    pub(crate) policy: IceTransportPolicy,
}

/// What an operation that has ended leaves behind.
pub(crate) struct Ended {
    pub(crate) result: Result<Completion, OperationError>,
    /// Candidates are gathered for this new connection_id.
    pub(crate) gather: Option<String>,
}

impl FakeConnection {
    /// `sends` are the local tracks; whoever calls wants to receive both kinds in any case.
    pub(crate) fn new(serial: u32, sends: Sections, calls: bool) -> Self {
        Self {
            serial,
            certificate: None,
            state: SignalingState::Stable,
            wants: if calls { Sections::BOTH } else { sends },
            sends,
            local: None,
            remote: None,
            pending_local: None,
            pending_remote: None,
            in_flight: None,
            negotiation_needed: false,
            generations: 0,
            versions: 0,
            added: Vec::new(),
            reachable: BTreeSet::new(),
            ice: ConnectionState::New,
            ice_since: Time(0),
            silent_since: None,
            restart_from: None,
            checked: None,
            silence_noticed: SILENCE_NOTICED,
            patient: true,
            policy: IceTransportPolicy::All,
        }
    }

    pub(crate) fn with_certificate(self, certificate: Option<u8>) -> Self {
        Self { certificate, ..self }
    }

    pub(crate) fn with_patience(self, patient: bool) -> Self {
        Self { patient, ..self }
    }

    pub(crate) fn with_policy(self, policy: IceTransportPolicy) -> Self {
        Self { policy, ..self }
    }

    /// As it is made before a call: whoever makes it asks for everything at once, and both will answer so.
    pub(crate) fn pre_connected(serial: u32, calls: bool) -> Self {
        let mut connection = Self::new(serial, Sections::BOTH, calls);
        connection.wants = if calls { Sections::BOTH } else { Sections::NONE };
        connection
    }

    /// `restartIce()`: the next offer has a new connection_id.
    pub(crate) fn restart_ice(&mut self) {
        self.restart_from = self.local.as_ref().map(|local| local.ufrag.clone());
    }

    /// `addTrack()` and `removeTrack()`: from now on it should send this.
    pub(crate) fn send(&mut self, sends: Sections) {
        self.sends = sends;
        self.wants = self.wants.and(sends);
    }

    /// Whether what was wanted of it is negotiated: sections, directions, an ICE restart.
    pub(crate) fn is_settled(&self) -> bool {
        let negotiated = match &self.local {
            Some(local) => local.sections.covers(self.wants) && local.sends == self.sends,
            None => self.wants == Sections::NONE,
        };
        negotiated && !self.wants_restart()
    }

    pub(crate) fn wants_restart(&self) -> bool {
        self.restart_from.is_some()
            && self.restart_from == self.local.as_ref().map(|local| local.ufrag.clone())
    }

    /// What the statistics say was received: it grows for as long as something arrives.
    pub(crate) fn received(&self, now: Time) -> u64 {
        match self.ice {
            ConnectionState::New | ConnectionState::Connecting => 0,
            _ => self.silent_since.unwrap_or(now).0,
        }
    }

    /// What the statistics say, with this estimate of what could be sent.
    pub(crate) fn reception(&self, now: Time, estimate: u32) -> Reception {
        Reception {
            bytes: self.received(now),
            estimate,
            ..Reception::default()
        }
    }

    pub(crate) fn begin(&mut self, operation: Operation) {
        assert!(
            self.in_flight.is_none(),
            "contract: {operation:?} while {:?} is in flight",
            self.in_flight
        );
        self.in_flight = Some(operation);
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.in_flight.is_some()
    }

    pub(crate) fn adds_candidate(&self) -> bool {
        matches!(self.in_flight, Some(Operation::AddCandidate(_)))
    }

    /// The operation in flight ends; `fails` makes the browser refuse it for a reason of its own.
    pub(crate) fn end(&mut self, fails: bool) -> Ended {
        let operation = self.in_flight.take().expect("an operation is in flight");
        let mut gather = None;
        let result = if fails {
            Err(refusal("OperationError"))
        } else {
            match operation {
                Operation::SetLocalDescription => Ok(self.set_local(&mut gather)),
                Operation::SetRemoteDescription { kind, sdp } => self.set_remote(kind, &sdp),
                Operation::AddCandidate(candidate) => self.add_candidate(candidate),
            }
        };
        Ended { result, gather }
    }

    fn set_local(&mut self, gather: &mut Option<String>) -> Completion {
        let answers = self.state == SignalingState::HaveRemoteOffer;
        let theirs = |remote: &Option<Description>| remote.as_ref().map(|remote| remote.ufrag.clone());
        let they_restart = answers && theirs(&self.pending_remote) != theirs(&self.remote);
        let known = self.local.as_ref().map(|local| local.ufrag.clone());
        let known = known.filter(|_| !they_restart && (answers || !self.wants_restart()));
        let ufrag = known.unwrap_or_else(|| {
            self.generations += 1;
            let ufrag = format!("c{}g{}", self.serial, self.generations);
            *gather = Some(ufrag.clone());
            ufrag
        });
        let sections = if answers {
            self.pending_remote.as_ref().expect("an offer waits").sections
        } else {
            self.wants
                .and(self.local.as_ref().map_or(Sections::NONE, |local| local.sections))
        };
        self.versions += 1;
        let offer = self.pending_remote.as_ref().filter(|_| answers);
        let description = Description {
            serial: self.serial,
            certificate: self.certificate,
            version: self.versions,
            answers: offer.map(|offer| (offer.serial, offer.version)),
            ufrag,
            sections,
            sends: self.sends,
        };
        let mut sdp = description.to_sdp();
        // A browser adds what it has found by then. Firefox is quick.
        if gather.is_none() || !self.patient {
            sdp += match self.policy {
                IceTransportPolicy::All => "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n",
                IceTransportPolicy::Relay => "a=candidate:1 1 udp 1 198.51.100.1 9 typ relay\r\n",
            };
        }
        if answers {
            self.local = Some(description);
            self.remote = self.pending_remote.take();
            self.become_stable();
            Completion::LocalDescription {
                kind: DescriptionKind::Answer,
                sdp,
            }
        } else {
            self.pending_local = Some(description);
            self.state = SignalingState::HaveLocalOffer;
            Completion::LocalDescription {
                kind: DescriptionKind::Offer,
                sdp,
            }
        }
    }

    fn set_remote(&mut self, kind: DescriptionKind, sdp: &str) -> Result<Completion, OperationError> {
        let description = Description::parse(sdp).ok_or_else(|| refusal("OperationError"))?;
        if sdp.contains("a=candidate:") {
            self.reachable.insert(description.ufrag.clone());
        }
        let negotiated = self.local.as_ref().map_or(Sections::NONE, |local| local.sections);
        match (kind, self.state) {
            // Media sections never go away again (RFC 9429, section 5.2.2).
            (DescriptionKind::Offer, _) if !description.sections.covers(negotiated) => {
                return Err(refusal("InvalidAccessError"));
            }
            (DescriptionKind::Offer, _) => {
                // Implicit rollback (W3C webrtc-pc, section 4.4.1.5).
                self.pending_local = None;
                self.pending_remote = Some(description);
                self.state = SignalingState::HaveRemoteOffer;
            }
            (DescriptionKind::Answer, SignalingState::HaveLocalOffer) => {
                let offer = self.pending_local.as_ref().expect("our offer is open");
                if description.sections != offer.sections {
                    return Err(refusal("InvalidAccessError"));
                }
                if description
                    .answers
                    .is_some_and(|answers| answers != (offer.serial, offer.version))
                {
                    return Err(refusal("an answer to another offer"));
                }
                self.local = self.pending_local.take();
                self.remote = Some(description);
                self.become_stable();
            }
            (DescriptionKind::Answer, _) => return Err(refusal("InvalidStateError")),
        }
        Ok(Completion::Done)
    }

    fn become_stable(&mut self) {
        self.state = SignalingState::Stable;
        self.negotiation_needed = false;
    }

    fn add_candidate(&mut self, candidate: IceCandidate) -> Result<Completion, OperationError> {
        let mut remotes = self.remote.iter().chain(&self.pending_remote).peekable();
        if remotes.peek().is_none() {
            return Err(refusal("InvalidStateError"));
        }
        let ufrag = candidate.ufrag().map(str::to_owned);
        let mut remotes = remotes.filter(|remote| ufrag.as_ref().is_none_or(|ufrag| *ufrag == remote.ufrag));
        let Some(remote) = remotes.next() else {
            return Err(refusal("OperationError"));
        };
        if !candidate.is_end_of_candidates() {
            self.reachable.insert(remote.ufrag.clone());
        }
        self.added.push(candidate);
        Ok(Completion::Done)
    }

    /// "Update the negotiation-needed flag" (W3C webrtc-pc, section 4.7.3): whether the event is to be fired.
    pub(crate) fn update_negotiation_needed(&mut self) -> bool {
        if self.is_busy() || self.state != SignalingState::Stable {
            return false;
        }
        if self.is_settled() {
            self.negotiation_needed = false;
            return false;
        }
        !std::mem::replace(&mut self.negotiation_needed, true)
    }

    /// The event's task runs: whether it still holds. If not, the flag is looked at again after the
    /// operation.
    pub(crate) fn fire_negotiation_needed(&mut self) -> bool {
        let fires = !self.is_busy() && self.state == SignalingState::Stable;
        self.negotiation_needed = fires;
        fires
    }

    /// Whether both ends speak of each other, and each can reach the other.
    pub(crate) fn matches(&self, other: &Self) -> bool {
        let agrees = |ours: &Option<Description>, theirs: &Option<Description>| {
            matches!((ours, theirs), (Some(ours), Some(theirs))
                if ours.serial == theirs.serial && ours.ufrag == theirs.ufrag
                    && ours.certificate == theirs.certificate)
        };
        agrees(&self.local, &other.remote)
            && agrees(&other.local, &self.remote)
            && self.has_their_candidate()
            && other.has_their_candidate()
    }

    /// Whether ICE could send anything anywhere.
    pub(crate) fn has_their_candidate(&self) -> bool {
        let remote = self.remote.as_ref();
        remote.is_some_and(|remote| self.reachable.contains(&remote.ufrag))
    }

    pub(crate) fn receives_video(&self) -> bool {
        self.remote.as_ref().is_some_and(|remote| remote.sends.video)
    }

    /// New generations on both sides: ICE begins anew. A connection that works goes on meanwhile.
    fn follow_generations(&mut self, now: Time) {
        let (Some(local), Some(remote)) = (&self.local, &self.remote) else {
            return;
        };
        let generations = (local.ufrag.clone(), remote.ufrag.clone());
        let anew = self
            .checked
            .as_ref()
            .is_some_and(|checked| *checked != generations);
        self.checked = Some(generations);
        if anew && matches!(self.ice, ConnectionState::Disconnected | ConnectionState::Failed) {
            self.ice = ConnectionState::Connecting;
            self.ice_since = now;
        }
    }

    /// Brings `connectionState` up to date. Returns the new state if it has changed, and when to look again.
    pub(crate) fn check_ice(&mut self, now: Time, matched: bool, path: Duration) -> (bool, Option<Time>) {
        use ConnectionState::{Closed, Connected, Connecting, Disconnected, Failed, New};
        let negotiated = self.local.is_some() && self.remote.is_some();
        self.follow_generations(now);
        let (before, since) = (self.ice, self.ice_since);
        let silent_since = if matched {
            now
        } else {
            self.silent_since.unwrap_or(now)
        };
        self.silent_since = (!matched).then_some(silent_since);
        let next = match before {
            New if negotiated && (!self.patient || self.has_their_candidate()) => (Connecting, None),
            New | Failed | Closed => (before, None),
            Connecting if matched && now >= since + path => (Connected, None),
            Connecting if now >= since + CHECKS_GIVEN_UP => (Failed, None),
            Connecting if matched => (Connecting, Some(since + path)),
            Connecting => (Connecting, Some(since + CHECKS_GIVEN_UP)),
            Connected | Disconnected if matched => (Connected, None),
            Connected if now >= silent_since + self.silence_noticed => {
                (Disconnected, Some(silent_since + SILENCE_GIVEN_UP))
            }
            Connected => (Connected, Some(silent_since + self.silence_noticed)),
            Disconnected if now >= silent_since + SILENCE_GIVEN_UP => (Failed, None),
            Disconnected => (Disconnected, Some(silent_since + SILENCE_GIVEN_UP)),
        };
        self.ice = next.0;
        if self.ice != before {
            self.ice_since = now;
        }
        let again = if self.ice == Connecting && next.1.is_none() {
            Some(now + CHECKS_GIVEN_UP)
        } else {
            next.1
        };
        (self.ice != before, again)
    }
}

pub(crate) fn refusal(name: &str) -> OperationError {
    OperationError { name: name.into() }
}
