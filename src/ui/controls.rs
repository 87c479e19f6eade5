//! What can be done during a call.

use leptos::prelude::*;
use visavis_call::{Command, LocalMediaView, Stage};

use super::handle::CallHandle;
use super::icons::Icon;

/// The bar at the bottom: microphone, camera, and hanging up.
#[component]
pub(super) fn Controls(call: CallHandle) -> impl IntoView {
    let stage = call.stage();
    let in_call = Memo::new(move |_| matches!(stage.get(), Stage::InCall | Stage::Connecting));
    let microphone = call.select(|view| match view.media {
        LocalMediaView::Open { microphone, .. } => microphone,
        _ => None,
    });
    let camera = call.select(|view| match view.media {
        LocalMediaView::Open { camera, .. } => camera,
        _ => None,
    });
    view! {
        <div class="controls" role="group" aria-label="Call controls" hidden=move || !in_call.get()>
            <Toggle
                id="microphone"
                device=microphone
                icons=(Icon::Microphone, Icon::MicrophoneOff)
                labels=("Mute", "Unmute")
                on_toggle=move |on| call.send(Command::SetMicrophone(on))
            />
            <Toggle
                id="camera"
                device=camera
                icons=(Icon::Camera, Icon::CameraOff)
                labels=("Stop camera", "Start camera")
                on_toggle=move |on| call.send(Command::SetCamera(on))
            />
            <button id="hang-up" class="danger" on:click=move |_| call.send(Command::HangUp)>
                {Icon::HangUp.view()}
                {move || if stage.get() == Stage::Connecting { "Cancel" } else { "Hang up" }}
            </button>
        </div>
    }
}

/// A button for a device that is on or off; for one that is not there, none.
#[component]
fn Toggle(
    id: &'static str,
    device: Memo<Option<bool>>,
    /// While it is on, while it is off.
    icons: (Icon, Icon),
    /// What a click does while it is on, while it is off.
    labels: (&'static str, &'static str),
    on_toggle: impl Fn(bool) + 'static,
) -> impl IntoView {
    let is_on = move || device.get() == Some(true);
    view! {
        <button
            id=id
            class="round"
            class:off=move || !is_on()
            hidden=move || device.get().is_none()
            aria-label=move || if is_on() { labels.0 } else { labels.1 }
            title=move || if is_on() { labels.0 } else { labels.1 }
            on:click=move |_| on_toggle(device.get_untracked() == Some(false))
        >
            {move || if is_on() { icons.0.view() } else { icons.1.view() }}
        </button>
    }
}
