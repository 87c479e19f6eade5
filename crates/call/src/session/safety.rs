//! Whether anybody sits between us and them: see [`crate::safety`].
//!
//! The fingerprints of a connection are those of its first descriptions; it never has others. Over its data
//! channel, which nobody else can read, the impolite side commits to a nonce, the polite side reveals its
//! own, and the impolite side reveals what it had committed to. That makes a code, which stays as long as the
//! fingerprints do, over as many connections as there are.

use visavis_protocol::id::PeerId;
use visavis_protocol::peer::PeerBody;
use visavis_protocol::safety::{Commitment, Nonce};

use super::Session;
use super::event::Context;
use crate::event::Verdict;
use crate::safety::{self, Fingerprint, Fingerprints, Party, SafetyCode};
use crate::sdp;
use crate::view::{Danger, EndReason, FailureCause, Safety};

/// How far the exchange over one connection has come. There is one, or none.
#[derive(Debug, Clone, Hash, Default)]
pub(super) enum Exchange {
    #[default]
    None,
    /// We have committed to this, and wait for theirs.
    Committed(Nonce),
    /// They have committed to something, and know ours.
    Answered(Commitment, Nonce),
    Over,
}

/// What two connections have in common if the same two browsers made them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Pair {
    ours: Fingerprint,
    theirs: Fingerprint,
}

impl Pair {
    fn of(fingerprints: Fingerprints) -> Option<Self> {
        let Fingerprints { ours, theirs } = fingerprints;
        Some(Self {
            ours: ours?,
            theirs: theirs?,
        })
    }
}

/// What the person says of the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Mark {
    None,
    Verified,
    /// It was verified, and fingerprints have changed since.
    Fallen,
    /// Somebody may sit between us.
    Broken(Danger),
}

/// What is known of them for as long as we know them.
#[derive(Debug, Clone, Hash)]
pub(super) struct Known {
    /// Who we are, to them.
    us: PeerId,
    agreed: Option<(Pair, SafetyCode)>,
    mark: Mark,
}

impl Known {
    pub(super) fn nothing(us: PeerId) -> Self {
        Self {
            us,
            agreed: None,
            mark: Mark::None,
        }
    }

    /// What there is to see.
    pub(super) fn view(&self) -> Safety {
        let code = self.agreed.map(|(_, code)| code);
        match (self.mark, code) {
            (Mark::None | Mark::Verified, None) => Safety::Unknown,
            (Mark::None, Some(code)) => Safety::Code(code),
            (Mark::Verified, Some(code)) => Safety::Verified(code),
            (Mark::Fallen, code) => Safety::Changed(code),
            (Mark::Broken(danger), code) => Safety::Broken(danger, code),
        }
    }

    /// Whether somebody may sit between us, by what was seen since codes were compared.
    pub(super) fn is_broken(&self) -> bool {
        matches!(self.mark, Mark::Broken(_))
    }

    fn has_code_for(&self, pair: Pair) -> bool {
        self.agreed.is_some_and(|(agreed, _)| agreed == pair)
    }
}

/// Whose description it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Ours,
    Theirs,
}

impl Session {
    /// Notes the fingerprint of a description before it goes anywhere. Says whether it can be: it is clear,
    /// and the one that the connection has.
    pub(super) fn note_fingerprint(&mut self, whose: Whose, body: &PeerBody) -> bool {
        let (PeerBody::Offer { sdp, .. } | PeerBody::Answer { sdp, .. }) = body else {
            return true;
        };
        let Some(link) = &mut self.link else { return true };
        let found = match sdp::fingerprint(sdp) {
            Ok(None) => None,
            Ok(Some(digits)) => match Fingerprint::read(digits) {
                Some(fingerprint) => Some(fingerprint),
                None => return false,
            },
            Err(sdp::Unclear) => return false,
        };
        let known = match whose {
            Whose::Ours => &mut link.fingerprints.ours,
            Whose::Theirs => &mut link.fingerprints.theirs,
        };
        // No browser gives a connection another certificate.
        if known.is_some() && *known != found {
            return false;
        }
        *known = found;
        let pair = Pair::of(link.fingerprints);
        if pair.is_some_and(|pair| !self.safety.has_code_for(pair)) && self.safety.agreed.take().is_some() {
            // Whoever it is now, it is not whom we have compared with.
            if self.safety.mark == Mark::Verified {
                self.safety.mark = Mark::Fallen;
            }
        }
        true
    }

