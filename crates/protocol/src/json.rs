//! Text from values, and values from text: the one place where JSON is written and read.
//!
//! Natively serde_json does it. In a browser the browser's own JSON does: serde_json would be a tenth of the
//! bundle. Both keep the same rules (tests/golden.rs runs on both):
//!
//! - a text is one object, and never an array that lists the values of the fields in their order;
//! - integers go up to 2^53 - 1 (RFC 8259, section 6; [`MAX_NUMBER`](crate::peer::MAX_NUMBER)).
//!
//! They differ in what no honest writer sends: `1.0` is no integer natively, and one in a browser.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(not(target_arch = "wasm32"))]
mod native;

#[cfg(target_arch = "wasm32")]
use browser as platform;
#[cfg(not(target_arch = "wasm32"))]
use native as platform;

/// Why a text is not the JSON that was expected.
///
/// The description may repeat a piece of the text, so it is for the person or client that it came from, and
/// never for a log.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct JsonError(String);

impl JsonError {
    /// What is wrong.
    pub fn new(problem: impl Into<String>) -> Self {
        Self(problem.into())
    }

    /// What is wrong is wrong in this field.
    #[must_use]
    fn within(self, field: &str) -> Self {
        // The way to a field in an object of an object is told as one: `at "media.width": …`.
        Self(match self.0.strip_prefix(AT) {
            Some(inner) => format!("{AT}{field}.{inner}"),
            None => format!("{AT}{field}\": {}", self.0),
        })
    }
}

/// How a description of a field begins.
const AT: &str = "at \"";

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

/// An object, to be read field by field.
///
/// The code that serde derives for reading can take fields in any order and fill any enum. A reader here
/// knows which fields must follow once it knows one of them, and asks for those. That is a fraction of the
/// code.
pub struct Object(platform::Object);

impl Object {
    /// Reads a text.
    ///
    /// # Errors
    /// It is no JSON, or no object.
    pub fn parse(text: &str) -> Result<Self, JsonError> {
        platform::Object::parse(text).map(Self)
    }

    /// A field that is a text, a number, a truth value, or a list of texts. One that is absent is `null`.
    ///
    /// # Errors
    /// It is no `T`.
    pub fn get<T: DeserializeOwned>(&self, field: &str) -> Result<T, JsonError> {
        self.0.get(field).map_err(|error| error.within(field))
    }

    /// A field that is a word, if it is there, and what the word stands for. Otherwise, `words` says which
    /// there are. What serde derives for such a type would be several times the code.
    ///
    /// # Errors
    /// It is no text, or another one.
    pub fn word<T>(
        &self,
        field: &str,
        named: impl FnOnce(&str) -> Option<T>,
        words: &str,
    ) -> Result<Option<T>, JsonError> {
        let Some(word) = self.get::<Option<String>>(field)? else {
            return Ok(None);
        };
        let unknown = || JsonError(["\"", &word, "\" is not ", words].concat()).within(field);
        named(&word).map(Some).ok_or_else(unknown)
    }

    /// A field that is an object, if it is there.
    ///
    /// # Errors
    /// It is no object, or `read` says so.
    pub fn object<T>(
        &self,
        field: &str,
        read: impl FnOnce(&Self) -> Result<T, JsonError>,
    ) -> Result<Option<T>, JsonError> {
        self.0
            .object(field)
            .and_then(|object| object.map(Self).as_ref().map(read).transpose())
            .map_err(|error| error.within(field))
    }

    /// A field that is a list of objects, if it is there.
    ///
    /// # Errors
    /// It is no such list, or `read` says so of one of them.
    pub fn objects<T>(
        &self,
        field: &str,
        read: fn(&Self) -> Result<T, JsonError>,
    ) -> Result<Option<Vec<T>>, JsonError> {
        let list = |objects: Vec<_>| objects.into_iter().map(|object| read(&Self(object))).collect();
        self.0
            .objects(field)
            .and_then(|objects| objects.map(list).transpose())
            .map_err(|error| error.within(field))
    }

    /// Makes sure that it was not written by mistake: that it has no other fields than these.
    ///
    /// # Errors
    /// It has another one.
    pub fn has_only(&self, fields: &[&str]) -> Result<(), JsonError> {
        match self.0.fields().find(|field| !fields.contains(&field.as_ref())) {
            Some(unknown) => Err(JsonError(format!(
                "unknown field `{}`, expected one of {}",
                unknown.as_ref() as &str,
                fields.join(", ")
            ))),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Object(…)")
    }
}

/// A field that has to be there.
pub(crate) fn required<T>(field: &str, value: Option<T>) -> Result<T, JsonError> {
    value.ok_or_else(|| JsonError::new("it is missing").within(field))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[derive(Debug, PartialEq, Serialize)]
    struct Outer {
        inner: Inner,
        names: Vec<String>,
    }

    #[derive(Debug, PartialEq, Serialize)]
    struct Inner {
        number: u64,
    }

    impl Outer {
        fn read(text: &str) -> Result<Self, JsonError> {
            let object = Object::parse(text)?;
            object.has_only(&["inner", "names"])?;
            let inner = object.object("inner", |inner| {
                inner.has_only(&["number"])?;
                Ok(Inner {
                    number: inner.get("number")?,
                })
            });
            Ok(Self {
                inner: required("inner", inner?)?,
                names: object.get::<Option<_>>("names")?.unwrap_or_default(),
            })
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let value = Outer {
            inner: Inner { number: 7 },
            names: vec!["a".into(), "b".into()],
        };
        assert_eq!(to_text(&value), r#"{"inner":{"number":7},"names":["a","b"]}"#);
        assert!(Outer::read(&to_text(&value)) == Ok(value));
    }

    #[test]
    fn a_fault_is_named_but_not_to_a_log() {
        for (text, words) in [
            ("", ""),
            ("{", ""),
            ("{} {}", ""),
            ("[]", "object"),
            ("[null]", "object"),
            ("null", "object"),
            ("7", "object"),
            ("{}", r#"at "inner": it is missing"#),
            (r#"[["inner",{"number":7}]]"#, "object"),
            (r#"{"inner":[7]}"#, r#"at "inner": "#),
            (r#"{"inner":{"number":7},"colour":"red"}"#, "colour"),
            (
                r#"{"inner":{"number":7,"colour":"red"}}"#,
                r#"at "inner": unknown field `colour`"#,
            ),
            (r#"{"inner":{"number":"hunter2"}}"#, r#"at "inner.number": "#),
            (r#"{"inner":{"number":7},"names":["a",5]}"#, r#"at "names": "#),
        ] {
            let error = Outer::read(text).unwrap_err();
            assert!(error.to_string().contains(words), "{text}: {error}");
            assert_eq!(format!("{error:?}"), "JsonError(…)");
        }
    }
}
