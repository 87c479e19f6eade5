//! The page's certificate (W3C webrtc-pc, section 4.9).

use std::cell::RefCell;
use std::rc::Rc;

use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::RtcPeerConnection;

use super::dictionary;

/// `EcKeyGenParams`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Algorithm {
    name: &'static str,
    named_curve: &'static str,
}

/// One certificate for all connections of the page. A browser makes each connection its own, and whoever has
/// compared fingerprints could not know the next one.
#[derive(Debug, Clone, Default)]
pub struct Certificate(Rc<RefCell<Option<JsValue>>>);

impl Certificate {
    /// Has the browser make it, which takes it a millisecond or two. Nobody waits for that: a connection that
    /// is made before has a certificate of its own, and so have all if the browser refuses.
    #[must_use]
    pub fn make() -> Self {
        let certificate = Self::default();
        let algorithm = dictionary::write(&Algorithm {
            name: "ECDSA",
            named_curve: "P-256",
        });
        let promise = algorithm
            .map(|algorithm| RtcPeerConnection::generate_certificate_with_object(algorithm.unchecked_ref()));
        if let Some(Ok(promise)) = promise {
            let made = Rc::clone(&certificate.0);
            spawn_local(async move {
                made.replace(JsFuture::from(promise).await.ok());
            });
        }
        certificate
    }

    /// The certificate, once it is there.
    #[must_use]
    pub fn get(&self) -> Option<JsValue> {
        self.0.borrow().clone()
    }
}
