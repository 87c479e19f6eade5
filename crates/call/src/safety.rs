//! Safety codes: what two people compare aloud, to know that nobody sits between them.
//!
//! Whoever sits between two people has a connection with each, and so other fingerprints than they have. The
//! code that each of the two sees is made of the fingerprints, and of a nonce of either side. One of these is
//! committed to before the other one is known: so the one in the middle can't look for nonces that would make
//! the two codes equal, and has one guess out of 2^42 in each exchange (the idea of RFC 6189, section 4.4.1).
//!
//! docs/protocol.md has every byte, for other clients.

use std::fmt;

use sha2::{Digest, Sha256};
use visavis_protocol::id::PeerId;
use visavis_protocol::peer::ConnectionId;
use visavis_protocol::safety::{Commitment, Hex, Nonce};

use crate::timer::Time;

/// What nonces are made of: bytes that nobody can guess, and that differ from page to page.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Entropy(pub [u8; 32]);

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(…)")
    }
}

/// The fingerprint of a certificate: its SHA-256 (RFC 8122, section 5).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Reads pairs of hexadecimal digits with colons between them, as descriptions and statistics have them.
    /// `None`: it is something else, or made by another hash function.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Hex::read_with_colons(text).map(|Hex(bytes)| Self(bytes))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(…)")
    }
}

/// Whose certificates a connection has, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Fingerprints {
    /// Our browser's.
    pub ours: Option<Fingerprint>,
    /// The other side's.
    pub theirs: Option<Fingerprint>,
}

impl Fingerprints {
    /// Whether one of the two is another one here than there.
    pub(crate) fn contradict(self, other: Self) -> bool {
        let differ = |one: Option<_>, other: Option<_>| one.is_some() && other.is_some() && one != other;
        differ(self.ours, other.ours) || differ(self.theirs, other.theirs)
    }
}

/// One of the two, in an exchange.
#[derive(Clone, Copy)]
pub(crate) struct Party<'a> {
    pub(crate) id: &'a PeerId,
    pub(crate) fingerprint: Fingerprint,
}

/// After a name, which has none in it: so it is clear where the name ends.
const END: &[u8] = b" ";

impl Party<'_> {
    fn name(&self) -> &[u8] {
        self.id.as_str().as_bytes()
    }
}

fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// A nonce for the exchange over one connection. The time tells two apart if somebody was forgotten
/// meanwhile.
pub(crate) fn nonce(entropy: &Entropy, now: Time, with: &PeerId, connection: ConnectionId) -> Nonce {
    let digest = digest(&[
        b"visavis nonce v1",
        &entropy.0,
        &now.0.to_be_bytes(),
        &connection.0.to_be_bytes(),
        with.as_str().as_bytes(),
    ]);
    Hex(std::array::from_fn(|index| digest[index]))
}

/// What makes the nonces of sealed messages our page's own. Unlike other nonces, everybody may see it.
pub(crate) fn challenge(entropy: &Entropy) -> [u8; 16] {
    let digest = digest(&[b"visavis challenge v1", &entropy.0]);
    std::array::from_fn(|index| digest[index])
}

/// What binds the one who begins to a nonce, before the other one has said anything.
pub(crate) fn commitment(by: Party<'_>, nonce: Nonce, to: Party<'_>) -> Commitment {
    Hex(digest(&[
        b"visavis safety commitment v1",
        by.name(),
        END,
        &by.fingerprint.0,
        &nonce.0,
        to.name(),
        END,
        &to.fingerprint.0,
    ]))
}

/// What both see if nobody sits between them: seven numbers below 64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SafetyCode([u8; Self::LENGTH]);

impl SafetyCode {
    /// How many numbers it has.
    pub const LENGTH: usize = 7;

    /// How many numbers there are.
    pub const NUMBERS: usize = 64;

    /// The code with these numbers. `None`: one of them is too large.
    #[must_use]
    pub fn new(numbers: [u8; Self::LENGTH]) -> Option<Self> {
        let fits = |number: &u8| usize::from(*number) < Self::NUMBERS;
        numbers.iter().all(fits).then_some(Self(numbers))
    }

    /// The code of two people, each with a nonce, whichever is named first.
    pub(crate) fn of(one: (Party<'_>, Nonce), other: (Party<'_>, Nonce)) -> Self {
        let (lower, higher) = if one.0.id < other.0.id {
            (one, other)
        } else {
            (other, one)
        };
        let digest = digest(&[
            b"visavis safety code v1",
            lower.0.name(),
            END,
            &lower.0.fingerprint.0,
            &lower.1.0,
            higher.0.name(),
            END,
            &higher.0.fingerprint.0,
            &higher.1.0,
        ]);
        let bits = digest[..6]
            .iter()
            .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        // The first of 48 bits comes first.
        Self(std::array::from_fn(|index| (bits >> (42 - 6 * index) & 63) as u8))
    }

