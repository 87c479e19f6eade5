//! What candidates and ICE errors tell of the networks between two browsers, and what that says when no path
//! is found. No address is kept.

use visavis_protocol::ice::IceCandidate;

use crate::view::Obstacle;

/// The code of `icecandidateerror` for a server that can't be reached (W3C webrtc-pc, section 4.8.2).
pub(crate) const UNREACHABLE: u16 = 701;

/// Allocation Quota Reached (RFC 8656, section 18).
const QUOTA_REACHED: u16 = 486;

/// Insufficient Capacity (RFC 8656, section 18).
const INSUFFICIENT_CAPACITY: u16 = 508;

/// Which kinds of candidates one side has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Kinds {
    /// With an address of its own.
    pub(crate) host: bool,
    /// With an address that mDNS hides.
    pub(crate) hidden: bool,
    /// As a STUN server sees it.
    pub(crate) reflexive: bool,
    /// Through a TURN server.
    pub(crate) relayed: bool,
}

impl Kinds {
    fn note(&mut self, candidate: &IceCandidate) {
        match kind_of(candidate) {
            "hidden host" => self.hidden = true,
            "host" => self.host = true,
            "relay" => self.relayed = true,
            "srflx" | "prflx" => self.reflexive = true,
            _ => {}
        }
    }

    fn none(self) -> bool {
        self == Self::default()
    }

    fn only_hidden(self) -> bool {
        self.hidden && !self.host && !self.reflexive
    }
}

/// The kind of a candidate (RFC 8839, section 5.1), or that it is the end of them.
pub(crate) fn kind_of(candidate: &IceCandidate) -> &'static str {
    if candidate.is_end_of_candidates() {
        return "end";
    }
    let mut words = candidate.candidate.split_ascii_whitespace();
    let address = words.nth(4).unwrap_or_default();
    match words.skip_while(|word| *word != "typ").nth(1) {
        Some("host") if address.ends_with(".local") => "hidden host",
        Some("host") => "host",
        Some("relay") => "relay",
        Some("srflx") => "srflx",
        Some("prflx") => "prflx",
        _ => "unknown",
    }
}

/// What is known of one connection's candidates.
#[derive(Debug, Clone, Hash, Default)]
pub(crate) struct IceDiagnostics {
    pub(crate) ours: Kinds,
    pub(crate) theirs: Kinds,
    /// The last complaint about a TURN server.
    pub(crate) turn_error: Option<u16>,
}

impl IceDiagnostics {
    pub(crate) fn note_ours(&mut self, candidate: &IceCandidate) {
        self.ours.note(candidate);
    }

    pub(crate) fn note_theirs(&mut self, candidate: &IceCandidate) {
        self.theirs.note(candidate);
    }

    /// Notes an `icecandidateerror`. What a server says itself outweighs that another could not be reached:
    /// there is a complaint for each network interface, and most of them lead nowhere.
    pub(crate) fn note_error(&mut self, code: u16, turn: bool) {
        if turn && (code != UNREACHABLE || self.turn_error.is_none()) {
            self.turn_error = Some(code);
        }
    }

    /// Whether our browser has found no candidate at all.
    pub(crate) fn ours_are_missing(&self) -> bool {
        self.ours.none()
    }

    /// Whether they have sent no candidate at all.
    pub(crate) fn theirs_are_missing(&self) -> bool {
        self.theirs.none()
    }

    /// What is in the way.
    pub(crate) fn obstacle(&self, has_turn: bool) -> Obstacle {
        if self.ours.none() && self.turn_error.is_none() {
            return Obstacle::NothingToOffer;
        }
        if !has_turn {
            return if self.theirs.none() {
                Obstacle::NothingOffered
            } else if self.ours.only_hidden() || self.theirs.only_hidden() {
                Obstacle::HiddenAddresses
            } else {
                Obstacle::NoTurn
            };
        }
        match self.turn_error {
            _ if self.ours.relayed => Obstacle::EvenWithTurn,
            Some(QUOTA_REACHED | INSUFFICIENT_CAPACITY) => Obstacle::TurnIsFull,
            Some(code) if (300..700).contains(&code) => Obstacle::TurnRefuses(code),
            _ => Obstacle::TurnUnreachable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(address: &str, kind: &str) -> IceCandidate {
        IceCandidate {
            candidate: format!(
                "candidate:1 1 udp 2122260223 {address} 54400 typ {kind} raddr 0.0.0.0 rport 0"
            ),
            sdp_mid: None,
            sdp_m_line_index: None,
            username_fragment: None,
        }
    }

    fn diagnostics(ours: &[(&str, &str)], theirs: &[(&str, &str)]) -> IceDiagnostics {
        let mut diagnostics = IceDiagnostics::default();
        for (address, kind) in ours {
            diagnostics.note_ours(&candidate(address, kind));
        }
        for (address, kind) in theirs {
            diagnostics.note_theirs(&candidate(address, kind));
        }
        diagnostics
    }

    const HOST: (&str, &str) = ("192.0.2.1", "host");
    const HIDDEN: (&str, &str) = ("0b1c.local", "host");
    const RELAYED: (&str, &str) = ("198.51.100.1", "relay");

    #[test]
    fn without_turn_the_missing_turn_is_to_blame_unless_addresses_are_missing() {
        assert_eq!(diagnostics(&[HOST], &[HOST]).obstacle(false), Obstacle::NoTurn);
        assert_eq!(
            diagnostics(&[], &[HOST]).obstacle(false),
            Obstacle::NothingToOffer
        );
        assert_eq!(
            diagnostics(&[HOST], &[]).obstacle(false),
            Obstacle::NothingOffered
        );
        assert_eq!(
            diagnostics(&[HIDDEN], &[HOST]).obstacle(false),
            Obstacle::HiddenAddresses
        );
    }

    #[test]
    fn a_turn_server_is_blamed_for_what_it_says() {
        for (codes, obstacle) in [
            (&[401][..], Obstacle::TurnRefuses(401)),
            (&[701, 401, 701], Obstacle::TurnRefuses(401)),
            (&[486], Obstacle::TurnIsFull),
            (&[508], Obstacle::TurnIsFull),
            (&[701], Obstacle::TurnUnreachable),
            (&[], Obstacle::TurnUnreachable),
        ] {
            let mut diagnostics = diagnostics(&[HOST], &[HOST]);
            for code in codes {
                diagnostics.note_error(*code, true);
            }
            diagnostics.note_error(400, false);
            assert_eq!(diagnostics.obstacle(true), obstacle, "{codes:?}");
        }
    }

    #[test]
    fn a_turn_server_that_works_is_not_blamed() {
        let mut diagnostics = diagnostics(&[HOST, RELAYED], &[HOST]);
        diagnostics.note_error(701, true);
        assert_eq!(diagnostics.obstacle(true), Obstacle::EvenWithTurn);
    }
}
