//! Trouble: one sentence at the top, one action. What goes on goes on behind it.

use leptos::prelude::*;
use visavis_call::Command;

use super::components::{Button, Lazy, Place};
use super::context::{PageContext, use_page};
use super::locale::{self, Remedy};
use super::reactive::memo;
use super::stage::start_devices;

/// The banner. It takes no space while there is no trouble, and covers nothing when there is.
#[component]
pub(super) fn Banner() -> impl IntoView {
    let PageContext {
        call, chunks, words, ..
    } = use_page();
    let state = call.state;
    let trouble = move || {
        state.call.with(|call| {
            state
                .page
                .with(|page| locale::trouble(call, page, || state.now.get(), words.get().of_devices))
        })
    };
    let remedy = move || trouble().map(|trouble| trouble.remedy);
    let without = move |wanted| memo(move || remedy() != Some(wanted));
    let explains = call.page(|page| page.explains_relay);
    let sentence = memo(move || trouble().map(|trouble| trouble.sentence).unwrap_or_default());
    // A countdown changes every second, which nobody wants to hear.
    let live = memo(move || match remedy() {
        Some(Remedy::RetryNow) => "off".to_owned(),
        _ => "polite".to_owned(),
    });
    view! {
        <div id="banner" class="banner" hidden=memo(move || remedy().is_none())>
            <p id="trouble" aria-live=live prop:textContent=sentence></p>
            <Button
                id="retry-now"
                label="Retry now"
                hidden=memo(move || !matches!(remedy(), Some(Remedy::RetryNow | Remedy::ExplainRelay)))
                on_click=move || call.send(Command::RetryNow)
            />
            <Button
                id="explain-relay"
                label="How to change that"
                hidden=without(Remedy::ExplainRelay)
                expanded=explains
                on_click=move || state.change(|page| page.explains_relay = !page.explains_relay)
            />
            <Button
                id="start-devices"
                label="Try again"
                hidden=without(Remedy::StartDevices)
                on_click=move || start_devices(call)
            />
            <Button
                id="go-without"
                label="Go on without"
                hidden=without(Remedy::StartDevices)
                on_click=move || state.change(|page| page.goes_without = true)
            />
            <div hidden=without(Remedy::Report)>
                <Lazy chunk=chunks.report place=Place::Banner />
            </div>
            <p role="status" hidden=memo(move || !(explains.get() && remedy() == Some(Remedy::ExplainRelay)))>
                {locale::RELAY_EXPLANATION}
            </p>
        </div>
    }
}
