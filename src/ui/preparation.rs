//! Whether calls are prepared: a choice, since it shows network addresses.

use leptos::prelude::*;
use visavis_call::{Command, Preparation};

use super::screen::Ui;
use super::words;
use crate::browser::memory;

/// Where a browser keeps the choice.
const KEPT: &str = "visavis.preparation";

/// The choice, and what it means. Folded up it says what is chosen.
#[component]
pub(super) fn Prepare(ui: Ui) -> impl IntoView {
    let option = move |choice: Preparation| {
        view! {
            <option value=choice.name() selected=Memo::new(move |_| ui.screen.with(|screen| screen.preparation == choice))>
                {words::preparation(choice)}
            </option>
        }
    };
    view! {
        <details class="preparation">
            <summary>{ui.words(|screen| format!("Instant calls: {}", words::preparation(screen.preparation)))}</summary>
            <select
                id="preparation"
                aria-label="Instant calls"
                aria-describedby="preparation-means"
                on:change:capture=move |event| choose(ui, &event_target_value(&event))
            >
                {Preparation::ALL.map(option).collect_view()}
            </select>
            <p id="preparation-means" class="quiet">
                {ui.words(|screen| words::preparation_means(screen.preparation).to_owned())}
            </p>
        </details>
    }
}

fn choose(ui: Ui, name: &str) {
    if let Some(preparation) = Preparation::named(name) {
        memory::remember(KEPT, name);
        ui.change(|screen| screen.preparation = preparation);
        ui.send(Command::Prepare(preparation));
    }
}

/// What was chosen in this browser before.
#[must_use]
pub fn chosen_before() -> Option<Preparation> {
    Preparation::named(&memory::remembered(KEPT)?)
}
