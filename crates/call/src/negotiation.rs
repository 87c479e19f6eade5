//! Perfect negotiation of one peer connection (W3C webrtc-pc, section 10.7), with its holes closed.
//!
//! The recipe runs in callbacks that interleave; here everything that wants something from the connection
//! waits in one queue, and one operation runs at a time. That alone closes most of the recipe's races:
//!
//! - an offer that arrives while an answer is being applied is not mistaken for a collision;
//! - a candidate never overtakes the description that it belongs to;
//! - "making an offer" is not a flag that a failed operation could leave behind.
//!
//! Answers name the exchange that they close, so that one to an offer that was rolled back is dropped, and
//! candidates are matched by generation (ufrag), so that those of an ignored offer never reach the
//! connection.

use std::collections::VecDeque;
use std::time::Duration;

use visavis_protocol::ice::IceCandidate;
use visavis_protocol::peer::PeerBody;

use crate::candidates::{Arrival, LocalCandidates, RemoteCandidates};
use crate::disclosure::Disclosure;
use crate::event::{Completion, DescriptionKind, Operation, OperationError, Role, SignalingState};
use crate::sdp;

/// How many messages may wait for the operation in flight.
const MOST_QUEUED: usize = 256;

/// How often an operation is tried before the connection counts as broken.
const ATTEMPTS: u8 = 2;

/// How long we offer nothing after an ICE restart.
///
/// An ICE restart that comes while the one before still looks for a path (from both sides, and a track that
/// is added just then) often leads Chromium to a path that Firefox does not listen to any more, and neither
/// says anything of it.
pub(crate) const OFFER_HOLDOFF: Duration = Duration::from_secs(1);

/// Who gives way when both sides offer at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Politeness {
    /// Rolls its own offer back.
    Polite,
    /// Ignores the other's offer.
    Impolite,
}

/// What a negotiation asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Effect {
    /// Run this; [`Negotiation::completed`] follows.
    Run(Operation),
    /// Send this to the other side.
    Send(PeerBody),
    /// Call [`Negotiation::holdoff_over`] after [`OFFER_HOLDOFF`].
    HoldOffers,
    /// The connection can't be negotiated; the browser's exception.
    Broken(OperationError),
}

/// A message that waits for its turn.
#[derive(Debug, Clone, Hash)]
enum Incoming {
    Offer { sdp: String, exchange: u32 },
    Answer { sdp: String, exchange: u32 },
    Candidate(IceCandidate),
}

/// The operation in flight, with what is needed when it ends.
#[derive(Debug, Clone, Hash)]
enum Running {
    Creating,
    Offering,
    Answering { exchange: u32 },
    ApplyingOffer { exchange: u32, ufrags: Vec<String> },
    ApplyingAnswer { ufrags: Vec<String> },
    AddingCandidate,
}

/// The negotiation of one peer connection.
#[derive(Debug, Clone, Hash)]
pub(crate) struct Negotiation {
    politeness: Politeness,
    /// Whether our candidates may be sent before the answer.
    early_candidates: bool,
    pub(crate) disclosure: Disclosure,
    signaling: SignalingState,
    running: Option<Running>,
    incoming: VecDeque<Incoming>,
    /// Candidates whose description is applied.
    addable: VecDeque<IceCandidate>,
    offer_wanted: bool,
    /// Whether ICE has just restarted, and we offer nothing.
    holds_offers: bool,
    /// The operation in flight, or the last one, and how often it was refused.
    operation: Operation,
    refusals: u8,
    /// The number of our last offer.
    exchange: u32,
    local: LocalCandidates,
    remote: RemoteCandidates,
    effects: VecDeque<Effect>,
}

impl Negotiation {
    /// For a connection that is being created: nothing runs before [`Self::completed`].
    ///
    /// One that is made to call offers at once. Its tracks want that, and the browser only says so
    /// (`negotiationneeded`) after it has drawn the page.
    ///
    /// One that is hidden exchanges descriptions, and keeps candidates until [`Self::reveal`].
    pub(crate) fn new(
        role: Role,
        politeness: Politeness,
        early_candidates: bool,
        disclosure: Disclosure,
    ) -> Self {
        Self {
            politeness,
            early_candidates,
            disclosure,
            signaling: SignalingState::Stable,
            running: Some(Running::Creating),
            incoming: VecDeque::new(),
            addable: VecDeque::new(),
            offer_wanted: role == Role::Caller,
            holds_offers: false,
            operation: Operation::SetLocalDescription,
            refusals: 0,
            exchange: 0,
            local: LocalCandidates::default(),
            remote: RemoteCandidates::default(),
            effects: VecDeque::new(),
        }
    }

