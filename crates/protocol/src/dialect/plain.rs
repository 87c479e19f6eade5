//! The format of pages that say `{offer}`, `{answer}` and a candidate over any channel: one JSON object per
//! message, whose field tells what it is.

use serde::Serialize;

use super::native::encode;
use super::signal::{Description, DescriptionKind, Signal, Tunnelled, is_short, object_or_text};
use crate::ice::IceCandidate;
use crate::json::Object;

/// Such pages send one of these, and may listen for the other: each gets what it listens for.
const CANDIDATES: [&str; 2] = ["new-ice-candidate", "iceCandidate"];

#[derive(Serialize, Default)]
struct Message<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    offer: Option<&'a Description>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'a Description>,
    #[serde(rename = "new-ice-candidate", skip_serializing_if = "Option::is_none")]
    sent_candidate: Option<&'a IceCandidate>,
    #[serde(rename = "iceCandidate", skip_serializing_if = "Option::is_none")]
    awaited_candidate: Option<&'a IceCandidate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    visavis: Option<String>,
}

/// Writes a message. `None`: the format has none like it.
#[must_use]
pub fn encode_signal(signal: &Signal) -> Option<String> {
    let mut message = Message::default();
    match signal {
        Signal::Description(description) => match description.kind {
            DescriptionKind::Offer => message.offer = Some(description),
            DescriptionKind::Answer => message.answer = Some(description),
        },
        Signal::Candidate(candidate) => {
            (message.sent_candidate, message.awaited_candidate) = (Some(candidate), Some(candidate));
        }
        Signal::Tunnelled(tunnelled) => message.visavis = Some(tunnelled.encode()),
        Signal::HangUp => return None,
    }
    Some(encode(&message))
}

/// Reads a message. `None`: it is of another format.
#[must_use]
pub fn decode_signal(text: &str) -> Option<Signal> {
    let object = Object::parse(text).ok().filter(|_| is_short(text))?;
    let description = |field| object_or_text(&object, field, Description::read);
    if let Some(description) = description("offer").or_else(|| description("answer")) {
        return Some(Signal::Description(description));
    }
    let mut candidates = CANDIDATES.into_iter();
    if let Some(candidate) = candidates.find_map(|field| object_or_text(&object, field, IceCandidate::read)) {
        return Some(Signal::Candidate(candidate));
    }
    Tunnelled::within(&object).map(Signal::Tunnelled)
}
