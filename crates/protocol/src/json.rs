//! Text from values, and values from text: the one place where JSON is written and read.
//!
//! Natively serde_json does it. In a browser the browser's own JSON does: serde_json would be a tenth of the bundle.
//! Both keep the same rules (tests/golden.rs runs on both):
//!
//! - a text is one object, and never an array that lists the values of the fields in their order;
//! - integers go up to 2^53 - 1 (RFC 8259, section 6; [`MAX_NUMBER`](crate::peer::MAX_NUMBER)).
//!
//! They differ in what no honest writer sends. A field that occurs twice is an error natively; a browser takes the
//! last one. `1.0` is no integer natively, and one in a browser. And in a browser serde sees only the fields that
//! it asks for: `deny_unknown_fields` works in the outermost structure, and in one that is read by [`object`].

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

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

/// Reads a value that must be an object, with all its fields in sight. To be used as `deserialize_with`.
///
/// # Errors
/// The value is no object, or no `T`.
pub fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    // Not `deserialize_map`: serde-wasm-bindgen would take an array for a list of keys and values, and throws what
    // can't be caught if it is none.
    deserializer.deserialize_any(Object(PhantomData))
}

struct Object<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(fields))
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod platform {
    use serde::Serialize;
    use serde::de::DeserializeOwned;

    use super::{JsonError, object};

    impl From<serde_json::Error> for JsonError {
        fn from(error: serde_json::Error) -> Self {
            Self(error.to_string())
        }
    }

    pub(super) fn to_text<T: Serialize>(value: &T) -> Result<String, JsonError> {
        Ok(serde_json::to_string(value)?)
    }

    pub(super) fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, JsonError> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let value = object(&mut deserializer)?;
        deserializer.end()?;
        Ok(value)
    }
}

#[cfg(target_arch = "wasm32")]
mod platform {
    use js_sys::{Array, JSON, Object};
    use serde::Serialize;
    use serde::de::DeserializeOwned;
    use serde::de::value::MapDeserializer;
    use serde_wasm_bindgen::{Deserializer, Error, Serializer};
    use wasm_bindgen::{JsCast, JsValue};

    use super::JsonError;

    impl From<JsValue> for JsonError {
        fn from(thrown: JsValue) -> Self {
            let error = thrown
                .dyn_ref::<js_sys::Error>()
                .map(|error| String::from(error.message()));
            Self(error.unwrap_or_default())
        }
    }

    pub(super) fn to_text<T: Serialize>(value: &T) -> Result<String, JsonError> {
        let value = value
            .serialize(&Serializer::json_compatible())
            .map_err(JsValue::from)?;
        stringify(&value)
    }

    fn stringify(value: &JsValue) -> Result<String, JsonError> {
        Ok(String::from(JSON::stringify(value)?))
    }

    pub(super) fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, JsonError> {
        Ok(T::deserialize(parse(text)?).map_err(JsValue::from)?)
    }

    /// The fields of an object. Not the object itself: of that, serde-wasm-bindgen shows a structure only the fields
    /// that the structure has.
    fn parse(text: &str) -> Result<Fields, JsonError> {
        let value = JSON::parse(text)?;
        if !value.is_object() || Array::is_array(&value) {
            return Err(JsonError("expected an object".into()));
        }
        let entries = Object::entries(value.unchecked_ref());
        let fields: Vec<_> = entries.iter().map(field).collect();
        Ok(MapDeserializer::new(fields.into_iter()))
    }

    type Fields = MapDeserializer<'static, std::vec::IntoIter<(Deserializer, Deserializer)>, Error>;

    fn field(entry: JsValue) -> (Deserializer, Deserializer) {
        let entry: Array = entry.unchecked_into();
        (entry.get(0).into(), entry.get(1).into())
    }
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
