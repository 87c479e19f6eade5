//! What the header says during a call.

use leptos::prelude::*;
use visavis_call::CallPhase;

use crate::ui::components::{Button, Icon, Kind};
use crate::ui::context::{PageContext, use_page};
use crate::ui::locale;
use crate::ui::reactive::memo;
use crate::ui::state::{SettingsTab, SidePanel};

/// How long the call has been going on, and the way to the list of people.
#[component]
pub(super) fn Header() -> impl IntoView {
    let PageContext {
        call, chunks, words, ..
    } = use_page();
    words.update(|words| words.of_call = Some(locale::OF_CALL));
    let state = call.state;
    let expanded = call.page(|page| page.shows(SidePanel::People));
    let clock = memo(move || {
        state
            .call
            .with(|call| locale::call_clock(call, || state.now.get()))
    });
    view! {
        <Button
            id="people"
            label="People"
            hidden=call.select(|call| !call.is_going_on())
            expanded
            on_click=move || {
                call.toggle(SidePanel::People);
                chunks.people.load();
            }
        />
        <Button
            id="settings"
            kind=Kind::Round
            icon=Icon::GEAR
            label=locale::SETTINGS
            on_click=move || {
                chunks.settings.load();
                call.state.change(|page| page.settings = Some(SettingsTab::Audio));
            }
        />
        <span
            class="call-clock"
            role="timer"
            hidden=call.select(|call| !matches!(call.call, CallPhase::InCall { .. }))
            prop:textContent=clock
        ></span>
    }
}
