//! What can be done during a call.

use leptos::prelude::*;
use visavis_call::{Command, DeviceView, LocalMediaView, Stage};

use super::button::{Button, ButtonProps, Look};
use super::icons::Icon;
use super::screen::{Screen, Ui};

/// The bar at the bottom: microphone, camera, and hanging up.
#[component]
pub(super) fn Controls(ui: Ui) -> impl IntoView {
    let in_call = ui.when(|screen| matches!(screen.view.stage(), Stage::InCall | Stage::Connecting));
    let always = ui.when(|_| true);
    let microphone_off = ui.when(|screen| !is_on(microphone(screen)));
    let camera_off = ui.when(|screen| !is_on(camera(screen)));
    view! {
        <div class="controls" role="group" aria-label="Call controls" hidden=move || !in_call.get()>
            <span class="toggle" class:off=microphone_off>
                {Button(ButtonProps {
                    id: "microphone",
                    look: Look::Round,
                    icons: &[Icon::Microphone, Icon::MicrophoneOff],
                    words: ui.words(|screen| either(!is_on(microphone(screen)), "Unmute", "Mute")),
                    shown: ui.when(|screen| microphone(screen) != DeviceView::Absent),
                    enabled: always,
                    on_click: Box::new(move || ui.send(Command::SetMicrophone(microphone_off.get_untracked()))),
                })}
            </span>
            <span class="toggle" class:off=camera_off>
                {Button(ButtonProps {
                    id: "camera",
                    look: Look::Round,
                    icons: &[Icon::Camera, Icon::CameraOff],
                    words: ui.words(|screen| either(!is_on(camera(screen)), "Start camera", "Stop camera")),
                    shown: ui.when(|screen| camera(screen) != DeviceView::Absent),
                    enabled: always,
                    on_click: Box::new(move || ui.send(Command::SetCamera(camera_off.get_untracked()))),
                })}
            </span>
            {Button(ButtonProps {
                id: "hang-up",
                look: Look::Danger,
                icons: &[Icon::HangUp],
                words: ui.words(|screen| either(screen.view.stage() == Stage::Connecting, "Cancel", "Hang up")),
                shown: in_call,
                enabled: always,
                on_click: ui.sends(Command::HangUp),
            })}
        </div>
    }
}

fn either(condition: bool, yes: &str, no: &str) -> String {
    if condition { yes } else { no }.to_owned()
}

fn is_on(device: DeviceView) -> bool {
    matches!(device, DeviceView::On | DeviceView::Opening)
}

fn microphone(screen: &Screen) -> DeviceView {
    match screen.view.media {
        LocalMediaView::Open { microphone, .. } => microphone,
        _ => DeviceView::Absent,
    }
}

fn camera(screen: &Screen) -> DeviceView {
    match screen.view.media {
        LocalMediaView::Open { camera, .. } => camera,
        _ => DeviceView::Absent,
    }
}
