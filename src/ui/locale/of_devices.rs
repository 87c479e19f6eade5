//! Why devices can't be had, or send nothing. Few need these sentences, so they come with the chunk that has
//! all about devices.

use visavis_call::{CallView, Device, DeviceErrors, DeviceView, LocalMediaView, MediaError};

use crate::fault::{NO_CALLS, OTHER_BROWSER};

/// Makes a sentence.
pub(in crate::ui) type OfDevices = fn(&CallView, Fault) -> Option<String>;

/// What is wrong with devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) enum Fault {
    /// They can't be had.
    Lost,
    /// They are paused.
    Held,
}

/// What is wrong with camera, microphone and screen.
pub(in crate::ui) const OF_DEVICES: OfDevices = |view, fault| match (&view.media, fault) {
    (LocalMediaView::Failed(errors), _) => Some(device_errors(errors)),
    (_, Fault::Lost) => lost(view),
    (_, Fault::Held) => held(view),
};

/// The same. Without [`OF_DEVICES`], no more than that something is wrong.
pub(super) fn about_devices(view: &CallView, fault: Fault, of_devices: Option<OfDevices>) -> String {
    of_devices
        .and_then(|of_devices| of_devices(view, fault))
        .unwrap_or_else(|| "Camera and microphone can't be used.".to_owned())
}

/// The devices that have stopped by themselves, or could not be opened.
fn lost(view: &CallView) -> Option<String> {
    let all = [
        (Device::Camera, CAMERA),
        (Device::Microphone, MICROPHONE),
        (Device::Screen, SCREEN),
    ];
    let mut lost: Vec<_> = all
        .into_iter()
        .filter(|(device, _)| view.media.device(*device) == DeviceView::Lost)
        .map(|(device, what)| (view.media.error(device), what))
        .collect();
    if let [(camera, CAMERA), (microphone, MICROPHONE), ..] = lost[..]
        && camera == microphone
    {
        lost.splice(..2, [(camera, BOTH)]);
    }
    let sentences: Vec<_> = lost
        .into_iter()
        .map(|(error, what)| match error {
            Some(error) => media_error(error, what),
            None if what == BOTH => "Your camera and microphone have stopped. They may be unplugged.".into(),
            None => format!("Your {} has stopped. It may be unplugged.", what.0),
        })
        .collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// The devices that the system keeps from sending anything.
fn held(view: &CallView) -> Option<String> {
    let held = |device| view.media.device(device) == DeviceView::Held;
    let (what, are, them) = match (held(Device::Camera), held(Device::Microphone)) {
        (true, true) => BOTH,
        (true, false) => CAMERA,
        (false, true) => MICROPHONE,
        (false, false) => return None,
    };
    let they = if them == "it" { "it goes" } else { "they go" };
    Some(format!(
        "Your {what} {are} paused by your system, or by a switch on {them}. The others know; {they} on when that ends."
    ))
}

/// What a sentence about devices calls them: names, verb, and what stands for them.
type What = (&'static str, &'static str, &'static str);
const BOTH: What = ("camera and microphone", "are", "them");
const CAMERA: What = ("camera", "is", "it");
const MICROPHONE: What = ("microphone", "is", "it");
const SCREEN: What = ("screen", "is", "it");

/// Why one device, or both, can't be had, and what can be done.
fn media_error(error: &MediaError, (what, are, them): What) -> String {
    match error {
        MediaError::Refused => {
            format!(
                "The {what} {are} blocked for this page. Allow {them} next to the address bar, then try again."
            )
        }
        MediaError::Dismissed => {
            format!(
                "The browser did not get your permission for the {what}. Try again, and allow {them}; if it does not \
                 ask, do so next to the address bar."
            )
        }
        MediaError::BlockedBySystem => {
            format!(
                "Your system does not let this browser use the {what}. Allow {them} in its privacy settings, then try \
                 again."
            )
        }
        MediaError::NotDelegated => {
            format!(
                "This page is part of another one, which must allow it the {what}: allow=\"camera; microphone\" on \
                 its frame. Or open it in a tab of its own."
            )
        }
        MediaError::NotFound => match what {
            _ if what == CAMERA.0 => "No camera was found. You can call with audio only.",
            _ if what == MICROPHONE.0 => "No microphone was found. You can call with video only.",
            _ => "No camera and no microphone were found. You can still see and hear the others.",
        }
        .into(),
        MediaError::Busy => {
            format!("Another program may be using the {what}. Close it, then try again.")
        }
        MediaError::Unsatisfiable { constraint } => {
            format!("No {what} here can do what this site's config.json asks for (\"{constraint}\").")
        }
        MediaError::Insecure => {
            "This page may not use a camera: its address must begin with https:// (or be on this machine)."
                .into()
        }
        MediaError::Unsupported => format!("{NO_CALLS} {OTHER_BROWSER}"),
        MediaError::Other(name) => format!("The {what} could not be opened ({name})."),
    }
}

/// Why neither can be had, or the one that was asked for.
fn device_errors(errors: &DeviceErrors) -> String {
    match (&errors.camera, &errors.microphone) {
        (Some(camera), Some(microphone)) if camera == microphone => media_error(camera, BOTH),
        (camera, microphone) => {
            let camera = camera.as_ref().map(|error| media_error(error, CAMERA));
            let microphone = microphone.as_ref().map(|error| media_error(error, MICROPHONE));
            let both: Vec<_> = camera.into_iter().chain(microphone).collect();
            both.join(" ")
        }
    }
}

/// Why one device can't be had.
pub(in crate::ui) fn device_trouble(error: &MediaError, camera: bool) -> String {
    media_error(error, if camera { CAMERA } else { MICROPHONE })
}
