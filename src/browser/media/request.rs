//! What camera and microphone are asked for, and what comes of it.

use js_sys::{Object, Promise};
use serde::Serialize;
use visavis_call::{Device, MediaError, MediaEvent, MediaWish, Outcome};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MediaStreamConstraints, MediaStreamTrack};

use super::LocalStream;
use crate::browser::device_list::media_devices;
use crate::browser::dictionary;
use crate::browser::preferences::Chosen;
use crate::config::MediaConfig;

/// What could be opened.
#[derive(Debug)]
pub struct Opened {
    /// That; `None` if it is nothing.
    pub stream: Option<LocalStream>,
    /// What to tell the state machine: what has become of each device.
    pub event: MediaEvent,
}

/// What is asked for: by the site, and by the person.
#[derive(Debug, Clone)]
pub struct Request {
    /// Which devices.
    pub wish: MediaWish,
    /// As config.json says.
    pub site: MediaConfig,
    /// As the person has chosen.
    pub person: Chosen,
    /// What is open by now, of one device that is to be opened anew.
    pub instead_of: Option<MediaStreamTrack>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AudioConstraints {
    echo_cancellation: bool,
    noise_suppression: bool,
    auto_gain_control: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VideoConstraints {
    width: u32,
    height: u32,
    frame_rate: u32,
}

impl Request {
    /// In the browser's terms. All are wishes but the device: one that is not there any more is looked for in
    /// vain, and then no longer.
    fn constraints(&self) -> JsValue {
        let site = &self.site;
        let constraints = Object::new();
        if self.wish.wants(Device::Microphone) {
            let audio = dictionary::write(&AudioConstraints {
                echo_cancellation: site.echo_cancellation,
                noise_suppression: site.noise_suppression,
                auto_gain_control: site.auto_gain_control,
            });
            self.person.add_to(audio, "microphone", &constraints, "audio");
        }
        if self.wish.wants(Device::Camera) {
            let video = dictionary::write(&VideoConstraints {
                width: site.width,
                height: site.height,
                frame_rate: site.frame_rate,
            });
            self.person.add_to(video, "camera", &constraints, "video");
        }
        constraints.into()
    }

    /// Asks the browser, which may ask the person.
    pub(super) async fn ask(&self) -> Result<JsValue, JsValue> {
        let devices = media_devices().ok_or(JsValue::UNDEFINED)?;
        let constraints = self.constraints();
        let request =
            devices.get_user_media_with_constraints(constraints.unchecked_ref::<MediaStreamConstraints>())?;
        JsFuture::from(request.unchecked_into::<Promise>()).await
    }
}

impl Opened {
    /// The stream, if there is one, or why there is none.
    ///
    /// # Errors
    /// Why what was wanted could not be opened.
    pub fn into_stream(self) -> Result<LocalStream, MediaError> {
        let error = match self.event {
            MediaEvent::Opened {
                camera: Outcome::Failed(error),
                ..
            }
            | MediaEvent::Opened {
                microphone: Outcome::Failed(error),
                ..
            } => error,
            _ => MediaError::NotFound,
        };
        self.stream.ok_or(error)
    }

    pub(super) fn failed(wish: MediaWish, error: &MediaError) -> Self {
        Self {
            stream: None,
            event: MediaEvent::failed(wish, error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page before the app is there.
    const EARLY: &str = include_str!("../../early.js");

    #[test]
    fn before_the_app_is_there_the_same_is_asked_for() {
        let usual = MediaConfig::default();
        for (name, value) in [
            ("width", usual.width.to_string()),
            ("height", usual.height.to_string()),
            ("frameRate", usual.frame_rate.to_string()),
            ("echoCancellation", usual.echo_cancellation.to_string()),
            ("noiseSuppression", usual.noise_suppression.to_string()),
            ("autoGainControl", usual.auto_gain_control.to_string()),
        ] {
            let line = format!("      {name}: {value},\n");
            assert!(EARLY.contains(&line), "no {line:?}");
        }
    }
}
