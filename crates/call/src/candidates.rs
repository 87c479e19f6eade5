//! Two buffers that keep trickled candidates from being lost (RFC 8838): one for those that we gather before
//! the other side can use them, one for those that arrive before we can.

use visavis_protocol::ice::IceCandidate;

/// How many candidates either buffer holds. A host with ten networks gathers about sixty.
const MOST_WAITING: usize = 128;

/// How many finished generations are remembered.
const MOST_FORGOTTEN: usize = 32;

/// Our candidates, on their way out.
///
/// Unless the other side has said that it keeps early ones, an offerer holds them until the answer arrives:
/// the other side may still be waiting for its ICE servers, and a simple client drops what arrives before it
/// has a connection.
#[derive(Debug, Clone, Hash, Default)]
pub(crate) struct LocalCandidates {
    /// The generations of the description that was sent last.
    sent: Vec<String>,
    /// Those of the last that both sides have agreed on.
    agreed: Vec<String>,
    held: Vec<IceCandidate>,
}

impl LocalCandidates {
    /// Keeps a candidate until [`Self::release`]. There may be too many if that takes long: the oldest goes.
    pub(crate) fn hold(&mut self, candidate: IceCandidate) {
        if self.held.len() >= MOST_WAITING {
            self.held.remove(0);
        }
        self.held.push(candidate);
    }

    /// Notes the generations of a description that is being sent.
    pub(crate) fn description_sent(&mut self, ufrags: Vec<String>) {
        self.sent = ufrags;
    }

    /// Notes that both sides agree on the description that was sent last. Says whether ICE restarts with
    /// that.
    pub(crate) fn description_agreed(&mut self) -> bool {
        let before = std::mem::replace(&mut self.agreed, self.sent.clone());
        !before.is_empty() && before != self.agreed
    }

    /// Whether the other side knows the candidate's generation.
    pub(crate) fn belongs(&self, candidate: &IceCandidate) -> bool {
        candidate
            .ufrag()
            .is_none_or(|ufrag| self.sent.iter().any(|sent| sent == ufrag))
    }

    /// Takes what was held, in order, without candidates of descriptions that were rolled back.
    pub(crate) fn release(&mut self) -> Vec<IceCandidate> {
        let held = std::mem::take(&mut self.held);
        held.into_iter()
            .filter(|candidate| self.belongs(candidate))
            .collect()
    }
}

/// Their candidates, on their way in.
#[derive(Debug, Clone, Hash, Default)]
pub(crate) struct RemoteCandidates {
    /// The generations of the remote description that is applied.
    current: Vec<String>,
    applied: bool,
    /// The generations of earlier remote descriptions and of ignored offers, the newest last.
    finished: Vec<String>,
    waiting: Vec<IceCandidate>,
}

/// What to do with a candidate that arrived.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// Hand it to the connection.
    Apply(IceCandidate),
    /// It waits for its description.
    Waiting,
    /// It belongs to something that is over, or there is no room for it.
    Dropped,
}

impl RemoteCandidates {
    pub(crate) fn arrive(&mut self, candidate: IceCandidate) -> Arrival {
        if let Some(ufrag) = candidate.ufrag()
            && !self.current.iter().any(|current| current == ufrag)
        {
            if self.finished.iter().any(|finished| finished == ufrag) {
                return Arrival::Dropped;
            }
            return self.wait(candidate);
        }
        if self.applied {
            Arrival::Apply(candidate)
        } else {
            self.wait(candidate)
        }
    }

    fn wait(&mut self, candidate: IceCandidate) -> Arrival {
        if self.waiting.len() >= MOST_WAITING {
            return Arrival::Dropped;
        }
        self.waiting.push(candidate);
        Arrival::Waiting
    }

    /// Notes that a remote description is applied, and takes the candidates that were waiting for it, in
    /// order.
    pub(crate) fn description_applied(&mut self, ufrags: Vec<String>) -> Vec<IceCandidate> {
        let earlier = std::mem::replace(&mut self.current, ufrags);
        for ufrag in earlier {
            if !self.current.contains(&ufrag) {
                self.finish(ufrag);
            }
        }
        self.applied = true;
        let (ready, waiting) =
            std::mem::take(&mut self.waiting)
                .into_iter()
                .partition(|candidate: &IceCandidate| {
                    candidate
                        .ufrag()
                        .is_none_or(|ufrag| self.current.iter().any(|current| current == ufrag))
                });
        self.waiting = waiting;
        ready
    }

