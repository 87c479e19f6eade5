//! What the page says by itself about devices: quietly, in a card that anybody can send away.

use leptos::prelude::*;
use visavis_call::{Command, Device, DeviceView};

use super::handle::use_devices;
use crate::ui::components::{Button, Icon, Kind};
use crate::ui::locale;
use crate::ui::reactive::{effect, memo};
use crate::ui::state::{Notice, SettingsTab};

/// The card. It takes no space, and covers no button.
#[component]
pub(super) fn NoticeCard() -> impl IntoView {
    let devices = use_devices();
    let first = memo(move || devices.notices.with(|notices| notices.first().cloned()));
    let is_no =
        move |is: fn(&Notice) -> bool| memo(move || !first.with(|first| first.as_ref().is_some_and(is)));
    let close = move || {
        if let Some(shown) = first.get_untracked() {
            devices.take_back(|notice| *notice == shown);
        }
    };
    let text = move |of: fn(&Notice) -> String| {
        memo(move || first.with(|first| first.as_ref().map(of).unwrap_or_default()))
    };
    // Whoever is not muted any more needs no word about it, nor does anybody after a call.
    let microphone = devices
        .call
        .select(|call| call.is_going_on().then(|| call.media.device(Device::Microphone)));
    effect(move || {
        let microphone = microphone.get();
        if microphone != Some(DeviceView::Off) {
            devices.take_back(|notice| *notice == Notice::SpeaksMuted);
        }
        if microphone != Some(DeviceView::On) {
            devices.take_back(|notice| *notice == Notice::Silent);
        }
    });
    let use_it = move || {
        if let Some(Notice::Plugged(plugged)) = first.get_untracked() {
            close();
            for device in &plugged {
                devices.choose(device);
            }
        }
    };
    view! {
        // Always there, so that screen readers notice what comes into it.
        <div role="status">
        <div
            class="device-notice"
            hidden=memo(move || first.with(Option::is_none))
            data-notice=text(|notice| locale::notice_code(notice).to_owned())
        >
            <p prop:textContent=text(locale::notice)></p>
            <Button
                id="use-device"
                label="Use it"
                hidden=is_no(|notice| matches!(notice, Notice::Plugged(_)))
                on_click=use_it
            />
            <Button
                id="unmute"
                label="Unmute"
                hidden=is_no(|notice| *notice == Notice::SpeaksMuted)
                on_click=move || devices.call.send(Command::SetMicrophone(true))
            />
            <Button
                id="see-settings"
                label="Settings"
                hidden=is_no(|notice| *notice == Notice::Silent)
                on_click=move || {
                    close();
                    devices.open_settings(SettingsTab::Audio);
                }
            />
            <Button
                id="close-notice"
                kind=Kind::Round
                icon=Icon::CLOSE
                label="Close"
                on_click=close
            />
        </div>
        </div>
    }
}
