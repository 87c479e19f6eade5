//! What a connection's statistics tell (W3C webrtc-stats).

use js_sys::Map;
use visavis_call::{Fingerprint, Fingerprints, Path, Reception};
use wasm_bindgen::prelude::*;
use web_sys::RtcPeerConnection;

use crate::browser::peer_connection::Waiting;
use crate::browser::property::{get, number, string};

/// Which way the media takes, and the certificates at its ends; nothing if the browser does not tell.
pub async fn path(connection: RtcPeerConnection, waiting: Waiting) -> (Option<Path>, Fingerprints) {
    let entries = entries(connection, waiting).await;
    let fingerprints = Fingerprints {
        ours: fingerprint(&entries, "localCertificateId"),
        theirs: fingerprint(&entries, "remoteCertificateId"),
    };
    (path_in(&entries), fingerprints)
}

/// What was received in the life of the connection; 0 is what the browser does not tell.
pub async fn received(connection: RtcPeerConnection, waiting: Waiting) -> Reception {
    received_in(&entries(connection, waiting).await)
}

/// A report is a map from names to entries. A connection that is closed has none.
async fn entries(connection: RtcPeerConnection, waiting: Waiting) -> Vec<JsValue> {
    match waiting.settled(connection.get_stats()).await {
        Ok(report) => report
            .unchecked_ref::<Map>()
            .values()
            .into_iter()
            .flatten()
            .collect(),
        Err(_) => Vec::new(),
    }
}

/// The fingerprint of the certificate that a transport names. Not in Firefox.
fn fingerprint(entries: &[JsValue], end: &str) -> Option<Fingerprint> {
    let id = entries.iter().find_map(|entry| string(entry, end))?;
    let certificate = entries
        .iter()
        .find(|entry| string(entry, "id").as_ref() == Some(&id))?;
    Fingerprint::read(&string(certificate, "fingerprint")?)
}

/// The pair of candidates between which media passes.
fn selected_pair(entries: &[JsValue]) -> Option<&JsValue> {
    let named = entries
        .iter()
        .find_map(|entry| string(entry, "selectedCandidatePairId"));
    entries.iter().find(|entry| {
        // In Firefox, a transport does not name its pair, but the pair knows.
        get(entry, "selected").is_truthy() || (named.is_some() && string(entry, "id") == named)
    })
}

fn path_in(entries: &[JsValue]) -> Option<Path> {
    let pair = selected_pair(entries)?;
    let is_relayed = |end| {
        let id = string(pair, end);
        let mut ends = entries.iter().filter(|entry| string(entry, "id") == id);
        ends.any(|entry| {
            string(entry, "candidateType").as_deref() == Some("relay")
                // One that others see at another address than its own counts as reflexive.
                || string(entry, "relayProtocol").is_some()
        })
    };
    Some(if is_relayed("localCandidateId") {
        Path::Relayed
    } else if is_relayed("remoteCandidateId") {
        Path::RelayedByThem
    } else {
        Path::Direct
    })
}

/// The kinds of entries that count what was received, the most telling first. Firefox's transports don't.
const RECEIVING: [&str; 3] = ["transport", "candidate-pair", "inbound-rtp"];

fn received_in(entries: &[JsValue]) -> Reception {
    let mut bytes = [0; RECEIVING.len()];
    let mut reception = Reception::default();
    for entry in entries {
        let kind = string(entry, "type").unwrap_or_default();
        if let Some(index) = RECEIVING.iter().position(|name| *name == kind) {
            bytes[index] += count(entry, "bytesReceived", 1.0);
        }
        if kind == "inbound-rtp" {
            reception.packets += count(entry, "packetsReceived", 1.0);
            // Packets that come twice count against it.
            reception.lost += count(entry, "packetsLost", 1.0);
            reception.energy += count(entry, "totalAudioEnergy", 1e6);
        }
    }
    reception.bytes = bytes.into_iter().find(|sum| *sum > 0).unwrap_or_default();
    if let Some(pair) = selected_pair(entries) {
        reception.round_trip = small_count(pair, "currentRoundTripTime", 1000.0);
        // Not in Firefox.
        reception.estimate = small_count(pair, "availableOutgoingBitrate", 0.001);
    }
    reception
}

/// As [`count`], up to the largest that fits.
fn small_count(entry: &JsValue, name: &str, parts: f64) -> u32 {
    count(entry, name, parts).try_into().unwrap_or(u32::MAX)
}

/// A number of so many parts.
fn count(entry: &JsValue, name: &str, parts: f64) -> u64 {
    // What is negative or too large is cut.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    {
        (number(entry, name).unwrap_or_default() * parts) as u64
    }
}
