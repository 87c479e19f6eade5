//! The format between tabs of one browser, over a `BroadcastChannel`: everybody hears everything, and takes what
//! is for them. One JSON object per message, as text.

use serde::{Deserialize, Serialize};

use super::native::{DecodeError, decode, encode};
use crate::id::PeerId;
use crate::relay::{Faulty, PeerText, required};

/// From one tab to the others in the same room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", try_from = "Fields")]
pub enum TabMessage {
    /// "I am here." Without `to` it asks everybody for the same in return.
    Hello {
        /// Who is there.
        from: PeerId,
        /// Who is answered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<PeerId>,
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

/// The fields of all messages together, for the sake of the bundle: see [`relay`](crate::relay).
#[derive(Deserialize)]
struct Fields {
    r#type: String,
    from: PeerId,
    to: Option<PeerId>,
    message: Option<PeerText>,
}

impl TryFrom<Fields> for TabMessage {
    type Error = Faulty;

    fn try_from(fields: Fields) -> Result<Self, Faulty> {
        let Fields { from, to, .. } = fields;
        Ok(match fields.r#type.as_str() {
            "hello" => Self::Hello { from, to },
            "message" => Self::Message {
                from,
                to: required("to", to)?,
                message: required("message", fields.message)?,
            },
            _ => return Err(Faulty::UnknownType(fields.r#type)),
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
    decode(text)
}
