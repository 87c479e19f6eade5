//! Who can see what of us: a dialog, which changes with the call. It comes with the settings; the buttons
//! that open it don't.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::components::Button;
use super::context::{PageContext, use_call, use_page};
use super::locale;
use super::reactive::{effect, memo};

/// Opens the dialog.
#[component]
pub(super) fn WhoSeesWhat(id: &'static str) -> impl IntoView {
    let PageContext { call, chunks, .. } = use_page();
    view! {
        <Button
            id
            label=locale::WHO_SEES_WHAT
            on_click=move || {
                chunks.settings.load();
                call.state.change(|page| page.shows_sights = true);
            }
        />
    }
}

/// The dialog. Closed until somebody opens it.
#[component]
pub(super) fn Sights() -> impl IntoView {
    let call = use_call();
    let dialog = NodeRef::<html::Dialog>::new();
    effect(move || {
        let is_wanted = call.state.page.with(|page| page.shows_sights);
        if let Some(dialog) = dialog.get().filter(|dialog| is_wanted && !dialog.open()) {
            // Refused only if it is open already.
            let _ = dialog.show_modal();
        }
    });
    let sights = memo(move || call.state.call.with(locale::sights));
    let item = |sight: locale::SightText| {
        view! {
            <li data-who=sight.code>
                <h3>{sight.who}</h3>
                <p>{sight.sees}</p>
                <p class="quiet">{sight.not}</p>
                <p class="quiet">{sight.note}</p>
            </li>
        }
        .into_any()
    };
    view! {
        <dialog
            node_ref=dialog
            class="sights"
            aria-labelledby="sights-title"
            on:close=move |_: ev::Event| call.state.change(|page| page.shows_sights = false)
        >
            <form method="dialog">
                <h2 id="sights-title" tabindex="-1" autofocus>{locale::WHO_SEES_WHAT}</h2>
                <p class="quiet">{locale::SEEN_NOW}</p>
                <ul>{move || sights.get().into_iter().map(item).collect_view()}</ul>
                <button class="primary">{locale::CLOSE}</button>
            </form>
        </dialog>
    }
}
