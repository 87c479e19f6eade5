//! Trouble: one sentence at the top, one action. What goes on goes on behind it.

use leptos::prelude::*;
use visavis_call::{Command, MeetingPointView};

use super::clock::ticking;
use super::handle::CallHandle;
use super::words::{self, Remedy, Trouble};

/// The banner. It takes no space while there is no trouble, and covers nothing when there is.
#[component]
pub(super) fn Banner(call: CallHandle) -> impl IntoView {
    let waiting = call.select(|view| {
        matches!(view.meeting_point, MeetingPointView::Unreachable { retry_at: Some(_), .. })
    });
    let now = ticking(move || waiting.get());
    let trouble = Memo::new(move |_| {
        let address = call.address_error.get().map(|sentence| Trouble { sentence, remedy: None });
        address.or_else(|| call.view.with(|view| words::trouble(view, now.get())))
    });
    let explained = RwSignal::new(false);
    let remedy = move || match trouble.get()?.remedy? {
        Remedy::RetryNow => Some(
            view! { <button id="retry-now" on:click=move |_| call.send(Command::RetryNow)>"Retry now"</button> }
                .into_any(),
        ),
        Remedy::ExplainRelay => Some(
            view! {
                <button
                    id="explain-relay"
                    aria-expanded=move || explained.get().to_string()
                    on:click=move |_| explained.update(|explained| *explained = !*explained)
                >
                    "How to change that"
                </button>
            }
            .into_any(),
        ),
    };
    let explanation = move || {
        let fits = trouble.get()?.remedy? == Remedy::ExplainRelay;
        (fits && explained.get()).then(|| view! { <p>{words::RELAY_EXPLANATION}</p> })
    };
    view! {
        <div id="banner" class="banner" hidden=move || trouble.get().is_none()>
            // The countdown changes every second, which nobody wants to hear.
            <p id="trouble">{move || trouble.get().map(|trouble| trouble.sentence)}</p>
            {remedy}
            {explanation}
        </div>
    }
}
