//! Opens camera and microphone.

use visavis_call::MediaEvent;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::request::{Opened, Request};
use super::{LocalStream, fallback};
use crate::browser::early;

/// Opens what can be opened of what is wanted. What was asked for before the app was there is not asked for
/// again.
pub async fn open(request: Request) -> Opened {
    let answer = match early::media(request.wish) {
        Some(early) => JsFuture::from(early).await,
        None => request.ask().await,
    };
    match answer {
        Ok(stream) => Opened {
            stream: Some(LocalStream::new(stream.unchecked_into())),
            event: MediaEvent::opened(request.wish),
        },
        Err(thrown) => fallback::find(thrown, request).await,
    }
}
