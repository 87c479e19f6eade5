//! Names on the wire: rooms, people, and the secret behind a person's name.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest name that a room, a peer or a secret may have, in characters.
pub const MAX_ID_LENGTH: usize = 64;

/// Why a text is no valid name.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidId {
    /// The text is empty.
    #[error("a name must have at least one character")]
    Empty,
    /// The text has more than [`MAX_ID_LENGTH`] characters.
    #[error("a name may have at most {MAX_ID_LENGTH} characters, this one has {0}")]
    TooLong(usize),
    /// The text has a character other than ASCII letters, digits, `-` and `_`.
    #[error("a name may only have letters, digits, '-' and '_', this one has '{0}'")]
    Character(char),
}

impl fmt::Debug for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The same words: for its one character, a derived one would bring Unicode's tables into the bundle.
        fmt::Display::fmt(self, f)
    }
}

fn check(text: &str) -> Result<(), InvalidId> {
    if text.is_empty() {
        return Err(InvalidId::Empty);
    }
    if let Some(character) = text
        .chars()
        .find(|c| !c.is_ascii_alphanumeric() && *c != '-' && *c != '_')
    {
        return Err(InvalidId::Character(character));
    }
    // Only ASCII is left, so bytes are characters.
    if text.len() > MAX_ID_LENGTH {
        return Err(InvalidId::TooLong(text.len()));
    }
    Ok(())
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the text: 1 to [`MAX_ID_LENGTH`] ASCII letters, digits, `-` or `_`.
            ///
            /// # Errors
            /// [`InvalidId`] says what is wrong with the text.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                check(&text)?;
                Ok(Self(text))
            }

            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

id! {
    /// A place to meet. Anybody who knows the name can join, so a private room has an unguessable one.
    RoomId
}

id! {
    /// One person's page for as long as it lives: reconnecting keeps it, reloading makes a new one.
    ///
    /// The relay derives it from the [`SeatSecret`], so nobody can claim somebody else's.
    PeerId
}

id! {
    /// What only the owner of a [`PeerId`] knows. Minted by the page, sent to the relay when joining, shown
    /// to nobody.
    SeatSecret
}

impl fmt::Display for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Knowing a room's name is what lets somebody in, so logs must not have it.
        f.write_str("RoomId(…)")
    }
}

impl fmt::Debug for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PeerId({})", self.0)
    }
}

impl fmt::Debug for SeatSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeatSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        assert!(RoomId::new("a-room_7").is_ok());
        assert!(RoomId::new("x".repeat(MAX_ID_LENGTH)).is_ok());
        assert_eq!(RoomId::new(""), Err(InvalidId::Empty));
        assert_eq!(RoomId::new("x".repeat(65)), Err(InvalidId::TooLong(65)));
        assert_eq!(RoomId::new("a room"), Err(InvalidId::Character(' ')));
        assert_eq!(RoomId::new("größe"), Err(InvalidId::Character('ö')));
    }

    #[test]
    fn secrets_and_rooms_never_reach_a_log() {
        let secret = SeatSecret::new("hunter2").unwrap();
        let room = RoomId::new("hunter2").unwrap();
        assert!(!format!("{secret:?} {room:?}").contains("hunter2"));
    }
}
