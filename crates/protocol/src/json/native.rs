//! JSON by `serde_json`.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::JsonError;

impl From<serde_json::Error> for JsonError {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

pub(super) fn to_text<T: Serialize>(value: &T) -> Result<String, JsonError> {
    Ok(serde_json::to_string(value)?)
}

pub(super) struct Object(Map<String, Value>);

impl Object {
    pub(super) fn parse(text: &str) -> Result<Self, JsonError> {
        Self::from(serde_json::from_str(text)?)
    }

    fn from(value: Value) -> Result<Self, JsonError> {
        match value {
            Value::Object(fields) => Ok(Self(fields)),
            _ => Err(JsonError::new("expected an object")),
        }
    }

    pub(super) fn get<T: DeserializeOwned>(&self, field: &str) -> Result<T, JsonError> {
        let value = self.field(field);
        T::deserialize(value).map_err(|error| match value {
            Value::Null => JsonError::new("it is missing"),
            _ => error.into(),
        })
    }

    pub(super) fn object(&self, field: &str) -> Result<Option<Self>, JsonError> {
        match self.field(field) {
            Value::Null => Ok(None),
            value => Self::from(value.clone()).map(Some),
        }
    }

    pub(super) fn objects(&self, field: &str) -> Result<Option<Vec<Self>>, JsonError> {
        match self.field(field) {
            Value::Null => Ok(None),
            Value::Array(items) => items
                .iter()
                .cloned()
                .map(Self::from)
                .collect::<Result<_, _>>()
                .map(Some),
            _ => Err(JsonError::new("expected a list of objects")),
        }
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = impl AsRef<str>> {
        self.0.keys()
    }

    fn field(&self, name: &str) -> &Value {
        self.0.get(name).unwrap_or(&Value::Null)
    }
}
