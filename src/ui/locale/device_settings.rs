//! What is said about devices that are chosen, and that come and go.

use visavis_call::{CallView, Device, DeviceView};

use super::device_trouble;
use crate::browser::device_list::{DeviceKind, Listed};
use crate::ui::state::{Notice, SettingsTab};

/// What the dialog is called, and the button that opens it.
pub(in crate::ui) const SETTINGS: &str = "Settings";

pub(in crate::ui) const SOUND_OF_MICROPHONE: &str = "What your browser does to your sound";
pub(in crate::ui) const ECHO_CANCELLATION: &str = "Remove echo";
pub(in crate::ui) const NOISE_SUPPRESSION: &str = "Reduce noise";
pub(in crate::ui) const AUTO_GAIN_CONTROL: &str = "Adjust the volume";
pub(in crate::ui) const LOUDNESS: &str = "Loudness of your microphone";
pub(in crate::ui) const PLAY_SOUND: &str = "Play a sound";
pub(in crate::ui) const ASK_FOR_SPEAKER: &str = "Choose a speaker";
pub(in crate::ui) const SPEAKER_OF_SYSTEM: &str =
    "This browser plays sound where your system does; choose the speaker there.";
pub(in crate::ui) const PREVIEW: &str = "The picture of your camera";

/// On a tab.
pub(in crate::ui) fn settings_tab(tab: SettingsTab) -> &'static str {
    match tab {
        SettingsTab::Audio => "Audio",
        SettingsTab::Video => "Video",
    }
}

/// Over a list of devices.
pub(in crate::ui) fn device_kind(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Camera => "Camera",
        DeviceKind::Microphone => "Microphone",
        DeviceKind::Speaker => "Speaker",
    }
}

/// Within a sentence.
fn your(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Camera => "camera",
        DeviceKind::Microphone => "microphone",
        DeviceKind::Speaker => "speaker",
    }
}

/// In a list without a choice.
pub(in crate::ui) fn none_of(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Camera => "No camera is known yet",
        DeviceKind::Microphone => "No microphone is known yet",
        DeviceKind::Speaker => "As your system has it",
    }
}

/// In a list. Before the page may use devices, they have no names.
pub(in crate::ui) fn device_name(device: &Listed, index: usize) -> String {
    if device.label.is_empty() {
        format!("{} {}", device_kind(device.kind), index + 1)
    } else {
        device.label.clone()
    }
}

/// What the meter shows.
pub(in crate::ui) fn meter_means(microphone: Option<DeviceView>) -> &'static str {
    match microphone {
        Some(DeviceView::On) => "Say something: the bar moves when you are heard.",
        Some(DeviceView::Off) => "You are muted: nobody hears you.",
        Some(DeviceView::Opening) => "Starting …",
        Some(DeviceView::Held) => "Paused by your system, or by a switch on the microphone.",
        Some(DeviceView::Lost) => "It is not open. Choose it again, or another one.",
        Some(DeviceView::Absent) => "Your microphone is off.",
        None => "Get Video first: then your devices are known here by their names.",
    }
}

/// Where the picture of the camera would be.
pub(in crate::ui) fn no_preview(camera: Option<DeviceView>) -> &'static str {
    match camera {
        Some(DeviceView::On) => "",
        Some(DeviceView::Off | DeviceView::Absent) => "Your camera is off. Start it to see its picture.",
        Some(DeviceView::Opening) => "Starting …",
        Some(DeviceView::Held) => "Paused by your system, or by a switch on the camera.",
        Some(DeviceView::Lost) => "It is not open. Choose it again, or another one.",
        None => "Get Video first: then your devices are known here by their names.",
    }
}

/// Why the camera that was chosen can't be had.
pub(in crate::ui) fn camera_fault(call: &CallView) -> String {
    let error = call.media.error(Device::Camera);
    error.map(|error| device_trouble(error, true)).unwrap_or_default()
}

/// Why the microphone that was chosen can't be had.
pub(in crate::ui) fn microphone_fault(call: &CallView) -> String {
    let error = call.media.error(Device::Microphone);
    error
        .map(|error| device_trouble(error, false))
        .unwrap_or_default()
}

/// What the page says by itself.
pub(in crate::ui) fn notice(notice: &Notice) -> String {
    match notice {
        Notice::Plugged(devices) => {
            let first = devices.first();
            let what = match devices.as_slice() {
                [one] => your(one.kind),
                _ => "device",
            };
            format!(
                "A new {what} is there: {}.",
                first.map(|device| device.label.as_str()).unwrap_or_default()
            )
        }
        Notice::FellOver { kind, from, to } => format!("{from} is gone. Your {} is now: {to}.", your(*kind)),
        Notice::Back { kind, label } => format!("{label} is there again, and is your {}.", your(*kind)),
        Notice::SpeaksMuted => "You are muted, and seem to speak.".to_owned(),
        Notice::Silent => {
            "Nothing is heard from your microphone. Is it switched off, or the wrong one?".to_owned()
        }
    }
}

/// Which notice it is, for tests.
pub(in crate::ui) fn notice_code(notice: &Notice) -> &'static str {
    match notice {
        Notice::Plugged(_) => "plugged",
        Notice::FellOver { .. } => "fell-over",
        Notice::Back { .. } => "back",
        Notice::SpeaksMuted => "speaks-muted",
        Notice::Silent => "silent",
    }
}
