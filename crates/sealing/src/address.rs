//! Where people meet: what stands behind the `#` of a link.

use std::fmt;

use visavis_protocol::id::{InvalidId, RoomId};

use crate::{InvalidSecret, RoomSecret};

/// What stands before the secret.
const SEALED: &str = "s/";

/// A room, as a link names it.
#[derive(Clone, PartialEq, Eq)]
pub enum RoomAddress {
    /// By a name that somebody typed. The relay knows it, and can read what people tell each other through
    /// it.
    Open(RoomId),
    /// By a secret that the relay does not know.
    Sealed(RoomSecret),
}

/// Why a text names no room.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddress {
    /// It names an open room that can't be.
    #[error(transparent)]
    Name(#[from] InvalidId),
    /// It names a sealed room that can't be.
    #[error("{0}: open the link exactly as you got it")]
    Secret(#[from] InvalidSecret),
}

impl RoomAddress {
    /// Reads `ROOM` or `s/SECRET`.
    ///
    /// # Errors
    /// [`InvalidAddress`] says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        Ok(match text.strip_prefix(SEALED) {
            Some(secret) => Self::Sealed(RoomSecret::parse(secret)?),
            None => Self::Open(RoomId::new(text)?),
        })
    }

    /// What the relay calls the room.
    #[must_use]
    pub fn room(&self) -> RoomId {
        match self {
            Self::Open(room) => room.clone(),
            Self::Sealed(secret) => secret.room(),
        }
    }

    /// Whether what people say through the relay is sealed.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        matches!(self, Self::Sealed(_))
    }

    /// What stands behind `#/` in a link. Whoever has it can enter, so it belongs into links and nowhere
    /// else.
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Open(room) => room.as_str().to_owned(),
            Self::Sealed(secret) => {
                let mut text = secret.to_text();
                text.insert_str(0, SEALED);
                text
            }
        }
    }
}

impl From<RoomId> for RoomAddress {
    fn from(room: RoomId) -> Self {
        Self::Open(room)
    }
}

impl fmt::Debug for RoomAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open(_) => "Open(…)",
            Self::Sealed(_) => "Sealed(…)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_name_open_and_sealed_rooms() {
        for (text, is_sealed) in [("tea", false), ("s", false), ("s/MDEyMzQ1Njc4OWFiY2RlZg", true)] {
            let address = RoomAddress::parse(text).unwrap();
            assert_eq!(address.to_text(), text);
            assert_eq!(address.is_sealed(), is_sealed);
            assert!(!format!("{address:?}").contains(text.trim_start_matches("s/")));
        }
    }

    #[test]
    fn a_sealed_link_that_is_damaged_never_names_an_open_room() {
        for text in [
            "s/",
            "s/tea",
            "s/MDEyMzQ1Njc4OWFiY2RlZ",
            "s/MDEyMzQ1Njc4OWFiY2RlZg/x",
        ] {
            let error = RoomAddress::parse(text).unwrap_err();
            assert!(matches!(error, InvalidAddress::Secret(_)), "{text}");
        }
        assert!(matches!(RoomAddress::parse("a/b"), Err(InvalidAddress::Name(_))));
    }
}
