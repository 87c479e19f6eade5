//! ICE servers whose addresses a browser may refuse. For one that it refuses, it takes none of a list (W3C
//! webrtc-pc, section 4.4.1.6).

use serde::Serialize;
use visavis_protocol::ice::IceServer;
use wasm_bindgen::prelude::*;
use web_sys::{RtcPeerConnection, console};

use crate::browser::{dictionary, page};

/// `RTCConfiguration`, for one address.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Configuration<'a> {
    ice_servers: [&'a IceServer; 1],
}

/// What the browser takes of some servers, and what it does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The servers with the addresses that it takes.
    pub servers: Vec<IceServer>,
    /// The addresses that it refuses.
    pub refused: Vec<String>,
}

/// Asks the browser about each address. The console names those that it refuses, for the site's operator.
#[must_use]
pub fn accepted(servers: &[IceServer]) -> Accepted {
    let mut accepted = Accepted {
        servers: Vec::new(),
        refused: Vec::new(),
    };
    if !page::has_webrtc() {
        // No address is to blame.
        accepted.servers = servers.to_vec();
        return accepted;
    }
    for server in servers {
        let mut kept = IceServer {
            urls: Vec::new(),
            ..server.clone()
        };
        for url in &server.urls {
            let alone = IceServer {
                urls: vec![url.clone()],
                ..server.clone()
            };
            if is_accepted(&alone) {
                kept.urls.push(url.clone());
            } else {
                let warning = [
                    "This browser refuses the ICE server ",
                    url,
                    ". Calls do without it.",
                ];
                console::warn_1(&warning.concat().into());
                accepted.refused.push(url.clone());
            }
        }
        if !kept.urls.is_empty() {
            accepted.servers.push(kept);
        }
    }
    accepted
}

fn is_accepted(server: &IceServer) -> bool {
    let configuration = dictionary::write(&Configuration {
        ice_servers: [server],
    });
    let Some(configuration) = configuration else {
        return false;
    };
    let connection = RtcPeerConnection::new_with_configuration(configuration.unchecked_ref());
    connection.map(|connection| connection.close()).is_ok()
}
