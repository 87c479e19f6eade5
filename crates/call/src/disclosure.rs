//! Which addresses of ours the other side may learn, and which of theirs are used, whatever the browser
//! finds.

use visavis_protocol::ice::IceCandidate;

use crate::event::IceTransportPolicy;
use crate::sdp;

/// What is shown of a connection's addresses.
#[derive(Debug, Clone, Copy, Hash)]
pub(crate) struct Disclosure {
    policy: IceTransportPolicy,
    /// Whether ours are kept for now, and theirs not used.
    hidden: bool,
}

impl Disclosure {
    pub(crate) fn new(policy: IceTransportPolicy, hidden: bool) -> Self {
        Self { policy, hidden }
    }

    /// Which paths the connection may take.
    pub(crate) fn policy(self) -> IceTransportPolicy {
        self.policy
    }

    /// From now on, addresses are shown by this policy. One that shows less is for another connection: what
    /// was found for this one may have been sent.
    pub(crate) fn show_by(&mut self, policy: IceTransportPolicy) {
        self.policy = policy;
    }

    /// Whether candidates wait, on either side.
    pub(crate) fn is_hidden(self) -> bool {
        self.hidden
    }

    /// Candidates need not wait any more.
    pub(crate) fn reveal(&mut self) {
        self.hidden = false;
    }

    /// Our candidate as it may be sent, if it may.
    pub(crate) fn candidate(self, candidate: IceCandidate) -> Option<IceCandidate> {
        match self.policy {
            IceTransportPolicy::All => Some(candidate),
            IceTransportPolicy::Relay => through_turn(candidate),
        }
    }

    /// Our description as it may be sent. The candidates in it are sent by themselves, too.
    pub(crate) fn ours(self, sdp: String) -> String {
        match self.policy {
            IceTransportPolicy::All => self.theirs(sdp),
            IceTransportPolicy::Relay => sdp::without_addresses(&sdp),
        }
    }

    /// Their description as it may be used: addresses in it would be tried at once.
    pub(crate) fn theirs(self, sdp: String) -> String {
        if self.hidden {
            sdp::without_addresses(&sdp)
        } else {
            sdp
        }
    }
}

/// A candidate as it is sent where nobody may see our address: `None` if it is not that of a TURN server.
/// What it tells of ours behind that is left out (RFC 8839, section 5.1), and so is all about our network.
fn through_turn(candidate: IceCandidate) -> Option<IceCandidate> {
    if candidate.is_end_of_candidates() {
        return Some(candidate);
    }
    let mut words = candidate.candidate.split_ascii_whitespace();
    let mut text = String::new();
    for index in 0..8 {
        let word = words.next()?;
        if index == 6 && word != "typ" || index == 7 && word != "relay" {
            return None;
        }
        text.extend([word, " "]);
    }
    Some(IceCandidate {
        candidate: text + "raddr 0.0.0.0 rport 9",
        ..candidate
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(text: &str) -> IceCandidate {
        IceCandidate {
            candidate: text.into(),
            sdp_mid: None,
            sdp_m_line_index: None,
            username_fragment: Some("U".into()),
        }
    }

    #[test]
    fn only_a_turn_servers_address_is_sent_and_not_what_is_behind_it() {
        let sent = |text: &str| through_turn(candidate(text)).map(|sent| sent.candidate);
        for (found, expected) in [
            (
                "candidate:1 1 udp 1 198.51.100.1 9 typ relay raddr 192.0.2.7 rport 54400 network-cost 10",
                "candidate:1 1 udp 1 198.51.100.1 9 typ relay raddr 0.0.0.0 rport 9",
            ),
            (
                "candidate:1 1 udp 1 2001:db8::1 9 typ relay",
                "candidate:1 1 udp 1 2001:db8::1 9 typ relay raddr 0.0.0.0 rport 9",
            ),
        ] {
            assert_eq!(sent(found).as_deref(), Some(expected));
            assert_eq!(sent(expected).as_deref(), Some(expected));
        }
        for kind in ["host", "srflx", "prflx", "relayed", ""] {
            let text = format!("candidate:1 1 udp 1 192.0.2.7 9 typ {kind} raddr 192.0.2.7 rport 9");
            assert_eq!(sent(&text), None, "{text}");
        }
        for odd in [
            "candidate:1",
            "typ relay",
            "candidate:1 1 udp 1 192.0.2.7 9 typ",
            "candidate:1 1 udp 1 192.0.2.7 9 typ host typ relay",
            "candidate:1 1 udp typ relay 192.0.2.7 9 typ host",
        ] {
            assert_eq!(sent(odd), None, "{odd}");
        }
        assert_eq!(sent("").as_deref(), Some(""), "the end of candidates");
        let kept = through_turn(candidate(""));
        assert_eq!(kept.and_then(|kept| kept.username_fragment).as_deref(), Some("U"));
    }

    #[test]
    fn what_is_shown_follows_policy_and_moment() {
        use IceTransportPolicy::{All, Relay};

        let sdp = || "v=0\r\nc=IN IP4 192.0.2.7\r\na=candidate:1 1 udp 1 192.0.2.7 9 typ host\r\n".to_owned();
        let (shown, not) = (sdp(), "v=0\r\nc=IN IP4 0.0.0.0\r\n".to_owned());
        for (policy, hidden, ours, theirs) in [
            (All, false, &shown, &shown),
            (All, true, &not, &not),
            (Relay, false, &not, &shown),
            (Relay, true, &not, &not),
        ] {
            let mut disclosure = Disclosure::new(policy, hidden);
            assert_eq!(&disclosure.ours(sdp()), ours, "{disclosure:?}");
            assert_eq!(&disclosure.theirs(sdp()), theirs, "{disclosure:?}");
            let host = candidate("candidate:1 1 udp 1 192.0.2.7 9 typ host");
            assert_eq!(
                disclosure.candidate(host).is_some(),
                policy == All,
                "{disclosure:?}"
            );
            disclosure.reveal();
            assert_eq!(disclosure.ours(sdp()) == shown, policy == All, "{disclosure:?}");
        }
    }
}