    /// Takes the next thing to do.
    pub(crate) fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// Whether the other side has been sent an offer.
    pub(crate) fn has_offered(&self) -> bool {
        self.exchange > 0
    }

    /// From now on, our candidates need not wait for the answer, or have to.
    pub(crate) fn allow_early_candidates(&mut self, early_candidates: bool) {
        self.early_candidates = early_candidates;
        self.send_held_candidates();
    }

    /// From now on, candidates are exchanged.
    pub(crate) fn reveal(&mut self) {
        self.disclosure.reveal();
        self.send_held_candidates();
        self.advance();
    }

    /// The browser wants an exchange (`negotiationneeded`).
    pub(crate) fn negotiation_needed(&mut self) {
        self.offer_wanted = true;
        self.advance();
    }

    /// The time after an ICE restart is over.
    pub(crate) fn holdoff_over(&mut self) {
        self.holds_offers = false;
        self.advance();
    }

    /// The other side offers.
    pub(crate) fn offer(&mut self, sdp: String, exchange: u32) {
        self.enqueue(Incoming::Offer { sdp, exchange });
    }

    /// The other side answers.
    pub(crate) fn answer(&mut self, sdp: String, exchange: u32) {
        self.enqueue(Incoming::Answer { sdp, exchange });
    }

    /// The other side has a candidate.
    pub(crate) fn candidate(&mut self, candidate: IceCandidate) {
        self.enqueue(Incoming::Candidate(candidate));
    }

    /// We have a candidate. It is held until the other side can be expected to use it.
    pub(crate) fn gathered(&mut self, candidate: IceCandidate) {
        let Some(candidate) = self.disclosure.candidate(candidate) else {
            return;
        };
        if !self.candidates_may_go() {
            self.local.hold(candidate);
        } else if self.local.belongs(&candidate) {
            self.effects
                .push_back(Effect::Send(PeerBody::Candidate(candidate)));
        }
    }

    /// The operation in flight has ended, and left the connection in this state.
    pub(crate) fn completed(
        &mut self,
        signaling: SignalingState,
        result: Result<Completion, OperationError>,
    ) {
        let Some(running) = self.running.take() else {
            return;
        };
        self.signaling = signaling;
        match (running, result) {
            (Running::Creating | Running::AddingCandidate, Ok(_)) => {}
            // Browsers refuse candidates that they can't parse or reach; the others may do.
            (Running::AddingCandidate, Err(_)) => {}
            // Browsers refuse in the midst of a change, too: once more, and then no more.
            (running, Err(error)) => {
                self.refusals += 1;
                let hopeless =
                    matches!(running, Running::Creating) || self.signaling == SignalingState::Closed;
                if self.refusals < ATTEMPTS && !hopeless {
                    self.running = Some(running);
                    self.effects.push_back(Effect::Run(self.operation.clone()));
                } else {
                    self.effects.push_back(Effect::Broken(error));
                }
                return;
            }
            (
                Running::Offering,
                Ok(Completion::LocalDescription {
                    kind: DescriptionKind::Offer,
                    sdp,
                }),
            ) => {
                self.exchange += 1;
                self.local.description_sent(sdp::ufrags(&sdp));
                let sdp = self.disclosure.ours(sdp);
                self.effects.push_back(Effect::Send(PeerBody::Offer {
                    sdp,
                    exchange: self.exchange,
                    // The session fills them in.
                    warm: false,
                    private: false,
                }));
                self.send_held_candidates();
            }
            (
                Running::Answering { exchange },
                Ok(Completion::LocalDescription {
                    kind: DescriptionKind::Answer,
                    sdp,
                }),
            ) => {
                self.local.description_sent(sdp::ufrags(&sdp));
                let sdp = self.disclosure.ours(sdp);
                self.effects
                    .push_back(Effect::Send(PeerBody::Answer { sdp, exchange }));
                self.send_held_candidates();
                self.agreed();
            }
            (Running::ApplyingOffer { exchange, ufrags }, Ok(_)) => {
                self.description_applied(ufrags);
                // The browser asks again if this exchange does not settle what it wanted.
                self.offer_wanted = false;
                self.run(Running::Answering { exchange }, Operation::SetLocalDescription);
            }
            (Running::ApplyingAnswer { ufrags }, Ok(_)) => {
                self.description_applied(ufrags);
                self.agreed();
            }
            // `setLocalDescription` made the other kind of description than the state asked for.
            (Running::Offering | Running::Answering { .. }, Ok(_)) => {
                self.effects.push_back(Effect::Broken(OperationError {
                    name: "UnexpectedDescription".into(),
                }));
            }
        }
        self.advance();
    }

