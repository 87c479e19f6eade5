//! What can be done with the devices, before a call and during it, and hanging up.

use leptos::prelude::*;
use visavis_call::{Command, DeviceView, LocalMediaView, Stage};

use super::button::{Button, ButtonProps, Look};
use super::icons::Icon;
use super::screen::{Screen, Ui, not};
use super::talk::TalkButtons;
use super::words;
use crate::browser::full_screen::FullScreen;

/// The bar: microphone, camera, and, in a call, the whole screen and the way out.
#[component]
pub(super) fn Controls(ui: Ui) -> impl IntoView {
    let settled = ui.when(|screen| matches!(screen.view.media, LocalMediaView::Open { .. }));
    let in_call = ui.when(is_in_call);
    let shares = ui.when(|screen| is_on(shared_screen(screen)));
    let microphone_off = ui.when(|screen| !is_on(microphone(screen)));
    let camera_off = ui.when(|screen| !is_on(camera(screen)));
    view! {
        <div class="controls" role="group" aria-label="Microphone and camera" hidden=not(settled)>
            <span class="toggle" class:off=microphone_off>
                {Button(ButtonProps {
                    id: "microphone",
                    look: Look::Round,
                    icons: &[Icon::Microphone, Icon::MicrophoneOff],
                    words: ui.words(|screen| words::microphone(microphone(screen)).to_owned()),
                    shown: settled,
                    enabled: ui.when(|screen| microphone(screen) != DeviceView::Opening),
                    on_click: Box::new(move || ui.send(Command::SetMicrophone(microphone_off.get_untracked()))),
                })}
            </span>
            <span class="toggle" class:off=camera_off>
                {Button(ButtonProps {
                    id: "camera",
                    look: Look::Round,
                    icons: &[Icon::Camera, Icon::CameraOff],
                    words: ui.words(|screen| words::camera(camera(screen)).to_owned()),
                    shown: settled,
                    enabled: ui.when(|screen| camera(screen) != DeviceView::Opening),
                    on_click: Box::new(move || ui.send(Command::SetCamera(camera_off.get_untracked()))),
                })}
            </span>
            <span class="share" class:on=shares>
                {Button(ButtonProps {
                    id: "share",
                    look: Look::Round,
                    icons: &[Icon::Screen],
                    words: ui.words(words::share),
                    shown: ui.when(|screen| is_in_call(screen) && screen.can_share),
                    enabled: ui.when(|screen| shared_screen(screen) != DeviceView::Opening),
                    on_click: Box::new(move || ui.send(Command::ShareScreen(!shares.get_untracked()))),
                })}
            </span>
            <TalkButtons ui shown=in_call />
            {Button(ButtonProps {
                id: "full-screen",
                look: Look::Round,
                icons: &[Icon::FullScreen, Icon::LeaveFullScreen],
                words: ui.words(words::full_screen),
                shown: ui.when(|screen| match screen.full_screen {
                    FullScreen::Unavailable => false,
                    FullScreen::Off => is_in_call(screen),
                    // Not every device has another way out of it.
                    FullScreen::On => true,
                }),
                enabled: settled,
                on_click: Box::new(FullScreen::toggle),
            })}
            {Button(ButtonProps {
                id: "hang-up",
                look: Look::Danger,
                icons: &[Icon::HangUp],
                words: ui.words(|screen| words::hang_up(screen.view.stage()).to_owned()),
                shown: in_call,
                enabled: in_call,
                on_click: ui.sends(Command::HangUp),
            })}
        </div>
    }
}

pub(super) fn is_in_call(screen: &Screen) -> bool {
    matches!(screen.view.stage(), Stage::InCall | Stage::Connecting)
}

fn is_on(device: DeviceView) -> bool {
    device == DeviceView::On
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

/// The screen that we show to others.
pub(super) fn shared_screen(screen: &Screen) -> DeviceView {
    match screen.view.media {
        LocalMediaView::Open { screen, .. } => screen,
        _ => DeviceView::Absent,
    }
}

/// Starts again what has stopped.
pub(super) fn start_devices(ui: Ui) {
    let (camera, microphone, shared) = ui
        .screen
        .with_untracked(|screen| (camera(screen), microphone(screen), shared_screen(screen)));
    if shared == DeviceView::Lost {
        ui.send(Command::ShareScreen(true));
    }
    if microphone == DeviceView::Lost {
        ui.send(Command::SetMicrophone(true));
    }
    if camera == DeviceView::Lost {
        ui.send(Command::SetCamera(true));
    }
}
