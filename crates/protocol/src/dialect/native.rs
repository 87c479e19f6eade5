//! The format of visavis's own relay: one JSON object per WebSocket text message.

use serde::Serialize;

use crate::MAX_MESSAGE_BYTES;
use crate::json::{self, JsonError, Object};
use crate::peer::PeerMessage;
use crate::relay::{ClientMessage, PeerText, RelayMessage};

/// Why a text is no message.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The text is longer than [`MAX_MESSAGE_BYTES`].
    #[error("a message may have at most {MAX_MESSAGE_BYTES} bytes, this one has {0}")]
    TooLong(usize),
    /// The text is not JSON, or not of this protocol. The description may repeat a piece of it: it is for the
    /// sender, and never for a log.
    #[error("{0}")]
    Malformed(#[from] JsonError),
}

/// Writes a message for the relay.
#[must_use]
pub fn encode_client(message: &ClientMessage) -> String {
    encode(message)
}

/// Reads a message from a client.
///
/// # Errors
/// [`DecodeError`] when the text is no [`ClientMessage`].
pub fn decode_client(text: &str) -> Result<ClientMessage, DecodeError> {
    decode(text, ClientMessage::read)
}

/// Writes a message for a client.
#[must_use]
pub fn encode_relay(message: &RelayMessage) -> String {
    encode(message)
}

/// Reads a message from the relay.
///
/// # Errors
/// [`DecodeError`] when the text is no [`RelayMessage`].
pub fn decode_relay(text: &str) -> Result<RelayMessage, DecodeError> {
    decode(text, RelayMessage::read)
}

/// Writes a message for another client.
#[must_use]
pub fn encode_peer(message: &PeerMessage) -> PeerText {
    PeerText(encode(message))
}

/// Reads a message from another client.
///
/// # Errors
/// [`DecodeError`] when the text is no [`PeerMessage`].
pub fn decode_peer(text: &PeerText) -> Result<PeerMessage, DecodeError> {
    decode(&text.0, PeerMessage::read)
}

pub(super) fn encode<T: Serialize>(message: &T) -> String {
    json::to_text(message)
}

pub(super) fn decode<T>(text: &str, read: fn(&Object) -> Result<T, JsonError>) -> Result<T, DecodeError> {
    if text.len() > MAX_MESSAGE_BYTES {
        return Err(DecodeError::TooLong(text.len()));
    }
    Ok(Object::parse(text).and_then(|object| read(&object))?)
}
