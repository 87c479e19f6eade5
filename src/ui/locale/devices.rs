//! Camera, microphone and screen: what their buttons do.

use visavis_call::{CallView, Device, DeviceView};

/// On the button of the microphone.
pub(in crate::ui) fn microphone(device: DeviceView) -> &'static str {
    match device {
        DeviceView::On | DeviceView::Held => "Mute",
        DeviceView::Off => "Unmute",
        DeviceView::Opening => "Starting …",
        DeviceView::Absent | DeviceView::Lost => "Start microphone",
    }
}

/// On the button of the camera.
pub(in crate::ui) fn camera(device: DeviceView) -> &'static str {
    match device {
        DeviceView::On | DeviceView::Held => "Stop camera",
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
    if !view.media.is_open() {
        return String::new();
    }
    match view.media.device(Device::Camera) {
        DeviceView::On => "",
        DeviceView::Opening => "Starting …",
        DeviceView::Off | DeviceView::Absent => "Your camera is off",
        DeviceView::Held => "Your camera is paused",
        DeviceView::Lost => "No picture of your camera",
    }
    .into()
}