    /// The channel is open.
    pub(super) fn ask_for_code(&mut self, context: &Context<'_>) {
        let (Some(pair), Some(link)) = (self.pair(), &self.link) else {
            return;
        };
        // What they say may come before our browser says that the channel is open.
        let has_begun = !matches!(link.channel.exchange, Exchange::None);
        if has_begun || self.safety.has_code_for(pair) {
            return;
        }
        if self.is_polite() {
            self.tell(PeerBody::NoCode);
        } else {
            self.commit(context);
        }
    }

    fn pair(&self) -> Option<Pair> {
        Pair::of(self.link.as_ref()?.fingerprints)
    }

    fn parties(&self, pair: Pair) -> (Party<'_>, Party<'_>) {
        let ours = Party {
            id: &self.safety.us,
            fingerprint: pair.ours,
        };
        let theirs = Party {
            id: &self.id,
            fingerprint: pair.theirs,
        };
        (ours, theirs)
    }

    fn nonce(&self, context: &Context<'_>) -> Nonce {
        safety::nonce(context.entropy, context.now, &self.id, self.last_connection_id)
    }

    fn commit(&mut self, context: &Context<'_>) {
        let Some(pair) = self.pair() else { return };
        let nonce = self.nonce(context);
        let (us, them) = self.parties(pair);
        let commitment = safety::commitment(us, nonce, them);
        self.go_to(Exchange::Committed(nonce));
        self.tell(PeerBody::Commit { commitment });
    }

    fn go_to(&mut self, exchange: Exchange) {
        if let Some(link) = &mut self.link {
            link.channel.exchange = exchange;
        }
    }

    /// They take a step in the exchange.
    pub(super) fn exchange(&mut self, context: &Context<'_>, step: &PeerBody) {
        let (Some(pair), Some(link)) = (self.pair(), &self.link) else {
            return;
        };
        match (link.channel.exchange.clone(), step) {
            // They have lost what we have, or were about to agree when the last connection ended.
            (Exchange::None, PeerBody::NoCode) if !self.is_polite() => self.commit(context),
            (_, PeerBody::NoCode) => {}
            (Exchange::None, PeerBody::Commit { commitment }) if self.is_polite() => {
                let nonce = self.nonce(context);
                self.go_to(Exchange::Answered(*commitment, nonce));
                self.tell(PeerBody::Reveal { nonce });
            }
            (Exchange::Committed(ours), PeerBody::Reveal { nonce }) => {
                self.tell(PeerBody::Reveal { nonce: ours });
                self.agree(pair, ours, *nonce);
            }
            (Exchange::Answered(commitment, ours), PeerBody::Reveal { nonce }) => {
                let (us, them) = self.parties(pair);
                if safety::commitment(them, *nonce, us) == commitment {
                    self.agree(pair, ours, *nonce);
                } else {
                    self.distrust(context, Danger::Commitment);
                }
            }
            _ => self.distrust(context, Danger::Commitment),
        }
    }

    fn agree(&mut self, pair: Pair, ours: Nonce, theirs: Nonce) {
        self.go_to(Exchange::Over);
        let (us, them) = self.parties(pair);
        let code = SafetyCode::of((us, ours), (them, theirs));
        self.safety.agreed = Some((pair, code));
    }

    /// [`Event::Verify`](super::Event::Verify)
    pub(super) fn verify(&mut self, context: &Context<'_>, verdict: Verdict) {
        match verdict {
            // Not of a code that was shown a moment ago.
            Verdict::Match(code) if self.safety.agreed.is_some_and(|(_, agreed)| agreed == code) => {
                self.safety.mark = Mark::Verified;
            }
            Verdict::Match(_) => {}
            Verdict::TakeBack => self.safety.mark = Mark::None,
            Verdict::Differ => self.distrust(context, Danger::Code),
        }
    }

    /// Somebody may sit between us: ends the connection.
    pub(super) fn distrust(&mut self, context: &Context<'_>, danger: Danger) {
        (self.safety.agreed, self.safety.mark) = (None, Mark::Broken(danger));
        if self.link.is_some() {
            // They need not make another one before somebody calls; but a person decides to hang up.
            let body = match danger {
                Danger::Code => PeerBody::HangUp,
                Danger::Certificate | Danger::Commitment => PeerBody::GiveUp,
            };
            self.send(context, body);
            self.end_link(context, EndReason::Failed(FailureCause::Unsafe(danger)));
        }
    }
}
