//! Camera, microphone and screen: what their buttons do, and why they can't be had.

use visavis_call::{CallView, DeviceView, LocalMediaView, MediaError, MediaWish};

use crate::fault::{NO_CALLS, OTHER_BROWSER};

/// On the button of the microphone.
pub(in crate::ui) fn microphone(device: DeviceView) -> &'static str {
    match device {
        DeviceView::On => "Mute",
        DeviceView::Off => "Unmute",
        DeviceView::Opening => "Starting …",
        DeviceView::Absent | DeviceView::Lost => "Start microphone",
    }
}

/// On the button of the camera.
pub(in crate::ui) fn camera(device: DeviceView) -> &'static str {
    match device {
        DeviceView::On => "Stop camera",
        DeviceView::Opening => "Starting …",
        DeviceView::Off | DeviceView::Absent | DeviceView::Lost => "Start camera",
    }
}

/// On the button for the screen.
pub(in crate::ui) fn share(device: DeviceView) -> &'static str {
    match device {
        DeviceView::On => "Stop sharing",
        DeviceView::Opening => "Choose what to share",
        _ => "Share your screen",
    }
}

/// On our own video while it is that of a screen.
pub(in crate::ui) const WE_SHARE: &str = "You share your screen";

/// On somebody's video while it is that of a screen.
pub(in crate::ui) const SHARES: &str = "Shares the screen";

/// Where our own video would be.
pub(in crate::ui) fn own_caption(view: &CallView) -> String {
    let LocalMediaView::Open { camera, .. } = view.media else {
        return String::new();
    };
    match camera {
        DeviceView::On => "",
        DeviceView::Opening => "Starting …",
        DeviceView::Off | DeviceView::Absent => "Your camera is off",
        DeviceView::Lost => "Your camera has stopped",
    }
    .into()
}

/// What a sentence about devices calls them: names, verb, and what stands for them.
pub(super) type What = (&'static str, &'static str, &'static str);
pub(super) const BOTH: What = ("camera and microphone", "are", "them");
pub(super) const CAMERA: What = ("camera", "is", "it");
pub(super) const MICROPHONE: What = ("microphone", "is", "it");
pub(super) const SCREEN: What = ("screen", "is", "it");

pub(super) fn media_error(error: &MediaError, (what, are, them): What) -> String {
    match error {
        MediaError::Refused => {
            format!(
                "The {what} {are} blocked for this page. Allow {them} next to the address bar, then try again."
            )
        }
        MediaError::NotFound {
            camera: true,
            microphone: true,
        } => "No camera and no microphone were found. You can still see and hear the others.".into(),
        MediaError::NotFound { camera: false, .. } => {
            "No microphone was found. You can still call with video only.".into()
        }
        MediaError::NotFound { .. } => "No camera was found. You can still call with audio only.".into(),
        MediaError::Busy => {
            format!("Another program may be using the {what}. Close it, then try again.")
        }
        MediaError::Unsatisfiable { constraint } => {
            format!("No camera here can do what this site's config.json asks for (\"{constraint}\").")
        }
        MediaError::Insecure => {
            "This page may not use a camera: its address must begin with https:// (or be on this machine)."
                .into()
        }
        MediaError::Unsupported => format!("{NO_CALLS} {OTHER_BROWSER}"),
        MediaError::Other(name) => format!("The {what} could not be opened ({name})."),
    }
}

/// Why one device can't be had.
pub(in crate::ui) fn device_trouble(error: &MediaError, camera: bool) -> String {
    media_error(error, if camera { CAMERA } else { MICROPHONE })
}

/// What works without the missing device: a call with audio only, or with video only.
pub(in crate::ui) fn call_with_less(error: &MediaError) -> Option<(&'static str, MediaWish)> {
    match error {
        MediaError::NotFound {
            camera: true,
            microphone: false,
        } => Some(("Call with audio only", MediaWish::Microphone)),
        MediaError::NotFound {
            camera: false,
            microphone: true,
        } => Some(("Call with video only", MediaWish::Camera)),
        _ => None,
    }
}
