//! Who can see what of us: a dialog, which changes with the call. It is a chunk; the buttons that open it are
//! not.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::components::{Build, Button, Fetched};
use super::context::{PageContext, use_call, use_page};
use super::locale;
use super::reactive::{effect, memo};
use crate::chunk::chunk;

chunk!(
    /// Who can see what.
    fn chunk: sight -> Build = |_| view! { <Dialog /> }.into_any()
);

/// Fetches this feature.
pub(super) fn fetch() -> Fetched {
    Box::pin(chunk())
}

/// Opens the dialog.
#[component]
pub(super) fn WhoSeesWhat(id: &'static str) -> impl IntoView {
    let PageContext { call, chunks, .. } = use_page();
    view! {
        <Button
            id
            label=locale::WHO_SEES_WHAT
            on_click=move || {
                chunks.sight.load();
                call.state.change(|page| page.shows_sights = true);
            }
        />
    }
}

#[component]
fn Dialog() -> impl IntoView {
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
    view! {
        <dialog
            node_ref=dialog
            class="sights"
            aria-labelledby="sights-title"
            on:close=move |_: ev::Event| call.state.change(|page| page.shows_sights = false)
        >
            <form method="dialog">
                <h2 id="sights-title">{locale::WHO_SEES_WHAT}</h2>
                <ul>
                    <For each=move || sights.get() key=Clone::clone let:sight>
                        <li data-who=sight.code>
                            <h3>{sight.who}</h3>
                            <p>{sight.sees}</p>
                            <p class="quiet">{sight.not}</p>
                            <p class="quiet">{sight.note}</p>
                        </li>
                    </For>
                </ul>
                <button class="primary">{locale::CLOSE}</button>
            </form>
        </dialog>
    }
}
