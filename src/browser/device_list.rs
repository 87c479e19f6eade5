//! Which cameras, microphones and speakers there are (W3C mediacapture-main, `enumerateDevices`).

use gloo_events::EventListener;
use js_sys::{Array, Promise};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MediaDeviceInfo, MediaDeviceKind, MediaDevices};

use crate::browser::{page, property};

/// What a device does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceKind {
    /// Yields video.
    Camera,
    /// Yields audio.
    Microphone,
    /// Plays audio.
    Speaker,
}

/// A device that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What it does.
    pub kind: DeviceKind,
    /// What this browser calls it on this site.
    pub id: String,
    /// What people call it. Empty before the page may use any.
    pub label: String,
    /// The piece of hardware that it is a part of: a headset is a microphone and a speaker.
    pub group: String,
}

/// `navigator.mediaDevices`, which exists only on secure addresses.
#[must_use]
pub fn media_devices() -> Option<MediaDevices> {
    let devices = property::get(&page::window().navigator(), "mediaDevices");
    devices.is_object().then(|| devices.unchecked_into())
}

/// All that can be chosen. Before the page may use devices, they have no ids.
pub async fn list() -> Vec<Listed> {
    let mut list = all().await;
    list.retain(|device| !device.id.is_empty());
    list
}

/// All that there are; of each kind at least one, as far as the browser tells.
pub async fn all() -> Vec<Listed> {
    let listing = async {
        let promise = media_devices()?.enumerate_devices().ok()?;
        JsFuture::from(promise.unchecked_into::<Promise>()).await.ok()
    };
    let Some(list) = listing.await else {
        return Vec::new();
    };
    let devices = list.unchecked_into::<Array>().into_iter();
    devices
        .map(JsCast::unchecked_into::<MediaDeviceInfo>)
        .filter_map(|device| {
            let kind = match device.kind() {
                MediaDeviceKind::Videoinput => DeviceKind::Camera,
                MediaDeviceKind::Audioinput => DeviceKind::Microphone,
                MediaDeviceKind::Audiooutput => DeviceKind::Speaker,
                _ => return None,
            };
            Some(Listed {
                kind,
                id: device.device_id(),
                label: device.label(),
                group: device.group_id(),
            })
        })
        .collect()
}

/// Calls back whenever a device was plugged in or unplugged; dropped, no longer.
#[must_use]
pub fn on_change(changed: impl Fn() + 'static) -> Option<EventListener> {
    media_devices().map(|devices| EventListener::new(&devices, "devicechange", move |_| changed()))
}
