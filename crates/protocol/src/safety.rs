//! What two clients say to agree on a safety code.

use std::fmt;

use serde::{Serialize, Serializer};

/// So many bytes; in a text, twice as many hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hex<const N: usize>(pub [u8; N]);

/// A number that nobody can guess, for one exchange.
pub type Nonce = Hex<16>;

/// What a nonce that is still secret can be checked against: a SHA-256.
pub type Commitment = Hex<32>;

impl<const N: usize> Hex<N> {
    /// Reads the digits, in capitals or not. `None`: they are none, or too few or too many.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut bytes = [0; N];
        read(text.as_bytes(), None, &mut bytes)?;
        Some(Self(bytes))
    }

    /// The same with a colon between bytes.
    #[must_use]
    pub fn read_with_colons(text: &str) -> Option<Self> {
        let mut bytes = [0; N];
        read(text.as_bytes(), Some(b':'), &mut bytes)?;
        Some(Self(bytes))
    }
}

fn read(mut text: &[u8], between: Option<u8>, bytes: &mut [u8]) -> Option<()> {
    let last = bytes.len().checked_sub(1)?;
    for (index, byte) in bytes.iter_mut().enumerate() {
        let (high, low);
        ([high, low], text) = text.split_first_chunk().map(|(pair, rest)| (*pair, rest))?;
        *byte = digit(high)? << 4 | digit(low)?;
        if let Some(between) = between.filter(|_| index < last) {
            text = text.strip_prefix(&[between])?;
        }
    }
    text.is_empty().then_some(())
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

impl<const N: usize> Serialize for Hex<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&write(&self.0))
    }
}

fn write(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
    text
}

impl<const N: usize> fmt::Debug for Hex<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A nonce is a secret for a while.
        f.write_str("Hex(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_bytes_and_nothing_else_is() {
        assert_eq!(Hex::<2>::read("0aF9"), Some(Hex([0x0a, 0xf9])));
        for text in [
            "", "0a", "0af", "0af9f", "0af900", "0ag9", "0a 9", "+af9", "äaf", "0a:f9",
        ] {
            assert_eq!(Hex::<2>::read(text), None, "{text:?}");
        }
        assert_eq!(Hex::<2>::read_with_colons("0a:F9"), Some(Hex([0x0a, 0xf9])));
        for text in [
            "", "0af9", "0a", "0a:", "0a:f9:", "0a:f", "0a::f9", "0a-f9", ":0a:f9", "0a:f9:01",
        ] {
            assert_eq!(Hex::<2>::read_with_colons(text), None, "{text:?}");
        }
    }

    #[test]
    fn bytes_are_written_as_they_are_read() {
        let text = serde_json::to_string(&Hex([0x0a, 0xf9])).unwrap();
        assert_eq!(text, "\"0af9\"");
    }
}
