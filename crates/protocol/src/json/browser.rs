//! JSON by the browser, whose values serde reads here and serde-wasm-bindgen writes.
//!
//! serde-wasm-bindgen could read them as well. But its errors show a wrong value by means of serde and of Rust's
//! formatting of floating-point numbers and of escaped text, which would be a sixteenth of the bundle; and it shows a
//! structure only the fields that the structure has, so that unknown ones go unnoticed.

use std::fmt;

use js_sys::{Array, JSON, Number, Object};
use serde::de::value::StringDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error, Expected, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use serde::{Deserialize, Serialize, forward_to_deserialize_any};
use serde_wasm_bindgen::Serializer;
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

impl Error for JsonError {
    fn custom<T: fmt::Display>(problem: T) -> Self {
        Self(problem.to_string())
    }

    // These two also take a value that is wrong. It is left out, for what it takes to show one.
    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self(format!("expected {expected}"))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self(format!("expected {expected}"))
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
    let value = Value(JSON::parse(text)?);
    // Not every `T` asks for an object: a tagged enum takes whatever comes.
    if value.is_object() {
        T::deserialize(value)
    } else {
        Err(value.refuse(&"an object"))
    }
}

/// [`Value`] reads a structure from an object alone.
pub(super) fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::deserialize(deserializer)
}

/// What JSON became.
struct Value(JsValue);

impl Value {
    fn is_object(&self) -> bool {
        self.0.is_object() && !Array::is_array(&self.0)
    }

    /// An integer that JavaScript has exactly.
    #[expect(clippy::cast_possible_truncation, reason = "an exact integer fits")]
    fn integer(&self) -> Option<i64> {
        let number = self.0.as_f64()?;
        Number::is_safe_integer(&self.0).then_some(number as i64)
    }

    fn refuse(&self, expected: &dyn Expected) -> JsonError {
        let found = stringify(&self.0).unwrap_or_default();
        JsonError(format!("{found} is wrong, expected {expected}"))
    }
}

impl<'de> Deserializer<'de> for Value {
    type Error = JsonError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if let Some(text) = self.0.as_string() {
            visitor.visit_string(text)
        } else if let Some(truth) = self.0.as_bool() {
            visitor.visit_bool(truth)
        } else if let Some(number) = self.0.as_f64() {
            match self.integer() {
                Some(integer) => visitor.visit_i64(integer),
                None => visitor.visit_f64(number),
            }
        } else if Array::is_array(&self.0) {
            self.deserialize_seq(visitor)
        } else if self.0.is_object() {
            self.deserialize_map(visitor)
        } else {
            visitor.visit_unit()
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.0.as_string() {
            Some(text) => visitor.visit_string(text),
            None => Err(self.refuse(&visitor)),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.0.as_bool() {
            Some(truth) => visitor.visit_bool(truth),
            None => Err(self.refuse(&visitor)),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.integer().and_then(|integer| u64::try_from(integer).ok()) {
            Some(integer) => visitor.visit_u64(integer),
            None => Err(self.refuse(&visitor)),
        }
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if self.0.is_null() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if Array::is_array(&self.0) {
            visitor.visit_seq(Items::new(self.0.unchecked_into()))
        } else {
            Err(self.refuse(&visitor))
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if self.is_object() {
            visitor.visit_map(Fields::new(self.0.unchecked_ref()))
        } else {
            Err(self.refuse(&"an object"))
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        self.deserialize_map(visitor)
    }

    /// A word: variants with values are written otherwise in this crate.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        match self.0.as_string() {
            Some(word) => visitor.visit_enum(deserializer_of(word)),
            None => Err(self.refuse(&visitor)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 u8 f32 f64 char str bytes byte_buf unit unit_struct tuple tuple_struct identifier
    }
}

fn deserializer_of(word: String) -> StringDeserializer<JsonError> {
    word.into_deserializer()
}

/// The items of an array, one after the other.
struct Items {
    array: Array,
    next: u32,
}

impl Items {
    fn new(array: Array) -> Self {
        Self { array, next: 0 }
    }

    fn next(&mut self) -> Option<JsValue> {
        let index = self.next;
        self.next += 1;
        (index < self.array.length()).then(|| self.array.get(index))
    }
}

impl<'de> SeqAccess<'de> for Items {
    type Error = JsonError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, JsonError> {
        self.next().map(|item| seed.deserialize(Value(item))).transpose()
    }
}

/// All fields of an object, one after the other.
struct Fields {
    /// Pairs of a name and a value.
    entries: Items,
    value: JsValue,
}

impl Fields {
    fn new(object: &Object) -> Self {
        Self {
            entries: Items::new(Object::entries(object)),
            value: JsValue::NULL,
        }
    }

    fn next_name(&mut self) -> Option<String> {
        let entry: Array = self.entries.next()?.unchecked_into();
        self.value = entry.get(1);
        entry.get(0).as_string()
    }
}

impl<'de> MapAccess<'de> for Fields {
    type Error = JsonError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, JsonError> {
        self.next_name()
            .map(|name| seed.deserialize(deserializer_of(name)))
            .transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, JsonError> {
        seed.deserialize(Value(std::mem::replace(&mut self.value, JsValue::NULL)))
    }
}
