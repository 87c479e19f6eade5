//! Text from values, and values from text: the one place where JSON is written and read.
//!
//! Natively serde_json does it. In a browser the browser's own JSON does: serde_json would be a tenth of the bundle.
//! Both keep the same rules (tests/golden.rs runs on both):
//!
//! - a text is one object, and never an array that lists the values of the fields in their order;
//! - integers go up to 2^53 - 1 (RFC 8259, section 6; [`MAX_NUMBER`](crate::peer::MAX_NUMBER)).
//!
//! They differ in what no honest writer sends. A field that occurs twice is an error natively; a browser takes the
//! last one. `1.0` is no integer natively, and one in a browser. And natively a structure within an object may be
//! an array, unless it is read by [`object`].

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(not(target_arch = "wasm32"))]
mod native;

#[cfg(target_arch = "wasm32")]
use browser as platform;
#[cfg(not(target_arch = "wasm32"))]
use native as platform;

/// Why a text is not the JSON that was expected, in words.
///
/// The words may repeat a piece of the text, so they are for the person or client that it came from, and never for
/// a log.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct JsonError(String);

impl fmt::Debug for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JsonError(…)")
    }
}

/// Writes a value, without blanks.
///
/// # Panics
/// If the value has keys that are no strings, or numbers that JSON can't have; no type of this crate does.
#[must_use]
pub fn to_text<T: Serialize>(value: &T) -> String {
    platform::to_text(value).expect("keys are strings, and numbers at most 2^53 - 1")
}

/// Reads an object.
///
/// # Errors
/// [`JsonError`] when the text is no JSON, no object, or no `T`.
pub fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, JsonError> {
    platform::from_text(text)
}

/// Reads a structure that must be an object. To be used as `deserialize_with`.
///
/// # Errors
/// The value is no object, or no `T`.
pub fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    platform::object(deserializer)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[serde(deserialize_with = "object")]
        inner: Inner,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        number: u64,
    }

    #[test]
    fn what_is_written_is_read() {
        let value = Outer {
            inner: Inner { number: 7 },
        };
        assert_eq!(to_text(&value), r#"{"inner":{"number":7}}"#);
        assert!(from_text(&to_text(&value)) == Ok(value));
    }

    #[test]
    fn a_fault_is_named_but_not_to_a_log() {
        for (text, word) in [
            ("", ""),
            ("{", ""),
            ("{} {}", ""),
            ("[]", "object"),
            ("[null]", "object"),
            ("null", "object"),
            ("7", "object"),
            (r#"[["inner",{"number":7}]]"#, "object"),
            (r#"{"inner":[7]}"#, "object"),
            (r#"{"inner":{"number":7},"colour":"red"}"#, "colour"),
            (r#"{"inner":{"number":7,"colour":"red"}}"#, "colour"),
            (r#"{"inner":{"number":"hunter2"}}"#, "hunter2"),
        ] {
            let error = from_text::<Outer>(text).unwrap_err();
            assert!(error.to_string().contains(word), "{text}: {error}");
            assert_eq!(format!("{error:?}"), "JsonError(…)");
        }
    }
}
