//! JSON by the browser, whose values serde reads here and serde-wasm-bindgen writes.
//!
//! serde-wasm-bindgen could read them as well. But its errors show a wrong value by means of serde and of
//! Rust's formatting of floating-point numbers and of escaped text, which would be a sixteenth of the bundle.

use std::fmt;

use js_sys::{Array, JSON, Number, Reflect};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error, Expected, IntoDeserializer, SeqAccess,
    Unexpected, Visitor,
};
use serde::{Serialize, forward_to_deserialize_any};
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

pub(super) struct Object(JsValue);

impl Object {
    pub(super) fn parse(text: &str) -> Result<Self, JsonError> {
        Value(JSON::parse(text)?).into_object()
    }

    pub(super) fn get<T: DeserializeOwned>(&self, field: &str) -> Result<T, JsonError> {
        T::deserialize(self.field(field)?)
    }

    pub(super) fn object(&self, field: &str) -> Result<Option<Self>, JsonError> {
        let value = self.field(field)?;
        (!value.is_absent()).then(|| value.into_object()).transpose()
    }

    pub(super) fn objects(&self, field: &str) -> Result<Option<Vec<Self>>, JsonError> {
        let value = self.field(field)?;
        if value.is_absent() {
            return Ok(None);
        }
        let items = value.into_array(&"a list of objects")?;
        items
            .iter()
            .map(|item| Value(item).into_object())
            .collect::<Result<_, _>>()
            .map(Some)
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = impl AsRef<str>> {
        let object: &js_sys::Object = self.0.unchecked_ref();
        js_sys::Object::keys(object)
            .into_iter()
            .filter_map(|name| name.as_string())
    }

    fn field(&self, name: &str) -> Result<Value, JsonError> {
        Ok(Value(Reflect::get(&self.0, &JsValue::from_str(name))?))
    }
}

/// What JSON became.
struct Value(JsValue);

impl Value {
    fn is_absent(&self) -> bool {
        self.0.is_null() || self.0.is_undefined()
    }

    fn into_object(self) -> Result<Object, JsonError> {
        if self.0.is_object() && !Array::is_array(&self.0) {
            Ok(Object(self.0))
        } else {
            Err(self.refuse(&"an object"))
        }
    }

    fn into_array(self, expected: &dyn Expected) -> Result<Array, JsonError> {
        if Array::is_array(&self.0) {
            Ok(self.0.unchecked_into())
        } else {
            Err(self.refuse(expected))
        }
    }

    /// A natural number that JavaScript has exactly.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an exact integer that is not negative fits"
    )]
    fn natural(&self) -> Option<u64> {
        let number = self.0.as_f64()?;
        (Number::is_safe_integer(&self.0) && number >= 0.0).then_some(number as u64)
    }

    fn refuse(&self, expected: &dyn Expected) -> JsonError {
        let problem = if self.is_absent() {
            "it is missing".to_owned()
        } else {
            stringify(&self.0).unwrap_or_default() + " is wrong"
        };
        JsonError(format!("{problem}, expected {expected}"))
    }
}

impl<'de> Deserializer<'de> for Value {
    type Error = JsonError;

    /// A text or a list: nothing in this project leaves more open.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.0.as_string() {
            Some(text) => visitor.visit_string(text),
            None => self.deserialize_seq(visitor),
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
        match self.natural() {
            Some(number) => visitor.visit_u64(number),
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
        if self.is_absent() {
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
        let array = self.into_array(&visitor)?;
        visitor.visit_seq(Items { array, next: 0 })
    }

    /// A word: variants with values are read otherwise in this project.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        match self.0.as_string() {
            Some(word) => visitor.visit_enum(word.into_deserializer()),
            None => Err(self.refuse(&visitor)),
        }
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 u8 f32 f64 char str bytes byte_buf unit unit_struct tuple tuple_struct struct map identifier
        ignored_any
    }
}

/// The items of an array, one after the other.
struct Items {
    array: Array,
    next: u32,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = JsonError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, JsonError> {
        let index = self.next;
        if index >= self.array.length() {
            return Ok(None);
        }
        self.next += 1;
        seed.deserialize(Value(self.array.get(index))).map(Some)
    }
}
