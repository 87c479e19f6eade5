//! Camera and microphone (W3C mediacapture-main).

use std::rc::Rc;

use gloo_events::EventListener;
use js_sys::Array;
use visavis_call::{Device, MediaEvent};
use wasm_bindgen::prelude::*;
use web_sys::{MediaStream, MediaStreamTrack, MediaStreamTrackState};

mod fallback;
mod opening;
mod reason;
mod request;
mod screen;

pub use fallback::open_screen;
pub use opening::open;
pub use request::{Opened, Request};
pub use screen::can_share;

/// Camera and microphone, open for as long as this lives.
#[derive(Debug)]
pub struct LocalStream {
    /// For what happens to each track.
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
    #[must_use]
    pub fn track_of(&self, device: Device) -> Option<MediaStreamTrack> {
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

    /// Takes a device over from another stream, in the place of the present one: a microphone that is muted
    /// stays so.
    pub fn take(&mut self, device: Device, from: &mut Self) {
        let Some(track) = from.track_of(device) else {
            return;
        };
        if let Some(present) = self.track_of(device) {
            track.set_enabled(present.enabled());
        }
        self.close(device);
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

    /// From now on, tells when one of the present devices stops by itself, and when the system keeps it from
    /// yielding anything. What has happened before it tells at once.
    pub fn watch(&mut self, tell: &Rc<dyn Fn(MediaEvent)>) {
        self.listeners.clear();
        for device in [Device::Camera, Device::Microphone, Device::Screen] {
            if let Some(track) = self.track_of(device) {
                if track.ready_state() == MediaStreamTrackState::Ended {
                    tell(MediaEvent::Lost(device));
                    continue;
                }
                if track.muted() && device != Device::Screen {
                    tell(MediaEvent::Held(device, true));
                }
                // `ended` is not said when we stop it.
                let all = [
                    ("ended", MediaEvent::Lost(device)),
                    ("mute", MediaEvent::Held(device, true)),
                    ("unmute", MediaEvent::Held(device, false)),
                ];
                // A window that is hidden by others may yield nothing; it is shown all the same.
                let heard = if device == Device::Screen { 1 } else { all.len() };
                self.listeners
                    .extend(all.into_iter().take(heard).map(|(name, event)| {
                        let tell = Rc::clone(tell);
                        EventListener::new(&track, name, move |_| tell(event.clone()))
                    }));
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
