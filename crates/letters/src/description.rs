//! What one browser has to know of the other, out of which a session description can be written.

use std::fmt::{self, Write as _};

use crate::bytes::{Reader, Writer};
use crate::candidate::{Candidate, CandidateType};

/// The most candidates of a letter. A QR code of it is still easy to read.
const MOST_CANDIDATES: usize = 10;

/// The longest `ice-ufrag` and `ice-pwd` that are taken. Browsers make 4 to 32 characters.
const LONGEST: usize = 64;

/// How one browser can be reached, and by which key the other knows it.
///
/// It is about a connection with one data channel. All else of its session description follows.
#[derive(Clone, PartialEq, Eq)]
pub struct Description {
    ufrag: String,
    password: String,
    /// SHA-256 of the certificate.
    fingerprint: [u8; 32],
    candidates: Vec<Candidate>,
}

/// Who begins the DTLS handshake (RFC 8842, section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DtlsRole {
    /// The one whom the description is of.
    Active,
    /// The other one.
    Passive,
}

impl Description {
    /// Reads what counts of a session description (RFC 8866) with all its candidates. `None`: something is
    /// missing, or its certificate's fingerprint is not by SHA-256, which browsers don't do.
    #[must_use]
    pub fn from_sdp(sdp: &str) -> Option<Self> {
        let value = |name: &str| {
            sdp.lines()
                .find_map(|line| line.strip_prefix(name))
                .map(str::trim)
        };
        let mut candidates: Vec<_> = sdp
            .lines()
            .filter_map(|line| Candidate::read(line.strip_prefix("a=candidate:")?))
            .collect();
        candidates.sort_by_key(|(priority, _)| std::cmp::Reverse(*priority));
        let mut candidates: Vec<_> = candidates.into_iter().map(|(_, candidate)| candidate).collect();
        candidates.retain(Candidate::is_usable);
        candidates.dedup();
        candidates.truncate(MOST_CANDIDATES);
        let description = Self {
            ufrag: value("a=ice-ufrag:")?.to_owned(),
            password: value("a=ice-pwd:")?.to_owned(),
            fingerprint: fingerprint(value("a=fingerprint:sha-256 ")?)?,
            candidates,
        };
        description.is_valid().then_some(description)
    }

    /// The session description for the other browser, with this role for the one that it is of.
    #[must_use]
    pub fn to_sdp(&self, role: DtlsRole) -> String {
        let setup = match role {
            DtlsRole::Active => "active",
            DtlsRole::Passive => "passive",
        };
        let mut fingerprint = String::new();
        for byte in self.fingerprint {
            let separator = if fingerprint.is_empty() { "" } else { ":" };
            // A string takes everything.
            let _ = write!(fingerprint, "{separator}{byte:02X}");
        }
        let mut candidates = String::new();
        for line in self.candidate_lines(0) {
            let _ = write!(candidates, "a={line}\r\n");
        }
        let Self { ufrag, password, .. } = self;
        format!(
            "v=0\r\n\
             o=- 1 1 IN IP4 0.0.0.0\r\n\
             s=-\r\n\
             t=0 0\r\n\
             a=group:BUNDLE 0\r\n\
             m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n\
             c=IN IP4 0.0.0.0\r\n\
             a=mid:0\r\n\
             a=ice-ufrag:{ufrag}\r\n\
             a=ice-pwd:{password}\r\n\
             a=fingerprint:sha-256 {fingerprint}\r\n\
             a=setup:{setup}\r\n\
             a=sctp-port:5000\r\n\
             a=max-message-size:262144\r\n\
             {candidates}"
        )
    }

    /// Without the addresses of the browser itself: it is only reached through TURN servers.
    #[must_use]
    pub fn through_turn(mut self) -> Self {
        self.candidates
            .retain(|candidate| candidate.typ == CandidateType::Relayed);
        self
    }

    /// The candidates as attributes, `candidate:…`, for this round of trying.
    ///
    /// Browsers try an address for some 10 to 15 s, and stop; a person takes longer to carry a letter. What
    /// is added again under another foundation and priority is tried again.
    #[must_use]
    pub fn candidate_lines(&self, round: u16) -> Vec<String> {
        self.candidates
            .iter()
            .zip(1..)
            .map(|(candidate, place)| candidate.line(place, round))
            .collect()
    }

    /// Where the browser can be reached, the best first.
    #[must_use]
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.text(&self.ufrag);
        writer.text(&self.password);
        writer.bytes(&self.fingerprint);
        // There are ten at most.
        writer.byte(u8::try_from(self.candidates.len()).unwrap_or(0));
        for candidate in &self.candidates {
            candidate.write(writer);
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let ufrag = reader.text()?.to_owned();
        let password = reader.text()?.to_owned();
        let fingerprint = reader.array()?;
        let count = usize::from(reader.byte()?);
        let mut candidates = (0..count)
            .map(|_| Candidate::read_bytes(reader))
            .collect::<Option<Vec<_>>>()?;
        // Browsers refuse them, or send where nobody is meant.
        candidates.retain(Candidate::is_usable);
        let description = Self {
            ufrag,
            password,
            fingerprint,
            candidates,
        };
        description.is_valid().then_some(description)
    }

    /// Whether a browser can be told it, and nothing but it. See RFC 8839, section 5.4, for the lengths.
    fn is_valid(&self) -> bool {
        let is_ice_char = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
        [(&self.ufrag, 4), (&self.password, 22)]
            .into_iter()
            .all(|(text, least)| (least..=LONGEST).contains(&text.len()) && text.bytes().all(is_ice_char))
            && self.candidates.len() <= MOST_CANDIDATES
    }
}

/// `12:AB:…` (RFC 8122, section 5).
fn fingerprint(text: &str) -> Option<[u8; 32]> {
    let bytes: Option<Vec<u8>> = text
        .split(':')
        .map(|pair| u8::from_str_radix(pair, 16).ok())
        .collect();
    bytes?.try_into().ok()
}

impl fmt::Debug for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Passwords and addresses must not reach a log.
        write!(f, "Description({} candidates)", self.candidates.len())
    }
}
