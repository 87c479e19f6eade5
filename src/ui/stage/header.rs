//! What the header says during a call.

use leptos::prelude::*;
use visavis_call::CallPhase;

use crate::ui::components::Button;
use crate::ui::context::{PageContext, use_page};
use crate::ui::locale;
use crate::ui::reactive::memo;
use crate::ui::state::SidePanel;

/// How long the call has been going on, and the way to the list of people.
#[component]
pub(super) fn Header() -> impl IntoView {
    let PageContext {
        call,
        chunks,
        of_call,
        ..
    } = use_page();
    of_call.set(Some(locale::OF_CALL));
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
        <span
            class="call-clock"
            role="timer"
            hidden=call.select(|call| !matches!(call.call, CallPhase::InCall { .. }))
            prop:textContent=clock
        ></span>
    }
}
