//! Camera, microphone and speaker: which there are, which are used, and how. It comes with the settings: what
//! is open is open without it.

mod dialog;
mod handle;
mod hints;
mod notice;
mod plugging;

use leptos::prelude::*;

use super::context::{PageContext, use_page};
use super::locale;
use dialog::Dialog;
use handle::DevicesHandle;
use notice::NoticeCard;

/// What follows devices, and shows what there is to say.
#[component]
pub(super) fn Devices() -> impl IntoView {
    let PageContext { call, words, .. } = use_page();
    words.update(|words| words.of_devices = Some(locale::OF_DEVICES));
    let devices = DevicesHandle::watch(call);
    provide_context(devices);
    hints::listen(devices);
    view! {
        <style>{include_str!("devices/devices.css")}</style>
        <NoticeCard />
        <Dialog />
    }
}