    /// Notes that an offer was ignored: its candidates must not reach the connection either.
    pub(crate) fn offer_ignored(&mut self, ufrags: Vec<String>) {
        for ufrag in ufrags {
            self.waiting.retain(|candidate| candidate.ufrag() != Some(&ufrag));
            self.finish(ufrag);
        }
    }

    fn finish(&mut self, ufrag: String) {
        if self.finished.len() >= MOST_FORGOTTEN {
            self.finished.remove(0);
        }
        self.finished.push(ufrag);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(name: &str, ufrag: Option<&str>) -> IceCandidate {
        IceCandidate {
            candidate: name.into(),
            sdp_mid: None,
            sdp_m_line_index: None,
            username_fragment: ufrag.map(Into::into),
        }
    }

    fn generation(ufrag: &str) -> Vec<String> {
        vec![ufrag.to_owned()]
    }

    #[test]
    fn held_candidates_leave_in_order_and_once() {
        let mut local = LocalCandidates::default();
        for name in ["a", "b", "c"] {
            local.hold(candidate(name, Some("U")));
        }
        local.description_sent(generation("U"));
        let names: Vec<_> = local.release().into_iter().map(|c| c.candidate).collect();
        assert_eq!(names, ["a", "b", "c"]);
        assert!(local.release().is_empty());
    }

    #[test]
    fn candidates_of_a_rolled_back_offer_are_not_sent() {
        let mut local = LocalCandidates::default();
        local.hold(candidate("old", Some("OLD")));
        local.hold(candidate("new", Some("NEW")));
        local.description_sent(generation("NEW"));
        assert_eq!(local.release(), [candidate("new", Some("NEW"))]);
    }

    #[test]
    fn early_candidates_wait_for_their_description() {
        let mut remote = RemoteCandidates::default();
        assert_eq!(remote.arrive(candidate("a", Some("U"))), Arrival::Waiting);
        assert_eq!(remote.arrive(candidate("b", None)), Arrival::Waiting);
        assert_eq!(remote.arrive(candidate("later", Some("V"))), Arrival::Waiting);
        let ready = remote.description_applied(generation("U"));
        assert_eq!(ready, [candidate("a", Some("U")), candidate("b", None)]);
        assert_eq!(
            remote.description_applied(generation("V")),
            [candidate("later", Some("V"))]
        );
    }

    #[test]
    fn candidates_of_an_ignored_offer_are_dropped_early_and_late() {
        let mut remote = RemoteCandidates::default();
        remote.description_applied(generation("U"));
        assert_eq!(remote.arrive(candidate("early", Some("X"))), Arrival::Waiting);
        remote.offer_ignored(generation("X"));
        assert_eq!(remote.arrive(candidate("late", Some("X"))), Arrival::Dropped);
        assert!(remote.description_applied(generation("X2")).is_empty());
    }

    #[test]
    fn candidates_of_an_old_generation_are_dropped() {
        let mut remote = RemoteCandidates::default();
        remote.description_applied(generation("U"));
        remote.description_applied(generation("V"));
        assert_eq!(remote.arrive(candidate("old", Some("U"))), Arrival::Dropped);
        assert_eq!(
            remote.arrive(candidate("new", Some("V"))),
            Arrival::Apply(candidate("new", Some("V")))
        );
    }

    #[test]
    fn the_buffers_are_bounded() {
        let (mut local, mut remote) = (LocalCandidates::default(), RemoteCandidates::default());
        for _ in 0..10 * MOST_WAITING {
            local.hold(candidate("c", None));
            remote.arrive(candidate("c", None));
            remote.offer_ignored(generation("X"));
        }
        assert_eq!(local.release().len(), MOST_WAITING);
        assert_eq!(remote.description_applied(Vec::new()).len(), MOST_WAITING);
        assert_eq!(remote.finished.len(), MOST_FORGOTTEN);
    }
}
