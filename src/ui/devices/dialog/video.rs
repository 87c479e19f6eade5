//! The camera.

use leptos::html;
use leptos::prelude::*;
use visavis_call::{Device, DeviceView};

use super::choice::DeviceChoice;
use crate::browser::device_list::DeviceKind;
use crate::ui::devices::handle::{DevicesHandle, view_of};
use crate::ui::locale;
use crate::ui::reactive::{effect, memo};
use crate::ui::state::SettingsTab;

/// The camera, with its picture.
pub(super) fn video(devices: DevicesHandle) -> AnyView {
    let call = devices.call;
    let preview = NodeRef::<html::Video>::new();
    let is_seen = devices.shows(SettingsTab::Video);
    effect(move || {
        let stream = call.state.local_stream.get().filter(|_| is_seen.get());
        if let Some(video) = preview.get() {
            video.set_src_object(stream.as_ref());
        }
    });
    // While a screen is shown, the camera is behind it.
    let shares = call.select(|call| call.media.device(Device::Screen) == DeviceView::On);
    let view = call.select(|call| view_of(call, Device::Camera));
    let is_on = memo(move || view.get() == Some(DeviceView::On) && !shares.get());
    let instead = memo(move || {
        if shares.get() {
            locale::WE_SHARE
        } else {
            locale::no_preview(view.get())
        }
        .to_owned()
    });
    view! {
            <DeviceChoice id="choose-camera" kind=DeviceKind::Camera />
            <div class="preview">
                <video
                    class:mirrored=memo(move || devices.open.with(|open| !open.faces_away))
                    aria-label=locale::PREVIEW
                    autoplay
                    playsinline
                    prop:muted=true
                    hidden=memo(move || !is_on.get())
                    node_ref=preview
                ></video>
                <p class="quiet" hidden=is_on prop:textContent=instead></p>
            </div>
            <p class="fault" role="alert" prop:textContent=call.select(locale::camera_fault)></p>
    }
    .into_any()
}
