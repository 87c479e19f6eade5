//! Camera and microphone (W3C mediacapture-main).

use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::{Array, Promise};
use serde::Serialize;
use visavis_call::{Device, MediaError, MediaWish};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    MediaDeviceInfo, MediaDeviceKind, MediaDevices, MediaStream, MediaStreamConstraints, MediaStreamTrack,
};

use crate::browser::{dictionary, exception, page, property};
use crate::config::MediaConfig;

/// Camera and microphone, open for as long as this lives.
#[derive(Debug)]
pub struct LocalStream {
    /// For the end of each track.
    listeners: Vec<EventListener>,
    stream: MediaStream,
}

/// The kind of a device's tracks.
#[must_use]
pub fn kind(device: Device) -> &'static str {
    match device {
        Device::Camera => "video",
        Device::Microphone => "audio",
    }
}

impl LocalStream {
    /// The stream, to be shown. It stays the same while devices come and go.
    #[must_use]
    pub fn stream(&self) -> &MediaStream {
        &self.stream
    }

    /// All tracks.
    pub fn tracks(&self) -> impl Iterator<Item = MediaStreamTrack> {
        typed(self.stream.get_tracks())
    }

    /// What a device yields, if it is open.
    #[must_use]
    pub fn track(&self, device: Device) -> Option<MediaStreamTrack> {
        self.tracks().find(|track| track.kind() == kind(device))
    }

    /// Sends sound, or silence instead.
    pub fn enable_microphone(&self, on: bool) {
        if let Some(track) = self.track(Device::Microphone) {
            track.set_enabled(on);
        }
    }

    /// Takes a device over from another stream, in the place of the present one.
    pub fn take(&mut self, device: Device, from: &Self) {
        self.close(device);
        if let Some(track) = from.track(device) {
            from.stream.remove_track(&track);
            self.stream.add_track(&track);
        }
    }

    /// Closes one device.
    pub fn close(&mut self, device: Device) {
        if let Some(track) = self.track(device) {
            track.stop();
            self.stream.remove_track(&track);
        }
    }

    /// From now on, calls back when one of the present devices stops by itself: it was unplugged, or the browser
    /// took it away.
    pub fn watch(&mut self, on_lost: &Rc<dyn Fn(Device)>) {
        self.listeners.clear();
        for device in [Device::Camera, Device::Microphone] {
            if let Some(track) = self.track(device) {
                let on_lost = Rc::clone(on_lost);
                // Not said when we stop it.
                let listener = EventListener::once(&track, "ended", move |_| on_lost(device));
                self.listeners.push(listener);
            }
        }
    }
}

impl Drop for LocalStream {
    fn drop(&mut self) {
        // Otherwise the camera's light would stay on until the garbage collector comes by.
        self.tracks().for_each(|track| track.stop());
    }
}

fn typed<T: JsCast>(array: Array) -> impl Iterator<Item = T> {
    array.into_iter().map(JsCast::unchecked_into)
}

#[derive(Serialize)]
struct Constraints {
    audio: Option<AudioConstraints>,
    video: Option<VideoConstraints>,
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
    width: Ideal,
    height: Ideal,
    frame_rate: Ideal,
}

#[derive(Serialize)]
struct Ideal {
    ideal: u32,
}

impl Constraints {
    fn new(wish: MediaWish, config: &MediaConfig) -> Self {
        let audio = matches!(wish, MediaWish::CameraAndMicrophone | MediaWish::Microphone).then_some(
            AudioConstraints {
                echo_cancellation: config.echo_cancellation,
                noise_suppression: config.noise_suppression,
                auto_gain_control: config.auto_gain_control,
            },
        );
        let video =
            matches!(wish, MediaWish::CameraAndMicrophone | MediaWish::Camera).then_some(VideoConstraints {
                width: Ideal { ideal: config.width },
                height: Ideal { ideal: config.height },
                frame_rate: Ideal {
                    ideal: config.frame_rate,
                },
            });
        Self { audio, video }
    }
}

/// Asks for camera and microphone; the browser may ask the person.
///
/// # Errors
/// Why they can't be had.
pub async fn open(wish: MediaWish, config: &MediaConfig) -> Result<LocalStream, MediaError> {
    let devices = devices().ok_or(MediaError::Unsupported)?;
    let constraints = dictionary::write(&Constraints::new(wish, config))
        .ok_or_else(|| MediaError::Other("SerializationError".to_owned()))?;
    let request: Promise = devices
        .get_user_media_with_constraints(constraints.unchecked_ref::<MediaStreamConstraints>())
        .map_err(|thrown| MediaError::Other(exception::name_of(&thrown)))?
        .unchecked_into();
    match JsFuture::from(request).await {
        Ok(stream) => Ok(LocalStream {
            listeners: Vec::new(),
            stream: stream.unchecked_into(),
        }),
        Err(thrown) => Err(explain(&thrown, wish, &devices).await),
    }
}

/// `navigator.mediaDevices`, which exists only on secure addresses.
fn devices() -> Option<MediaDevices> {
    let devices = property::get(&page::window().navigator(), "mediaDevices");
    devices.is_object().then(|| devices.unchecked_into())
}

async fn explain(thrown: &JsValue, wish: MediaWish, devices: &MediaDevices) -> MediaError {
    let name = exception::name_of(thrown);
    match name.as_str() {
        "NotAllowedError" | "SecurityError" => MediaError::Refused,
        "NotFoundError" => {
            let (camera, microphone) = missing(wish, devices).await;
            MediaError::NotFound { camera, microphone }
        }
        "NotReadableError" | "AbortError" => MediaError::Busy,
        "OverconstrainedError" => MediaError::Unsatisfiable {
            constraint: property::string(thrown, "constraint").unwrap_or_default(),
        },
        _ => MediaError::Other(name),
    }
}

/// Which of the wanted devices do not exist: camera, microphone.
async fn missing(wish: MediaWish, devices: &MediaDevices) -> (bool, bool) {
    let mut camera = matches!(wish, MediaWish::CameraAndMicrophone | MediaWish::Camera);
    let mut microphone = matches!(wish, MediaWish::CameraAndMicrophone | MediaWish::Microphone);
    let listing = match devices.enumerate_devices() {
        Ok(promise) => JsFuture::from(promise.unchecked_into::<Promise>()).await,
        Err(thrown) => Err(thrown),
    };
    if let Ok(list) = listing {
        for device in typed::<MediaDeviceInfo>(list.unchecked_into::<Array>()) {
            match device.kind() {
                MediaDeviceKind::Videoinput => camera = false,
                MediaDeviceKind::Audioinput => microphone = false,
                _ => {}
            }
        }
    }
    (camera, microphone)
}
