//! Which servers a connection uses, and which paths it may take.

use js_sys::Array;
use serde::Serialize;
use visavis_call::{IceTransportPolicy, OperationError};
use visavis_protocol::ice::IceServer;
use wasm_bindgen::prelude::*;
use web_sys::RtcConfiguration;

use super::{FullPeerConnection, PeerConnection, refused, to_js};
use crate::browser::ice_servers::{self, Accepted};
use crate::browser::property;

/// `RTCConfiguration`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Configuration<'a> {
    ice_servers: &'a [IceServer],
    ice_transport_policy: &'static str,
    bundle_policy: &'static str,
}

impl PeerConnection {
    /// Uses these ICE servers for what it looks for from now on. Chromium restarts ICE with the next offer
    /// then, whatever that is for; without one, nothing happens.
    pub fn configure(&self, ice_servers: &[IceServer], policy: IceTransportPolicy) {
        // If it is refused, the old servers have to do.
        let _ = with_accepted(ice_servers, |ice_servers| {
            let configuration = configuration(ice_servers, policy, self.certificate.as_ref())?;
            let set = self.raw.set_configuration_with_configuration(&configuration);
            set.map_err(refused)
        });
    }

    /// Uses these ICE servers from now on, and looks for another path: `negotiationneeded` follows.
    pub fn restart_ice(&self, ice_servers: &[IceServer], policy: IceTransportPolicy) {
        self.configure(ice_servers, policy);
        // Every browser in use has it.
        let _ = self.raw.unchecked_ref::<FullPeerConnection>().restart_ice();
    }
}

/// Does something with ICE servers. If the browser refuses, and refuses some of them alone, it is done
/// without those.
pub(in crate::browser) fn with_accepted<T>(
    servers: &[IceServer],
    attempt: impl Fn(&[IceServer]) -> Result<T, OperationError>,
) -> Result<T, OperationError> {
    attempt(servers).or_else(|error| {
        let Accepted { servers, refused } = ice_servers::accepted(servers);
        if refused.is_empty() {
            Err(error)
        } else {
            attempt(&servers)
        }
    })
}

pub(in crate::browser) fn configuration(
    ice_servers: &[IceServer],
    policy: IceTransportPolicy,
    certificate: Option<&JsValue>,
) -> Result<RtcConfiguration, OperationError> {
    let configuration = to_js(&Configuration {
        ice_servers,
        ice_transport_policy: policy.name(),
        bundle_policy: "max-bundle",
    })?;
    if let Some(certificate) = certificate {
        property::set(&configuration, "certificates", &Array::of1(certificate));
    }
    Ok(configuration.unchecked_into())
}
