//! What a connection's statistics tell (W3C webrtc-stats).

use js_sys::{Map, Promise};
use serde::Deserialize;
use visavis_call::Path;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::RtcPeerConnection;

/// The entries of a report that matter here.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
enum Entry {
    Transport {
        selected_candidate_pair_id: Option<String>,
    },
    CandidatePair {
        id: String,
        local_candidate_id: String,
        remote_candidate_id: String,
        // Firefox has no `selectedCandidatePairId`, but this.
        #[serde(default)]
        selected: bool,
    },
    LocalCandidate(Candidate),
    RemoteCandidate(Candidate),
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    id: String,
    candidate_type: Option<String>,
}

/// Which way the media takes; nothing if the browser does not tell.
pub async fn path(connection: RtcPeerConnection) -> Option<Path> {
    let report = JsFuture::from(connection.get_stats().unchecked_into::<Promise>()).await.ok()?;
    path_in(&entries(&report))
}

/// A report is a map from names to entries. Kinds that this version does not know are passed over.
fn entries(report: &JsValue) -> Vec<Entry> {
    let values = report.unchecked_ref::<Map>().values();
    values
        .into_iter()
        .filter_map(|value| serde_wasm_bindgen::from_value(value.ok()?).ok())
        .collect()
}

fn path_in(entries: &[Entry]) -> Option<Path> {
    let selected = entries.iter().find_map(|entry| match entry {
        Entry::Transport { selected_candidate_pair_id } => selected_candidate_pair_id.as_deref(),
        _ => None,
    });
    let (local, remote) = entries.iter().find_map(|entry| match entry {
        Entry::CandidatePair { id, local_candidate_id, remote_candidate_id, selected: chosen }
            if *chosen || selected == Some(id) =>
        {
            Some((local_candidate_id, remote_candidate_id))
        }
        _ => None,
    })?;
    let relayed = entries.iter().any(|entry| match entry {
        Entry::LocalCandidate(candidate) | Entry::RemoteCandidate(candidate) => {
            [local, remote].contains(&&candidate.id) && candidate.candidate_type.as_deref() == Some("relay")
        }
        _ => false,
    });
    Some(if relayed { Path::Relayed } else { Path::Direct })
}
