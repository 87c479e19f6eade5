//! Choices that are kept: whether browsers connect before a call, which shows network addresses.

use leptos::prelude::*;
use visavis_call::{Command, PreConnection};

use super::call_handle::CallHandle;
use super::components::{Build, Fetched, Lazy, Place};
use super::context::{use_call, use_page};
use super::locale;
use super::reactive::memo;
use crate::browser::memory;
use crate::chunk::chunk;

chunk!(
    /// The choices themselves, with what they mean.
    fn chunk: settings -> Build = |_| view! { <Choice /> }.into_any()
);

/// Fetches this feature.
pub(super) fn fetch() -> Fetched {
    Box::pin(chunk())
}

/// Where a browser keeps the choice.
const KEPT: &str = "visavis.preparation";

/// The choice about instant calls. Folded up it says what is chosen.
#[component]
pub(super) fn InstantCalls() -> impl IntoView {
    let call = use_call();
    let chunk = use_page().chunks.settings;
    let summary = call.page(|page| format!("Instant calls: {}", locale::preparation(page.instant_calls)));
    view! {
        <details
            class="preparation"
            on:toggle=move |_| chunk.load()
        >
            <summary prop:textContent=summary></summary>
            <Lazy chunk place=Place::AboutRoom awaited=true what="this choice" />
        </details>
    }
}

#[component]
fn Choice() -> impl IntoView {
    let call = use_call();
    let option = move |choice: PreConnection| {
        let chosen = memo(move || call.state.page.with(|page| page.instant_calls == choice));
        view! {
            <option value=choice.name() prop:selected=chosen>
                {locale::preparation(choice)}
            </option>
        }
    };
    view! {
        <select
            id="preparation"
            aria-label="Instant calls"
            aria-describedby="preparation-means"
            on:change=move |event| choose(call, &event_target_value(&event))
        >
            {PreConnection::ALL.map(option).collect_view()}
        </select>
        <p
            id="preparation-means"
            class="quiet"
            prop:textContent=call.page(|page| locale::preparation_means(page.instant_calls).to_owned())
        ></p>
    }
}

fn choose(call: CallHandle, name: &str) {
    if let Some(preparation) = PreConnection::named(name) {
        memory::remember(KEPT, name);
        call.state.change(|page| page.instant_calls = preparation);
        call.send(Command::PreConnect(preparation));
    }
}

/// What was chosen in this browser before.
#[must_use]
pub fn chosen_before() -> Option<PreConnection> {
    PreConnection::named(&memory::remembered(KEPT)?)
}