    /// The numbers, in their order.
    pub fn numbers(self) -> impl Iterator<Item = usize> {
        self.0.into_iter().map(usize::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANUAL: &str = include_str!("../../../docs/protocol.md");

    /// The numbers of a hexadecimal text in the manual, after what is before it there.
    fn in_manual<const N: usize>(before: &str) -> Hex<N> {
        let after = MANUAL.split_once(before).expect(before).1;
        Hex::read(after.split_once('"').unwrap().0).unwrap()
    }

    fn id(text: &str) -> PeerId {
        PeerId::new(text).unwrap()
    }

    #[test]
    fn the_manual_has_the_vectors() {
        let (ada, bob) = (id("s3s5sYUW5cuVhLu7"), id("zX0mJ4nYk1v8QeTb"));
        let ada = Party {
            id: &ada,
            fingerprint: Fingerprint([0x11; 32]),
        };
        let bob = Party {
            id: &bob,
            fingerprint: Fingerprint([0x22; 32]),
        };
        let (a, b) = (Hex([0xaa; 16]), Hex([0xbb; 16]));
        let committed = commitment(bob, b, ada);
        assert!(
            committed == in_manual("\"commitment\":\""),
            "{}",
            serde(&committed)
        );
        let code = SafetyCode::of((ada, a), (bob, b));
        assert_eq!(code, SafetyCode::of((bob, b), (ada, a)), "both see the same");
        let numbers: Vec<_> = code.numbers().map(|number| number.to_string()).collect();
        let written = numbers.join(", ");
        assert!(MANUAL.contains(&format!("the code is {written}")), "{written}");
    }

    fn serde(hex: &Commitment) -> String {
        hex.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn everything_counts_for_code_and_commitment() {
        let ids = [id("a"), id("ab"), id("b")];
        let party = |who: usize, fingerprint: u8| Party {
            id: &ids[who],
            fingerprint: Fingerprint([fingerprint; 32]),
        };
        let (n, m) = (Hex([1; 16]), Hex([2; 16]));
        let codes = [
            SafetyCode::of((party(0, 1), n), (party(2, 2), m)),
            SafetyCode::of((party(1, 1), n), (party(2, 2), m)),
            SafetyCode::of((party(0, 3), n), (party(2, 2), m)),
            SafetyCode::of((party(0, 1), n), (party(2, 3), m)),
            SafetyCode::of((party(0, 2), n), (party(2, 1), m)),
            SafetyCode::of((party(0, 1), m), (party(2, 2), n)),
            SafetyCode::of((party(0, 1), n), (party(2, 2), n)),
        ];
        let commitments = [
            commitment(party(0, 1), n, party(2, 2)),
            commitment(party(2, 2), n, party(0, 1)),
            commitment(party(1, 1), n, party(2, 2)),
            commitment(party(0, 3), n, party(2, 2)),
            commitment(party(0, 1), m, party(2, 2)),
            commitment(party(0, 1), n, party(2, 3)),
            commitment(party(0, 1), n, party(1, 2)),
        ];
        for index in 0..codes.len() {
            assert!(!codes[..index].contains(&codes[index]), "code {index}");
            assert!(!commitments[..index].contains(&commitments[index]), "{index}");
        }
    }

    #[test]
    fn nonces_differ() {
        let (one, other) = (Entropy([1; 32]), Entropy([2; 32]));
        let (ada, bob) = (id("ada"), id("bob"));
        let nonces = [
            nonce(&one, Time(1), &ada, ConnectionId(1)),
            nonce(&other, Time(1), &ada, ConnectionId(1)),
            nonce(&one, Time(2), &ada, ConnectionId(1)),
            nonce(&one, Time(1), &bob, ConnectionId(1)),
            nonce(&one, Time(1), &ada, ConnectionId(2)),
        ];
        for index in 0..nonces.len() {
            assert!(!nonces[..index].contains(&nonces[index]), "{index}");
        }
    }

    #[test]
    fn fingerprints_are_of_sha_256() {
        let pairs = |count: usize, pair: &str| vec![pair; count].join(":");
        assert_eq!(Fingerprint::read(&pairs(32, "aB")), Some(Fingerprint([0xab; 32])));
        for text in [
            pairs(20, "AB"),
            pairs(33, "AB"),
            pairs(64, "A"),
            "AB".repeat(32),
            pairs(31, "AB") + ":A ",
            pairs(32, "AB") + ":",
        ] {
            assert_eq!(Fingerprint::read(&text), None, "{text}");
        }
    }
}
