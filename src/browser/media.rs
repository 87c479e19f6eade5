//! Camera and microphone (W3C mediacapture-main).

use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::{Array, Promise};
use serde::Serialize;
use visavis_call::{Device, MediaError, MediaWish};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DisplayMediaStreamConstraints, MediaDeviceInfo, MediaDeviceKind, MediaDevices, MediaStream,
    MediaStreamConstraints, MediaStreamTrack, MediaStreamTrackState,
};

use crate::browser::{dictionary, early, exception, page, property};
use crate::config::MediaConfig;

/// Camera and microphone, open for as long as this lives.
#[derive(Debug)]
pub struct LocalStream {
    /// For the end of each track.
    listeners: Vec<EventListener>,
    stream: MediaStream,
    /// What is in the stream in the place of the camera.
    screen: Option<MediaStreamTrack>,
    /// The camera, if it is open and has to give way to that.
    behind_screen: Option<MediaStreamTrack>,
}

/// The kind of a device's tracks.
#[must_use]
pub fn kind(device: Device) -> &'static str {
    match device {
        Device::Camera | Device::Screen => "video",
        Device::Microphone => "audio",
    }
}

impl LocalStream {
    /// The stream, to be shown. It stays the same while devices come and go.
    #[must_use]
    pub fn stream(&self) -> &MediaStream {
        &self.stream
    }

    fn new(stream: MediaStream) -> Self {
        Self {
            listeners: Vec::new(),
            stream,
            screen: None,
            behind_screen: None,
        }
    }

    /// All tracks that are sent.
    pub fn tracks(&self) -> impl Iterator<Item = MediaStreamTrack> {
        typed(self.stream.get_tracks())
    }

    /// What is sent for a device: for the camera and a screen, that of the two which is shown.
    #[must_use]
    pub fn track(&self, device: Device) -> Option<MediaStreamTrack> {
        self.tracks().find(|track| track.kind() == kind(device))
    }

    /// What a device yields, if it is open, shown or not.
    fn track_of(&self, device: Device) -> Option<MediaStreamTrack> {
        match device {
            Device::Screen => self.screen.clone(),
            Device::Camera if self.screen.is_some() => self.behind_screen.clone(),
            Device::Camera | Device::Microphone => self.track(device),
        }
    }

    /// Sends audio, or silence instead.
    pub fn enable_microphone(&self, on: bool) {
        if let Some(track) = self.track(Device::Microphone) {
            track.set_enabled(on);
        }
    }

    /// Takes a device over from another stream, in the place of the present one.
    pub fn take(&mut self, device: Device, from: &mut Self) {
        self.close(device);
        let Some(track) = from.track_of(device) else {
            return;
        };
        from.stream.remove_track(&track);
        from.screen = None;
        match device {
            Device::Camera if self.screen.is_some() => self.behind_screen = Some(track),
            Device::Screen => {
                self.behind_screen = self.track(Device::Camera);
                if let Some(camera) = &self.behind_screen {
                    self.stream.remove_track(camera);
                }
                self.stream.add_track(&track);
                self.screen = Some(track);
            }
            Device::Camera | Device::Microphone => self.stream.add_track(&track),
        }
    }

    /// Closes one device.
    pub fn close(&mut self, device: Device) {
        let Some(track) = self.track_of(device) else {
            return;
        };
        track.stop();
        match device {
            Device::Camera if self.screen.is_some() => self.behind_screen = None,
            Device::Screen => {
                self.screen = None;
                self.stream.remove_track(&track);
                if let Some(camera) = self.behind_screen.take() {
                    self.stream.add_track(&camera);
                }
            }
            Device::Camera | Device::Microphone => self.stream.remove_track(&track),
        }
    }

