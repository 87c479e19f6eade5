//! A list of devices to choose from.

use leptos::ev::Event;
use leptos::html;
use leptos::prelude::*;

use crate::browser::device_list::{DeviceKind, Listed};
use crate::browser::property;
use crate::ui::devices::handle::use_devices;
use crate::ui::locale;
use crate::ui::reactive::{effect, memo, not};

/// Under this id, Chromium lists the system's choice.
const SYSTEM: &str = "default";

/// A list of devices of one kind, with what is used.
#[component]
pub(super) fn DeviceChoice(id: &'static str, kind: DeviceKind) -> impl IntoView {
    let devices = use_devices();
    let all = memo(move || {
        devices.list.with(|list| {
            let of_kind = list.iter().filter(|device| device.kind == kind);
            of_kind.cloned().collect::<Vec<_>>()
        })
    });
    let used = memo(move || {
        let (open, chosen) = (devices.open.get(), devices.preferences.get());
        match kind {
            DeviceKind::Camera => open.camera.or(chosen.camera),
            DeviceKind::Microphone => open.microphone.or(chosen.microphone),
            DeviceKind::Speaker => chosen.speaker.filter(|id| !id.is_empty()).or_else(|| {
                let is_default = |device: &&Listed| device.id == SYSTEM;
                all.with(|all| all.iter().find(is_default).map(|device| device.id.clone()))
            }),
        }
        .unwrap_or_default()
    });
    let option = move |(index, device): (usize, Listed)| {
        let id = device.id.clone();
        let is_used = memo(move || used.get() == id);
        view! {
            <option value=device.id.clone() prop:selected=is_used>
                {locale::device_name(&device, index)}
            </option>
        }
        .into_any()
    };
    let is_empty = memo(move || all.with(Vec::is_empty));
    // Chromium lists the system's speaker as one of its own.
    // After a choice that could not be opened, nothing has changed, and the browser shows that choice.
    let select = NodeRef::<html::Select>::new();
    effect(move || {
        devices.refusals.track();
        if let Some(select) = select.get() {
            property::set(&select, "value", &used.get_untracked().into());
        }
    });
    let may_be_none = memo(move || {
        let has_default = |all: &Vec<Listed>| all.iter().any(|device| device.id == SYSTEM);
        all.with(|all| all.is_empty() || kind == DeviceKind::Speaker && !has_default(all))
    });
    let on_change = move |event: Event| {
        let id = event_target_value(&event);
        let chosen = all.with_untracked(|all| all.iter().find(|device| device.id == id).cloned());
        devices.choose(&chosen.unwrap_or(Listed {
            kind,
            id,
            label: String::new(),
            group: String::new(),
        }));
    };
    view! {
        <div class="field">
            <label for=id>{locale::device_kind(kind)}</label>
            <select id=id disabled=is_empty on:change=on_change node_ref=select>
                <option value="" hidden=not(may_be_none) prop:selected=memo(move || used.get().is_empty())>
                    {locale::none_of(kind)}
                </option>
                {move || all.get().into_iter().enumerate().map(option).collect_view().into_any()}
            </select>
        </div>
    }
}
