//! What the fuzz targets share. README.md tells how to run them.

use std::fmt::{Debug, Display};

use visavis_protocol::MAX_MESSAGE_BYTES;

pub mod mutate;
pub mod page;

/// How many times as long as a text may be what is made of it: an escape takes six characters, and in a
/// message in a message twelve.
const GROWTH: usize = 12;

/// What a description of anything may have besides.
const AROUND: usize = 1000;

/// Checks that something is not much longer than the text that it was made of.
///
/// # Panics
/// It is.
pub fn is_bounded(made: &str, text: &str) {
    let most = GROWTH * text.len() + AROUND;
    assert!(
        made.len() <= most,
        "{} bytes from {}: {made}",
        made.len(),
        text.len()
    );
}

/// Reads a text, and writes what was understood: that must be understood in the same way.
///
/// # Panics
/// It is not, or something is much longer than the text.
pub fn reads<M, E>(text: &str, decode: impl Fn(&str) -> Result<M, E>, encode: impl Fn(&M) -> String)
where
    M: PartialEq + Debug,
    E: Display,
{
    match decode(text) {
        Ok(message) => {
            let written = encode(&message);
            is_bounded(&written, text);
            is_bounded(&format!("{message:?}"), text);
            // Escapes may take it beyond the limit.
            if written.len() <= MAX_MESSAGE_BYTES {
                let again = decode(&written).map_err(|error| error.to_string());
                assert_eq!(again, Ok(message), "{written}");
            }
        }
        Err(error) => is_bounded(&error.to_string(), text),
    }
}
