//! What the page says by itself about devices: quietly, in a card that anybody can send away.

use leptos::prelude::*;
use visavis_call::{Command, DeviceView};

use super::{Notice, use_devices, views};
use crate::ui::components::{Button, Icon, Kind};
use crate::ui::locale;
use crate::ui::reactive::{effect, memo};
use crate::ui::state::SettingsTab;

/// The card. It takes no space, and covers no button.
#[component]
pub(super) fn NoticeCard() -> impl IntoView {
    let devices = use_devices();
    let notice = devices.notice;
    let is_no =
        move |is: fn(&Notice) -> bool| memo(move || !notice.with(|notice| notice.as_ref().is_some_and(is)));
    // Whoever is not muted any more needs no word about it.
    let microphone = devices.call.select(|call| views(call).1);
    effect(move || {
        if microphone.get() == Some(DeviceView::On)
            && notice.with_untracked(|it| *it == Some(Notice::SpeaksMuted))
        {
            notice.set(None);
        }
    });
    let use_it = move || {
        if let Some(Notice::Plugged(plugged)) = notice.get_untracked() {
            notice.set(None);
            for device in &plugged {
                devices.choose(device);
            }
        }
    };
    view! {
        <div
            class="device-notice"
            role="status"
            hidden=memo(move || notice.with(Option::is_none))
            data-notice=memo(move || notice.with(|notice| notice.as_ref().map(locale::notice_code).unwrap_or_default().to_owned()))
        >
            <p prop:textContent=memo(move || notice.with(|notice| notice.as_ref().map(locale::notice).unwrap_or_default()))></p>
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
                    notice.set(None);
                    devices.open_settings(SettingsTab::Audio);
                }
            />
            <Button
                id="close-notice"
                kind=Kind::Round
                icon=Icon::CLOSE
                label="Close"
                on_click=move || notice.set(None)
            />
        </div>
    }
}
