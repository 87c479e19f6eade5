//! What a connection's statistics tell (W3C webrtc-stats).

use js_sys::{Map, Promise};
use visavis_call::Path;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::RtcPeerConnection;

use crate::browser::property::{get, number, string};

/// Which way the media takes; nothing if the browser does not tell.
pub async fn path(connection: RtcPeerConnection) -> Option<Path> {
    path_in(&entries(connection).await)
}

/// How many bytes were received in the life of the connection; 0 if the browser does not tell.
pub async fn received(connection: RtcPeerConnection) -> u64 {
    received_in(&entries(connection).await)
}

/// A report is a map from names to entries. A connection that is closed has none.
async fn entries(connection: RtcPeerConnection) -> Vec<JsValue> {
    match JsFuture::from(connection.get_stats().unchecked_into::<Promise>()).await {
        Ok(report) => report
            .unchecked_ref::<Map>()
            .values()
            .into_iter()
            .flatten()
            .collect(),
        Err(_) => Vec::new(),
    }
}

fn path_in(entries: &[JsValue]) -> Option<Path> {
    let named = entries
        .iter()
        .find_map(|entry| string(entry, "selectedCandidatePairId"));
    let pair = entries.iter().find(|entry| {
        // In Firefox, a transport does not name its pair, but the pair knows.
        get(entry, "selected").is_truthy() || (named.is_some() && string(entry, "id") == named)
    })?;
    let is_relayed = |end| {
        let id = string(pair, end);
        let mut ends = entries.iter().filter(|entry| string(entry, "id") == id);
        ends.any(|entry| string(entry, "candidateType").as_deref() == Some("relay"))
    };
    Some(
        if is_relayed("localCandidateId") || is_relayed("remoteCandidateId") {
            Path::Relayed
        } else {
            Path::Direct
        },
    )
}

/// The kinds of entries that count what was received, the most telling first. Firefox's transports don't.
const RECEIVING: [&str; 3] = ["transport", "candidate-pair", "inbound-rtp"];

fn received_in(entries: &[JsValue]) -> u64 {
    let mut sums = [0.0; RECEIVING.len()];
    for entry in entries {
        let kind = string(entry, "type").unwrap_or_default();
        if let Some(index) = RECEIVING.iter().position(|name| *name == kind) {
            sums[index] += number(entry, "bytesReceived").unwrap_or_default();
        }
    }
    let sum = sums.into_iter().find(|sum| *sum > 0.0).unwrap_or_default();
    // A count, and far from 2^53.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    {
        sum as u64
    }
}
