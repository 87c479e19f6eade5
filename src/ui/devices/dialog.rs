//! The settings: a dialog with a tab for audio and one for video, before a call and during it.

mod audio;
mod choice;
mod video;

use leptos::ev::{Event, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::handle::{DevicesHandle, use_devices};
use crate::ui::components::{Button, Icon, Kind};
use crate::ui::locale;
use crate::ui::reactive::{effect, memo, not};
use crate::ui::state::SettingsTab;
use audio::audio;
use video::video;

/// The dialog. Closed until somebody opens it.
#[component]
pub(super) fn Dialog() -> impl IntoView {
    let devices = use_devices();
    let call = devices.call;
    let dialog = NodeRef::<html::Dialog>::new();
    let tab = call.page(|page| page.settings);
    effect(move || {
        let is_wanted = tab.get().is_some();
        let Some(dialog) = dialog.get() else { return };
        if is_wanted && !dialog.open() {
            // Refused only if it is open already.
            let _ = dialog.show_modal();
            devices.look();
        } else if !is_wanted && dialog.open() {
            dialog.close();
        }
    });
    let close = move || call.state.change(|page| page.settings = None);
    view! {
        <dialog
            id="settings-dialog"
            class="settings"
            node_ref=dialog
            aria-labelledby="settings-title"
            on:close=move |_: Event| close()
        >
            <div class="title">
                <h2 id="settings-title">{locale::SETTINGS}</h2>
                <Button id="close-settings" kind=Kind::Round icon=Icon::CLOSE label="Close" on_click=close />
            </div>
            <Tabs />
            {panel(SettingsTab::Audio, audio)}
            {panel(SettingsTab::Video, video)}
        </dialog>
    }
}

/// The tabs (WAI-ARIA, tabs with automatic activation): arrow keys go from one to the next.
#[component]
fn Tabs() -> impl IntoView {
    let devices = use_devices();
    let call = devices.call;
    let tabs = NodeRef::<html::Div>::new();
    let choose = move |tab: SettingsTab| {
        call.state.change(|page| page.settings = Some(tab));
        let button = tabs.get_untracked().and_then(|tabs| {
            let selector = ["#", tab.id()].concat();
            tabs.query_selector(&selector).ok().flatten()
        });
        if let Some(button) = button {
            // It is shown.
            let _ = button.unchecked_into::<HtmlElement>().focus();
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let now = call.state.page.with_untracked(|page| page.settings);
        let step = match event.key().as_str() {
            "ArrowRight" | "ArrowDown" => 1,
            "ArrowLeft" | "ArrowUp" => SettingsTab::ALL.len() - 1,
            _ => return,
        };
        event.prevent_default();
        let index = SettingsTab::ALL
            .iter()
            .position(|tab| Some(*tab) == now)
            .unwrap_or_default();
        choose(SettingsTab::ALL[(index + step) % SettingsTab::ALL.len()]);
    };
    let button = move |tab: SettingsTab| {
        let is_chosen = devices.shows(tab);
        view! {
            <button
                id=tab.id()
                role="tab"
                aria-controls=panel_id(tab)
                aria-selected=memo(move || is_chosen.get().to_string())
                tabindex=memo(move || if is_chosen.get() { "0" } else { "-1" }.to_owned())
                on:click=move |_| choose(tab)
            >
                {locale::settings_tab(tab)}
            </button>
        }
    };
    view! {
        <div class="tabs" role="tablist" aria-labelledby="settings-title" node_ref=tabs on:keydown=on_key>
            {SettingsTab::ALL.map(button).collect_view()}
        </div>
    }
}

fn panel_id(tab: SettingsTab) -> String {
    [tab.id(), "-panel"].concat()
}

/// What belongs to a tab.
fn panel(tab: SettingsTab, content: fn(DevicesHandle) -> AnyView) -> AnyView {
    let devices = use_devices();
    view! {
        <div
            id=panel_id(tab)
            role="tabpanel"
            aria-labelledby=tab.id()
            hidden=not(devices.shows(tab))
        >
            {content(devices)}
        </div>
    }
    .into_any()
}
