//! The secret of a room, and what derives from it.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use hkdf::Hkdf;
use sha2::Sha256;
use visavis_protocol::id::RoomId;

/// How many bytes a secret has.
const LENGTH: usize = 16;

/// How many characters that is in a link.
const CHARACTERS: usize = 22;

/// The salt of all derivations. A later version has another one.
const SALT: &[u8] = b"visavis sealed room v1";

/// What everybody in a sealed room knows, and nobody else: 128 random bits, made by a page and carried by the
/// invite link, behind the `#`, which browsers tell no server.
#[derive(Clone, PartialEq, Eq)]
pub struct RoomSecret([u8; LENGTH]);

/// Why a text is not a room's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSecret {
    /// Part of the link is missing, or something was added.
    #[error("its secret has {0} characters instead of {CHARACTERS}")]
    Length(usize),
    /// It has characters, or a last one, that no secret has.
    #[error("its secret is misspelled")]
    Spelling,
}

impl RoomSecret {
    /// A secret of these bytes, which must be random.
    #[must_use]
    pub fn new(random: [u8; LENGTH]) -> Self {
        Self(random)
    }

    /// Reads the form that it has in a link: base64url without padding (RFC 4648, section 5).
    ///
    /// # Errors
    /// [`InvalidSecret`] says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        let length = text.chars().count();
        if length != CHARACTERS {
            return Err(InvalidSecret::Length(length));
        }
        let mut secret = [0; LENGTH];
        match Base64UrlUnpadded::decode(text, &mut secret) {
            Ok(_) => Ok(Self(secret)),
            Err(_) => Err(InvalidSecret::Spelling),
        }
    }

    /// The form that it has in a link.
    #[must_use]
    pub fn to_text(&self) -> String {
        Base64UrlUnpadded::encode_string(&self.0)
    }

    /// What the relay calls the room. It says nothing about the secret.
    #[must_use]
    pub fn room(&self) -> RoomId {
        let name: [u8; 16] = self.derive(b"room");
        RoomId::new(Base64UrlUnpadded::encode_string(&name))
            .expect("22 characters of base64url are a valid name")
    }

    /// The key for what is said in the room.
    pub(crate) fn key(&self) -> [u8; 32] {
        self.derive(b"messages")
    }

    fn derive<const N: usize>(&self, label: &[u8]) -> [u8; N] {
        let mut derived = [0; N];
        Hkdf::<Sha256>::new(Some(SALT), &self.0)
            .expand(label, &mut derived)
            .expect("HKDF gives up to 8,160 bytes");
        derived
    }
}

impl fmt::Debug for RoomSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RoomSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> RoomSecret {
        RoomSecret::new(*b"0123456789abcdef")
    }

    #[test]
    fn a_link_keeps_the_secret() {
        let text = secret().to_text();
        assert_eq!(text, "MDEyMzQ1Njc4OWFiY2RlZg");
        assert_eq!(RoomSecret::parse(&text), Ok(secret()));
    }

    #[test]
    fn a_broken_link_says_what_is_wrong() {
        let length = |text| RoomSecret::parse(text) == Err(InvalidSecret::Length(text.chars().count()));
        assert!(length("") && length("MDEyMzQ1Njc4OWFiY2RlZ") && length("MDEyMzQ1Njc4OWFiY2RlZg="));
        for text in [
            "MDEyMzQ1Njc4OWFiY2RlZ=",
            "MDEyMzQ1Njc4OWFiY2Rl+g",
            "MDEyMzQ1Njc4OWFiY2RläÜ",
            "MDEyMzQ1Njc4OWFiY2RlZh", // the same bytes, and bits to spare
        ] {
            assert_eq!(RoomSecret::parse(text), Err(InvalidSecret::Spelling), "{text}");
        }
    }

    #[test]
    fn each_secret_has_a_name_and_a_key_of_its_own() {
        let other = RoomSecret::new(*b"0123456789abcdeg");
        assert_ne!(secret().room(), other.room());
        assert_ne!(secret().key(), other.key());
        assert_ne!(
            secret().key()[..16],
            Base64UrlUnpadded::decode_vec(secret().room().as_str()).unwrap()
        );
    }

    #[test]
    fn a_secret_never_reaches_a_log() {
        assert_eq!(format!("{:?}", secret()), "RoomSecret(…)");
    }
}
