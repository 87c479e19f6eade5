//! ICE servers and candidates as they travel (W3C webrtc-pc, `RTCIceServer` and `RTCIceCandidateInit`).

use std::fmt;

use serde::de::value::SeqAccessDeserializer;
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::json::{JsonError, Object};

/// A STUN or TURN server, as `RTCPeerConnection` takes it, and as configurations name it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IceServer {
    /// `stun:`, `turn:` or `turns:` addresses of one server. A single address may be written without the
    /// list.
    #[serde(deserialize_with = "one_or_many")]
    pub urls: Vec<String>,
    /// TURN only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// TURN only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

impl IceServer {
    /// The fields that it can have.
    pub const FIELDS: [&str; 3] = ["urls", "username", "credential"];

    /// Reads what a relay or a configuration names. Other fields are ignored: the relay may be newer.
    ///
    /// # Errors
    /// A field is missing or wrong.
    pub fn read(object: &Object) -> Result<Self, JsonError> {
        Ok(Self {
            urls: object.get::<Urls>("urls")?.0,
            username: object.get("username")?,
            credential: object.get("credential")?,
        })
    }

    /// The same of what was written for older browsers as well: `urls` may still be called `url`.
    ///
    /// # Errors
    /// A field is missing or wrong.
    pub fn read_older(object: &Object) -> Result<Self, JsonError> {
        Self::read(object).or_else(|error| {
            Ok(Self {
                urls: vec![object.get("url").map_err(|_| error)?],
                username: object.get("username")?,
                credential: object.get("credential")?,
            })
        })
    }

    /// Whether the server can relay media (`turn:` or `turns:`).
    #[must_use]
    pub fn is_turn(&self) -> bool {
        self.urls
            .iter()
            .any(|url| url.starts_with("turn:") || url.starts_with("turns:"))
    }
}

impl fmt::Debug for IceServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Addresses and credentials must not reach a log.
        write!(f, "IceServer {{ turn: {} }}", self.is_turn())
    }
}

/// A field that is a number of seconds, which Twilio writes as a text.
#[must_use]
pub fn seconds(object: &Object, field: &str) -> Option<u32> {
    match object.get::<String>(field) {
        Ok(text) => text.parse().ok(),
        Err(_) => object.get(field).ok(),
    }
}

struct Urls(Vec<String>);

impl<'de> Deserialize<'de> for Urls {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        one_or_many(deserializer).map(Self)
    }
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    deserializer.deserialize_any(OneOrMany)
}

// Not an untagged enum, for the sake of the bundle: it would keep any value before it looks at it.
struct OneOrMany;

impl<'de> Visitor<'de> for OneOrMany {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an address or a list of addresses")
    }

    fn visit_str<E>(self, url: &str) -> Result<Vec<String>, E> {
        Ok(vec![url.to_owned()])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, urls: A) -> Result<Vec<String>, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(urls))
    }
}

/// One ICE candidate, or, with an empty `candidate`, the end of candidates of its connection_id (RFC 8838,
/// section 13). The fields are those of `RTCIceCandidateInit`.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IceCandidate {
    /// The candidate attribute; empty at the end of candidates.
    pub candidate: String,
    /// The media section that it belongs to, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sdp_mid: Option<String>,
    /// The media section that it belongs to, by position.
    #[serde(rename = "sdpMLineIndex", skip_serializing_if = "Option::is_none")]
    pub sdp_m_line_index: Option<u16>,
    /// The ICE connection_id that it belongs to: the `ice-ufrag` of the description it was gathered for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username_fragment: Option<String>,
}

impl IceCandidate {
    pub(crate) fn read(object: &Object) -> Result<Self, JsonError> {
        Ok(Self {
            candidate: object.get("candidate")?,
            sdp_mid: object.get("sdpMid")?,
            sdp_m_line_index: object.get("sdpMLineIndex")?,
            username_fragment: object.get("usernameFragment")?,
        })
    }

    /// Whether this says that no more candidates follow.
    #[must_use]
    pub fn is_end_of_candidates(&self) -> bool {
        self.candidate.is_empty()
    }

    /// The ICE connection_id, from the field, or else from the `ufrag` extension of the attribute (RFC 8840).
    #[must_use]
    pub fn ufrag(&self) -> Option<&str> {
        if let Some(ufrag) = self.username_fragment.as_deref() {
            return Some(ufrag);
        }
        let mut words = self.candidate.split_ascii_whitespace();
        words.find(|word| *word == "ufrag")?;
        words.next()
    }
}

impl fmt::Debug for IceCandidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A candidate holds an address, which must not reach a log.
        write!(f, "IceCandidate {{ end: {} }}", self.is_end_of_candidates())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(attribute: &str, field: Option<&str>) -> IceCandidate {
        IceCandidate {
            candidate: attribute.into(),
            sdp_mid: Some("0".into()),
            sdp_m_line_index: Some(0),
            username_fragment: field.map(Into::into),
        }
    }

    #[test]
    fn the_generation_is_found_in_the_field_or_in_the_attribute() {
        let attribute = "candidate:1 1 udp 1 192.0.2.1 9 typ host generation 0 ufrag AbCd network-id 1";
        assert_eq!(candidate(attribute, None).ufrag(), Some("AbCd"));
        assert_eq!(candidate(attribute, Some("EfGh")).ufrag(), Some("EfGh"));
        assert_eq!(candidate("", None).ufrag(), None);
    }

    #[test]
    fn no_address_and_no_credential_reaches_a_log() {
        let server = IceServer {
            urls: vec!["turn:192.0.2.1".into()],
            username: Some("user".into()),
            credential: Some("hunter2".into()),
        };
        let text = format!(
            "{server:?} {:?}",
            candidate("candidate:1 1 udp 1 192.0.2.1 9 typ host", None)
        );
        assert!(!text.contains("192.0.2.1") && !text.contains("hunter2"), "{text}");
    }

    #[test]
    fn a_single_url_needs_no_list() {
        let server = IceServer::read(&Object::parse(r#"{"urls":"stun:stun.example.org"}"#).unwrap()).unwrap();
        assert_eq!(server.urls, ["stun:stun.example.org"]);
    }
}
