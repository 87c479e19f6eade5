//! Asks for a screen. It comes with the chunk that has all about devices.

use js_sys::Promise;
use serde::Serialize;
use visavis_call::{Device, MediaError};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::DisplayMediaStreamConstraints;

use super::{LocalStream, reason};
use crate::browser::device_list::media_devices;
use crate::browser::{dictionary, exception, property};

/// Whether the browser can show a screen to others. On phones they can't.
#[must_use]
pub fn can_share() -> bool {
    media_devices().is_some_and(|devices| property::get(&devices, "getDisplayMedia").is_function())
}

/// The highest frame rate of a shared screen: it is there to be read.
const SCREEN_RATE: u32 = 10;

/// Asks for a screen, a window or a tab; the browser asks the person which (W3C screen-capture,
/// `getDisplayMedia`).
///
/// # Errors
/// Why there is none.
pub(super) async fn open() -> Result<LocalStream, MediaError> {
    #[derive(Serialize)]
    struct Screen {
        video: Rate,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Rate {
        frame_rate: u32,
    }
    let devices = media_devices()
        .filter(|_| can_share())
        .ok_or(MediaError::Unsupported)?;
    let constraints = dictionary::write(&Screen {
        video: Rate {
            frame_rate: SCREEN_RATE,
        },
    })
    .ok_or_else(|| MediaError::Other("SerializationError".to_owned()))?;
    let explain = |thrown: JsValue| match exception::name_of(&thrown) {
        name if name == "NotAllowedError" => reason::refusal(&thrown),
        name => MediaError::Other(name),
    };
    let request: Promise = devices
        .get_display_media_with_constraints(constraints.unchecked_ref::<DisplayMediaStreamConstraints>())
        .map_err(explain)?
        .unchecked_into();
    let stream = JsFuture::from(request).await.map_err(explain)?;
    let mut local = LocalStream::new(stream.unchecked_into());
    local.screen = local.track(Device::Screen);
    if let Some(track) = &local.screen {
        // Rather fewer frames than blurred ones (W3C mst-content-hint).
        property::set(track, "contentHint", &JsValue::from_str("detail"));
    }
    Ok(local)
}
