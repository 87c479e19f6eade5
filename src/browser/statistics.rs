//! What a connection's statistics tell (W3C webrtc-stats).

use js_sys::{Map, Promise};
use serde::Deserialize;
use visavis_call::Path;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::RtcPeerConnection;

use crate::browser::dictionary;

/// An entry of a report, with the fields of all kinds that matter here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: String,
    /// Of a `transport`.
    selected_candidate_pair_id: Option<String>,
    /// Of a `candidate-pair`.
    local_candidate_id: Option<String>,
    /// Of a `candidate-pair`.
    remote_candidate_id: Option<String>,
    /// Of a `candidate-pair` in Firefox, whose transports don't name theirs.
    selected: Option<bool>,
    /// Of a `local-candidate` or `remote-candidate`.
    candidate_type: Option<String>,
}

/// Which way the media takes; nothing if the browser does not tell.
pub async fn path(connection: RtcPeerConnection) -> Option<Path> {
    let report = JsFuture::from(connection.get_stats().unchecked_into::<Promise>())
        .await
        .ok()?;
    path_in(&entries(&report))
}

/// A report is a map from names to entries. What can't be read is passed over.
fn entries(report: &JsValue) -> Vec<Entry> {
    let values = report.unchecked_ref::<Map>().values();
    values
        .into_iter()
        .filter_map(|value| dictionary::read(&value.ok()?))
        .collect()
}

fn path_in(entries: &[Entry]) -> Option<Path> {
    let named = entries
        .iter()
        .find_map(|entry| entry.selected_candidate_pair_id.as_ref());
    let pair = entries
        .iter()
        .find(|entry| entry.selected == Some(true) || named == Some(&entry.id))?;
    let relayed = entries.iter().any(|entry| {
        let in_pair =
            [&pair.local_candidate_id, &pair.remote_candidate_id].contains(&&Some(entry.id.clone()));
        in_pair && entry.candidate_type.as_deref() == Some("relay")
    });
    Some(if relayed { Path::Relayed } else { Path::Direct })
}