    fn enqueue(&mut self, incoming: Incoming) {
        // Beyond this the other side is at fault: no browser sends so much between two operations.
        if self.incoming.len() < MOST_QUEUED {
            self.incoming.push_back(incoming);
        }
        self.advance();
    }

    /// Starts the next operation, if none is in flight and one is due.
    fn advance(&mut self) {
        while self.running.is_none() && self.signaling != SignalingState::Closed {
            if !self.disclosure.is_hidden()
                && let Some(candidate) = self.addable.pop_front()
            {
                self.run(Running::AddingCandidate, Operation::AddCandidate(candidate));
            } else if let Some(incoming) = self.incoming.pop_front() {
                self.take(incoming);
            } else if self.offer_wanted && !self.holds_offers && self.signaling == SignalingState::Stable {
                self.offer_wanted = false;
                self.run(Running::Offering, Operation::SetLocalDescription);
            } else {
                break;
            }
        }
    }

    fn take(&mut self, incoming: Incoming) {
        match incoming {
            Incoming::Offer { sdp, exchange } => {
                let ufrags = sdp::ufrags(&sdp);
                let collision = self.signaling != SignalingState::Stable;
                if collision && self.politeness == Politeness::Impolite {
                    self.remote.offer_ignored(ufrags);
                    return;
                }
                self.run(
                    Running::ApplyingOffer { exchange, ufrags },
                    Operation::SetRemoteDescription {
                        kind: DescriptionKind::Offer,
                        sdp: self.disclosure.theirs(sdp),
                    },
                );
            }
            Incoming::Answer { sdp, exchange } => {
                let expected = self.signaling == SignalingState::HaveLocalOffer && exchange == self.exchange;
                if !expected {
                    return;
                }
                self.run(
                    Running::ApplyingAnswer {
                        ufrags: sdp::ufrags(&sdp),
                    },
                    Operation::SetRemoteDescription {
                        kind: DescriptionKind::Answer,
                        sdp: self.disclosure.theirs(sdp),
                    },
                );
                self.send_held_candidates();
            }
            Incoming::Candidate(candidate) => {
                if let Arrival::Apply(candidate) = self.remote.arrive(candidate) {
                    self.add(candidate);
                }
            }
        }
    }

    fn run(&mut self, running: Running, operation: Operation) {
        self.running = Some(running);
        self.refusals = 0;
        self.operation = operation.clone();
        self.effects.push_back(Effect::Run(operation));
    }

    /// An exchange is complete.
    fn agreed(&mut self) {
        if self.local.description_agreed() {
            self.holds_offers = true;
            self.effects.push_back(Effect::HoldOffers);
        }
    }

    fn description_applied(&mut self, ufrags: Vec<String>) {
        for candidate in self.remote.description_applied(ufrags) {
            self.add(candidate);
        }
    }

    /// Has a candidate added as soon as that is allowed.
    fn add(&mut self, candidate: IceCandidate) {
        if self.addable.len() < MOST_QUEUED {
            self.addable.push_back(candidate);
        }
    }

    /// Whether the other side can be expected to use our candidates, and may have them.
    fn candidates_may_go(&self) -> bool {
        !self.disclosure.is_hidden()
            && match self.running {
                Some(Running::Offering | Running::Answering { .. } | Running::ApplyingOffer { .. }) => false,
                Some(Running::ApplyingAnswer { .. }) => true,
                _ => {
                    self.signaling == SignalingState::Stable
                        || self.early_candidates && self.signaling == SignalingState::HaveLocalOffer
                }
            }
    }

    fn send_held_candidates(&mut self) {
        if !self.candidates_may_go() {
            return;
        }
        for candidate in self.local.release() {
            self.effects
                .push_back(Effect::Send(PeerBody::Candidate(candidate)));
        }
    }
}
