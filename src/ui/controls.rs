//! What can be done during a call.

use leptos::prelude::*;
use visavis_call::{CallView, Command, LocalMediaView, Stage};

use super::button::{Button, Look};
use super::handle::CallHandle;
use super::icons::Icon;

/// The bar at the bottom: microphone, camera, and hanging up.
#[component]
pub(super) fn Controls(call: CallHandle) -> impl IntoView {
    let in_call = call.when(|view| matches!(view.stage(), Stage::InCall | Stage::Connecting));
    let hang_up = call.words(|view| if view.stage() == Stage::Connecting { "Cancel" } else { "Hang up" });
    view! {
        <div class="controls" role="group" aria-label="Call controls" hidden=move || !in_call.get()>
            <Toggle
                call
                id="microphone"
                device=microphone
                icons=[Icon::Microphone, Icon::MicrophoneOff]
                words=["Mute", "Unmute"]
                command=Command::SetMicrophone
            />
            <Toggle
                call
                id="camera"
                device=camera
                icons=[Icon::Camera, Icon::CameraOff]
                words=["Stop camera", "Start camera"]
                command=Command::SetCamera
            />
            <Button
                id="hang-up"
                look=Look::Danger
                icon=Icon::HangUp.into()
                words=hang_up
                on_click=call.sends(Command::HangUp)
            />
        </div>
    }
}

fn microphone(view: &CallView) -> Option<bool> {
    match view.media {
        LocalMediaView::Open { microphone, .. } => microphone,
        _ => None,
    }
}

fn camera(view: &CallView) -> Option<bool> {
    match view.media {
        LocalMediaView::Open { camera, .. } => camera,
        _ => None,
    }
}

/// A button for a device that is on or off; for one that is not there, none.
#[component]
fn Toggle(
    call: CallHandle,
    id: &'static str,
    device: fn(&CallView) -> Option<bool>,
    /// While it is on, while it is off.
    icons: [Icon; 2],
    /// What a click does while it is on, while it is off.
    words: [&'static str; 2],
    command: fn(bool) -> Command,
) -> impl IntoView {
    let device = call.select(device);
    let is_off = Signal::derive(move || device.get() == Some(false));
    let which = move || usize::from(is_off.get());
    let shown = Signal::derive(move || device.get().is_some());
    view! {
        <span class="toggle" class:off=is_off>
            <Button
                id
                look=Look::Round
                icon=Signal::derive(move || icons[which()])
                words=Signal::derive(move || words[which()])
                shown
                on_click=Box::new(move || call.send(command(is_off.get_untracked())))
            />
        </span>
    }
}
