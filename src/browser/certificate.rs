//! The page's certificate (W3C webrtc-pc, section 4.9).

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Object;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::RtcPeerConnection;

use super::property;

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
        // `EcKeyGenParams`.
        let algorithm = Object::new();
        property::set(&algorithm, "name", &"ECDSA".into());
        property::set(&algorithm, "namedCurve", &"P-256".into());
        // A page may stay open for longer than the usual month. In milliseconds: the most that there may be.
        property::set(&algorithm, "expires", &31_536_000_000_f64.into());
        if let Ok(promise) = RtcPeerConnection::generate_certificate_with_object(&algorithm) {
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