    /// From now on, calls back when one of the present devices stops by itself: it was unplugged, or the
    /// browser took it away. Of one that has stopped before it tells at once.
    pub fn watch(&mut self, on_lost: &Rc<dyn Fn(Device)>) {
        self.listeners.clear();
        for device in [Device::Camera, Device::Microphone, Device::Screen] {
            if let Some(track) = self.track_of(device) {
                if track.ready_state() == MediaStreamTrackState::Ended {
                    on_lost(device);
                    continue;
                }
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
        let behind_screen = self.behind_screen.take();
        self.tracks().chain(behind_screen).for_each(|track| track.stop());
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

/// Asks for camera and microphone; the browser may ask the person. What was asked for before the app was
/// there is not asked for again.
///
/// # Errors
/// Why they can't be had.
pub async fn open(wish: MediaWish, config: &MediaConfig) -> Result<LocalStream, MediaError> {
    if !page::window().is_secure_context() {
        return Err(MediaError::Insecure);
    }
    let devices = devices().ok_or(MediaError::Unsupported)?;
    let request = match early::media(wish) {
        Some(request) => request,
        None => ask(&devices, wish, config)?,
    };
    match JsFuture::from(request).await {
        Ok(stream) => Ok(LocalStream::new(stream.unchecked_into())),
        Err(thrown) => Err(explain(&thrown, wish, &devices).await),
    }
}

fn ask(devices: &MediaDevices, wish: MediaWish, config: &MediaConfig) -> Result<Promise, MediaError> {
    let constraints = dictionary::write(&Constraints::new(wish, config))
        .ok_or_else(|| MediaError::Other("SerializationError".to_owned()))?;
    let request = devices
        .get_user_media_with_constraints(constraints.unchecked_ref::<MediaStreamConstraints>())
        .map_err(|thrown| MediaError::Other(exception::name_of(&thrown)))?;
    Ok(request.unchecked_into())
}

/// Whether the browser can show a screen to others. On phones they can't.
#[must_use]
pub fn can_share() -> bool {
    devices().is_some_and(|devices| property::get(&devices, "getDisplayMedia").is_function())
}

/// The highest frame rate of a shared screen: it is there to be read.
const SCREEN_RATE: u32 = 10;

/// Asks for a screen, a window or a tab; the browser asks the person which (W3C screen-capture,
/// `getDisplayMedia`).
///
/// # Errors
/// Why there is none.
pub async fn open_screen() -> Result<LocalStream, MediaError> {
    #[derive(Serialize)]
    struct Screen {
        video: Rate,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Rate {
        frame_rate: Ideal,
    }
    let devices = devices().filter(|_| can_share()).ok_or(MediaError::Unsupported)?;
    let frame_rate = Ideal { ideal: SCREEN_RATE };
    let constraints = dictionary::write(&Screen {
        video: Rate { frame_rate },
    })
    .ok_or_else(|| MediaError::Other("SerializationError".to_owned()))?;
    let explain = |thrown: JsValue| match exception::name_of(&thrown) {
        name if name == "NotAllowedError" => MediaError::Refused,
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

/// `navigator.mediaDevices`, which exists only on secure addresses.
fn devices() -> Option<MediaDevices> {
    let devices = property::get(&page::window().navigator(), "mediaDevices");
    devices.is_object().then(|| devices.unchecked_into())
}

async fn explain(thrown: &JsValue, wish: MediaWish, devices: &MediaDevices) -> MediaError {
    let name = exception::name_of(thrown);
    match Failure::named(&name) {
        Failure::Refused => MediaError::Refused,
        Failure::Missing => {
            let (camera, microphone) = missing(wish, devices).await;
            MediaError::NotFound { camera, microphone }
        }
        Failure::Busy => MediaError::Busy,
        Failure::Unsatisfiable => MediaError::Unsatisfiable {
            constraint: property::string(thrown, "constraint").unwrap_or_default(),
        },
        Failure::Other => MediaError::Other(name),
    }
}

/// What the name of an exception of `getUserMedia` tells. `src/early.js` knows the same names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    Refused,
    Missing,
    Busy,
    Unsatisfiable,
    Other,
}

impl Failure {
    fn named(name: &str) -> Self {
        match name {
            "NotAllowedError" | "SecurityError" => Self::Refused,
            "NotFoundError" => Self::Missing,
            "NotReadableError" | "AbortError" => Self::Busy,
            "OverconstrainedError" => Self::Unsatisfiable,
            _ => Self::Other,
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The page before the app is there.
    const EARLY: &str = include_str!("../early.js");

    #[test]
    fn before_the_app_is_there_failures_mean_the_same() {
        for name in [
            "NotAllowedError",
            "SecurityError",
            "NotFoundError",
            "NotReadableError",
            "AbortError",
            "OverconstrainedError",
            "InvalidStateError",
            "TypeError",
        ] {
            let says = |text: String| EARLY.contains(&text);
            assert!(
                match Failure::named(name) {
                    Failure::Refused => says(format!("{name}: REFUSED,")),
                    Failure::Busy => says(format!("{name}: BUSY,")),
                    Failure::Missing | Failure::Unsatisfiable => says(format!("name === \"{name}\"")),
                    Failure::Other => !EARLY.contains(name),
                },
                "{name} is {:?} here",
                Failure::named(name)
            );
        }
    }

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
