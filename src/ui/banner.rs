//! Trouble: one sentence at the top, one action. What goes on goes on behind it.

use leptos::prelude::*;
use visavis_call::{Command, MeetingPointView};

use super::button::Button;
use super::clock::ticking;
use super::handle::CallHandle;
use super::words::{self, Remedy, Trouble};

/// The banner. It takes no space while there is no trouble, and covers nothing when there is.
#[component]
pub(super) fn Banner(call: CallHandle) -> impl IntoView {
    let now = ticking(call.when(|view| {
        matches!(view.meeting_point, MeetingPointView::Unreachable { retry_at: Some(_), .. })
    }));
    let trouble = Memo::new(move |_| {
        let address = call.address_error.get().map(|sentence| Trouble { sentence, remedy: None });
        address.or_else(|| call.view.with(|view| words::trouble(view, now.get())))
    });
    let remedy = Memo::new(move |_| trouble.get().and_then(|trouble| trouble.remedy));
    let explained = RwSignal::new(false);
    let retries = Signal::derive(move || remedy.get() == Some(Remedy::RetryNow));
    let explains = Signal::derive(move || remedy.get() == Some(Remedy::ExplainRelay));
    view! {
        <div id="banner" class="banner" hidden=move || trouble.get().is_none()>
            // Not announced: the countdown changes every second, which nobody wants to hear.
            <p id="trouble">{move || trouble.get().map(|trouble| trouble.sentence)}</p>
            <Button id="retry-now" words="Retry now" shown=retries on_click=call.sends(Command::RetryNow) />
            <Button
                id="explain-relay"
                words="How to change that"
                shown=explains
                on_click=Box::new(move || explained.update(|explained| *explained = !*explained))
            />
            <p role="status" hidden=move || !(explains.get() && explained.get())>{words::RELAY_EXPLANATION}</p>
        </div>
    }
}
