//! The format between pages without a relay: everybody hears everything, and takes what is for them. One JSON
//! object per message, as text. It goes over a `BroadcastChannel` between tabs of one browser, and
//! [through the servers of others](super::signal::Tunnelled).

use serde::Serialize;

use super::native::{DecodeError, decode, encode};
use crate::id::PeerId;
use crate::json::{JsonError, Object};
use crate::relay::{PeerText, unknown_type};

/// From one page to the others in the same room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum TabMessage {
    /// "I am here." Without `to` it asks everybody for the same in return.
    Hello {
        /// Who is there.
        from: PeerId,
        /// Who is answered.
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<PeerId>,
    },
    /// "I leave." Between tabs, locks tell it.
    Bye {
        /// Who leaves.
        from: PeerId,
    },
    /// A peer message.
    Message {
        /// Who says it.
        from: PeerId,
        /// Whom it is for.
        to: PeerId,
        /// What is said.
        message: PeerText,
    },
}

impl TabMessage {
    fn read(object: &Object) -> Result<Self, JsonError> {
        let kind: String = object.get("type")?;
        let from = object.get("from")?;
        Ok(match kind.as_str() {
            "hello" => Self::Hello {
                from,
                to: object.get("to")?,
            },
            "bye" => Self::Bye { from },
            "message" => Self::Message {
                from,
                to: object.get("to")?,
                message: object.get("message")?,
            },
            _ => return Err(unknown_type(&kind)),
        })
    }
}

/// Writes a message for other tabs.
#[must_use]
pub fn encode_tab(message: &TabMessage) -> String {
    encode(message)
}

/// Reads a message from another tab.
///
/// # Errors
/// [`DecodeError`] when the text is no [`TabMessage`].
pub fn decode_tab(text: &str) -> Result<TabMessage, DecodeError> {
    decode(text, TabMessage::read)
}
