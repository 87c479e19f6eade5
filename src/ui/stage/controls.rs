//! What can be done with the devices, before a call and during it, and hanging up.

use leptos::prelude::*;
use visavis_call::{CallView, Command, Device, DeviceView};

use crate::browser::full_screen::FullScreen;
use crate::ui::call_handle::CallHandle;
use crate::ui::chat::ChatButtons;
use crate::ui::components::{Button, Icon, Kind};
use crate::ui::context::{use_call, use_page};
use crate::ui::locale;
use crate::ui::reactive::memo;

/// The bar: microphone, camera, and, in a call, the whole screen and the way out.
#[component]
pub(super) fn Controls() -> impl IntoView {
    let call = use_call();
    let focus = use_page().focus;
    let no_call = call.select(|call| !call.is_going_on());
    let shares = call.select(|call| call.media.device(Device::Screen) == DeviceView::On);
    let microphone_off = call.select(|call| !is_on(call.media.device(Device::Microphone)));
    let camera_off = call.select(|call| !is_on(call.media.device(Device::Camera)));
    let icon_of = |off: Signal<bool>, (on, crossed): (Icon, Icon)| {
        memo(move || if off.get() { crossed } else { on }.path().to_owned())
    };
    view! {
        <div
            class="controls"
            role="group"
            aria-label="Microphone and camera"
            hidden=call.select(|call| !call.media.is_open())
        >
            <span class="toggle" class:off=microphone_off>
                <Button
                    id="microphone"
                    kind=Kind::Round
                    icon=icon_of(microphone_off, (Icon::MICROPHONE, Icon::MICROPHONE_OFF))
                    label=call.select(|call| locale::microphone(call.media.device(Device::Microphone)).to_owned())
                    disabled=call.select(|call| call.media.device(Device::Microphone) == DeviceView::Opening)
                    on_click=move || call.send(Command::SetMicrophone(microphone_off.get_untracked()))
                    node_ref=focus.microphone
                />
            </span>
            <span class="toggle" class:off=camera_off>
                <Button
                    id="camera"
                    kind=Kind::Round
                    icon=icon_of(camera_off, (Icon::CAMERA, Icon::CAMERA_OFF))
                    label=call.select(|call| locale::camera(call.media.device(Device::Camera)).to_owned())
                    disabled=call.select(|call| call.media.device(Device::Camera) == DeviceView::Opening)
                    on_click=move || call.send(Command::SetCamera(camera_off.get_untracked()))
                />
            </span>
            <span class="share" class:on=shares>
                <Button
                    id="share"
                    kind=Kind::Round
                    icon=Icon::SCREEN
                    label=call.select(|call| locale::share(call.media.device(Device::Screen)).to_owned())
                    hidden=call.select_with_page(|call, page| !(call.is_going_on() && page.can_share))
                    disabled=call.select(|call| call.media.device(Device::Screen) == DeviceView::Opening)
                    on_click=move || call.send(Command::ShareScreen(!shares.get_untracked()))
                />
            </span>
            <ChatButtons hidden=call.select(|call| !call.is_going_on() || call.has_only_guests()) />
            <FullScreenButton />
            <Button
                id="hang-up"
                kind=Kind::Danger
                icon=Icon::HANG_UP
                label=call.select(|call| locale::hang_up(call.stage()).to_owned())
                hidden=no_call
                on_click=move || call.send(Command::HangUp)
            />
        </div>
    }
}

#[component]
fn FullScreenButton() -> impl IntoView {
    let call = use_call();
    let is_on = call.page(|page| page.full_screen == FullScreen::On);
    let hidden = call.select_with_page(|call, page| match page.full_screen {
        FullScreen::Unavailable => true,
        FullScreen::Off => !call.is_going_on(),
        // Not every device has another way out of it.
        FullScreen::On => false,
    });
    view! {
        <Button
            id="full-screen"
            kind=Kind::Round
            icon=memo(move || if is_on.get() { Icon::LEAVE_FULL_SCREEN } else { Icon::FULL_SCREEN }.path().to_owned())
            label=memo(move || locale::full_screen(is_on.get()).to_owned())
            hidden
            on_click=FullScreen::toggle
        />
    }
}

/// Whether it is switched on, if only to be paused by the system.
fn is_on(device: DeviceView) -> bool {
    matches!(device, DeviceView::On | DeviceView::Held)
}

/// Starts again what has stopped.
pub(in crate::ui) fn start_devices(call: CallHandle) {
    let [camera, microphone, shared] = call.state.call.with_untracked(CallView::lost_devices);
    if shared {
        call.send(Command::ShareScreen(true));
    }
    if microphone {
        call.send(Command::SetMicrophone(true));
    }
    if camera {
        call.send(Command::SetCamera(true));
    }
}
