//! The format of pages that meet at a WebSocket server which passes everything on to everybody: a JSON object
//! with `message_type` and `content` per message.

use serde::Serialize;

use super::native::encode;
use super::signal::{Description, Signal, TUNNELLED, Tunnelled, is_short, object_or_text};
use crate::ice::IceCandidate;
use crate::json::Object;

const SDP: &str = "SDP";
const CANDIDATE: &str = "CANDIDATE";

#[derive(Serialize)]
struct Message<T> {
    message_type: &'static str,
    content: T,
}

fn message(message_type: &'static str, content: impl Serialize) -> Option<String> {
    Some(encode(&Message {
        message_type,
        content,
    }))
}

/// Writes a message. `None`: the format has none like it.
#[must_use]
pub fn encode_signal(signal: &Signal) -> Option<String> {
    match signal {
        Signal::Description(description) => message(SDP, description),
        Signal::Candidate(candidate) => message(CANDIDATE, candidate),
        // Pages of this format pass over other kinds.
        Signal::Tunnelled(tunnelled) => message(TUNNELLED, tunnelled.encode()),
        Signal::HangUp => None,
    }
}

/// Reads a message. `None`: it is of another format.
#[must_use]
pub fn decode_signal(text: &str) -> Option<Signal> {
    let object = Object::parse(text).ok().filter(|_| is_short(text))?;
    match object.get::<String>("message_type").ok()?.as_str() {
        SDP => object_or_text(&object, "content", Description::read).map(Signal::Description),
        CANDIDATE => object_or_text(&object, "content", IceCandidate::read).map(Signal::Candidate),
        TUNNELLED => Tunnelled::named(&object, "content").map(Signal::Tunnelled),
        _ => None,
    }
}
