//! Trouble: one sentence at the top, one action. What goes on goes on behind it.

use leptos::prelude::*;
use visavis_call::Command;

use super::button::{Button, ButtonProps, Look};
use super::screen::Ui;
use super::words::{self, Remedy};

/// The banner. It takes no space while there is no trouble, and covers nothing when there is.
#[component]
pub(super) fn Banner(ui: Ui) -> impl IntoView {
    let trouble = ui.when(|screen| words::trouble(screen).is_some());
    let explained = ui.when(|screen| {
        screen.explains_relay
            && words::trouble(screen).and_then(|trouble| trouble.remedy) == Some(Remedy::ExplainRelay)
    });
    let always = ui.when(|_| true);
    view! {
        <div id="banner" class="banner" hidden=move || !trouble.get()>
            // Not announced: the countdown changes every second, which nobody wants to hear.
            <p id="trouble">
                {ui.words(|screen| words::trouble(screen).map(|trouble| trouble.sentence).unwrap_or_default())}
            </p>
            {Button(ButtonProps {
                id: "retry-now",
                look: Look::Plain,
                icons: &[],
                words: ui.words(|_| "Retry now".to_owned()),
                shown: ui.when(|screen| {
                    words::trouble(screen).and_then(|trouble| trouble.remedy) == Some(Remedy::RetryNow)
                }),
                enabled: always,
                on_click: ui.sends(Command::RetryNow),
            })}
            {Button(ButtonProps {
                id: "explain-relay",
                look: Look::Plain,
                icons: &[],
                words: ui.words(|_| "How to change that".to_owned()),
                shown: ui.when(|screen| {
                    words::trouble(screen).and_then(|trouble| trouble.remedy) == Some(Remedy::ExplainRelay)
                }),
                enabled: always,
                on_click: Box::new(move || ui.change(|screen| screen.explains_relay = !screen.explains_relay)),
            })}
            <p role="status" hidden=move || !explained.get()>{words::RELAY_EXPLANATION}</p>
        </div>
    }
}
