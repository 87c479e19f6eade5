//! Numbers of messages.

use crate::json::JsonError;

/// Numbers the messages of one sender to one receiver: 1, 2, 3, … up to [`MAX_NUMBER`].
pub type MessageNumber = u64;

/// The largest number that every reader of JSON takes exactly (RFC 8259, section 6).
pub const MAX_NUMBER: MessageNumber = (1 << 53) - 1;

/// A number that came from somebody.
pub(crate) fn number(number: MessageNumber) -> Result<MessageNumber, JsonError> {
    if number > MAX_NUMBER {
        return Err(JsonError::new("a number may be at most 2^53 - 1"));
    }
    Ok(number)
}
